"""Which daemons an upgrade concerns, and in which order."""

import pytest
from local_orchestrator import upgrade
from local_orchestrator.upgrade import Upgrade
from orchestrator import OrchestratorValidationError

from tests.local_orchestrator.made import daemon


DAEMONS = [
    daemon("osd.1", "a", "osd"),
    daemon("osd.0", "b", "osd"),
    daemon("mgr.x", "a", "mgr"),
    daemon("mds.f", "a", "mds.f"),
    daemon("container.c", "a", "container.c"),
]
RUNNING = {"osd.0": "16.2.14", "osd.1": "16.2.14", "mgr.x": "16.2.14", "mds.f": "16.2.15"}
INSTALLED = {"osd": "16.2.15", "mgr": "16.2.15", "mds": "16.2.15", "mon": "16.2.15"}
OLD = upgrade.outdated(DAEMONS, RUNNING, INSTALLED)


def test_managers_come_first_and_what_is_up_to_date_or_foreign_not_at_all():
    assert [d.name for d in OLD] == ["mgr.x", "osd.0", "osd.1"]
    shown = upgrade.check(DAEMONS, RUNNING, INSTALLED)
    assert shown["needs_update"]["osd.0"] == {"current_version": "16.2.14"}
    assert (shown["up_to_date"], shown["target_version"]) == (["mds.f"], "16.2.15")
    assert shown["non_ceph_daemons"] == ["container.c"]


def test_filters_and_the_limit_hold():
    def first(**filters):
        found = upgrade.next_one(Upgrade("16.2.15", 3, **filters), OLD)
        return found and found.name

    assert first() == "mgr.x"
    assert first(daemon_types=["osd"]) == "osd.0"
    assert first(hosts=["a"], daemon_types=["osd"]) == "osd.1"
    assert first(services=["mds.f"]) is None
    assert first(sent=("mgr.x",)) == "osd.0"
    assert first(sent=("mgr.x",), limit=1) is None


def test_a_daemon_is_redeployed_once_and_then_waited_for():
    sent = Upgrade("16.2.15", 3).after("mgr.x")
    assert upgrade.unconfirmed(sent, OLD) == ["mgr.x"]
    assert upgrade.unconfirmed(sent, OLD[1:]) == []
    assert Upgrade.from_json({**vars(sent), "sent": ["mgr.x"]}) == sent


def test_the_status_counts():
    shown = upgrade.status(Upgrade("16.2.15", 3, daemon_types=["osd", "mgr"]), DAEMONS, OLD[1:])
    assert (shown.in_progress, shown.progress) == (True, "1/3 daemons upgraded")
    assert shown.services_complete == ["mds", "mgr"]
    assert shown.which == "daemon types: osd,mgr"
    assert not upgrade.status(None, DAEMONS, []).in_progress


@pytest.mark.parametrize(
    ("image", "version", "installed", "complaint"),
    [
        ("quay.io/ceph", None, INSTALLED, "not images"),
        (None, "17.2.0", INSTALLED, "17.2.0 is not installed here, 16.2.15 is"),
        (None, None, {}, "no program of Ceph is installed"),
    ],
)
def test_what_is_not_installed_is_refused(image, version, installed, complaint):
    upgrade.refuse(None, "16.2.15", INSTALLED)
    with pytest.raises(OrchestratorValidationError, match=complaint):
        upgrade.refuse(image, version, installed)


def test_programs_say_their_version():
    assert upgrade.short("ceph version 16.2.15 (618f) pacific (stable)\n") == "16.2.15"
    assert upgrade.short("usage: ...") == ""
