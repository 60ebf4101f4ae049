"""Run with Debian's python3, which has librados: commands to a real cluster, each timed.

python3 oracle.py CEPH_CONF; a line in: {"to": "mgr" | "mon", "commands": [command], "repeat": n,
"threads": n}; a line out: [[retval, stdout, stderr] of each command's last run, nanoseconds of each
run].
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import rados


Answer = tuple[int, str, str]
Send = Callable[[str, bytes], tuple[int, bytes, str]]


def main(conf: str) -> None:
    """Answer lines until there are no more."""
    with rados.Rados(conffile=conf, name="client.admin") as cluster:
        for line in sys.stdin:
            asked = json.loads(line)
            send = cluster.mgr_command if asked["to"] == "mgr" else cluster.mon_command
            repeat = partial(_repeat, send, asked["repeat"])
            with ThreadPoolExecutor(asked["threads"]) as pool:
                answers = list(pool.map(repeat, map(json.dumps, asked["commands"])))
            taken = [one for _, durations in answers for one in durations]
            sys.stdout.write(json.dumps([[last for last, _ in answers], taken]) + "\n")
            sys.stdout.flush()


def _repeat(send: Send, times: int, command: str) -> tuple[Answer, list[int]]:
    taken = []
    for _ in range(times):
        begin = time.perf_counter_ns()
        code, out, err = send(command, b"")
        taken.append(time.perf_counter_ns() - begin)
    return (code, out.decode(errors="replace"), err), taken


if __name__ == "__main__":
    main(sys.argv[1])
