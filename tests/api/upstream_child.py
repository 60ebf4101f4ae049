"""Run in a process of its own: an upstream module on a MemorySession, its findings as JSON.

python upstream_child.py (own | upstream) MODULE EXPRESSION LOG_DIR: which mgr_module it stands on, and
what is evaluated, with `module` (constructed), `memory` and `mgr_module` at hand.
"""

import importlib
import json
import sys
import traceback
from pathlib import Path


ROOT = Path(__file__).parents[2]
TREE = "/usr/share/ceph/mgr"
DEBIAN = "/usr/lib/python3/dist-packages"


def main(which: str, name: str, expression: str, log_dir: str) -> None:
    # Names that come first win: the tree brings a mgr_module and a mgr_util of its own.
    api = str(ROOT / "module_host" / "api" / "pacific")
    trees = [TREE, api] if which == "upstream" else [api, TREE]
    sys.path[:0] = [*trees, str(ROOT)]
    sys.path.append(DEBIAN)
    from module_host import session
    from module_host.loader import first_subclass
    from tests.api.memory import MemorySession

    memory = MemorySession(name, Path(log_dir))
    session.install(memory)
    mgr_module = importlib.import_module("mgr_module")
    assert mgr_module.__file__.startswith(trees[0]), mgr_module.__file__
    cls = first_subclass(importlib.import_module(name), mgr_module.MgrModule)
    cls._register_options(name)
    cls._register_commands(name)
    module = cls(name, object(), object())
    memory.peers[name] = module
    try:
        found = eval(expression, {"module": module, "memory": memory, "mgr_module": mgr_module})
    except BaseException:
        found = traceback.format_exc()
    sys.stdout.write(json.dumps(found, default=str) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
