"""The rows that ship let Ceph's own modules do what their source says."""

import ast
import functools
import warnings
from pathlib import Path

import orjson
import pytest

from supervisor.cluster.embedded import snapshot
from supervisor.core.grants import LEAST
from supervisor.core.permissions import Permissions
from supervisor.core.shipped_bus import GUARDED, ROWS, SHIPPED
from supervisor.core.shipped_grants import SHIPPED as WALLS


DEBIAN = Path("/usr/share/ceph/mgr")
TO_DAEMONS = {"smart": "osd", "client ls": "mds", "session evict": "mds"}
TABLE = Permissions(lambda name: SHIPPED.get(name, LEAST), GUARDED)


@functools.cache
def nodes(module: str) -> list[ast.AST]:
    files = sorted(f for f in (DEBIAN / module).rglob("*.py") if "tests" not in f.parts)
    wanted = (ast.Call, ast.Dict)
    return [node for f in files for node in ast.walk(parsed(f)) if isinstance(node, wanted)]


def parsed(file: Path) -> ast.AST:
    with warnings.catch_warnings(action="ignore"):  # of theirs
        return ast.parse(file.read_text())


def text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def calls(module: str) -> list[tuple[str, str]]:
    """(module, method) of each remote() that names both."""
    found = []
    for node in nodes(module):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "remote":
            names = [text(argument) for argument in node.args[:2]]
            if len(names) == 2 and names[0] and names[1]:
                found.append((names[0], names[1]))
    return found


def commands(module: str) -> list[dict[str, str]]:
    """Each dict that has a prefix, with those of its values that are written out."""
    found = []
    for node in nodes(module):
        if isinstance(node, ast.Dict):
            pairs = {text(k): text(v) for k, v in zip(node.keys, node.values, strict=True) if k}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict":
            pairs = {word.arg: text(word.value) for word in node.keywords}
        else:
            continue
        if pairs.get("prefix"):
            found.append({str(key): value for key, value in pairs.items() if value})
    return found


@pytest.fixture(scope="module")
def permissions() -> dict[str, str]:
    """Of a monitor's commands, by prefix."""
    captured = Path(snapshot.__file__).parent / "snapshot" / "cluster.json.xz"
    entries = orjson.loads(snapshot.read(captured))["_mon_commands"]
    return {" ".join(w for w in e["sig"] if isinstance(w, str)): e["perm"] for e in entries}


@pytest.mark.ceph
def test_every_call_and_command_of_debians_modules_is_granted(permissions):
    """None of them is refused what it is written to do."""
    refused, seen = [], 0
    for folder in sorted(DEBIAN.iterdir()):
        module = folder.name
        for callee, method in calls(module):
            seen += 1
            refused.append(TABLE.call(module, callee, method))
        for command in commands(module):
            seen += 1
            kind = TO_DAEMONS.get(command["prefix"], "mon")
            if module == "mirroring" and command["prefix"].startswith("config-key"):
                command["key"] = "cephfs/mirror/peer/fs/id"
            refused.append(TABLE.send(module, kind, command, permissions.get(command["prefix"])))
    assert seen > 60
    assert [str(missing) for missing in refused if missing] == []


def test_a_row_is_of_a_module_that_is_known():
    """No row is lost by a mistyped name, and the walls' part of each is as it was."""
    assert not set(ROWS) - set(WALLS)
    for name, grants in SHIPPED.items():
        assert (grants.connect, grants.subprocess) == (WALLS[name].connect, WALLS[name].subprocess)
