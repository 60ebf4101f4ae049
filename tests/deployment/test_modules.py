"""Debian's unmodified orchestrator modules on our `ceph.deployment`, sandboxed, each in a process."""

import json
import shutil
from errno import EINVAL
from pathlib import Path

import pytest

from module_host.testing.paths import PACKAGES
from tests.daemon import ROOT, supervisor


pytestmark = pytest.mark.ceph

CEPHS = Path("/usr/share/ceph/mgr")
CARRIER = ROOT / "tests" / "trees" / "worlds" / "carrier"
MODULES = ("orchestrator", "test_orchestrator", "here", "there")


def _plant(tree, *links, carrier):
    tree.mkdir()
    for name in links:
        (tree / name).symlink_to(CEPHS / name)
    shutil.copytree(CARRIER, tree / carrier, ignore=shutil.ignore_patterns("__pycache__"))
    return f'[[tree]]\npath = "{tree}"\n'


@pytest.fixture(scope="module", params=["ours alone", "the backend on Ceph's own"])
def daemon(request, tmp_path_factory):
    """The modules of the first tree stand on ours; those of the second, which brings Ceph's
    mgr_module, on Debian's.
    """
    folder = tmp_path_factory.mktemp("trees")
    apart = ["test_orchestrator"] if request.param != "ours alone" else []
    together = [name for name in MODULES[:2] if name not in apart]
    config = _plant(folder / "ours", *together, carrier="here")
    config += _plant(folder / "cephs", "mgr_module.py", "mgr_util.py", *apart, carrier="there")
    with supervisor(config=config, start=False) as running:
        running.arguments = [word for name in MODULES for word in ("--enable", name)]
        running.shared = True
        running.start()
        for name in MODULES:
            running.wait_state(name, "running")
        running.ok("orch set backend test_orchestrator")
        data = (CEPHS / "test_orchestrator" / "dummy_data.json").read_bytes()
        running.ok("test_orchestrator load_data -i -", stdin=data)
        yield running


def test_each_tree_has_the_packages_of_its_mgr_module(daemon):
    """Ours beside our mgr_module, the installed ones beside Ceph's own."""
    ours = daemon.mgrctl("here packages").json
    assert all(Path(file).is_relative_to(PACKAGES.parent) for file in ours)
    theirs = daemon.mgrctl("there packages").json
    assert theirs[0] == "/usr/lib/python3/dist-packages/ceph/deployment/__init__.py"
    assert Path(theirs[1]).parent.name == "cephs"


def test_specs_cross_between_the_two_packages(daemon):
    """Every kind comes back equal, from either side; and a refusal says why."""
    for sender, receiver in (("here", "there"), ("there", "here")):
        answered = daemon.mgrctl(f"{sender} send {receiver}").json
        assert answered["changed"] == []
        assert answered["sent"] > 15
        said = daemon.ok(f"{sender} complain {receiver}")
        assert "MDS service id cannot start with a numeric digit" in said


def test_the_inventory_is_shown(daemon):
    """Hosts, devices and services that the backend reports, with Ceph's command line."""
    hosts = daemon.mgrctl("orch host ls --format json").json
    assert len(hosts) == 2
    devices = daemon.mgrctl("orch device ls --format json").json
    assert {host["name"] for host in devices} == {host["hostname"] for host in hosts}
    services = daemon.mgrctl("orch ls --export --format json").json
    assert {service["service_type"] for service in services} >= {"mds", "mgr"}


def test_services_are_applied_from_files(daemon):
    """In both styles; the backend answers with the class that it got."""
    for spec in (
        "service_type: nfs\nservice_id: a\nport: 2049\nplacement: {count: 1}\n",
        "service_type: nfs\nservice_id: a\nspec:\n  port: 2049\n",
    ):
        said = daemon.ok("orch apply -i -", stdin=spec.encode())
        assert said == "<NFSServiceSpec for service_name=nfs.a>"


def test_what_is_wrong_with_a_file_is_said_in_a_sentence(daemon):
    """The field is named, the errno is EINVAL, and no traceback is shown."""
    for spec, why in (
        ("service_type: nfs\nservice_id: a\ncolour: red\n", "argument 'colour'"),
        ("service_type: nfs\nservice_id: a\nport: 1\nspec: {port: 2}\n", "port is given twice"),
        ("service_type: nfs\nservice_id: a\nplacement: a\n", "placement must be an object"),
        ("service_type: toaster\n", "service_type cannot be 'toaster'"),
        ("service_type: host\naddr: 1.2.3.4\n", 'Host must have "hostname" field'),
    ):
        answered = daemon.mgrctl("orch apply -i -", stdin=spec.encode())
        assert answered.code == EINVAL, answered
        assert why in answered.err
        assert "Traceback" not in answered.err


def test_osds_are_placed_on_hosts_that_are_known(daemon):
    """The backend filters its hosts by the placement that it was sent."""
    host = json.loads(daemon.ok("orch host ls --format json"))[0]["hostname"]
    spec = "service_type: osd\nservice_id: a\nplacement: {hosts: [%s]}\nspec: {data_devices: {all: true}}"
    assert daemon.mgrctl("orch apply osd -i -", stdin=(spec % host).encode()).code == 0
    answered = daemon.mgrctl("orch apply osd -i -", stdin=(spec % "elsewhere").encode())
    assert "failed to match" in answered.err
