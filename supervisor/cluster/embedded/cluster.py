"""A live cluster in a box: `Cluster` on a captured snapshot, kept in SQLite; the default."""

import errno
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import structlog

from supervisor.cluster.embedded import commands, opening, snapshot
from supervisor.cluster.embedded.answers import Args, Change, Refusal, Reply
from supervisor.cluster.embedded.opening import WATCHED_KEYS
from supervisor.cluster.embedded.returns import Returns, together
from supervisor.cluster.embedded.snapshot import Document
from supervisor.cluster.embedded.store import Contents, Outcome, Store, Write
from supervisor.cluster.embedded.world import World
from supervisor.cluster.interface import (
    Cluster,
    ClusterError,
    Done,
    Event,
    Manager,
    Notified,
    Opened,
    OptionChange,
    OptionsChanged,
    Report,
    Sink,
    StoreChange,
    StoreChanged,
)
from supervisor.cluster.publisher import Publisher
from supervisor.linux import name_thread


log = structlog.get_logger("cluster")
_Job = Callable[[], None]


class _UnpublishedError(Exception):
    """Documents could not be put where modules read them; the next tick tries again."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.number = error.errno or errno.EIO


class EmbeddedCluster(Cluster):
    """Requests and clock ticks run on the thread `cluster`, one after the other.

    Writes of keys and options go to the store and are answered when it reports back, so that many
    share one commit; a key of a module, which is its own matter, goes there without that thread.
    Changes of maps wait for their commit: each builds on the one before.
    """

    def __init__(
        self,
        data_dir: Path,
        mgr_id: str,
        snapshot: Path | None = None,
        tick: float = 5.0,
        holder: Manager | None = None,
    ) -> None:
        """`snapshot` is read at the first start only (None: the shipped one); `tick` in seconds.
        `holder` is this manager as the others shall know it.
        """
        self._data_dir = data_dir
        self._mgr_id = mgr_id
        self._holder = holder or Manager(mgr_id, gid=1)
        self._snapshot = snapshot
        self._tick = tick
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="cluster")
        self._returns = Returns(lambda: self._jobs.put(self._take_returns))
        self._gathered: list[Event] | None = None  # what is told together at the end of a turn
        self._sink: Sink
        self._store: Store
        self._world: World
        self._publisher: Publisher
        self._behind = False  # modules see documents older than ours
        self._owed: set[str] = set()  # notifications that wait for their documents

    def open(self, sink: Sink, state_dir: Path) -> Opened:
        """See `Cluster.open`."""
        self._sink = sink
        self._store = Store(self._data_dir, self._claim)
        try:
            contents = self._store.contents
            self._world = opening.world_from(contents, self._mgr_id)
            self._publisher = Publisher(state_dir)
            self._world.advance(self._tick)
            self._publish()
        except _UnpublishedError as error:
            self._store.close()
            raise ClusterError(
                f"cannot publish the cluster's state in {state_dir}: {error}"
            ) from error
        except BaseException:
            self._store.close()
            raise
        self._thread.start()
        return opening.opened_from(
            self._world, contents.seq, epoch=self._store.epoch, active=True, state_dir=state_dir
        )

    @property
    def own(self) -> Manager:
        """See `Cluster.own`."""
        return self._holder

    @property
    def active(self) -> Manager | None:
        """See `Cluster.active`: whoever opens this cluster is."""
        return self._holder

    def standbys(self) -> Sequence[Manager]:
        """See `Cluster.standbys`; nobody tells this one of any but `set_standbys`."""
        return []

    def set_standbys(self, entries: Sequence[Document]) -> None:
        """The managers that wait for their turn are others than before."""
        self._jobs.put(lambda: self._follow_standbys(entries))

    def descriptors(self) -> Sequence[Mapping[str, Any]]:
        """See `Cluster.descriptors`; the words are those of the captured monitor."""
        return commands.descriptors(self._world.documents["_mon_commands"])

    def command(
        self, token: int, service: tuple[str, str], command: Mapping[str, Any], inbuf: bytes
    ) -> None:
        """See `Cluster.command`."""
        self._ask(token, lambda: commands.run(self._world, service, command, Args(command, inbuf)))

    def set_option(self, token: int, key: str, value: str | None) -> None:
        """See `Cluster.set_option`."""
        self._ask(token, lambda: commands.set_option(self._world, "mgr", key, value))

    def set_store(self, token: int, key: str, value: str | None) -> None:
        """See `Cluster.set_store`."""
        self._serve(token, lambda: commands.set_key(key, value))

    def report(self, report: Report) -> None:
        """See `Cluster.report`."""
        self._jobs.put(lambda: self._hear(report))

    def log(self, name: str, channel: str, priority: int, message: str) -> None:
        """See `Cluster.log`."""
        text = message.encode(errors="replace").decode()  # a module may say anything
        change = Change(log=[(name, channel, priority, text)])
        self._jobs.put(lambda: self._commit(change, lambda _outcome: None))

    def close(self) -> None:
        """See `Cluster.close`."""
        self._jobs.put(None)
        self._thread.join()
        self._store.commit(Write())  # returns after every earlier write has come back
        self._drain()
        self._store.close()
        self._publisher.close()

    def _claim(self, contents: Contents) -> Write:
        return opening.claim(contents, self._holder, self._snapshot or snapshot.SHIPPED)

    def _work(self) -> None:
        name_thread("cluster")
        due = time.monotonic() + self._tick
        while True:
            try:
                job = self._jobs.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                due = time.monotonic() + self._tick
                job = self._advance
            if job is None:
                return
            self._run(job)

    def _run(self, job: _Job) -> None:
        try:
            job()
        except _UnpublishedError:
            pass  # was said
        except Exception:
            # The cluster goes on: one request must not end the clock of all.
            log.exception("the embedded cluster failed, and goes on")

    def _drain(self) -> None:
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is not None:
                self._run(job)

    def _ask(self, token: int, answer: Callable[[], Reply]) -> None:
        self._jobs.put(lambda: self._serve(token, answer))

    def _serve(self, token: int, answer: Callable[[], Reply]) -> None:
        try:
            reply = answer()
            if reply.change is not None:
                self._commit(reply.change, lambda out: self._answer(token, reply, out))
                return
        except Refusal as refusal:
            self._sink(Done(token, -refusal.number, stderr=refusal.text))
            return
        except Exception as error:
            log.exception("the embedded cluster failed on a command")
            text = f"the embedded cluster failed on this command: {error!r}"
            self._sink(Done(token, -errno.EIO, stderr=text))
            return
        self._sink(Done(token, 0, reply.stdout, reply.stderr))

    def _answer(self, token: int, reply: Reply, outcome: Outcome) -> None:
        if outcome.retval:
            self._emit(Done(token, outcome.retval, stderr=outcome.text))
        else:
            self._emit(Done(token, 0, reply.stdout, reply.stderr))

    def _commit(self, change: Change, then: Callable[[Outcome], None]) -> None:
        log = [self._world.entry(*said) for said in change.log]
        write = Write(
            config=change.config,
            keys=change.keys,
            documents=_bodies(change),
            log=tuple(map(orjson.dumps, log)),
        )

        def back(outcome: Outcome) -> None:
            try:
                if not outcome.retval:
                    self._install(change, log, outcome.seq)
            except _UnpublishedError as error:
                text = f"stored, but not published yet: {error}"
                outcome = Outcome(outcome.seq, -error.number, text)
            then(outcome)

        if write.documents:
            back(self._store.commit(write))
        else:
            self._store.submit(write, lambda outcome: self._returns.put(partial(back, outcome)))

    def _install(self, change: Change, log: list[Document], seq: int) -> None:
        before = self._world.module_options() if change.config else {}
        self._owed |= self._world.install(change, log)
        try:
            self._publish()
        finally:
            # These carry what they tell, whether documents can be published or not.
            if change.config:
                self._emit(_option_changes(before, self._world.module_options(), seq))
            keys = tuple(
                StoreChange(key, value, seq)
                for key, value in change.keys.items()
                if key.startswith(WATCHED_KEYS)
            )
            if keys:
                self._emit(StoreChanged(keys))
            self._tell_log(len(log))
        self._notify()

    def _hear(self, report: Report) -> None:
        before = self._world.reported_health
        if self._world.hear(report):
            self._keep_map()
            self._owed.add("mgr_map")
        if self._world.reported_health != before:
            body = orjson.dumps(self._world.reported_health)
            self._store.submit(Write(documents={"mgr_health": body}), lambda _outcome: None)
        self._owed.add("health")
        self._tell_log()
        self._publish()
        self._notify()

    def _follow_standbys(self, entries: Sequence[Document]) -> None:
        if self._world.hear_standbys(entries):
            self._keep_map()
        self._tell_log()
        self._publish()
        self._notify()

    def _keep_map(self) -> None:
        body = orjson.dumps(self._world.documents["mgr_map"])
        self._store.submit(Write(documents={"mgr_map": body}), lambda _outcome: None)
        self._owed.add("mgr_map")

    def _advance(self) -> None:
        boots = self._world.boots()
        if boots is not None:
            self._commit(boots, lambda _outcome: None)
        self._world.advance(self._tick)
        self._owed |= {"pg_summary", "health"}
        self._tell_log()
        self._publish()
        self._notify()

    def _notify(self) -> None:
        """Tell of documents that are published by now."""
        owed, self._owed = self._owed, set()
        for kind in sorted(owed):
            self._emit(Notified(kind))

    def _tell_log(self, stored: int = 0) -> None:
        """Notify of new log entries; the first `stored` of them are in the store already."""
        fresh, self._world.fresh_log = self._world.fresh_log, []
        bodies = [orjson.dumps(entry) for entry in fresh]
        if bodies[stored:]:
            self._store.submit(Write(log=tuple(bodies[stored:])), lambda _outcome: None)
        for entry, body in zip(fresh, bodies, strict=True):
            self._emit(Notified("clog", body.decode()))
            if entry["channel"] == "audit":
                self._emit(Notified("audit", body.decode()))

    def _publish(self) -> None:
        world = self._world
        try:
            for name in sorted(world.dirty):
                self._publisher.publish(name, world.documents[name])
        except OSError as error:
            if not self._behind:
                log.error(
                    "modules see the cluster as it was: its state cannot be published;"
                    " tried again with every tick",
                    error=str(error),
                )
            self._behind = True
            raise _UnpublishedError(error) from error
        world.dirty.clear()
        if self._behind:
            self._behind = False
            log.info("the cluster's state is published again")

    def _take_returns(self) -> None:
        gathered: list[Event] = []
        self._gathered = gathered
        self._returns.take(self._run)
        self._gathered = None
        for event in together(gathered):
            self._sink(event)

    def _emit(self, event: Event) -> None:
        if self._gathered is None:
            self._sink(event)
        else:
            self._gathered.append(event)


def _bodies(change: Change) -> dict[str, bytes | None]:
    kept = {"osd_map": change.osd_map, "osd_map_crush": change.crush, "mutes": change.mutes}
    return {name: orjson.dumps(value) for name, value in kept.items() if value is not None}


def _option_changes(
    before: Mapping[str, str], after: Mapping[str, str], seq: int
) -> OptionsChanged:
    return OptionsChanged(
        tuple(
            OptionChange(key, after.get(key), seq)
            for key in sorted({*before, *after})
            if before.get(key) != after.get(key)
        )
    )
