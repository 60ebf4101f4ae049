"""Where the test's process finds `mgr_module` and the modules of a tree."""

import os
import sys
from pathlib import Path


API = Path(__file__).resolve().parent.parent / "api"
LEVELS = ("pacific", "main")
PACKAGES = API / "python_common"
_folders: list[Path] = []


def paths(*trees: str | os.PathLike[str], level: str = "pacific") -> list[str]:
    """Folders for sys.path, in the order in which a host has them. `level`: the trees' API level.

    A tree that brings a mgr_module of its own, as Ceph's does, stands on that one. It and trees of
    a newer level than pacific get Ceph's packages where they are installed; others get ours.
    """
    found = [Path(tree).resolve() for tree in trees]
    for tree in found:
        if not tree.is_dir():
            raise ValueError(f"{tree} is no folder: a tree holds one package per module")
    if level not in LEVELS:
        raise ValueError(f"level is one of {', '.join(LEVELS)}, not {level!r}")
    own = [tree for tree in found if (tree / "mgr_module.py").is_file()]
    rest = [tree for tree in found if tree not in own]
    packages = [] if own or level != LEVELS[0] else [PACKAGES]
    order = (*own, API / level, *packages, *rest)
    return [str(path) for path in order]


def activate(*trees: str | os.PathLike[str], level: str = "pacific") -> None:
    """Make `mgr_module`, and the modules in `trees`, importable in this process.

    To be called before either is imported, in conftest.py. Raises ValueError for what is no folder
    or no level, and RuntimeError where another mgr_module has been imported already.
    """
    wanted = paths(*trees, level=level)
    _folders.extend(Path(path) for path in wanted)
    behind = [str(PACKAGES)]
    sys.path[:] = list(dict.fromkeys([*wanted, *sys.path, *behind]))
    loaded = getattr(sys.modules.get("mgr_module"), "__file__", None)
    if loaded is not None and str(Path(loaded).resolve().parent) not in wanted:
        raise RuntimeError(
            f"mgr_module was imported from {loaded} before testing.activate() was called"
        )


def activated() -> list[Path]:
    """The folders whose packages may cross between modules."""
    return list(_folders)
