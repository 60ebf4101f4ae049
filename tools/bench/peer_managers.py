"""The standard library's peer: multiprocessing.managers on a unix socket (pickle, no broker)."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.managers import BaseManager
from pathlib import Path as FilePath

from bench.path import Path, echo, timed


class _Echo:
    def echo(self, number: int, text: str) -> dict[str, object]:
        return echo(number, text)


class _Server(BaseManager):
    pass


_Server.register("Echo", _Echo)


@contextmanager
def managers(folder: FilePath) -> Iterator[Path]:
    """The path to an object in another process. It forks: enter it before there are threads."""
    server = _Server(address=str(folder / "managers.sock"), ctx=multiprocessing.get_context("fork"))
    server.start()
    try:
        far = server.Echo()  # type: ignore[attr-defined]  # register() makes it
        yield Path("multiprocessing.managers", timed(lambda n: far.echo(n, "text")))
    finally:
        server.shutdown()
