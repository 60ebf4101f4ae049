"""A manager that stands by: what its modules may, and what happens when it becomes active.

The tests after `mgr fail` come last: then y is the active manager, and x stands by.
"""

import pytest

from tests.conditions import poll_for
from tests.conformance.pairs import our_pair, real_pair, seen
from tests.conformance.subjects import CEPH_MGR, HERE


CALLS = [
    "get_mgr_id", "get_mgr_ip", "get mgr_ips", "get osd_map", "get unknown", "get_module_option",
    "get_module_option undeclared", "get_module_option undeclared, default",
    "get_localized_module_option", "get_ceph_option", "get_ceph_option unknown", "get_store",
    "get_store unset", "get_localized_store", "get_active_uri", "module_name", "set_store",
]  # fmt: skip


@pytest.fixture(scope="module", params=[HERE, pytest.param(CEPH_MGR, marks=pytest.mark.ceph)])
def _asked(request):
    """Two managers instead of the suite's one."""
    with our_pair() if request.param == HERE else real_pair() as pair:
        pair.ok("config set mgr mgr/second/port 77")
        poll_for(lambda: seen(pair).get("get_module_option") == 77, 60, "the standby module's view")
        yield pair


@pytest.fixture(scope="module")
def _failed_over(_asked):
    """y is active."""
    _asked.ok("mgr fail x")
    poll_for(lambda: "active begins" in _asked.said("y"), 60, "mgr.y to serve")
    poll_for(
        lambda: (
            _asked.json("mgr dump")["active_name"] == "y" and _asked.json("mgr dump")["available"]
        ),
        60,
        "mgr.y to be available",
    )


def test_serves(subject):
    """On a standby manager the module's MgrStandbyModule is constructed and serves."""
    poll_for(lambda: subject.said("y"), 30, "the standby module")
    assert subject.shows(subject.said("y")[0]) == "standby begins"


@pytest.mark.parametrize("call", CALLS)
def test_sees(subject, call):
    """What an accessor gives a standby module."""
    view = poll_for(lambda: seen(subject), 30, "the standby module")
    assert call in view
    subject.shows(view[call])


def test_config_change(subject):
    """A standby module sees an option that an operator sets meanwhile."""
    subject.ok("config set mgr mgr/second/port 4321")
    poll_for(lambda: seen(subject).get("get_module_option") == 4321, 15, "the change")
    subject.shows(4321)


def test_listed(subject):
    """`mgr dump` lists the standby, and which modules it could run."""
    standby = poll_for(lambda: subject.json("mgr dump")["standbys"], 30, "the standby")[0]
    assert standby["name"] == "y"
    subject.shows(sorted(standby))


def test_counts(subject):
    """`mgr stat` tells the active manager and how many stand by."""
    found = subject.json("mgr stat")
    assert subject.shows((sorted(found), found["active_name"], found["num_standby"])) == (
        ["active_name", "available", "epoch", "num_standby"],
        "x",
        1,
    )


def test_fail_unknown(subject):
    """`mgr fail` of a manager that does not exist changes nothing."""
    answered = subject.run("mgr fail nobody")
    assert subject.json("mgr dump")["active_name"] == "x"
    subject.shows(answered.code)


@pytest.mark.usefixtures("_failed_over")
def test_order(subject):
    """On takeover the standby instance is told shutdown() before the active one is constructed."""
    steps = [text.partition(" sees")[0] for text in subject.said("y")]
    order = [step for step in dict.fromkeys(steps) if step != "standby"]
    assert subject.shows(order) == ["standby begins", "standby ends", "active begins"]


@pytest.mark.usefixtures("_failed_over")
def test_answers(subject):
    """Commands are answered by the new active manager's module."""
    found = poll_for(
        lambda: subject.raw({"prefix": "second eval"}, "mgr.get_mgr_id()"), 30, "an answer"
    )
    assert (found[0], "'y'" in found[1]) == (0, True)
    subject.shows("y")


@pytest.mark.usefixtures("_failed_over")
def test_uri_withdrawn(subject):
    """What the failed manager had published in `mgr services` is gone."""
    assert subject.json("mgr services") == {}


@pytest.mark.usefixtures("_failed_over")
def test_old_one_returns(subject):
    """The failed manager comes back as a standby."""
    poll_for(
        lambda: [s["name"] for s in subject.json("mgr dump")["standbys"]] == ["x"], 40, "mgr.x"
    )
    subject.shows(["x"])


@pytest.mark.usefixtures("_failed_over")
def test_new_gid(subject):
    """The active manager's gid is another one than before, and the epoch has risen."""
    found = subject.json("mgr dump")
    names = [entry["name"] for entry in found["standbys"]]
    assert found["active_name"] == "y"
    assert found["active_gid"] not in [entry["gid"] for entry in found["standbys"]]
    subject.shows(("y", names))
