"""The database file: its schema, the way from older ones, and the checks at opening."""

import sqlite3
from pathlib import Path

from supervisor.cluster.interface import ClusterError


# Entry n brings a file of version n to version n + 1. Entries are never edited, only added.
MIGRATIONS = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE config (section TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
                         PRIMARY KEY (section, name)) WITHOUT ROWID;
    CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE documents (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE clog (number INTEGER PRIMARY KEY AUTOINCREMENT, entry BLOB NOT NULL);
    INSERT INTO meta VALUES ('seq', 0);
    """,
)
VERSION = len(MIGRATIONS)


def connect(path: Path) -> sqlite3.Connection:
    """Open `path`, created or migrated as needed, with every commit durable before it returns.

    Raises ClusterError for a file that is damaged, foreign, unreadable or of a newer program.
    """
    database: sqlite3.Connection | None = None
    try:
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        _prepare(database, path)
    except sqlite3.Error as error:
        _close(database)
        raise ClusterError(
            f"cannot use the database {path}: {error}; nothing was changed:"
            " restore it from a backup, or move it away to start from the snapshot"
        ) from error
    except ClusterError:
        _close(database)
        raise
    return database


def _close(database: sqlite3.Connection | None) -> None:
    if database is not None:
        database.close()


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise ClusterError(
            f"the database {path} has schema version {version}, this program knows up to {VERSION}:"
            " it was written by a newer mgr-supervisor; run that one"
        )
    (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise ClusterError(
            f"the database {path} is damaged ({verdict}); nothing was changed:"
            " restore it from a backup, or move it away to start from the snapshot"
        )
    if version == 0 and database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise ClusterError(
            f"{path} is a database of another program; choose another data directory"
        )
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    for number in range(version, VERSION):
        # One transaction a step: after a crash between two, the next start goes on from there.
        database.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        )
