"""Daemons of a real Ceph: deployed by `orch` commands, seen by the cluster."""

import json
import tempfile
from pathlib import Path

import pytest
from cephlab.lab import Lab, Plan

from tests.conditions import poll_for
from tests.docs import snippets
from tests.docs.reader import reading
from tests.local_orchestrator.deployed import HERE, site
from tests.local_orchestrator.page import SECOND_HALF, plant, without_agent


# seconds: MDSs are told of, and end, with a beacon; monitors agree at once
QUICK = ("mds beacon interval = 0.5", "paxos propose interval = 0.1", "paxos min wait = 0.05")
pytestmark = [pytest.mark.ceph, pytest.mark.slow]


@pytest.fixture(scope="module")
def lab():
    """A monitor, a manager and an OSD, and a file system without an MDS."""
    with tempfile.TemporaryDirectory(prefix="lab-", dir="/tmp") as name:
        cluster = Lab(Path(name) / "l")
        cluster.start(Plan(folder=cluster.folder, osds=1, settings=QUICK))
        try:
            for pool in ("meta", "data"):
                cluster.ceph("osd", "pool", "create", pool, "8")
            cluster.ceph("fs", "new", "files", "meta", "data")
            yield cluster
        finally:
            cluster.end()


@pytest.fixture(scope="module")
def orch(lab, tmp_path_factory):
    """With Debian's module `progress` beside it."""
    tree = tmp_path_factory.mktemp("tree")
    (tree / "progress").symlink_to("/usr/share/ceph/mgr/progress")
    config = f'[cluster]\nceph_conf = "{lab.conf}"\nceph_keyring = "{lab.folder}/keyring"\n'
    with site("--module-path", str(tree), config=config) as found:
        yield found
        for name in found.ps():
            found.orch("daemon rm", name, "--force")
        found.wait({})


def states_of_mds(lab):
    """{name: state} of the MDSs that the cluster knows."""
    map_ = lab.ceph("fs", "dump")
    held = [info for fs in map_["filesystems"] for info in fs["mdsmap"]["info"].values()]
    return {info["name"]: info["state"] for info in [*held, *map_["standbys"]]}


def osd_states(lab):
    """{id: states} of the OSDs that the cluster knows."""
    return {osd["osd"]: osd["state"] for osd in lab.ceph("osd", "dump")["osds"]}


def test_an_mds_joins_the_cluster_is_stopped_and_goes(orch, lab):
    assert orch.orch("apply mds files --placement", HERE) == "Scheduled mds.files update..."
    poll_for(lambda: "up:active" in states_of_mds(lab).values(), 60, "an active MDS")
    (name,) = orch.ps()
    assert name.startswith(f"mds.files.{HERE}.")
    assert list(states_of_mds(lab)) == [name.removeprefix("mds.")]
    poll_for(lambda: orch.ps()[name].get("version") == "16.2.15", 20, "its version")
    assert "1/1" in orch.orch("ls --service-type mds")
    checked = json.loads(orch.orch("upgrade check"))
    assert (checked["up_to_date"], checked["needs_update"]) == ([name], {})
    assert "Nothing to upgrade" in orch.orch("upgrade start --ceph-version 16.2.15")
    assert "17.2.0 is not installed" in orch.refusal("upgrade start --ceph-version 17.2.0")
    orch.orch("daemon stop", name)
    orch.wait({name: "stopped"})
    poll_for(lambda: "up:active" not in states_of_mds(lab).values(), 60, "the MDS to be missed")
    orch.orch("rm mds.files")
    orch.wait({})
    poll_for(lambda: not orch.ls(), 10, "the service to be gone")
    assert lab.ceph("fs", "ls")[0]["name"] == "files"


def test_an_osd_is_replaced_under_its_id_and_removed(orch, lab, tmp_path):
    spec = {
        "service_type": "osd",
        "service_id": "memory",
        "placement": {"hosts": [HERE]},
        "spec": {"data_devices": {"paths": [str(tmp_path)]}},
    }
    assert str(tmp_path) in orch.orch("apply --dry-run", spec=spec)
    nowhere = {**spec, "spec": {"data_devices": {"paths": ["/nowhere"]}}}
    assert "/nowhere is not there" in orch.refusal("apply --dry-run", spec=nowhere)
    option = "mgr mgr/local_orchestrator/osd_objectstore"
    orch.daemon.ok(f"config set {option} memstore")
    assert "/nowhere" in orch.orch("apply --dry-run", spec=nowhere)
    orch.daemon.ok(f"config rm {option}")
    orch.orch("apply", spec=spec)
    poll_for(lambda: "up" in osd_states(lab).get(1, ()), 60, "osd.1 to be up")
    orch.wait({"osd.1": "running"})
    first = orch.pid("osd.1")
    orch.orch("pause")
    orch.orch("osd rm 1")
    assert "not started" in orch.orch("osd rm status")
    (row,) = json.loads(orch.orch("osd rm status --format json"))
    assert (row["osd_id"], row["hostname"], row["replace"]) == (1, HERE, False)
    assert "already being removed" in orch.refusal("osd rm 1")
    assert orch.orch("osd rm stop 1") == "Stopped OSD(s) removal"
    orch.orch("resume")
    poll_for(lambda: orch.orch("osd rm status").startswith("No OSD"), 10, "it to be called off")
    assert orch.pid("osd.1") == first
    assert orch.orch("osd rm 1 --replace") == "Scheduled OSD(s) for removal"
    poll_for(
        lambda: (
            orch.ps().get("osd.1", {}).get("status_desc") == "running"
            and orch.pid("osd.1") not in (None, first)
        ),
        60,
        "another osd.1 in its place",
    )
    poll_for(lambda: "up" in osd_states(lab).get(1, ()), 60, "the new osd.1 to be up")
    assert orch.orch("osd rm status") == "No OSD remove/replace operations reported"
    bars = json.loads(orch.daemon.ok("progress json"))["completed"]
    assert {"Removing osd.1", "Updating mds.files"} <= {bar["message"] for bar in bars}
    assert "will remain" in orch.refusal("rm osd.memory")
    orch.orch("rm osd.memory --force")
    poll_for(lambda: "osd.memory" not in [r.get("service_id") for r in orch.ls().values()], 10)
    orch.orch("osd rm 1 --force")
    poll_for(lambda: list(osd_states(lab)) == [0], 60, "osd.1 to be forgotten")
    orch.wait({})


def test_the_page_prints_what_it_shows(lab):
    """The half of docs/local_orchestrator.md that needs a real Ceph."""
    files = plant(
        SECOND_HALF,
        **{
            "/etc/ceph/ceph.conf": str(lab.conf),
            "/etc/mgr-supervisor/mgr.x.keyring": f"{lab.folder}/keyring",
        },
    )
    with reading(SECOND_HALF, files) as found, without_agent(found.daemon):
        for block in {line.block for line in snippets.typed(SECOND_HALF)}:
            found.check(block)
