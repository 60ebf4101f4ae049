"""A module's librados reaches the cluster of `ceph_conf`, from within its sandbox."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from cephlab.lab import Lab, Plan

from tests.conditions import poll_for
from tests.daemon import ROOT, supervisor


pytestmark = [pytest.mark.ceph, pytest.mark.slow]
OUTSIDE = ROOT / "tests" / "trees" / "outside"
DEBIAN = Path("/usr/share/ceph/mgr")
NEED_RADOS = ("mirroring", "rbd_support", "snap_schedule", "volumes")


@pytest.fixture(scope="module")
def lab():
    """A real cluster with a pool, an RBD pool and a CephFS, called like that of the snapshot."""
    with tempfile.TemporaryDirectory(prefix="lab-", dir="/tmp") as name:
        cluster = Lab(Path(name) / "l")
        cluster.start(Plan(folder=cluster.folder, osds=1, mds=1))
        try:
            for pool in ("things", "images", "meta", "data"):
                cluster.ceph("osd", "pool", "create", pool, "8")
            cluster.run("rbd", "pool", "init", "images")
            cluster.ceph("fs", "new", "lab", "meta", "data")
            poll_for(lambda: "up:active" in str(cluster.ceph("fs", "dump")), 60, "the MDS")
            yield cluster
        finally:
            cluster.end()


@pytest.fixture(scope="module", params=["supervisor", "tree"])
def daemon(request, lab, tmp_path_factory):
    """A supervisor that knows that cluster, with our mgr_module and with upstream's own."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copytree(OUTSIDE / "keeper", tree / "keeper")
    for source in DEBIAN.iterdir():
        (tree / source.name).symlink_to(source)
    config = f"""
        [supervisor]
        always_on = []
        [cluster]
        ceph_conf = "{lab.conf}"
        ceph_keyring = "{lab.folder}/keyring"
        [[tree]]
        path = "{tree}"
        api = "{request.param}"
        [module.keeper]
        librados = true
        subprocess = true
    """
    with supervisor("--enable", "keeper", "--enable", "selftest", config=config) as running:
        running.wait_state("keeper", "running")
        yield running
        assert running.stop() == 0


def who(daemon):
    """What the module says of its connection."""
    return daemon.mgrctl("keeper who").json


def sessions(lab):
    """Addresses (with nonces) of every client that the monitor serves."""
    return {
        f"{address['addr']}/{address['nonce']}"
        for session in lab.ceph("tell", "mon.a", "sessions")
        for address in session["addrs"]["addrvec"]
    }


def clients(daemon):
    """What the manager map knows of the module's clients."""
    return daemon.mgrctl("mgr dump").json["active_clients"]


def test_the_module_is_one_client_of_the_real_cluster(daemon, lab):
    """One context and one connection per process; the manager map names it."""
    shown = who(daemon)
    assert shown["fsid"] == lab.ceph("fsid")["fsid"]
    assert (shown["capsule"], shown["same"]) == ("PyCapsule", True)
    assert who(daemon)["instance"] == shown["instance"]
    assert shown["addrs"] in sessions(lab)
    poll_for(
        lambda: (
            [f"{a['addr']}/{a['nonce']}" for c in clients(daemon) for a in c["addrvec"]]
            == [shown["addrs"]]
        ),
        10,
        "the manager map to name the client",
    )


def test_objects_and_monitors(daemon, lab):
    """What one side writes the other reads; a command by librados is answered by the real one."""
    assert {"things", "images"} <= set(daemon.mgrctl("keeper pools").json)
    daemon.ok("keeper put things stone", "a grey one")
    assert daemon.ok("keeper get things stone") == "a grey one"
    assert lab.run("rados", "-p", "things", "get", "stone", "-") == b"a grey one"
    assert daemon.mgrctl("keeper ask", "osd stat").json["num_osds"] == 1
    refused = daemon.mgrctl("keeper ask", "osd albatross")
    assert refused.code == 22
    assert "command not known" in refused.err


def test_rbd_and_cephfs_stand_on_it(daemon, lab):
    """Their Python bindings take the module's connection."""
    name = f"kept-{daemon.state.name}"
    assert name in daemon.mgrctl("keeper images images", name).json
    assert name in lab.run("rbd", "ls", "images").decode()
    assert name in daemon.mgrctl("keeper folders lab", name).json
    assert daemon.ps()["keeper"]["restarts"] == 0


def test_upstreams_modules_that_need_rados_work(daemon, lab):
    """Debian's volumes, rbd_support, snap_schedule and mirroring pass their own tests, and what an
    operator has them do is done in the real cluster.
    """
    for name in NEED_RADOS:
        daemon.ok("mgr module enable", name)
        daemon.wait_state(name, "running")
        answered = daemon.mgrctl("mgr self-test module", name)
        assert answered.code == 0, answered
    name = f"sub-{daemon.state.name}"
    daemon.ok("fs subvolume create lab", name)
    assert {"name": name} in daemon.mgrctl("fs subvolume ls lab").json
    assert daemon.ok("fs subvolume getpath lab", name).startswith(f"/volumes/_nogroup/{name}/")
    daemon.ok("fs snap-schedule add / 1h")
    assert daemon.mgrctl("fs snap-schedule status / --format json").json[0]["schedule"] == "1h"
    daemon.ok("fs snap-schedule remove /")
    lab.run("rbd", "create", "images/victim", "--size", "4M")
    daemon.ok("rbd task add remove images/victim")
    poll_for(lambda: b"victim" not in lab.run("rbd", "ls", "images"), 30, "the image to be removed")
    assert lab.ceph("fs", "subvolume", "ls", "lab")
    names = {client["name"] for client in clients(daemon)}
    assert names >= {"mirroring", "rbd_support", "volumes"}
    for name in NEED_RADOS:
        daemon.ok("mgr module disable", name)
        daemon.wait_state(name, "disabled")


def gone(daemon, lab, before):
    """Whether neither the cluster nor the manager map knows the client any more."""
    return before["addrs"] not in sessions(lab) and not clients(daemon)


def test_the_client_is_gone_with_the_module(daemon, lab):
    """After it was disabled, and after its process was killed: the next one is another client."""
    before = who(daemon)
    daemon.ok("mgr module disable keeper")
    poll_for(lambda: gone(daemon, lab, before), 15, "the client to be gone")
    daemon.ok("mgr module enable keeper")
    daemon.wait_state("keeper", "running")
    before = who(daemon)
    os.kill(daemon.ps()["keeper"]["pid"], signal.SIGKILL)
    poll_for(lambda: gone(daemon, lab, before), 15, "the client to be gone")
    after = poll_for(lambda: daemon.mgrctl("keeper who").code == 0 and who(daemon), 15, "another")
    assert after["instance"] != before["instance"]


def test_without_a_ceph_conf_librados_says_why(tmp_path):
    """There is a context, and connect() raises librados' own error; the module lives on."""
    config = f'[supervisor]\nalways_on = []\n[[tree]]\npath = "{OUTSIDE}"\n'
    with supervisor("--enable", "keeper", config=config) as daemon:
        daemon.wait_state("keeper", "running")
        pid = daemon.ps()["keeper"]["pid"]
        refused = daemon.mgrctl("keeper pools")
        assert refused.code == 22
        assert "rados.ObjectNotFound: [errno 2] RADOS object not found" in refused.err
        assert daemon.ps()["keeper"]["pid"] == pid
        assert daemon.stop() == 0
