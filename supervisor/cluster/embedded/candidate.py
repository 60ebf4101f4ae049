"""`Cluster` for one of several managers on one data directory: a standby until the lock is ours.

Two threads besides those of the active cluster: `election` waits in the kernel for the lock and
takes over as soon as it has it; `cluster-watch` looks several times a second what others committed
and who else lives.
"""

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from supervisor.cluster.embedded import mgrmap
from supervisor.cluster.embedded.cluster import EmbeddedCluster
from supervisor.cluster.embedded.lock import ActiveLock
from supervisor.cluster.embedded.opening import founded, holder_of
from supervisor.cluster.embedded.reader import Reader
from supervisor.cluster.embedded.roster import Roster
from supervisor.cluster.embedded.standby import StandbyView
from supervisor.cluster.interface import (
    Cluster,
    ClusterError,
    Manager,
    Opened,
    Promoted,
    Report,
    Sink,
)
from supervisor.core.election import Elected, NotActivated, Overtaken
from supervisor.linux import name_thread


log = structlog.get_logger("election")

INTERVAL = 0.2  # seconds between two looks of a standby ...
ACTIVE_INTERVAL = 0.5  # ... and of the active manager, whose writes are fenced in any case
PATIENCE = 10.0  # seconds for the first manager of all to set the database up
PAUSE = 0.05


class Candidate(Cluster):
    """Active or standby: each request goes to the side that is open."""

    def __init__(
        self,
        data_dir: Path,
        mgr_id: str,
        control: Path,
        snapshot: Path | None = None,
        tick: float = 5.0,
    ) -> None:
        """Enter the manager `mgr_id`, whose control socket is at `control`. Raises ClusterError."""
        self._data_dir = data_dir
        self._mgr_id = mgr_id
        self._lock = ActiveLock(data_dir)
        self._roster = Roster(data_dir, mgr_id)
        self._holder = Manager(mgr_id, self._roster.gid, os.getpid(), str(control))
        self._active = EmbeddedCluster(data_dir, mgr_id, snapshot, tick, self._holder)
        self._view: StandbyView | None = None
        self._reader: Reader | None = None
        self._epoch = 0  # of our time as the active one, 0 before
        self._modules: list[dict[str, Any]] = []
        self._entered: list[dict[str, Any]] | None = None
        self._others: list[dict[str, Any]] | None = None  # None: nobody has looked yet
        self._turn = threading.Lock()  # a look at the database, or the takeover, never both
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._look_around, name="cluster-watch")
        # A daemon: nothing but the lock ends its wait.
        self._election = threading.Thread(target=self._wait, name="election", daemon=True)
        self._sink: Sink
        self._state_dir: Path

    @property
    def own(self) -> Manager:
        """See `Cluster.own`."""
        return self._holder

    def standbys(self) -> Sequence[Manager]:
        """See `Cluster.standbys`."""
        return [Manager(other["name"], other["gid"]) for other in self._others or ()]

    @property
    def active(self) -> Manager | None:
        """See `Cluster.active`."""
        return self._holder if self._epoch else self._view.active if self._view else None

    def open(self, sink: Sink, state_dir: Path) -> Opened:
        """See `Cluster.open`."""
        self._sink = sink
        self._state_dir = state_dir
        self._enter()
        try:
            opened = self._begin()
        except BaseException:
            self._lock.release()
            self._roster.close()
            raise
        self._watch.start()
        return opened

    def _begin(self) -> Opened:
        until = time.monotonic() + PATIENCE
        while not self._lock.take():
            if self._see():
                assert self._view is not None
                self._election.start()
                return self._view.opened()
            if time.monotonic() > until:
                raise ClusterError(
                    f"another manager holds the lock in {self._data_dir} and has not set up the "
                    f"database within {PATIENCE:g} s: look at its log, or end it"
                )
            time.sleep(PAUSE)
        return self._take_over()

    def descriptors(self) -> Sequence[Mapping[str, Any]]:
        """See `Cluster.descriptors`."""
        return self._active.descriptors() if self._epoch else self._standby().descriptors()

    def command(
        self, token: int, service: tuple[str, str], command: Mapping[str, Any], inbuf: bytes
    ) -> None:
        """See `Cluster.command`."""
        if self._epoch:
            self._active.command(token, service, command, inbuf)
        else:
            self._sink(self._standby().run(token, service, command, self._roster.others))

    def set_option(self, token: int, key: str, value: str | None) -> None:
        """See `Cluster.set_option`."""
        if self._epoch:
            self._active.set_option(token, key, value)
        else:
            self._sink(self._standby().refuse(token))

    def set_store(self, token: int, key: str, value: str | None) -> None:
        """See `Cluster.set_store`."""
        if self._epoch:
            self._active.set_store(token, key, value)
        else:
            self._sink(self._standby().refuse(token))

    def report(self, report: Report) -> None:
        """See `Cluster.report`; of a standby, the active manager learns its modules."""
        if self._epoch:
            self._active.report(report)
        self._modules = mgrmap.available_modules(report.modules)

    def log(self, name: str, channel: str, priority: int, message: str) -> None:
        """See `Cluster.log`; a standby writes nothing, so that its own log is all it has."""
        if self._epoch:
            self._active.log(name, channel, priority, message)

    def close(self) -> None:
        """See `Cluster.close`. The lock goes last: nothing of ours is written after that."""
        self._closing.set()
        self._watch.join()
        with self._turn:  # a takeover that has begun is ended first
            if self._epoch:
                self._active.close()
            if self._view is not None:
                self._view.close()
            if self._reader is not None:
                self._reader.close()
            self._roster.close()
            self._lock.release()

    # Becoming active.

    def _wait(self) -> None:
        """On the thread `election`."""
        self._lock.wait()
        with self._turn:
            if self._closing.is_set():
                self._lock.release()
                return
            self._sink(Elected())
            try:
                opened = self._take_over()
            except ClusterError as error:
                self._sink(NotActivated(str(error)))
            except Exception as error:
                log.exception("the takeover failed")
                self._sink(NotActivated(repr(error)))
            else:
                self._sink(Promoted(opened))

    def _take_over(self) -> Opened:
        opened = self._active.open(self._sink, self._state_dir)
        self._reader = Reader(self._data_dir)
        self._epoch = opened.epoch
        return opened

    # Looking around.

    def _look_around(self) -> None:
        """On the thread `cluster-watch`."""
        name_thread("cluster-watch")
        troubled = False
        while not self._closing.wait(ACTIVE_INTERVAL if self._epoch else INTERVAL):
            try:
                self._enter()
                with self._turn:
                    self._look()
                troubled = False
            except (sqlite3.Error, OSError) as error:
                if not troubled:
                    log.error("cannot look at the shared data directory", error=str(error))
                troubled = True

    def _look(self) -> None:
        if not self._epoch:
            if self._view is not None:
                self._view.refresh(self._sink)
            return
        assert self._reader is not None
        epoch = self._reader.epoch()
        if epoch != self._epoch:
            contents = self._reader.contents()
            holder = holder_of(contents) if contents is not None else None
            self._sink(Overtaken(epoch, holder.name if holder else ""))
            return
        others = self._roster.others()
        if others != self._others:
            self._others = others
            self._active.set_standbys(others)

    def _enter(self) -> None:
        """Tell the others of us, where there is anything new."""
        modules = self._modules
        if modules != self._entered:
            self._roster.enter(
                {
                    "pid": self._holder.pid,
                    "control": self._holder.control,
                    "hostname": socket.gethostname(),
                    "available_modules": modules,
                }
            )
            self._entered = modules

    def _see(self) -> bool:
        """Open the view of a standby, if there is anything to see yet."""
        try:
            reader = Reader(self._data_dir)
        except sqlite3.Error:
            return False
        try:
            contents = reader.contents()
        except sqlite3.Error:
            contents = None
        if contents is None or not founded(contents):
            reader.close()
            return False
        folder = self._state_dir.with_name(f"{self._state_dir.name}-standby")
        self._view = StandbyView(reader, contents, self._mgr_id, folder)
        return True

    def _standby(self) -> StandbyView:
        assert self._view is not None, "a manager that is not active has a view"
        return self._view
