"""What is wanted survives in the store, and nowhere else."""

import socket

import pytest
from ceph.deployment.drive_group import DeviceSelection, DriveGroupSpec
from ceph.deployment.service_spec import PlacementSpec, ServiceSpec
from local_orchestrator import services
from local_orchestrator.deployer import free_ports
from local_orchestrator.desired import Desired
from local_orchestrator.errands import Errand
from local_orchestrator.hosts import Host
from local_orchestrator.removal import OSDRemoval
from local_orchestrator.services import Service
from local_orchestrator.upgrade import Upgrade
from orchestrator import OrchestratorError

from tests.local_orchestrator.made import Store, daemon, host, service


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def desired(store):
    return Desired(store, {"mds"})


def test_this_machine_is_there_until_and_after_others_are_added(desired):
    here = socket.gethostname()
    assert desired.hosts() == [Host(here, here)]
    desired.save_host(host("zz", "x"))
    assert [h.name for h in desired.hosts()] == sorted([here, "zz"])
    desired.change_host("zz", lambda h: h.with_label("y"))
    assert desired.hosts()[-1].labels == ("x", "y")
    with pytest.raises(OrchestratorError, match="host nowhere does not exist"):
        desired.change_host("nowhere", lambda h: h)
    desired.drop_host("zz")
    assert [h.name for h in desired.hosts()] == [here]


SPECS = [
    ServiceSpec("mds", "fs", PlacementSpec(count=2), config={"mds_max_purge_files": "1"}),
    ServiceSpec(
        "container",
        service_id="c",
        placement=PlacementSpec(label="x"),
        image="none",
        args=["a"],
        unmanaged=True,
    ),
    DriveGroupSpec(
        PlacementSpec(host_pattern="*"), "d", data_devices=DeviceSelection(paths=["/dev/sdb"])
    ),
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.service_type)
def test_a_service_is_read_as_it_was_written(desired, spec):
    desired.save_service(Service(spec, 12.5, 13.5))
    (read,) = desired.services()
    assert (read.spec.to_json(), read.created, read.deleted) == (spec.to_json(), 12.5, 13.5)
    assert read.revision == Service(spec, 0.0).revision
    assert read.several == (spec.service_type == "mds")
    desired.drop_service(read.name)
    assert desired.services() == []


def test_a_spec_that_nobody_can_read_hides_no_other(desired, store):
    store["service/mds.bad"] = (
        '{"spec": {"service_type": "nonsense"}, "created": 1, "deleted": null}'
    )
    desired.save_service(service())
    assert [s.name for s in desired.services()] == ["mds.fs"]


def test_errands_removals_an_upgrade_and_the_pause(desired, store):
    later, sooner = Errand("mds.b", "stop", 10.0), Errand("mds.a", "restart", 9.0, "mds.fs")
    for errand in (later, sooner):
        desired.save_errand(errand)
    assert desired.errands() == [sooner, later]
    desired.save_errand(sooner.done(11.0))
    assert desired.errands() == [sooner.done(11.0), later]
    removal = OSDRemoval(3, "a", "/dev/sdb", replace=True).draining(5.0, 1.0)
    desired.save_removal(removal)
    assert desired.removals() == [removal]
    wanted = Upgrade("16.2.15", 3, daemon_types=["osd"]).after("osd.1")
    desired.save_upgrade(wanted)
    assert desired.upgrade() == wanted
    desired.pause(True)
    assert desired.paused
    desired.pause(False)
    desired.save_upgrade(None)
    desired.drop_removal(3)
    for errand in (sooner, later):
        desired.drop_errand(errand)
    assert (store, desired.upgrade(), desired.paused) == ({}, None, False)


def test_a_service_without_placement_gets_the_usual_one():
    assert services.settled(ServiceSpec("mds", "fs")).placement == PlacementSpec(count=2)
    assert services.settled(ServiceSpec("crash")).placement == PlacementSpec(host_pattern="*")
    assert services.settled(ServiceSpec("prometheus")).placement == PlacementSpec(count=1)


def test_ports_are_moved_up_together_until_all_are_free():
    there = [daemon("rgw.a", labels={"ports": "80,443"}), daemon("rgw.b", labels={"ports": "81"})]
    assert free_ports([80], there) == (82,)
    assert free_ports([79, 442], there) == (79, 442)
    assert free_ports([80, 8080], there) == (82, 8082)
    assert free_ports([], there) == ()
