"""The agent's second process: wires engine, keeper and socket, and decides when to leave."""

import contextlib
import errno
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from supervisor.agent import output, systemd
from supervisor.agent.access import Access
from supervisor.agent.engine import Engine
from supervisor.agent.keeper import Keeper
from supervisor.agent.monitor import CANNOT, CRASHED, LEAVE, PACKET_BYTES
from supervisor.agent.ownership import end_strays, instance_of
from supervisor.agent.place import Place
from supervisor.agent.processes import Processes
from supervisor.agent.refusal import RefusedError
from supervisor.agent.server import Server
from supervisor.agent.shelf import Shelf
from supervisor.linux import name_thread


log = logging.getLogger("worker")

ALIVE = 5.0  # seconds between two signs of life
BOUND = 2.0  # seconds between two looks at logs


@dataclass(frozen=True)
class Settings:
    """What the command line says."""

    socket: Path
    engine: str  # "auto", "process" or "systemd"
    linger: float  # seconds without a supervisor and without a daemon, after which the agent leaves


class Worker:
    """One life of it."""

    def __init__(self, place: Place, settings: Settings, link: socket.socket) -> None:
        self._place = place
        self._settings = settings
        self._link = link
        self._instance = instance_of(place.folder)
        self._shelf = Shelf(place.folder)
        self._engine = self._choose_engine()
        self._keeper = Keeper(self._shelf, self._engine, self._instance, place.folder)
        access = Access(place.folder / "access.json", settings.socket)
        self._server = Server(access, self._keeper.operations, self._turn)
        self._alive_at = 0.0
        self._deserted_since: float | None = None
        self._stopping = self._stopped = False

    def serve(self) -> int:
        """Until asked to end, or no longer needed; answers the exit code."""
        self._place.open_again()
        self._server.listen()
        signal.signal(signal.SIGTERM, lambda *_: self._stop())
        self._keeper.adopt()
        threading.Thread(target=self._bound_logs, name="logs", daemon=True).start()
        log.info("serving at %s, engine %s", self._settings.socket, self._engine.name)
        if _first():
            os.write(1, f"up {os.getppid()}\n".encode())
            os.dup2(2, 1)
        self._server.run()
        self._server.close()
        log.info("left")
        return LEAVE

    def _choose_engine(self) -> Engine:
        asked = self._settings.engine
        known = systemd.version() if asked != "process" else None
        if known is None and asked == "systemd":
            raise RefusedError(errno.ENOTSUP, "no systemd runs here that obeys this user")
        if known is None:
            return Processes(self._link, self._shelf, self._instance, self._orphaned)
        threading.Thread(target=self._listen, name="monitor", daemon=True).start()
        return systemd.Systemd(self._shelf, self._instance, known)

    def _listen(self) -> None:
        """Where no daemon is the monitor's: hear of mishaps, and of its end."""
        with contextlib.suppress(ConnectionError):
            while packet := self._link.recv(PACKET_BYTES):
                mishap = json.loads(packet).get("mishap")
                if mishap:
                    log.error("%s", mishap)
        self._orphaned()

    def _turn(self) -> bool:
        now = time.monotonic()
        if now - self._alive_at >= ALIVE:
            self._alive_at = now
            self._link.send(b'{"alive": true}')
        if self._stopping:
            return not self._stopped
        return not self._unneeded(now)

    def _unneeded(self, now: float) -> bool:
        """Whether to leave: nobody has been there for a while, and nothing depends on us. The lock
        that says so is kept to the end.
        """
        if self._keeper.needed or not self._place.deserted():
            self._deserted_since = None
            return False
        if self._deserted_since is None:
            self._deserted_since = now
        if now - self._deserted_since < self._settings.linger:
            self._place.open_again()
            return False
        log.info("no daemon to keep and no supervisor for %g s", self._settings.linger)
        return True

    def _stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            threading.Thread(target=self._end, name="stop", daemon=True).start()

    def _end(self) -> None:
        log.info("asked to end")
        self._server.refuse_all()
        try:
            self._engine.leave()
        finally:
            self._stopped = True
            self._server.wake()

    def _bound_logs(self) -> None:
        name_thread("logs")
        while True:
            output.bound([self._place.log, *self._shelf.outputs()])
            time.sleep(BOUND)

    def _orphaned(self) -> None:
        """The monitor is gone, and with it every daemon; what they had started goes too."""
        log.error("the monitor was killed: everything below it ends")
        for said in end_strays(self._instance):
            log.error("ended %s", said)
        self._server.close()
        os._exit(CRASHED)


def work(place: Place, settings: Settings, link: socket.socket) -> int:
    """The worker, from its fork to its exit code."""
    _log_to_stderr()
    threading.excepthook = _fall
    try:
        if _first():
            for said in end_strays(instance_of(place.folder)):
                log.error("an agent before this one was killed; ended what it left: %s", said)
        return Worker(place, settings, link).serve()
    except (RefusedError, OSError) as error:
        sentence = _sentence(error)
        log.error("cannot serve: %s", sentence)
        if _first():
            os.write(1, f"{sentence}\n".encode())
            return CANNOT
        return CRASHED


def _first() -> bool:
    """Whether whoever started the agent still waits for its word."""
    return not os.path.sameopenfile(1, 2)


def _sentence(error: RefusedError | OSError) -> str:
    if isinstance(error, RefusedError):
        return error.sentence
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _fall(arguments: threading.ExceptHookArgs) -> None:
    """A thread of ours failed: the next worker begins with everything that is on disk."""
    log.critical("a thread failed", exc_info=arguments.exc_value)
    os._exit(CRASHED)


def _log_to_stderr() -> None:
    form = logging.Formatter("%(asctime)s [%(levelname)s] [%(name)s] %(message)s")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(form)
    logging.raiseExceptions = False  # a full disk must not cost more than the line
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
