"""The module trees of the harness, written into a folder."""

import shutil
from collections.abc import Iterable
from pathlib import Path


MEASURED = Path(__file__).resolve().parent.parent / "modules" / "measured.py"
_MODULE = """from measured import Measured, commands


class Module(Measured):
    COMMANDS = commands("{name}")
"""
_IDLE = """import threading

from mgr_module import MgrModule


class Module(MgrModule):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.end = threading.Event()

    def serve(self):
        self.end.wait()

    def shutdown(self):
        self.end.set()
"""


def lay_out(tree: Path, measured: Iterable[str] = (), idle: Iterable[str] = ()) -> Path:
    """Make `tree` hold modules that measure, and modules that do nothing, by these names."""
    tree.mkdir(parents=True)
    shutil.copy(MEASURED, tree)
    for name in measured:
        _package(tree / name, _MODULE.format(name=name))
    for name in idle:
        _package(tree / name, _IDLE)
    return tree


def _package(folder: Path, source: str) -> None:
    folder.mkdir()
    (folder / "__init__.py").write_text("from .module import Module\n")
    (folder / "module.py").write_text(source)
