"""Which modules there are: every folder with a module.py in the module trees, as in ceph-mgr.

Where two trees hold a module of the same name, the tree that comes first on the path wins, like
programs on PATH. A folder without module.py is no module and is passed over.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supervisor.config import LEVELS, ConfigError, Tree


PACKAGES = "python_common"


@dataclass(frozen=True)
class Found:
    """One module on disk."""

    name: str
    tree: Tree
    path: Path


def discover(trees: Sequence[Tree]) -> dict[str, Found]:
    """Every module of `trees` by name, in alphabetical order. Raises ConfigError for a tree that
    cannot be read.
    """
    found: dict[str, Found] = {}
    for tree in trees:
        try:
            entries = sorted(os.scandir(tree.path), key=lambda entry: entry.name)
        except OSError as error:
            raise ConfigError(f"module tree {tree.path}: {error.strerror}") from None
        for entry in entries:
            path = Path(entry.path)
            # Path.is_file() raises where the folder may not be entered.
            there = os.path.isfile(path / "module.py")  # noqa: PTH113
            if entry.name.isidentifier() and there:
                found.setdefault(entry.name, Found(entry.name, tree, path))
    return dict(sorted(found.items()))


def search_path(module: Found, trees: Sequence[Tree], ours: Path) -> list[str]:
    """The folders that stand before the interpreter's own on this module's sys.path. `ours` holds
    one folder of our names for each API level, and one of Ceph's packages as we have them.

    Its own tree first, so that a tree's own names win over ours; the whole module path follows,
    since modules import other modules' packages (as in ceph-mgr).
    """
    others = [tree.path for tree in trees if tree.path != module.tree.path]
    own, api = module.tree.path, ours / module.tree.level
    packages = [] if _as_installed(module) else [ours / PACKAGES]
    order = [own, api, *others] if _on_its_own(module) else [api, *packages, own, *others]
    return [str(path) for path in order]


def library_path(module: Found, installed: Sequence[Path], ours: Path) -> list[str]:
    """The folders that stand behind the interpreter's own. A module that gets Ceph's packages as
    they are installed gets ours where they are not.
    """
    order = [path for path in installed if path.is_dir()]
    if _as_installed(module):
        order.append(ours / PACKAGES)
    return [str(path) for path in order]


def _on_its_own(module: Found) -> bool:
    """Whether the module stands on its tree's own mgr_module."""
    return module.tree.api != "supervisor" and (module.tree.path / "mgr_module.py").is_file()


def _as_installed(module: Found) -> bool:
    """Whether it gets Ceph's packages as installed: ours are pacific's, too old for others."""
    return _on_its_own(module) or module.tree.level != LEVELS[0]
