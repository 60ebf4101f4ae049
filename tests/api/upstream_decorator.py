"""Run in a process of its own: Debian's CLICommand reads handlers. One JSON list a line comes in,
[source, names of ...]; one goes out: {"args": descriptor} or {"error": text}.
"""

import importlib
import json
import sys
from pathlib import Path


ROOT = Path(__file__).parents[2]


def main() -> None:
    sys.path[:0] = ["/usr/share/ceph/mgr", str(ROOT / "module_host" / "api" / "pacific"), str(ROOT)]
    sys.path.append("/usr/lib/python3/dist-packages")
    from tests.api.handlers import handler_from

    mgr_module = importlib.import_module("mgr_module")
    assert mgr_module.__file__.startswith("/usr/share/ceph/mgr")
    argparse = importlib.import_module("ceph_argparse")
    for line in sys.stdin:
        handler = handler_from(json.loads(line), argparse)
        try:
            found = {"args": mgr_module.CLICommand.load_func_metadata(handler)[3]}
        except Exception as error:
            found = {"error": repr(error)}
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
