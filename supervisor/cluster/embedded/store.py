"""What the embedded cluster keeps over a restart: a SQLite file behind one writer thread.

Every commit is durable when its writes are acknowledged (WAL, synchronous=FULL), and one commit
serves everything that waits by then.

Whoever opens the store takes it over: the epoch in the file rises, and a store that was opened
before finds another epoch than its own in its next transaction. It is fenced then: it never writes
again. So two managers that both believe to be active cannot both be.
"""

import errno
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from supervisor.cluster.embedded.lock import unusable
from supervisor.cluster.embedded.schema import connect
from supervisor.cluster.interface import ClusterError
from supervisor.linux import name_thread


DATABASE = "cluster.db"
LOG_ENTRIES = 1000  # of the cluster log, kept over a restart


@dataclass(frozen=True)
class Write:
    """Changes that are committed together, or not at all. None removes."""

    config: Mapping[tuple[str, str], str | None] = field(default_factory=dict)  # (section, option)
    keys: Mapping[str, str | None] = field(default_factory=dict)
    documents: Mapping[str, bytes | None] = field(default_factory=dict)
    log: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a write: retval 0 and its own number, or -errno and a sentence."""

    seq: int = 0
    retval: int = 0
    text: str = ""


@dataclass
class Contents:
    """Everything the file held when it was opened."""

    seq: int = 0
    config: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    log: list[bytes] = field(default_factory=list)


Callback = Callable[[Outcome], None]
Claim = Callable[[Contents], Write]
_Job = tuple[Write, Callback]


class Store:
    """`submit` is safe from any thread; callbacks run on the writer thread and must not block."""

    def __init__(self, folder: Path, claim: Claim = lambda _contents: Write()) -> None:
        """Open or create the database in `folder` and take it over: what `claim` makes of the
        contents is committed together with the new epoch. Raises ClusterError.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unusable(folder, error) from error
        self._database = connect(folder / DATABASE)
        try:
            self.epoch, self.contents = _take_over(self._database, claim)
        except sqlite3.Error as error:
            self._database.close()
            raise ClusterError(f"cannot take {folder / DATABASE} over: {error}") from error
        except BaseException:
            self._database.close()
            raise
        self._seq = self.contents.seq
        self.commits = 0
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store-writer")
        self._thread.start()

    def submit(self, write: Write, done: Callback) -> None:
        """Commit `write` soon; `done` is called once, in the order of submission."""
        self._jobs.put((write, done))

    def commit(self, write: Write) -> Outcome:
        """Commit `write` and wait for it."""
        ready: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self.submit(write, ready.put)
        return ready.get()

    def close(self) -> None:
        """Commit what was submitted, end the thread, release the files."""
        self._jobs.put(None)
        self._thread.join()
        self._database.close()

    def _work(self) -> None:
        name_thread("store-writer")
        while True:
            batch, last = self._drain()
            if batch:
                self._commit(batch)
            if last:
                return

    def _drain(self) -> tuple[list[_Job], bool]:
        job = self._jobs.get()
        batch: list[_Job] = []
        while job is not None:
            batch.append(job)
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[_Job]) -> None:
        seq = self._seq
        try:
            self._database.execute("BEGIN IMMEDIATE")
            epoch = read_epoch(self._database)
            if epoch != self.epoch:
                raise _FencedError(epoch, self.epoch)
            for write, _ in batch:
                _apply(self._database, write)
            self._database.execute(
                "UPDATE meta SET value = ? WHERE name = 'seq'", (seq + len(batch),)
            )
            if any(write.log for write, _ in batch):
                _trim(self._database)
            self._database.execute("COMMIT")
        except Exception as error:
            _roll_back(self._database)
            self._judge(batch, error)
            return
        self.commits += 1
        self._seq = seq + len(batch)
        for number, (_, done) in enumerate(batch, start=seq + 1):
            done(Outcome(number))

    def _judge(self, batch: list[_Job], error: Exception) -> None:
        # One write that cannot be stored must not take those with it that shared its commit.
        if len(batch) == 1 or isinstance(error, _FencedError):
            for _, done in batch:
                done(_failure(error))
            return
        for job in batch:
            self._commit([job])


class _FencedError(Exception):
    """Another manager has taken the store over."""

    def __init__(self, epoch: int, ours: int) -> None:
        super().__init__(
            f"another manager is active (epoch {epoch}, ours is {ours}): this one is fenced"
        )


def read_epoch(database: sqlite3.Connection) -> int:
    """How often the store was taken over."""
    row = database.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    return int(row[0]) if row else 0


def _take_over(database: sqlite3.Connection, claim: Claim) -> tuple[int, Contents]:
    database.execute("BEGIN IMMEDIATE")
    try:
        epoch = read_epoch(database) + 1
        database.execute("INSERT OR REPLACE INTO meta VALUES ('epoch', ?)", (epoch,))
        _apply(database, claim(load(database)))
        database.execute("UPDATE meta SET value = value + 1 WHERE name = 'seq'")
        contents = load(database)
        database.execute("COMMIT")
    except BaseException:
        _roll_back(database)
        raise
    return epoch, contents


def load(database: sqlite3.Connection) -> Contents:
    """Everything that the file holds; to be called within one transaction."""
    contents = Contents()
    (contents.seq,) = database.execute("SELECT value FROM meta WHERE name = 'seq'").fetchone()
    for section, name, value in database.execute("SELECT section, name, value FROM config"):
        contents.config.setdefault(section, {})[name] = value
    contents.keys = dict(database.execute("SELECT key, value FROM kv"))
    contents.documents = dict(database.execute("SELECT name, body FROM documents"))
    contents.log = [
        entry for (entry,) in database.execute("SELECT entry FROM clog ORDER BY number")
    ]
    return contents


def _apply(database: sqlite3.Connection, write: Write) -> None:
    for (section, name), value in write.config.items():
        if value is None:
            database.execute("DELETE FROM config WHERE section = ? AND name = ?", (section, name))
        else:
            database.execute(
                "INSERT OR REPLACE INTO config VALUES (?, ?, ?)", (section, name, value)
            )
    for key, value in write.keys.items():
        if value is None:
            database.execute("DELETE FROM kv WHERE key = ?", (key,))
        else:
            database.execute("INSERT OR REPLACE INTO kv VALUES (?, ?)", (key, value))
    for name, body in write.documents.items():
        if body is None:
            database.execute("DELETE FROM documents WHERE name = ?", (name,))
        else:
            database.execute("INSERT OR REPLACE INTO documents VALUES (?, ?)", (name, body))
    if write.log:
        rows = [(entry,) for entry in write.log]
        database.executemany("INSERT INTO clog (entry) VALUES (?)", rows)


def _trim(database: sqlite3.Connection) -> None:
    database.execute(
        "DELETE FROM clog WHERE number <= (SELECT max(number) FROM clog) - ?", (LOG_ENTRIES,)
    )


def _roll_back(database: sqlite3.Connection) -> None:
    # SQLite has rolled back by itself after some errors (disk full, I/O).
    if database.in_transaction:
        database.execute("ROLLBACK")


def _failure(error: Exception) -> Outcome:
    if isinstance(error, _FencedError):
        # As Ceph's EBLOCKLISTED.
        return Outcome(0, -errno.ESHUTDOWN, f"not stored: {error}")
    if isinstance(error, UnicodeError):
        return Outcome(0, -errno.EINVAL, f"not stored: the text is not valid Unicode ({error})")
    full = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    number = errno.ENOSPC if full else errno.EIO
    advice = (
        "free space where the data directory is" if full else "check the disk of the data directory"
    )
    return Outcome(0, -number, f"not stored: {error}; nothing was changed, {advice}")
