"""The arrow contract of docs/architecture.md, read from the imports themselves."""

import ast
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parent.parent
PURE = {
    "time",
    "os",
    "socket",
    "threading",
    "subprocess",
    "zmq",
    "multiprocessing",
    "sqlite3",
    "pathlib",
}
FORBIDDEN = [
    ("proto", {"supervisor", "module_host", "mgrctl"}),
    ("supervisor", {"module_host", "mgrctl"}),
    ("module_host", {"supervisor", "mgrctl"}),
    ("tools/mgrctl", {"supervisor", "module_host"}),
    ("supervisor/core", {"supervisor.edge", "supervisor.cluster", "supervisor.control", *PURE}),
    ("supervisor/cluster", {"supervisor.edge", "supervisor.control"}),
    ("supervisor/edge", {"supervisor.control", "supervisor.cluster.embedded"}),
    ("supervisor", {"supervisor.daemon"}),
    (
        "supervisor/agent",
        {
            "proto",
            "zmq",
            "supervisor.edge",
            "supervisor.cluster",
            "supervisor.control",
            "supervisor.config",
        },
    ),
    # It is a program of its own: whoever uses it starts it, and speaks with it over its socket.
    *(
        (f"supervisor/{room}", {"supervisor.agent"})
        for room in ("core", "edge", "cluster", "control")
    ),
    ("supervisor/daemon.py", {"supervisor.agent"}),
]
PURE_OF_AGENT = ("course", "reconcile", "units", "fields", "refusal")


def _imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def _files(room: str) -> list[Path]:
    place = ROOT / room
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


@pytest.mark.parametrize(
    ("room", "forbidden"), FORBIDDEN, ids=[f"{r}-{len(f)}" for r, f in FORBIDDEN]
)
def test_no_room_reaches_where_it_must_not(room, forbidden):
    """No file of the room imports from a room that the contract rules out."""
    broken = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in _files(room)
        for name in _imports(file)
        if any(name == word or name.startswith(word + ".") for word in forbidden)
        and (file.name, name) != ("__main__.py", "supervisor.daemon")  # the program's first lines
    ]
    assert not broken


def test_every_room_has_files():
    """The contract speaks of rooms that exist."""
    for room, _ in FORBIDDEN:
        assert _files(room), room


@pytest.mark.parametrize("name", PURE_OF_AGENT)
def test_the_agents_decisions_are_pure(name):
    """What decides in the agent has no clock, socket, file or process either."""
    assert not _imports(ROOT / "supervisor" / "agent" / f"{name}.py") & PURE


def test_no_file_is_past_the_ceiling():
    """500 lines is two files."""
    long = [
        str(file.relative_to(ROOT))
        for room in ("proto", "supervisor", "module_host", "modules", "tools", "tests")
        for file in (ROOT / room).rglob("*.py")
        if not file.name.endswith("_pb2.py")
        and len(file.read_text(encoding="utf-8").splitlines()) > 500
    ]
    assert not long


def test_names_say_what_they_are():
    """No file is a drawer for odds and ends, but where modules import it by upstream's name."""
    vague = {"util", "utils", "helper", "helpers", "common", "misc"}
    upstreams = ROOT / "module_host" / "api" / "python_common"
    assert not [
        file
        for file in ROOT.glob("*/**/*.py")
        if file.stem in vague and ".venv" not in file.parts and upstreams not in file.parents
    ]
