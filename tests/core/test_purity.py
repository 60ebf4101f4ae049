"""The core decides and touches nothing: its imports prove it."""

import ast
from pathlib import Path

import pytest

import supervisor.core


FORBIDDEN = {
    "time", "datetime", "os", "io", "pathlib", "socket", "select", "threading", "multiprocessing",
    "subprocess", "asyncio", "zmq", "psutil", "logging", "structlog", "sqlite3", "secrets",
}  # fmt: skip
FILES = sorted(Path(supervisor.core.__path__[0]).glob("*.py"))


def imports(path: Path) -> list[tuple[str, str]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name) for alias in node.names]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_core_imports_no_way_to_touch_the_world(path):
    for module, name in imports(path):
        assert module.partition(".")[0] not in FORBIDDEN
        if module == "random":
            assert name == "Random", "a seeded generator is handed in; the global one is not pure"
        if module.startswith("supervisor"):
            assert module.startswith("supervisor.core")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_core_opens_and_prints_nothing(path):
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"open", "print", "input", "exec", "eval", "__import__"}
