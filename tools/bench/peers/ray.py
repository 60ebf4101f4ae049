"""Ray: a local cluster of its own on loopback, and one actor in it.

It has no transport but TCP for calls; large results go through its object store, in shared memory.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import psutil


# Read at the import: nothing leaves this machine, and no file is left in a home folder.
os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_AUTH_TOKEN=secrets.token_hex(32))

import ray

from bench.peers.far import STOP_SECONDS
from bench.peers.peer import NotMeasuredError, Peer, answer


THREADS = 64
STORE_BYTES = 256 * 1024 * 1024


class _Far:
    def answer(self, asked: bytes) -> bytes:
        return answer(asked)


@contextmanager
def peer(_folder: Path) -> Iterator[Peer]:
    """All threads share the actor, which has as many of its own as there are calls in flight."""
    before = set(psutil.Process().children(recursive=True))
    folder = tempfile.mkdtemp(prefix="ray.", dir="/tmp")  # paths of its sockets are long
    try:
        _start(folder)
        distant = ray.remote(_Far).options(max_concurrency=THREADS).remote()

        def call(asked: bytes) -> bytes:
            found: bytes = ray.get(distant.answer.remote(asked))
            return found

        yield Peer("Ray", version("ray"), call)
    finally:
        ray.shutdown()
        _end(set(psutil.Process().children(recursive=True)) - before)
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: str) -> None:
    """Twice where it must be: now and then its own wait for the port of its server is too short."""
    for left in (1, 0):
        try:
            ray.init(
                num_cpus=2, include_dashboard=False, configure_logging=False, log_to_driver=False,
                object_store_memory=STORE_BYTES, _temp_dir=folder, _node_ip_address="127.0.0.1",
            )  # fmt: skip
        except Exception as error:
            ray.shutdown()
            if not left:
                text = " ".join(str(error).split())
                raise NotMeasuredError(f"its local cluster did not start: {text}") from error
        else:
            return


def _end(processes: set[psutil.Process]) -> None:
    """Ray stops its processes and does not wait for them."""
    _, left = psutil.wait_procs(processes, STOP_SECONDS)
    for process in left:
        process.kill()
    psutil.wait_procs(left, STOP_SECONDS)
