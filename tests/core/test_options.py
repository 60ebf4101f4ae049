"""Values are taken, normalised and refused as `config set` does on a cluster of 16.2.15.

Every line of the tables was observed there, save those that say otherwise.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.facts import OptionDeclaration
from supervisor.core.options import OptionKey, full_key, normalise, split_key, unrecognized


UNIT = "strict_si_cast: unit prefix not recognized"
IEC = "strict_iecstrtoll: illegal prefix (length > 2)"
IEC_UNIT = "strict_iecstrtoll: unit prefix not recognized"
CAST = "bad lexical cast: source type value could not be interpreted as target"


def integer(text: str) -> str:
    return f"Expected option value to be integer, got '{text}'"


def invalid(text: str) -> str:
    return f"The option value '{text}' seems to be invalid"


@pytest.mark.parametrize(
    ("kind", "text", "stored"),
    [
        ("str", "", ""), ("str", " x ", " x "),
        ("int", "12", "12"), ("int", "4K", "4000"), ("int", "-5K", "-5000"), ("int", "+5", "5"),
        ("int", "-0", "0"), ("int", "00012", "12"), ("int", "1E", "1000000000000000000"),
        ("int", "9223372036854775807", "9223372036854775807"),
        ("uint", "1K", "1000"),
        ("float", "1", "1.000000"), ("float", "1e3", "1000.000000"), ("float", " 1", "1.000000"),
        ("float", "inf", "inf"), ("float", "-inf", "-inf"), ("float", "NaN", "nan"),
        ("float", "0x10", "16.000000"), ("float", ".5", "0.500000"), ("float", "5.", "5.000000"),
        ("float", "-0", "-0.000000"), ("float", "1e-9", "0.000000"),
        ("float", "123456789.123456789", "123456789.123457"),
        ("bool", "1", "true"), ("bool", "0", "false"), ("bool", "True", "true"),
        ("bool", "FALSE", "false"), ("bool", "2", "true"), ("bool", "-1", "true"),
        ("bool", "01", "true"), ("bool", " 1", "true"),
        ("size", "4K", "4096"), ("size", "4Ki", "4096"), ("size", "4KB", "4096"),
        ("size", "4Kx", "4096"), ("size", "4B", "4"), ("size", "4BB", "4"), ("size", "+4", "4"),
        ("size", "8E", "9223372036854775808"),
        ("secs", "", "0"), ("secs", "5", "5"), ("secs", "5m", "300"), ("secs", "1h 30m", "5400"),
        ("secs", "1h30m", "5400"), ("secs", "5 m", "300"), ("secs", " 5", "5"), ("secs", "5 ", "5"),
        ("secs", "1mo", "2592000"), ("secs", "1y", "31536000"), ("secs", "1wk", "604800"),
        ("secs", "2hours", "7200"), ("secs", "1yr", "31536000"), ("secs", "3days", "259200"),
        ("millisecs", "1500", "1500"),
        ("addr", "1.2.3.4", "v2:1.2.3.4:0/0"), ("addr", "1.2.3.4:5", "v2:1.2.3.4:5/0"),
        ("addr", "v1:1.2.3.4:5/6", "v1:1.2.3.4:5/6"), ("addr", "[::1]:5", "v2:[::1]:5/0"),
        ("addr", "any:1.2.3.4:0/0", "1.2.3.4:0/0"), ("addr", "2001:db8::1", "v2:[2001:db8::1]:0/0"),
        ("addr", "[2001:db8::1]:5/7", "v2:[2001:db8::1]:5/7"), ("addr", "-", "-"),
        ("addr", "1.2.3.4/5", "v2:1.2.3.4:0/5"), ("addr", "1.2.3.4:/5", "v2:1.2.3.4:0/5"),
        ("addrvec", "1.2.3.4:5", "v2:1.2.3.4:5/0"), ("addrvec", "[1.2.3.4]", "v2:1.2.3.4:0/0"),
        ("addrvec", "[v2:1.2.3.4:5,v1:1.2.3.4:6]", "[v2:1.2.3.4:5/0,v1:1.2.3.4:6/0]"),
        ("uuid", "0F789D74-4baa-4490-92f8-6e2bace45989", "0f789d74-4baa-4490-92f8-6e2bace45989"),
        ("uuid", "0F789D744baa449092f86e2bace45989", "0f789d74-4baa-4490-92f8-6e2bace45989"),
    ],
)  # fmt: skip
def test_a_good_value_is_stored_in_its_normal_form(kind, text, stored):
    assert normalise(OptionDeclaration("o", kind), text) == stored


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("int", "abc", UNIT), ("int", "0x10", UNIT), ("int", " 5", UNIT), ("int", "1.5", UNIT),
        ("int", "1Ki", UNIT), ("int", "4k", UNIT), ("int", "5 ", UNIT),
        ("int", "", "strict_sistrtoll: value not specified"),
        ("int", "1B", integer("1B")), ("int", "K", integer("")), ("int", "-", integer("-")),
        ("int", "1-2", integer("1-2")), ("int", "10E", "strict_sistrtoll: value out of range"),
        ("int", "99999999999999999999", invalid("99999999999999999999")),
        ("uint", "-1", "strict_sistrtoll: value should not be negative"),
        ("uint", "18446744073709551615", invalid("18446744073709551615")),
        ("float", "abc", "strict_strtod: expected double, got: 'abc'"),
        ("float", "", "strict_strtod: expected double, got: ''"),
        ("float", "1 ", "strict_strtod: garbage at end of string. got: '1 '"),
        ("float", "1e", "strict_strtod: garbage at end of string. got: '1e'"),
        ("float", "1e400", "strict_strtod: floating point overflow or underflow parsing '1e400'"),
        ("float", "1e-400", "strict_strtod: floating point overflow or underflow parsing '1e-400'"),
        ("bool", "yes", integer("yes")), ("bool", "", integer("")), ("bool", "1 ", integer("1 ")),
        ("bool", "0x1", integer("0x1")), ("bool", "99999999999", invalid("99999999999")),
        ("size", "4KiB", IEC), ("size", "1.5K", IEC), ("size", "abc", IEC),
        ("size", "4kb", IEC_UNIT), ("size", "4x", IEC_UNIT), ("size", " 4", IEC_UNIT),
        ("size", "4Bi", 'strict_iecstrtoll: illegal prefix "Bi"'), ("size", "KK", integer("")),
        ("size", "-1", "strict_iecstrtoll: value should not be negative"),
        ("size", "", "strict_iecstrtoll: value not specified"),
        ("size", "16E", "strict_iecstrtoll: value seems to be too large"),
        ("secs", "5x", "unrecogized unit 'x'"), ("secs", "abc", "expected digit"),
        ("secs", "-1", "expected digit"), ("secs", "1.5", "unexpected trailing '.5'"),
        ("secs", "5 5", "unexpected trailing '5'"), ("secs", "1h;", "expected digit"),
        ("secs", "2mins", "unrecogized unit 'mins'"),
        ("secs", "99999999999999999999", invalid("99999999999999999999")),
        ("millisecs", "5ms", CAST), ("millisecs", "", CAST), ("millisecs", "1.5", CAST),
        ("millisecs", "99999999999999999999", CAST),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_the_monitors_sentence(kind, text, why):
    with pytest.raises(ValueError) as error:
        normalise(OptionDeclaration("o", kind), text)
    assert str(error.value) == f"error parsing value: {why}"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("addr", "abc"), ("addr", ""), ("addr", "1.2.3.4:99999"), ("addr", "v3:1.2.3.4"),
        ("addr", "v2:"), ("addr", "1.2.3"), ("addr", "1.2.3.999"), ("addr", "1.2.3.4:5x"),
        ("addrvec", ""), ("addrvec", "[]"), ("addrvec", "[v2:1.2.3.4:5"), ("addrvec", "a,b"),
        ("uuid", "abc"), ("uuid", ""),
    ],
)  # fmt: skip
def test_an_address_or_uuid_that_is_none_is_refused_in_words_of_our_own(kind, text):
    """The monitor gives no reason here."""
    with pytest.raises(ValueError, match=r"^error parsing value: '.*' is not a"):
        normalise(OptionDeclaration("o", kind), text)


def test_a_negative_time_does_not_become_an_age():
    """The monitor stores -1 ms as 2^64 - 1; here it is refused."""
    with pytest.raises(ValueError, match="bad lexical cast"):
        normalise(OptionDeclaration("o", "millisecs"), "-1")


@pytest.mark.parametrize(
    ("kind", "low", "high", "text", "why"),
    [
        ("int", "1", "10", "99", "Value '99' exceeds maximum 10"),
        ("int", "1", "10", "0", "Value '0' is below minimum 1"),
        ("int", "-5", "5", "-6", "Value '-6' is below minimum -5"),
        ("int", "0", "0", "1", "Value '1' exceeds maximum 0"),
        ("int", "1", "10", "10K", "Value '10000' exceeds maximum 10"),
        ("float", "0.5", "1.5", "0.1", "Value '0.100000' is below minimum 0.500000"),
        ("size", "1", "1000", "2K", "Value '2048' exceeds maximum 1000"),
        ("secs", "1", "1000", "2000", "Value '2000' exceeds maximum 1000"),
        ("str", "b", "d", "a", "Value 'a' is below minimum b"),
    ],
)
def test_a_range_is_enforced(kind, low, high, text, why):
    with pytest.raises(ValueError) as error:
        normalise(OptionDeclaration("o", kind, min=low, max=high), text)
    assert str(error.value) == f"error parsing value: {why}"


@pytest.mark.parametrize("bounds", [{"min": "8"}, {"max": "10"}, {"min": "x", "max": "10"}])
def test_half_a_range_is_none(bounds):
    for text in ("1", "99"):
        assert normalise(OptionDeclaration("interval", "int", **bounds), text) == text


def test_permitted_values_bind_text_only():
    level = OptionDeclaration("log_level", "str", enum_allowed=("", "info", "debug"))
    assert normalise(level, "") == ""
    assert normalise(level, "info") == "info"
    with pytest.raises(ValueError) as error:
        normalise(level, "bogus")
    assert str(error.value) == (
        "error parsing value: 'bogus' is not one of the permitted values: debug, info"
    )
    assert normalise(OptionDeclaration("n", "int", enum_allowed=("1", "2")), "3") == "3"


KINDS = [
    "str",
    "int",
    "uint",
    "float",
    "bool",
    "size",
    "secs",
    "millisecs",
    "addr",
    "addrvec",
    "uuid",
]


@given(
    kind=st.sampled_from(KINDS),
    text=st.text(max_size=20) | st.text("0123456789.-+KMGsmhex:[]/,v ", max_size=12),
)
def test_any_text_is_stored_or_refused_and_what_is_stored_is_normal(kind, text):
    option = OptionDeclaration("o", kind)
    try:
        stored = normalise(option, text)
    except ValueError as error:
        refusal, stored = str(error), None
    if stored is None:
        assert refusal.startswith("error parsing value: ")
    else:
        assert normalise(option, stored) == stored


@pytest.mark.parametrize(
    ("full", "key"),
    [
        ("mgr/m/k", OptionKey("m", "k")),
        ("mgr/m/x/k", OptionKey("m", "k", "x")),
        ("mgr/m/y/z/k", OptionKey("m", "z/k", "y")),
    ],
)
def test_keys_come_apart_and_together(full, key):
    assert split_key(full) == key
    assert str(key) == full


@pytest.mark.parametrize(
    "full", ["mgr/opt", "mgr/opt/", "mgr//k", "osd/m/k", "", "mgr/m//k", "mgr/m/x/"]
)
def test_a_key_of_another_shape_is_unrecognized(full):
    with pytest.raises(ValueError) as error:
        split_key(full)
    assert str(error.value) == unrecognized(full) == f"unrecognized config option '{full}'"


def test_a_key_is_built_plain_or_localized():
    assert full_key("m", "k") == "mgr/m/k"
    assert full_key("m", "k", "x") == "mgr/m/x/k"
