"""A client, the orchestrator and a backend in three processes: what one raises the other raises.

Each of them stands on Debian's packages or on ours, which must not make a difference.
"""

import contextlib
import shutil
from pathlib import Path

import pytest

from tests.daemon import ROOT, supervisor


DEBIAN = Path("/usr/share/ceph/mgr")
SOURCE = ROOT / "tests" / "trees" / "orchestra"
SIDES = ("debians", "ours")
# Pacific's orchestrator lets nobody choose a backend that is called otherwise.
BACKENDS = {"debians": "cephadm", "ours": "rook"}
WITH_DEBIANS = [
    ("debians", "debians", "debians"),
    ("debians", "debians", "ours"),
    ("debians", "ours", "debians"),
]
OURS = ("ours", "ours", "ours")
TRIPLES = [*(pytest.param(triple, marks=pytest.mark.ceph) for triple in WITH_DEBIANS), OURS]

O = "orchestrator._interface."  # noqa: E741
ENOENT, EIO, EINVAL = -2, -5, -22
ERRORS = {
    "error": (O + "OrchestratorError", "host is empty", ENOENT),
    "none": (
        O + "NoOrchestrator", "No orchestrator configured (try `ceph orch set backend`)", ENOENT,
    ),
    "validation": (O + "OrchestratorValidationError", "count must be 1, 3 or 5", EINVAL),
    "not_implemented": ("builtins.NotImplementedError", "", None),
    "import": ("builtins.ImportError", "backend is not enabled", None),
    "bug": ("builtins.ZeroDivisionError", "division by zero", None),
    "key": ("builtins.KeyError", "'mgr'", None),
    "spec": ("ceph.deployment.hostspec.SpecValidationError", "no such field", EIO),
    "drives": (
        "ceph.deployment.drive_group.DriveGroupValidationError",
        'Failed to validate OSD spec "d": no devices', EINVAL,
    ),
}  # fmt: skip


def plant(tree: Path, side: str) -> Path:
    """A tree with a client and a backend that stand on Debian's packages, or on ours."""
    tree.mkdir()
    for source, name in (("asker", f"asker_{side}"), ("answerer", BACKENDS[side])):
        shutil.copytree(SOURCE / source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(SOURCE / "goods.py", tree / name)
    if side == "debians":
        for name in ("mgr_module.py", "mgr_util.py", "orchestrator"):
            (tree / name).symlink_to(DEBIAN / name)
    else:
        (tree / "orchestrator").symlink_to(ROOT / "modules" / "orchestrator")
    return tree


@contextlib.contextmanager
def house(sides, folder):
    """A supervisor with a client and a backend of each side; the first side's orchestrator."""
    trees = [plant(folder / side, side) for side in sides]
    names = [*(f"asker_{side}" for side in sides), *(BACKENDS[side] for side in sides)]
    arguments = [f"--module-path={tree}" for tree in trees]
    arguments += [f"--enable={name}" for name in (*names, "orchestrator")]
    calls = ", ".join(f'{name} = ["*"]' for name in BACKENDS.values())
    config = "".join(f"[module.asker_{side}]\ncalls = {{ {calls} }}\n" for side in sides)
    with supervisor(*arguments, config=config) as running:
        for name in (*names, "orchestrator"):
            running.wait_state(name, "running")
        yield running


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """The supervisor whose orchestrator is of a side; one at a time."""
    with contextlib.ExitStack() as stack:
        open_now = {}

        def go(side):
            if side not in open_now:
                stack.pop_all().close()
                open_now.clear()
                sides = SIDES if side == "debians" else ("ours",)
                open_now[side] = stack.enter_context(house(sides, tmp_path_factory.mktemp("t")))
            return open_now[side]

        yield go


class Pair:
    """One client and one backend."""

    def __init__(self, daemon, client, backend):
        self.daemon, self.client, self.backend = daemon, f"asker_{client}", BACKENDS[backend]
        daemon.ok(f"orch set backend {self.backend}")

    def ask(self, words):
        return self.daemon.mgrctl(f"{self.client} {words}").json

    def added(self, *kinds):
        answers = self.ask(f"add {','.join(kinds)}")
        return {kind: answer["raised"] for kind, answer in answers.items()}

    def raised(self, words):
        answer = self.ask(words)
        assert answer["owned"] is False
        return answer["raised"]


@pytest.fixture(params=TRIPLES, ids="-".join, scope="module")
def pair(request, at):
    orchestrator, client, backend = request.param
    return Pair(at(orchestrator), client, backend)


def test_every_kind_of_error_arrives_with_class_errno_and_sentence(pair):
    """Also SpecValidationError's subclass, which Debian's own side could not restore."""
    arrived = pair.added(*ERRORS)
    for kind, (cls, text, code) in ERRORS.items():
        raised = arrived[kind]
        assert (raised["class"], raised["text"]) == (cls, text)
        assert raised["attributes"].get("errno") == code
        assert raised["orchestrator's"] is cls.startswith(O)


def test_what_an_error_is_about_arrives_with_it(pair):
    assert pair.added("subject")["subject"]["attributes"]["event_subject"] == ["daemon", "a"]


def test_a_modules_own_exception_arrives_where_its_package_can_be_imported(pair):
    """Trees lie on every module's path."""
    raised = pair.added("own")["own"]
    assert raised["class"] == f"{pair.backend}.module.Own"
    assert raised["text"] == "1 and 2"
    assert raised["attributes"] == {"first": 1}


def test_an_exception_of_another_library_arrives_as_its_text(pair):
    raised = pair.added("foreign")["foreign"]
    assert raised["class"] == "builtins.Exception"
    assert raised["text"] == (
        "<class 'subprocess.CalledProcessError'>: Command 'ls' returned non-zero exit status 3."
    )


def test_a_method_that_the_backend_lacks_is_not_implemented(pair):
    raised = pair.raised("call pause")
    assert raised["class"] == "builtins.NotImplementedError"
    assert raised["text"] == f"{pair.backend} does not implement pause"


def test_a_method_that_raises_is_a_runtime_error(pair):
    """It broke the contract, so that its class does not arrive; the text does."""
    raised = pair.raised("call resume")
    assert raised["class"] == "module_host.errors.RemoteError"
    assert "ValueError: raised, not answered" in raised["text"]


def test_a_hostile_pickle_is_never_run_in_a_client(pair):
    """Neither in the place of an exception, nor in an object that only looks like an OrchResult."""
    assert pair.raised("call rescan_host")["text"] == "<class 'Exception'>: it"
    assert pair.raised("call get_facts")["class"] == "module_host.errors.RemoteRefused"
    assert pair.ask("goods")


def test_everything_that_an_orchestrator_hands_out_arrives_as_it_was(pair):
    """Hosts, daemons with times and events, services, devices, lights, upgrades; specs to it."""
    goods = pair.ask("goods")
    assert len(goods) == 8
    for method, (arrived, meant) in goods.items():
        assert arrived == meant, method
    assert "OrchestratorEvent(created=datetime.datetime(2024" in goods["list_daemons"][0]


@pytest.mark.parametrize("pair", [OURS], indirect=True)
def test_a_backend_that_dies_is_no_missing_method(pair):
    """Our client does not ask a process that has just died what it can do."""
    assert pair.raised("call cancel_completions")["class"] == "module_host.errors.RemoteDied"
    pair.daemon.wait_state(pair.backend, "running")


def test_without_a_backend_clients_are_told(pair):
    pair.daemon.ok("orch set backend", "")
    raised = pair.raised("call get_hosts")
    assert (raised["class"], raised["text"]) == ERRORS["none"][:2]
