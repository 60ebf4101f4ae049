"""The backend `test_orchestrator`: what it was loaded with, or what there is on this machine."""

import errno
import importlib
import json
import subprocess
import sys

import pytest

from module_host import testing
from tests.conditions import poll_for
from tests.daemon import ROOT


testing.activate(ROOT / "modules")
TestOrchestrator = importlib.import_module("test_orchestrator").TestOrchestrator
orchestrator = importlib.import_module("orchestrator")
SAMPLE = (ROOT / "modules" / "test_orchestrator" / "dummy_data.json").read_text()
CEPH_VOLUME = [{"path": "/dev/sdx", "available": True, "sys_api": {"size": 5}, "device_id": "ACME"}]
LSBLK = {
    "blockdevices": [
        {"path": "/dev/sdy", "type": "disk", "size": 7, "rota": True, "model": "M", "vendor": None, "ro": False, "rm": True},
        {"path": "/dev/loop0", "type": "loop", "size": 1, "rota": False, "model": None, "vendor": None, "ro": True, "rm": False},
    ]
}  # fmt: skip


@pytest.fixture
def backend():
    with testing.run(TestOrchestrator) as running:
        yield running


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Put programs that print something in place of those of this machine."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(name, printed, code=0):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\nprintf %s '{printed}'\nexit {code}\n")
        program.chmod(0o755)

    return put


def asked(backend, method, *args, **kwargs):
    return orchestrator.raise_if_exception(backend.call(method, *args, **kwargs))


def load(backend, data):
    return backend.command("test_orchestrator load_data", inbuf=data)


def test_the_sample_shows_hosts_services_and_daemons(backend):
    """Each listing takes its filters; daemons and services as their classes name them."""
    assert load(backend, SAMPLE) == (0, "", "")
    assert [(h.hostname, h.addr) for h in asked(backend, "get_hosts")] == [
        ("north", "192.0.2.1"),
        ("south", "192.0.2.2"),
    ]
    chosen = orchestrator.InventoryFilter(hosts=["south"])
    assert [host.name for host in asked(backend, "get_inventory", chosen)] == ["south"]
    services = asked(backend, "describe_service", service_name="mds.shared")
    assert [(s.running, s.size) for s in services] == [(1, 2)]
    assert len(asked(backend, "describe_service", service_type="mon")) == 1
    assert [d.name() for d in asked(backend, "list_daemons", host="north")] == [
        "mon.north",
        "osd.0",
    ]
    assert [d.name() for d in asked(backend, "list_daemons", daemon_type="osd")] == ["osd.0"]
    assert [d.name() for d in asked(backend, "list_daemons", service_name="mds.shared")] == [
        "mds.shared.south.abcdef"
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Invalid JSON file: "),
        ("[]", "it must hold an object"),
        ('{"daemons": {}}', "'daemons' must be a list of objects"),
        ('{"inventory": [{"devices": []}]}', "'name' is required for InventoryHost"),
        ('{"inventory": [{"name": "a", "devices": [], "x": 1}]}', "x"),
        ('{"daemons": [{"daemon_type": "osd", "colour": 1}]}', "colour"),
        ('{"daemons": [{"daemon_type": "osd", "status": 77}]}', "77"),
        ('{"services": [{"service_type": "nosuch"}]}', "nosuch"),
    ],
)
def test_data_that_are_none_change_nothing(backend, text, sentence):
    """-EINVAL and a sentence; what was loaded before stays."""
    load(backend, SAMPLE)
    status, _, stderr = load(backend, text)
    assert (status, sentence in stderr) == (-errno.EINVAL, True), stderr
    assert len(asked(backend, "get_inventory")) == 2


def test_disks_are_those_that_ceph_volume_finds(backend, programs):
    """As upstream; lsblk is not asked then."""
    programs("ceph-volume", json.dumps(CEPH_VOLUME))
    [host] = asked(backend, "get_inventory")
    assert (host.name, [d.path for d in host.devices.devices]) == ("localhost", ["/dev/sdx"])


def test_disks_are_the_kernels_where_ceph_volume_cannot_look(backend, programs):
    """None of them is said to be free: nobody looked what is on it."""
    programs("ceph-volume", "udevadm is missing", code=1)
    programs("lsblk", json.dumps(LSBLK))
    [host] = asked(backend, "get_inventory", refresh=True)
    [disk] = host.devices.devices
    assert (disk.path, disk.human_readable_type, disk.sys_api["size"]) == ("/dev/sdy", "hdd", 7)
    assert not disk.available


def test_no_disks_can_be_listed_without_either_program(backend, programs):
    """A sentence says why each failed."""
    programs("ceph-volume", "no JSON")
    with pytest.raises(orchestrator.OrchestratorError, match=r"ceph-volume: .*lsblk: "):
        asked(backend, "get_inventory")
    backend.faults.clear()


def test_daemons_are_the_processes_of_this_machine(backend):
    """By program and id; this manager is one, whatever its process is called."""
    assert "mgr.x" in [daemon.name() for daemon in asked(backend, "list_daemons")]
    words = ["ceph-mds", "-c", "input()", "-i", "of-a-test"]
    with subprocess.Popen(words, executable=sys.executable, stdin=subprocess.PIPE):
        found = poll_for(lambda: asked(backend, "list_daemons", daemon_id="of-a-test"), 10)
        [service] = asked(backend, "describe_service", service_type="mds")
    assert [(d.name(), d.hostname) for d in found] == [("mds.of-a-test", "localhost")]
    assert service.size == service.running >= 1


def test_a_type_of_daemon_that_nobody_knows_is_refused(backend):
    with pytest.raises(orchestrator.OrchestratorValidationError, match="nosuch unsupported"):
        asked(backend, "list_daemons", daemon_type="nosuch")
    backend.faults.clear()


def test_what_is_not_there_is_said_not_to_be(backend):
    """The feature set is upstream's."""
    features = asked_features(backend)
    assert {"add_host", "get_inventory", "apply_nfs", "blink_device_light"} <= features
    assert not {"apply_mds", "plan", "drain_host", "upgrade_start", "zap_device"} & features


def asked_features(backend):
    found = backend.call("get_feature_set")
    return {name for name, feature in found.items() if feature["available"]}


def test_hosts_that_are_named_agree_with_their_count(backend):
    """As upstream's assertion, in words."""
    spec = importlib.import_module("ceph.deployment.service_spec")
    placed = spec.ServiceSpec("mon", placement=spec.PlacementSpec.from_string("2 h1"))
    with pytest.raises(orchestrator.OrchestratorValidationError, match="1 hosts are named"):
        asked(backend, "apply_mon", placed)
    backend.faults.clear()
