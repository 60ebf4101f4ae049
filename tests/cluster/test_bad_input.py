"""No command can be given arguments that break the embedded cluster."""

import errno
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supervisor.cluster import publisher
from supervisor.cluster.embedded.commands import TABLE
from tests.cluster.box import Box


PLAIN = {
    "osd.0",
    "objects",
    "size",
    "2",
    "mgr",
    "osd",
    "all",
    "2.1",
    "replicated_rule",
    "noout",
    "1.5",
    "",
    "-1",
}
VALUES = st.one_of(
    st.sampled_from(sorted(PLAIN)),
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.one_of(st.sampled_from(sorted(PLAIN)), st.integers(-9, 9)), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_arguments_get_an_answer(box_of_this_test: Box, data: st.DataObject) -> None:
    """Wrong types, missing and surplus arguments are refused with a sentence, not with a fault."""
    descriptor = data.draw(st.sampled_from(box_of_this_test.cluster.descriptors()))["cmd"].split()
    prefix = " ".join(word for word in descriptor if "=" not in word)
    assert prefix in TABLE
    arguments = {"format": data.draw(VALUES)}
    for word in descriptor:
        if "=" in word:
            name = re.search("name=([^,]+)", word)[1].replace("-", "_")
            strings = re.search(r"strings=([^,]+)", word)
            choices = st.sampled_from(strings[1].split("|") if strings else sorted(PLAIN))
            arguments[name] = data.draw(st.one_of(choices, choices, VALUES))
    answer = box_of_this_test.ask(prefix, **arguments)
    assert answer.retval != -errno.EIO, f"{prefix} {arguments}: {answer.stderr}"
    if answer.retval:
        assert answer.stderr


@pytest.fixture(scope="module")
def box_of_this_test():
    """One for all. Files of documents that grow large in one test stay open to be written anew, and
    would be taken for that test's.
    """
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(publisher, "WORTH_KEEPING", 1 << 40)
        box = Box(Path(folder))
        yield box
        box.close()


@pytest.mark.parametrize("prefix", ["osd getcrushmap", "auth ls"])
def test_a_command_that_is_not_served_is_named(box: Box, prefix: str) -> None:
    """What a real monitor serves and the box does not gets EINVAL and its name."""
    answer = box.ask(prefix)
    assert answer.retval == -errno.EINVAL
    assert answer.stderr == f"the embedded cluster does not serve '{prefix}'"


@pytest.mark.parametrize("prefix", ["nonsense", ""])
def test_an_unknown_command_is_refused(box: Box, prefix: str) -> None:
    """What no monitor knows gets a monitor's answer."""
    answer = box.ask(prefix)
    assert (answer.retval, answer.stderr) == (-errno.EINVAL, "command not known")


def test_a_command_without_prefix_is_refused(box: Box) -> None:
    """A dictionary that is no command is refused too."""
    box.cluster.command(7, ("mon", ""), {"prefix": 5}, b"")
    assert box.answer(7).retval == -errno.EINVAL
    box.cluster.command(8, ("mon", ""), {}, b"")
    assert box.answer(8).retval == -errno.EINVAL


HOSTILE = ["nan", float("nan"), "inf", float("-inf"), 2**70, -(2**70), "9" * 400, "\ud800", "a\0b"]
PLACES = [
    ("osd reweight", {"id": "0"}, "weight"),
    ("osd reweight", {"weight": "1.0"}, "id"),
    ("osd primary-affinity", {"id": "0"}, "weight"),
    ("osd pool create", {"pool": "new"}, "pg_num"),
    ("osd pool create", {}, "pool"),
    ("osd pool set", {"pool": "objects", "var": "size"}, "val"),
    ("osd pool set", {"pool": "objects", "var": "pg_num"}, "val"),
    ("osd pool set-quota", {"pool": "objects", "field": "max_bytes"}, "val"),
    ("osd pool rename", {"srcpool": "objects"}, "destpool"),
    ("osd find", {}, "id"),
    ("config set", {"who": "osd", "name": "osd_max_backfills"}, "value"),
    ("config set", {"who": "global", "value": "1"}, "name"),
    ("config-key set", {"key": "free/one"}, "val"),
    ("config-key set", {"val": "one"}, "key"),
    ("log", {}, "logtext"),
    ("log last", {}, "num"),
    ("health mute", {"code": "OSD_DOWN"}, "ttl"),
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize(("prefix", "rest", "name"), PLACES, ids=[f"{p}-{n}" for p, _, n in PLACES])
def test_values_that_no_document_can_hold_are_refused(
    box_of_this_test: Box, prefix: str, rest: dict[str, str], name: str, value: object
) -> None:
    """Numbers beyond 64 bits, NaN and half a character neither fault nor spoil what is published."""
    given_ = [value] if name == "logtext" else value
    answer = box_of_this_test.ask(prefix, **rest, **{name: given_})
    assert answer.retval != -errno.EIO, answer.stderr
    if answer.retval:
        assert answer.stderr
    box_of_this_test.ok("status", format="json")
    box_of_this_test.ok("osd dump", format="json")
