"""Starts a throw-away cluster, and says how to reach it."""

import argparse
import sys
from pathlib import Path

from cephlab.fill import fill
from cephlab.lab import MODULES, Lab, LabError, Plan


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="up", description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder; short, since sockets live in it")
    parser.add_argument("--osds", type=int, default=3)
    parser.add_argument("--hosts", type=int, default=1, help="host names that share the OSDs")
    parser.add_argument(
        "--mds", type=int, default=0, help="metadata servers, for --fill at least 1"
    )
    parser.add_argument(
        "--module-path", type=Path, default=MODULES, help="the manager's module tree"
    )
    parser.add_argument("--port", type=int, help="of the monitor, which takes the next one too")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="option")
    parser.add_argument("--fill", action="store_true", help="add device classes, pools and data")
    given = parser.parse_args()
    if given.fill and (given.hosts < 3 or given.osds < 2 * given.hosts or given.mds < 1):
        parser.error(
            "--fill needs 3 hosts, two OSDs on each and an MDS: --osds 6 --hosts 3 --mds 1"
        )
    return given


def _fill(lab: Lab) -> None:
    try:
        fill(lab)
    except BaseException:
        lab.end()
        raise


def main() -> None:
    """Start, fill when asked to, show the status."""
    given = _arguments()
    lab = Lab(given.folder)
    plan = Plan(
        folder=given.folder,
        osds=given.osds,
        hosts=given.hosts,
        mds=given.mds,
        modules=given.module_path.absolute(),
        port=given.port,
        settings=tuple(given.set),
    )
    try:
        lab.start(plan)
        if given.fill:
            _fill(lab)
        print(lab.run("ceph", "status").decode())
        print(f"export CEPH_CONF={lab.conf}")
    except LabError as error:
        sys.exit(f"up: {error}")


if __name__ == "__main__":
    main()
