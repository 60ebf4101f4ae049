"""Upstream's procedure for the orchestrator's command line, with its backend for tests behind it.

Client, command line and backend are three processes here, one in ceph-mgr. Command line and backend
are each Debian's, on Debian's mgr_module and ceph packages, or ours, on ours.

Where a step needs what a machine may not have, an inventory by ceph-volume and a process called
ceph-mgr, it is given in the data that the backend is loaded with. Two steps of upstream's say what
16.2.15 no longer takes: the pool of an NFS service, and the magic host name raise_no_support.
"""

import contextlib
import errno
import json
import lzma
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.cluster.embedded import snapshot
from tests.conditions import poll_for
from tests.daemon import ROOT, Answered
from tests.inprocess import mgrctl
from tests.upstream.rig import DEBIAN, Real, Rig, Supervised, plant


pytestmark = [pytest.mark.ceph, pytest.mark.slow]

BACKEND = "test_orchestrator"
ENABLED = ("selftest",)
# The trees of each flavour, and what is in them. The first tree that has a module provides it; what a
# module imports comes from its own tree first, so that in the last two each side has its own package.
OURS, PLATFORM = ROOT / "modules", ("mgr_module.py", "mgr_util.py")
FLAVOURS = {
    "debian": [(DEBIAN, (*PLATFORM, "orchestrator", BACKEND, "selftest"))],
    "ours": [(OURS, ("orchestrator", BACKEND, "selftest"))],
    "our-command-line": [
        (OURS, ("orchestrator", "selftest")),
        (DEBIAN, (*PLATFORM, "orchestrator", BACKEND)),
    ],
    "our-backend": [
        (DEBIAN, (*PLATFORM, "orchestrator", "selftest")),
        (OURS, ("orchestrator", BACKEND)),
    ],
}
REAL = "ceph-mgr"
DEVICE = "ACME_Drive_0815"
LOCATION = {"host": "lab-a", "dev": "sda", "path": "/dev/disk/by-path/pci-0000:00:1f.2-ata-1"}
LIGHTS = {"ident": "DEVICE_IDENT_ON", "fault": "DEVICE_FAULT_ON"}
HEALTH_SECONDS = 30
DRIVE_GROUP = """
service_type: osd
service_id: any.sda
placement:
  host_pattern: '*'
data_devices:
  all: True
"""
REGISTRAR = f"""
import rados, sys
with rados.Rados(conffile=sys.argv[1], name="client.admin") as cluster:
    metadata = {{"device_ids": "sda={DEVICE}", "device_paths": "sda={LOCATION["path"]}"}}
    cluster.service_daemon_register("lab", "disk", metadata)
    print("registered", flush=True)
    sys.stdin.read()
"""


class Ours(Supervised):
    """So many commands: mgrctl's own code, without a start of an interpreter each."""

    def run(self, words: str, *more: str, stdin: bytes | None = None) -> Answered:
        return mgrctl(self.daemon.socket, words, *more, stdin=stdin or b"")


def disk(path: str = "/dev/sda") -> dict[str, object]:
    """One device of an inventory."""
    return {"path": path, "sys_api": {"size": 4 << 40, "rotational": "1"}, "available": True}


def host(name: str) -> dict[str, object]:
    """One host of an inventory."""
    return {"name": name, "devices": [disk()]}


HERE = {
    "inventory": [host("localhost")],
    "daemons": [{"hostname": "localhost", "daemon_type": "mgr", "daemon_id": "x"}],
}
TWO_HOSTS = {
    "inventory": [host("host0"), host("host1")],
    "daemons": [
        {"hostname": "host0", "daemon_type": "mon", "daemon_id": "a"},
        {"hostname": "host1", "daemon_type": "osd", "daemon_id": "1"},
    ],
}


def trees_of(flavour: str, folder: Path) -> list[Path]:
    """The trees, of links to the few modules that take part."""
    made = []
    for number, (source, names) in enumerate(FLAVOURS[flavour]):
        tree = folder / f"tree{number}"
        tree.mkdir()
        for name in names:
            (tree / name).symlink_to(source / name)
        made.append(tree)
    return made


def snapshot_with_a_device(folder: Path) -> Path:
    """The shipped cluster, whose osd.0 lies on a disk that has an identity."""
    documents = json.loads(snapshot.read(snapshot.SHIPPED))
    device = {"devid": DEVICE, "location": [LOCATION], "daemons": ["osd.0"]}
    documents["devices"] = {"devices": [device]}
    file = folder / "cluster.json.xz"
    with lzma.open(file, "wb", preset=0) as packed:
        packed.write(json.dumps(documents).encode())
    return file


@contextlib.contextmanager
def a_daemon_with_a_disk(rig: Real) -> Iterator[None]:
    """An OSD in memory has no disk, so another daemon reports one."""
    command = ["/usr/bin/python3", "-c", REGISTRAR, str(rig.lab.conf)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"registered\n"
            poll_for(lambda: rig.json("device ls"), 30, "the device to be known")
            yield
        finally:
            process.kill()


@pytest.fixture(scope="module", params=[*FLAVOURS, REAL])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Our supervisor with each flavour of modules, and a real ceph-mgr."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mgr-", dir="/tmp")))
        if request.param == REAL:
            built: Rig = Real(folder / "m", plant(folder / "tree"), enable=ENABLED)
        else:
            (folder / "m").mkdir()
            trees, world = trees_of(request.param, folder), snapshot_with_a_device(folder)
            built = Ours(folder / "m", *trees, enable=ENABLED, api="auto", snapshot=world)
        stack.callback(built.end)
        built.start()
        built.load("orchestrator")
        built.load(BACKEND)
        if isinstance(built, Real):
            stack.enter_context(a_daemon_with_a_disk(built))
        built.ok("orch set backend", BACKEND)
        yield built


@pytest.fixture
def loaded(rig: Rig) -> Iterator[Rig]:
    """The backend has one host, `localhost`, with a disk, and a manager on it."""
    load(rig, HERE)
    yield rig
    load(rig, {})


def load(rig: Rig, data: object) -> None:
    """Give the backend its data."""
    rig.ok("test_orchestrator load_data -i -", stdin=json.dumps(data).encode())


def test_each_flavour_is_what_it_says(rig, request):
    """By what Debian's modules answer with a traceback."""
    of = {"debian": (1, 1), "ours": (0, 0), "our-command-line": (0, 1), "our-backend": (1, 0)}
    asked = ("orch host add raise_bug", "test_orchestrator load_data")
    found = tuple("Traceback" in rig.run(words).err for words in asked)
    assert found == of.get(request.node.callspec.params["rig"], (1, 1))


def test_status(rig):
    """It names the backend."""
    assert BACKEND in rig.ok("orch status")


@pytest.mark.parametrize("more", ["", "--refresh", "localhost host1"])
def test_devices_are_listed(loaded, more):
    """All, after a fresh look, and of hosts of which one is unknown."""
    assert "localhost" in loaded.ok(f"orch device ls {more}")


def test_devices_are_listed_as_json(loaded):
    """One entry for each host."""
    assert [found["name"] for found in loaded.json("orch device ls")] == ["localhost"]


def test_daemons_are_listed(loaded):
    """As a table and as JSON."""
    assert "mgr.x" in loaded.ok("orch ps")
    assert [daemon["daemon_name"] for daemon in loaded.json("orch ps")] == ["mgr.x"]


@pytest.mark.parametrize("what", ["orch {} mds.cephfs", "orch daemon {} mds.a"])
def test_services_and_daemons_are_started_and_stopped(rig, what):
    """The action is the first word, or the first after `daemon`."""
    for action in ("restart", "stop", "start"):
        assert rig.ok(what.format(action)) == "done"


def test_osds_are_described_in_yaml(rig):
    """A drive group is read from standard input."""
    rig.ok("orch apply osd -i -", stdin=DRIVE_GROUP.encode())


@pytest.mark.parametrize("light", LIGHTS)
def test_a_light_is_health_until_it_is_off(rig, light):
    """Both lights of a device, each with a health check of its own."""

    def lit():
        return json.loads(rig.ok("device ls-lights"))[light]

    assert DEVICE not in lit()
    rig.ok("device light on", DEVICE, light)
    assert lit() == [DEVICE]
    poll_for(lambda: LIGHTS[light] in rig.health(), HEALTH_SECONDS, "the light in health")
    rig.ok("device light off", DEVICE, light)
    assert lit() == []
    poll_for(lambda: LIGHTS[light] not in rig.health(), HEALTH_SECONDS, "health without it")


@pytest.mark.parametrize("words", ["mds fsname", "rgw realm zone", "nfs service_name"])
def test_daemons_are_added(rig, words):
    """The answer is the service that they belong to."""
    assert f"service_name={words.split()[0]}" in rig.ok(f"orch daemon add {words}")


@pytest.mark.parametrize(
    "words", ["osd.0 --force", "mds.fsname", "rgw.myrealm.myzone", "nfs.service_name"]
)
def test_daemons_are_removed(rig, words):
    """Of every kind; those with data only by force."""
    assert rig.ok(f"orch daemon rm {words}") == "done"


def test_hosts_are_listed(rig):
    """Without data there is one."""
    assert [found["hostname"] for found in rig.json("orch host ls")] == ["localhost"]


def test_hosts_come_and_go(rig):
    """Added and removed by name."""
    rig.ok("orch host add hostname")
    assert rig.ok("orch host rm hostname") == "done"


@pytest.mark.parametrize(
    ("service", "placement"),
    [
        ("mon", "3 host1:1.2.3.0/24 host2:1.2.3.0/24 host3:10.0.0.0/8"),
        ("mon", "3 host1:1.2.3.4 host2:1.2.3.4 host3:10.0.0.1"),
        ("mgr", "3"),
        ("nfs service_name", "2"),
    ],
)
def test_services_are_placed(rig, service, placement):
    """By count, by hosts with networks, by hosts with addresses."""
    assert "ServiceSpec for service_name" in rig.ok(f"orch apply {service}", placement)


@pytest.mark.parametrize(
    ("name", "number", "sentence"),
    [
        ("raise_validation_error", errno.EINVAL, "MON count must be either 1, 3 or 5"),
        ("raise_error", errno.EINVAL, "host address is empty"),
        ("raise_bug", errno.EINVAL, "ZeroDivisionError"),
        ("raise_not_implemented", errno.ENOENT, "does not support `orch host add`"),
        ("raise_no_orchestrator", errno.ENOENT, "No orchestrator configured (try `ceph orch set"),
        ("raise_import_error", errno.ENOENT, "test_orchestrator not enabled"),
    ],
)
def test_each_kind_of_error_arrives(rig, name, number, sentence):
    """Raised in the backend: number and sentence reach whoever typed the command."""
    answered = rig.run("orch host add", name)
    assert (answered.code, sentence in answered.err) == (number, True), answered


def test_data_are_loaded_and_filtered_by_host(rig):
    """What was loaded is listed, as a whole and for one host."""
    load(rig, TWO_HOSTS)
    for listing in ("device ls", "ps"):
        assert len(rig.json(f"orch {listing}")) == 2
        assert "host0" in rig.ok(f"orch {listing}")
    assert [found["name"] for found in rig.json("orch device ls host0")] == ["host0"]
    assert [found["hostname"] for found in rig.json("orch ps host0")] == ["host0"]
    load(rig, {})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{ "inventory: ', "Invalid JSON file: "),
        ('{ "inventory": [{"devices": []}] }', "'name' is required for InventoryHost"),
    ],
)
def test_bad_data_are_refused(rig, text, sentence):
    """Text that is no JSON, and an inventory that lacks a key."""
    answered = rig.run("test_orchestrator load_data -i -", stdin=text.encode())
    assert (answered.code, sentence in answered.err) == (errno.EINVAL, True), answered


def test_the_self_test_of_the_command_line_passes(rig):
    """Errors that another module raises arrive as objects of their class."""
    answered = rig.run("mgr self-test module orchestrator")
    assert (answered.code, answered.err.strip()) == (0, "Self-test OK"), answered
    assert BACKEND in rig.ok("orch status")
