"""The modules of tests/trees/kit, importable in this process."""

import importlib
from pathlib import Path
from typing import Any

from module_host import testing


TREE = Path(__file__).resolve().parent.parent / "trees" / "kit"
testing.activate(TREE)


def module(name: str) -> Any:
    """The class of a module there."""
    return importlib.import_module(name).Module
