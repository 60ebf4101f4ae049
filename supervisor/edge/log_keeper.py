"""Keeps the logs of the daemon and of its modules small, and lets them be moved away.

A host may open no file, so each gets its new one as an open descriptor. Nobody waits for it: a host
that is stopped or stuck goes on writing to its old file, and finds the new one when it wakes.
"""

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import structlog

from supervisor.config import Config
from supervisor.edge import records
from supervisor.edge.host import Host
from supervisor.edge.hosts import Hosts
from supervisor.edge.log_files import open_log, rotate
from supervisor.edge.worker import Worker


log = structlog.get_logger("logs")

Opened = list[tuple[Path, int]]  # logs, and the files that are to be written from now on


class LogKeeper:
    """Rotates by size, reopens on request. Loop thread only; `worker` touches the files."""

    def __init__(self, config: Config, hosts: Hosts, worker: Worker) -> None:
        self._config = config
        self._hosts = hosts
        self._worker = worker
        self._measuring = False
        self._due = 0.0
        self._waiting: dict[str, tuple[bytes, int]] = {}  # module -> nonce, a file not taken yet
        self._stuck: set[Path] = set()

    def clock(self, now: float) -> float | None:
        """Look at the sizes once a tick, and offer again what was not taken."""
        if not self._config.log_max_size and not self._waiting:
            return None
        if now >= self._due:
            self._due = now + self._config.tick
            for name, (nonce, fd) in list(self._waiting.items()):
                del self._waiting[name]
                self._offer(name, nonce, fd)
            if self._config.log_max_size and not self._measuring:
                self._measuring = True
                self._worker.submit(
                    partial(self._rotate_full, self._paths()), self._done, self._failed
                )
        return self._due

    def reopen(self, done: Callable[[str], None] = lambda _problem: None) -> None:
        """Go on in files of the proper names, after somebody moved the old ones away. `done` gets
        an empty text, or a sentence about what could not be opened.
        """

        def handed(result: tuple[Opened, list[str]]) -> None:
            opened, problems = result
            self._hand_out(opened)
            for problem in problems:
                log.error("a log could not be reopened", why=problem)
            log.info("log files reopened", files=len(opened))
            done("; ".join(problems))

        paths = [(path, self._owner(path)) for path in self._paths()]
        self._worker.submit(partial(_reopen, paths), handed, lambda error: done(str(error)))

    def close(self) -> None:
        """Release what nobody took."""
        self._worker.close()
        for _nonce, fd in self._waiting.values():
            os.close(fd)
        self._waiting.clear()

    def _paths(self) -> list[Path]:
        modules = [self._config.module_log(host.name) for host in self._hosts if host.nonce]
        return [self._config.log_file, *modules]

    def _owner(self, path: Path) -> int:
        """Whose a new log is to be; -1: ours."""
        names = (host.name for host in self._hosts if self._config.module_log(host.name) == path)
        return next((self._hosts.users.of(name).uid or -1 for name in names), -1)

    def _rotate_full(self, paths: Iterable[Path]) -> Opened:
        opened: Opened = []
        for path in paths:
            try:
                if path.stat().st_size >= self._config.log_max_size:
                    opened.append((path, rotate(path, self._config.log_keep)))
                self._stuck.discard(path)
            except FileNotFoundError:
                continue  # it is made when somebody writes
            except OSError as error:
                if path not in self._stuck:
                    log.error("a log could not be rotated", file=str(path), why=error.strerror)
                self._stuck.add(path)
        return opened

    def _done(self, opened: Opened) -> None:
        self._measuring = False
        self._hand_out(opened)

    def _failed(self, error: Exception) -> None:
        self._measuring = False
        log.error("the logs could not be looked at", why=str(error))

    def _hand_out(self, opened: Opened) -> None:
        by_path = {self._config.module_log(host.name): host for host in self._hosts}
        for path, fd in opened:
            host = by_path.get(path)
            if host is None:
                self._hosts.launcher.renew_log(fd)
                os.close(fd)
            else:
                self._offer(host.name, host.nonce, fd)

    def _offer(self, name: str, nonce: bytes, fd: int) -> None:
        """Give `fd` to the process of that launch, now or later; close it where that has ended."""
        host = self._hosts.get(name)
        if _waits_for(host, nonce) and not (host and host.child and host.child.renew_log(fd)):
            _nonce, older = self._waiting.pop(name, (b"", -1))
            if older >= 0:
                os.close(older)
            self._waiting[name] = nonce, fd
        else:
            os.close(fd)


def _waits_for(host: Host | None, nonce: bytes) -> bool:
    return bool(nonce) and host is not None and host.nonce == nonce


def _reopen(paths: Iterable[tuple[Path, int]]) -> tuple[Opened, list[str]]:
    opened: Opened = []
    problems = []
    for path, uid in paths:
        try:
            opened.append((path, open_log(path, uid)))
        except OSError as error:
            problems.append(f"{path}: {error.strerror}")
    records.reopen()
    return opened, problems
