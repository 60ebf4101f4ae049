"""Option values on their way from a module or an operator to the store and back to a module."""

import ipaddress
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from module_host.ceph.options import typed
from supervisor.core.facts import OptionDeclaration
from supervisor.core.options import normalise


INT64 = 2**63 - 1
FACTORS = {
    "int": {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18},
    "size": {"": 1, "B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40, "P": 2**50, "E": 2**60},
    "secs": {"": 1, "s": 1, "min": 60, "hours": 3600, "d": 86400, "weeks": 7 * 86400},
}  # fmt: skip
FACTORS["uint"] = FACTORS["int"]
LIMITS = {
    "int": (-INT64 - 1, INT64),
    "uint": (0, INT64),
    "size": (0, 2**64 - 1),
    "secs": (0, INT64),
}
# Values that a module may hand to set_module_option(), by the type of the option.
VALUES = {
    "str": st.text(min_size=1),
    "int": st.integers(-INT64 - 1, INT64),
    "uint": st.integers(0, INT64),
    "size": st.integers(0, INT64),
    "millisecs": st.integers(0, 2**64 - 1),
    "secs": st.integers(0, INT64),
    "bool": st.booleans(),
    "uuid": st.uuids().map(str),
}


def stored(kind, text):
    """What the monitors keep, or None: refused."""
    try:
        return normalise(OptionDeclaration("o", kind), text)
    except ValueError as error:
        refusal = str(error)
    assert refusal.startswith("error parsing value: ")
    return None


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_what_a_module_sets_it_gets(kind):
    """The same value of the same type, by way of text and of the store's own form."""

    @given(VALUES[kind])
    def round_trip(value):
        text = stored(kind, str(value))
        assert text is not None
        back = typed(text, kind)
        # Times reach a module as floats, as from ceph-mgr.
        expected = float(value) if kind in ("secs", "millisecs") else value
        assert (back, type(back)) == (expected, type(expected))

    round_trip()


@given(
    st.floats(allow_nan=False, min_value=-1e300, max_value=1e300)
    | st.sampled_from([math.inf, -math.inf])
)
def test_a_float_keeps_six_decimals(value):
    """As many as the monitors write."""
    text = stored("float", repr(value))
    assert text is not None
    back = typed(text, "float")
    assert back == value or abs(back - value) <= 5e-7 + abs(value) * 1e-15


@pytest.mark.parametrize("kind", sorted(FACTORS))
def test_a_suffix_multiplies_or_is_refused(kind):
    """Never another number."""

    @given(st.integers(0, 2**64), st.sampled_from(sorted(FACTORS[kind])))
    def multiply(number, suffix):
        value = number * FACTORS[kind][suffix]
        low, high = LIMITS[kind]
        text = stored(kind, f"{number}{suffix}")
        if number <= INT64 and low <= value <= high and (kind, suffix) != ("int", "B"):
            assert text == str(value)
        else:
            assert text is None

    multiply()


ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(lambda a: f"[{a}]")


@given(
    st.sampled_from(["", "v1:", "v2:", "any:"]),
    ADDRESSES,
    st.none() | st.integers(0, 70000),
    st.none() | st.integers(0, 2**33),
)
def test_an_address_comes_back_whole_or_is_refused(kind, host, port, nonce):
    """Type, host, port and nonce are the ones that were given."""
    given_text = (
        f"{kind}{host}" + f":{port}" * (port is not None) + f"/{nonce}" * (nonce is not None)
    )
    text = stored("addr", given_text)
    if (port or 0) > 65535 or (nonce or 0) > 2**32 - 1:
        assert text is None
        return
    shown_kind = {"": "v2:", "any:": ""}.get(kind, kind)
    head = text.removeprefix(shown_kind)
    shown_host, _, rest = head.rpartition(":")
    assert rest == f"{port or 0}/{nonce or 0}"
    assert ipaddress.ip_address(shown_host.strip("[]")) == ipaddress.ip_address(host.strip("[]"))
    assert typed(text, "addr") == text
    if kind != "any:":  # which is written as no type at all, as by the monitors, and no type is v2
        assert stored("addr", text) == text
        assert stored("addrvec", f"[{text},{text}]") == f"[{text},{text}]"


@given(st.sampled_from(["str", *FACTORS, "float", "bool", "millisecs", "addr", "addrvec", "uuid"]), st.text(max_size=12) | st.text("0123456789.-+eExKMGBsmhinfatrue:[]/v ", max_size=14))  # fmt: skip
def test_whatever_is_stored_a_module_can_read(kind, text):
    """get_module_option() never fails on what `config set` accepted."""
    kept = stored(kind, text)
    if kept:
        typed(kept, kind)
