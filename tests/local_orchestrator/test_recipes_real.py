"""Recipes against a real cluster that asks for keys: what they say is run as it is."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from ceph.deployment.service_spec import ServiceSpec
from cephlab.lab import Lab, Plan, _configuration, free_port
from local_orchestrator.recipes import RECIPES, Place, RadosCluster
from local_orchestrator.recipes import osds as life
from orchestrator import OrchestratorError

from tests.conditions import poll_for


pytestmark = [pytest.mark.ceph, pytest.mark.slow]
SETTINGS = (
    *(f"auth {whose} required = cephx" for whose in ("cluster", "service", "client")),
    "mgr stats period = 1",
    "paxos propose interval = 0.1",
)
MGR_CAPS = ("mon", "profile mgr", "osd", "allow *", "mds", "allow *")
CLEAN = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
ONE, TWO, THREE = (Place(name, "127.0.0.1") for name in ("one.example", "two", "three"))


class CephxLab(Lab):
    """A monitor and a manager that ask for keys. The OSDs are the recipes' own."""

    def start(self, plan):
        for name in ("mon", "run", "log", "crash/posted", "mgr/x"):
            (self.folder / name).mkdir(parents=True)
        port = free_port()
        self.conf.write_text(_configuration(self.folder, plan, port))
        try:
            self._start_monitor(plan, port)
            self.run("ceph", "auth", "get-or-create", "mgr.x", *MGR_CAPS)
            with (self.folder / "keyring").open("ab") as keyring:
                keyring.write(self.run("ceph", "auth", "get", "mgr.x"))
            self.start_manager(plan)
            poll_for(lambda: self.ceph("mgr", "stat")["available"], 60, "the manager")
        except BaseException:
            self.end()
            raise


class Machine:
    """Runs deployments as the host agent does: a folder each, and the process in it."""

    def __init__(self, folder):
        self.folder = folder
        self.running = {}

    def start(self, deployment):
        home = self.folder / deployment.name

        def here(text):
            return text.replace("{folder}", str(home))

        request = deployment.request()
        home.mkdir(exist_ok=True)
        for name, file in request["files"].items():
            (home / name).write_text(here(file["text"]))
            (home / name).chmod(file["mode"])
        with (home / "output").open("ab") as output:
            self.running[deployment.name] = subprocess.Popen(
                [here(word) for word in request["command"]],
                env={**CLEAN, **request["environment"]},
                cwd=home,
                stdout=output,
                stderr=output,
            )

    def stop(self, name):
        process = self.running[name]
        process.terminate()
        assert process.wait(60) in {0, -15}, self.said(name)
        del self.running[name]

    def forget(self, name):
        shutil.rmtree(self.folder / name)

    def said(self, name):
        return (self.folder / name / "output").read_text()

    def end(self):
        for process in self.running.values():
            process.kill()
            process.wait()


@contextmanager
def connected(lab):
    """The cluster as a module reaches it: by librados, with the manager's key alone."""
    if "/usr/lib/python3/dist-packages" not in sys.path:
        sys.path.append("/usr/lib/python3/dist-packages")
    import rados

    with rados.Rados(name="mgr.x", conffile=str(lab.conf)) as handle:
        yield RadosCluster(handle, str(lab.conf))


@pytest.fixture(scope="module")
def lab():
    with tempfile.TemporaryDirectory(prefix="lab-", dir="/tmp") as name:
        started = CephxLab(Path(name) / "l")
        started.start(Plan(folder=started.folder, osds=1, settings=SETTINGS))
        yield started
        started.end()


@pytest.fixture(scope="module")
def machine(lab):
    """Two OSDs in memory run on it, on a logical host each."""
    with tempfile.TemporaryDirectory(prefix="m-", dir="/tmp") as name:
        found = Machine(Path(name))
        try:
            # No longer than for this: librados connects anew when it likes to, also in the middle
            # of a test, which is then blamed for the descriptor.
            with connected(lab) as cluster:
                for place in (ONE, TWO):
                    deploy(found, cluster, osd(), place)
                poll_for(lambda: up(cluster, "0") and up(cluster, "1"), 60, "both OSDs to be up")
            yield found
        finally:
            found.end()


@pytest.fixture
def cluster(lab):
    with connected(lab) as found:
        yield found


def spec(**fields):
    return ServiceSpec.from_json(fields)


def osd():
    return spec(
        service_type="osd",
        service_id="memory",
        placement={"host_pattern": "*"},
        data_devices={"all": True},
        crush_device_class="nvme",
    )


def deploy(machine, cluster, wanted, place, taken=()):
    """What a backend does for one more daemon of a service; answers the daemon's id."""
    recipe = RECIPES[wanted.service_type]
    recipe.check(wanted, cluster)
    daemon_id = recipe.daemon_id(wanted, place, taken, cluster)
    machine.start(recipe.deployment(wanted, daemon_id, place, cluster))
    return daemon_id


def remove(machine, cluster, kind, daemon_id):
    """What it does to be rid of one."""
    RECIPES[kind].leaving(daemon_id, cluster)
    machine.stop(f"{kind}.{daemon_id}")
    machine.forget(f"{kind}.{daemon_id}")
    RECIPES[kind].removed(daemon_id, cluster)


def state(cluster, number):
    """What the OSD map says of an OSD; empty for one that it does not have."""
    rows = cluster.ask_json("osd dump")["osds"]
    return next((row["state"] for row in rows if str(row["osd"]) == number), [])


def up(cluster, number):
    return "up" in state(cluster, number)


def has_key(cluster, entity):
    return cluster.command({"prefix": "auth get", "entity": entity})[0] == 0


def states_of_mds(cluster):
    """{name: state} of those that serve and of those that stand by."""
    found = cluster.ask_json("fs dump")
    serving = [info for fs in found["filesystems"] for info in fs["mdsmap"]["info"].values()]
    return {info["name"]: info["state"] for info in [*serving, *found["standbys"]]}


def test_logical_hosts_are_hosts_of_the_crush_map(machine, cluster):
    rows = {row["name"]: row for row in cluster.ask_json("osd tree")["nodes"]}
    assert (rows["one"]["children"], rows["two"]["children"]) == ([0], [1])
    assert rows["osd.0"]["device_class"] == "nvme"


def test_an_mds_joins_and_serves_its_file_system(machine, cluster):
    """It prefers the one that its service is called after; its end leaves that one as it is."""
    for pool in ("meta", "data"):
        cluster.ask("osd pool create", pool=pool, pg_num=4)
    cluster.ask("fs new", fs_name="files", metadata="meta", data="data")
    wanted = spec(service_type="mds", service_id="files")
    RECIPES["mds"].service_setup(wanted, cluster)
    name = deploy(machine, cluster, wanted, ONE)
    poll_for(lambda: states_of_mds(cluster).get(name) == "up:active", 60, "the MDS to be active")
    assert cluster.ask("config get", who=f"mds.{name}", key="mds_join_fs").strip() == "files"
    assert cluster.ask_json("mds metadata", who=name)["addr"].startswith("[v2:127.0.0.1:")
    remove(machine, cluster, "mds", name)
    RECIPES["mds"].service_gone(wanted, cluster)
    assert not has_key(cluster, f"mds.{name}")
    assert "mds_join_fs" not in cluster.ask("config dump")
    assert [fs["name"] for fs in cluster.ask_json("fs ls")] == ["files"]


def test_a_second_manager_stands_by(machine, cluster):
    name = deploy(machine, cluster, spec(service_type="mgr"), TWO)
    standbys = poll_for(lambda: cluster.ask_json("mgr dump")["standbys"], 30, "it to stand by")
    assert [row["name"] for row in standbys] == [name]
    assert RECIPES["mgr"].ok_to_stop([name], cluster) == ""
    assert "is active" in RECIPES["mgr"].ok_to_stop(["x"], cluster)
    remove(machine, cluster, "mgr", name)
    assert not has_key(cluster, f"mgr.{name}")


def empty(machine, cluster, number, *, replace):
    """Drain an OSD and take it out of the cluster."""
    life.drain(cluster, int(number), replace=replace)
    poll_for(lambda: not life.placement_groups(cluster, int(number)), 60, "it to be empty")
    poll_for(lambda: not life.safe_to_destroy(cluster, [int(number)]), 60, "leave to destroy it")
    remove(machine, cluster, "osd", number)
    life.take_out(cluster, int(number), replace=replace)


def test_an_osd_is_restarted_replaced_and_removed(machine, cluster, lab, tmp_path):
    """In memory it keeps what it has over a restart; its successor, on a file, takes its number."""
    recipe, wanted = RECIPES["osd"], osd()
    number = deploy(machine, cluster, wanted, THREE, taken=["0", "1"])
    poll_for(lambda: up(cluster, number), 60, "it to be up")
    cluster.ask("osd pool create", pool="things", pg_num=8)
    for thing in "abcd":
        lab.run("rados", "-p", "things", "put", thing, "-", data=thing.encode())
    poll_for(lambda: life.placement_groups(cluster, int(number)) > 0, 30, "something to be on it")
    assert life.safe_to_destroy(cluster, [int(number)])
    assert recipe.ok_to_stop([number], cluster)
    machine.stop(f"osd.{number}")
    poll_for(lambda: not up(cluster, number), 60, "it to be missed")
    machine.start(recipe.deployment(wanted, number, THREE, cluster))
    poll_for(lambda: up(cluster, number), 60, "it to be back")
    for thing in "abcd":
        assert lab.run("rados", "-p", "things", "get", thing, "-") == thing.encode()

    empty(machine, cluster, number, replace=True)
    assert "destroyed" in state(cluster, number)
    assert not has_key(cluster, f"osd.{number}")
    assert life.destroyed_on(cluster, "three") == [number]
    device = tmp_path / "device"
    device.touch()
    os.truncate(device, 2 << 30)
    on_file = Place("three", "127.0.0.1", device=str(device))
    assert deploy(machine, cluster, wanted, on_file, taken=["0", "1"]) == number
    poll_for(lambda: up(cluster, number), 60, "its successor to be up")
    assert cluster.ask_json("osd metadata", id=int(number))["osd_objectstore"] == "bluestore"

    empty(machine, cluster, number, replace=False)
    assert not life.exists(cluster, int(number))


def test_a_monitor_joins_the_quorum_and_leaves_it(machine, cluster):
    def quorum():
        return cluster.ask_json("quorum_status")["quorum_names"]

    ports = (free_port(), free_port())
    name = deploy(
        machine, cluster, spec(service_type="mon"), Place("two", "127.0.0.1", ports=ports)
    )
    poll_for(lambda: quorum() == ["a", name], 60, "it to join")
    assert "not enough monitors" in RECIPES["mon"].ok_to_stop([name], cluster)
    remove(machine, cluster, "mon", name)
    assert quorum() == ["a"]
    with pytest.raises(OrchestratorError, match=r"mon\.a must stay: .*would break quorum"):
        RECIPES["mon"].leaving("a", cluster)


def test_a_crash_is_posted(machine, cluster, lab):
    """Also when the collector becomes the user `ceph`, who reads no daemon's folder."""
    dumps = lab.folder / "crash"
    crash = "2026-01-02T03:04:05.678901Z_00000000-0000-4000-8000-000000000001"
    meta = {
        "crash_id": crash,
        "timestamp": crash.partition("_")[0],
        "entity_name": "osd.0",
        "process_name": "ceph-osd",
        "ceph_version": "16.2.15",
        "utsname_hostname": "one",
        "backtrace": [],
    }
    (dumps / crash).mkdir()
    (dumps / crash / "meta").write_text(json.dumps(meta))
    (dumps / crash / "done").touch()
    if os.geteuid() == 0:
        for path in (lab.folder.parent, lab.folder):
            path.chmod(0o711)
        for path in (dumps, *dumps.rglob("*")):
            shutil.chown(path, "ceph")
    name = deploy(machine, cluster, spec(service_type="crash"), ONE)
    with suppress(AssertionError):
        poll_for((dumps / "posted" / crash).exists, 30, "the report to be posted")
    assert crash in lab.run("ceph", "crash", "ls").decode(), machine.said(f"crash.{name}")
    remove(machine, cluster, "crash", name)
    assert not has_key(cluster, f"client.crash.{name}")
