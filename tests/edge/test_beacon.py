"""What the cluster is told, and how often."""

from types import SimpleNamespace

import pytest

from supervisor.core.health import Check, HealthBook
from supervisor.edge import beacon as beacon_module
from supervisor.edge.beacon import BURST, Beacon


@pytest.fixture
def clock(monkeypatch):
    """A time that is set."""
    made = SimpleNamespace(now=100.0, monotonic=lambda: made.now)
    monkeypatch.setattr(beacon_module, "time", made)
    return made


def test_a_module_that_changes_its_health_without_end_does_not_flood_the_cluster(clock):
    """Each report is whole, so those between may be left out; the last state is told in time."""
    reports, book = [], HealthBook()
    beacon = Beacon("mgr.x", SimpleNamespace(report=reports.append), book)
    for number in range(1000):
        book.set_checks("m", [Check("X", "warning", str(number))])
        beacon.touch()
        due = beacon.send([], [], [])
    assert len(reports) == BURST
    assert clock.now < due < clock.now + 1
    clock.now = due + 0.001
    assert beacon.send([], [], []) is None
    assert reports[-1].health["X"]["summary"]["message"] == "999"
    clock.now += 100
    assert beacon.send([], [], []) is None
    assert len(reports) == BURST + 1
