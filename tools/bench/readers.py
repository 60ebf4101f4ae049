"""Processes that map the published state as module hosts do, and read nothing of it.

As a program it is one of them.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from module_host.state import StateReader


@contextmanager
def readers(folder: Path, number: int) -> Iterator[list[int]]:
    """The pids of so many of them, which all look at `folder`."""
    with ExitStack() as stack:
        pids = []
        for _ in range(number):
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "bench.readers", str(folder)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                )
            )  # fmt: skip
            assert process.stdout is not None
            process.stdout.readline()
            pids.append(process.pid)
        yield pids


def main(folder: str) -> None:
    """Look at the page, then wait until the harness closes standard input."""
    state = StateReader(Path(folder))
    state.shared("nothing that is published")
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
