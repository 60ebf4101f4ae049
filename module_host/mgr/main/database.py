"""The module database: one SQLite file in the module's own folder.

A commit is on disk when it returns. A file that is damaged is never replaced: every use says so in
one sentence until somebody moves it away or puts a copy in its place. For that, a new file comes
into being whole: it is made beside its place and moved there, so that an empty one is damage too.
"""

import contextlib
import functools
import inspect
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from module_host.ends import leave_now
from module_host.mgr.exposed import API
from module_host.mgr.outside import Outside


FILE = "main.db"
MAX_DBCLEANUP_RETRIES = 3
KILLPOINT_STATUS = 120
_SKELETON = (
    "CREATE TABLE IF NOT EXISTS MgrModuleKV (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID",
    "INSERT OR IGNORE INTO MgrModuleKV (key, value) VALUES ('__version', 0)",
)
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

F = TypeVar("F", bound=Callable[..., Any])


class MgrDBNotReady(RuntimeError):
    """The module's database cannot be used yet."""


class MgrDBNotAllowed(MgrDBNotReady):
    """The option `mgr_pool` forbids module databases."""


class DamagedDatabase(sqlite3.DatabaseError):
    """The module's database file is damaged; the text is a sentence for the operator."""

    def __init__(self, file: Path, why: object) -> None:
        super().__init__(
            f"the module database {file} is damaged ({why}): put a copy in its place, or move it "
            "away and the module starts with an empty one"
        )


def damage(error: sqlite3.DatabaseError, module: Any) -> DamagedDatabase | None:
    """What `error` says of `module`'s database file; None where the file is not the cause."""
    if isinstance(error, DamagedDatabase):
        return error
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in _DAMAGE or not isinstance(module, Database):
        return None
    return DamagedDatabase(module.db_file, error)


def MgrModuleRecoverDB(func: F) -> F:
    """Run a method again on a database opened anew, where SQLite fails; three times at most.

    Then it raises: DamagedDatabase where the file is damaged, else the last error.
    """

    @functools.wraps(func)
    def check(self: Any, *args: Any, **kwargs: Any) -> Any:
        for attempt in range(1, MAX_DBCLEANUP_RETRIES + 1):
            try:
                return func(self, *args, **kwargs)
            except sqlite3.DatabaseError as error:
                self.log.error("Caught fatal database error: %s", error)
                self.log.debug("reopening the database, %d of %d", attempt, MAX_DBCLEANUP_RETRIES)
                self.close_db()
        try:
            return func(self, *args, **kwargs)
        except sqlite3.DatabaseError as error:
            raise damage(error, self) or error from None

    check.__signature__ = inspect.signature(func)  # type: ignore[attr-defined]
    return check  # type: ignore[return-value]


class Database(Outside):
    """Part of the newest MgrModule.

    `SCHEMA` makes the newest version of a database; `SCHEMA_VERSIONED[n]` leads from version n to
    n + 1, in order. `db` is in autocommit: whoever wants a transaction begins one.
    """

    SCHEMA: Sequence[str] | None = None
    SCHEMA_VERSIONED: Sequence[Sequence[str]] | None = None

    def _supervisor_open(self) -> None:
        super()._supervisor_open()
        self._db: sqlite3.Connection | None = None
        self._db_lock = threading.Lock()

    @property
    def db_file(self) -> Path:
        """Where the database is."""
        return Path(self._supervisor_identity.data_dir) / FILE

    @API.expose
    def db_ready(self) -> bool:
        """Whether the database can be used; opens it. Raises DamagedDatabase."""
        with self._db_lock:
            try:
                return self.db is not None
            except MgrDBNotReady:
                return False

    @property
    def db(self) -> sqlite3.Connection:
        """The connection, opened at first use; only for whoever holds `_db_lock`.

        Raises MgrDBNotAllowed, MgrDBNotReady, DamagedDatabase and RuntimeError where the file
        was written by a newer version of the module.
        """
        assert self._db_lock.locked(), "hold _db_lock, or use exclusive_db_access()"
        if self._db is None:
            if not self.get_ceph_option("mgr_pool"):
                raise MgrDBNotAllowed("the option mgr_pool is off: modules have no database")
            self._db = self.open_db()
        if self._db is None:
            raise MgrDBNotReady("this module has no folder of its own to keep a database in")
        return self._db

    @contextlib.contextmanager
    def exclusive_db_access(self) -> Iterator[sqlite3.Connection]:
        """Have the connection for oneself; commits at the end, rolls back on an exception."""
        with self._db_lock, self.db as db:
            yield db

    @contextlib.contextmanager
    def exclusive_db_cursor(self) -> Iterator[sqlite3.Cursor]:
        """As exclusive_db_access(), with a cursor."""
        with self.exclusive_db_access() as db:
            yield db.cursor()

    def open_db(self) -> sqlite3.Connection | None:
        """Open the file, made and upgraded where need be; None where there is no place for it."""
        if not self._supervisor_identity.data_dir:
            return None
        try:
            if self.db_file.exists():
                return self.__existing()
            self.__create()
            return self.__existing()
        except sqlite3.DatabaseError as error:
            raise damage(error, self) or error from None

    def close_db(self) -> None:
        """Close the connection; the next use opens it again."""
        with self._db_lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def shutdown(self) -> None:
        """Make serve() return."""
        self.close_db()
        super().shutdown()  # type: ignore[misc]  # ModuleBase comes behind

    def set_kv(self, key: str, value: Any) -> None:
        """Keep a value in the database; on disk when it returns."""
        assert not key.startswith("__"), f"key {key!r} is reserved"
        with self._db_lock, self.db as db:
            db.execute(
                "INSERT OR REPLACE INTO MgrModuleKV (key, value) VALUES (?, ?)", (key, value)
            )

    @API.expose
    def get_kv(self, key: str) -> Any:
        """A value kept in the database, None if there is none."""
        assert not key.startswith("__"), f"key {key!r} is reserved"
        with self._db_lock, self.db as db:
            row = db.execute("SELECT value FROM MgrModuleKV WHERE key = ?", (key,)).fetchone()
        return None if row is None else row["value"]

    def configure_db(self, db: sqlite3.Connection) -> None:
        """Set up a connection and bring its schema up to date."""
        db.row_factory = sqlite3.Row
        # A commit that was acknowledged outlives the loss of power; temporary tables need no file.
        for setting in ("foreign_keys = 1", "journal_mode = DELETE", "synchronous = FULL"):
            db.execute(f"PRAGMA {setting}")
        db.execute("PRAGMA temp_store = memory")
        self.load_schema(db)

    def load_schema(self, db: sqlite3.Connection) -> None:
        """Make the tables, or upgrade them, in one transaction."""
        killpoint = self.get_module_option("sqlite3_killpoint")
        with db:
            db.execute("BEGIN")
            self.create_skeleton_schema(db)
            self.__die(killpoint, 1)
            row = db.execute("SELECT value FROM MgrModuleKV WHERE key = '__version'").fetchone()
            self.maybe_upgrade(db, int(row["value"]))
            self.__die(killpoint, 2)
        self.__die(killpoint, 3)

    def create_skeleton_schema(self, db: sqlite3.Connection) -> None:
        """Make the table that every module database has."""
        for sql in _SKELETON:
            db.execute(sql)

    def maybe_upgrade(self, db: sqlite3.Connection, version: int) -> None:
        """Lead from `version` (0: nothing is there) to the newest, each step in order."""
        steps = self.SCHEMA_VERSIONED or ()
        newest = max(len(steps), 1)
        if version > newest:
            raise RuntimeError(f"{FILE} version is newer ({version}) than module ({newest})")
        if version == newest:
            return
        if version <= 0:
            self.getLogger().info("creating %s for %s", FILE, self.module_name)
            statements = list(self.SCHEMA or ())
        else:
            self.getLogger().info("upgrading %s from version %d to %d", FILE, version, newest)
            statements = [sql for step in steps[version:] for sql in step]
        for sql in statements:
            db.execute(sql)
        self.update_schema_version(db, newest)

    def update_schema_version(self, db: sqlite3.Connection, version: int) -> None:
        """Note which version the tables have."""
        db.execute("UPDATE MgrModuleKV SET value = ? WHERE key = '__version'", (version,))

    def __existing(self) -> sqlite3.Connection:
        if not self.db_file.stat().st_size:
            raise DamagedDatabase(self.db_file, "it is empty")
        return self.__connected(self.db_file)

    def __create(self) -> None:
        """Make the file whole, beside its place, then move it there."""
        new = self.db_file.with_suffix(".new")
        # Of a creation that was cut short, and of a database that was moved away.
        for left in (new, _journal(new), _journal(self.db_file)):
            left.unlink(missing_ok=True)
        self.__connected(new).close()
        new.rename(self.db_file)
        folder = os.open(new.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def __connected(self, file: Path) -> sqlite3.Connection:
        db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        try:
            self.configure_db(db)
        except BaseException:
            db.close()
            raise
        return db

    def __die(self, killpoint: object, here: int) -> None:
        """For tests: end the process at this point of a schema's loading."""
        if killpoint == here:
            leave_now(KILLPOINT_STATUS)


def _journal(file: Path) -> Path:
    return file.with_name(file.name + "-journal")
