"""Run with Debian's python3: numbered calls to a module of a real ceph-mgr, each timed.

python3 oracle.py CEPH_CONF; a line in: how many calls; a line out: the seconds of each, as a JSON
list, null for one that failed.
"""

import json
import sys
import time

import rados


def main(conf: str) -> None:
    """Answer lines until there are no more."""
    with rados.Rados(conffile=conf, name="client.admin") as cluster:
        for line in sys.stdin:
            taken: list[float | None] = []
            for number in range(int(line)):
                command = json.dumps({"prefix": "innocent_a count", "number": number})
                begin = time.monotonic()
                code, out, _ = cluster.mgr_command(command, b"")
                right = code == 0 and out.decode().strip() == str(number)
                taken.append(time.monotonic() - begin if right else None)
            sys.stdout.write(json.dumps(taken) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
