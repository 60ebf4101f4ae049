"""An upgrade goes from daemon to daemon, without anything that really is upgraded."""

import errno
import logging

import pytest
from local_orchestrator.desired import Desired
from local_orchestrator.recipes import Cluster
from local_orchestrator.upgrade import Upgrade
from local_orchestrator.upgrading import Upgrading

from tests.local_orchestrator.made import Store, daemon


class Objecting(Cluster):
    """Refuses with these words, if there are any."""

    words = ""

    def command(self, command, inbuf=""):
        return (-errno.EBUSY, "", self.words) if self.words else (0, "", "")

    def conf(self):
        return ""


class Site:
    """Two OSDs, of which the cluster says what they run."""

    def __init__(self):
        self.desired = Desired(Store(), ())
        self.log = logging.getLogger("test")
        self.cluster = Objecting()
        self.versions = {}
        self.reported = {"osd.1": "16.2.14", "osd.2": "16.2.14"}

    def running_versions(self):
        return dict(self.reported)

    def installed_versions(self):
        return {"osd": "16.2.15"}

    def wake(self):
        pass


class Progress(list):
    def show(self, key, message, fraction):
        self.append(fraction)

    def end(self, key, failure=""):
        self.append(failure or "done")


DAEMONS = [daemon("osd.1", service="osd"), daemon("osd.2", service="osd")]


@pytest.fixture
def site():
    made = Site()
    made.desired.save_upgrade(Upgrade("16.2.15", 2))
    return made


def carried_out(site):
    """The daemons that errands are there for, which are then done."""
    errands = site.desired.errands()
    for errand in errands:
        site.desired.drop_errand(errand)
        site.reported[errand.daemon] = "16.2.15"
    return [(errand.daemon, errand.action) for errand in errands]


def test_daemons_are_redeployed_one_by_one_until_all_are_new(site):
    progress = Progress()
    upgrading = Upgrading(site, progress)
    assert upgrading.look(DAEMONS)
    assert upgrading.look(DAEMONS), "the first one is still being redeployed"
    assert carried_out(site) == [("osd.1", "redeploy")]
    assert upgrading.look(DAEMONS)
    assert carried_out(site) == [("osd.2", "redeploy")]
    assert not upgrading.look(DAEMONS)
    assert site.desired.upgrade() is None
    assert progress == [0.0, 0.5, "done"]


def test_none_is_stopped_against_the_clusters_will(site):
    upgrading = Upgrading(site, Progress())
    site.cluster.words = "not now"
    upgrading.look(DAEMONS[:1])
    assert "not now" in site.desired.upgrade().message
    assert carried_out(site) == []


def test_one_that_does_not_come_back_halts_it(site):
    progress = Progress()
    upgrading = Upgrading(site, progress)
    upgrading.look(DAEMONS)
    carried_out(site)
    upgrading.broken("osd.1")
    assert upgrading.look(DAEMONS)
    halted = site.desired.upgrade()
    assert (halted.paused, "osd.1" in halted.message) == (True, True)
    assert site.desired.errands() == []


def test_a_daemon_that_has_not_told_its_version_is_waited_for(site):
    upgrading = Upgrading(site, Progress())
    upgrading.look(DAEMONS)
    site.desired.drop_errand(site.desired.errands()[0])
    assert upgrading.look(DAEMONS)
    assert site.desired.errands() == []
    assert "osd.1" in site.desired.upgrade().message
