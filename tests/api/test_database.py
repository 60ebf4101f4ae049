"""The module database of level main, on a file of its own."""

import contextlib
import dataclasses
import errno
import sqlite3
import subprocess
import sys
from typing import ClassVar

import pytest

from module_host.mgr.main.cli import CLICommandBase, CLIRequiresDB
from module_host.mgr.main.database import (
    DamagedDatabase,
    MgrDBNotAllowed,
    MgrDBNotReady,
    MgrModuleRecoverDB,
)
from module_host.mgr.main.module import MgrModule
from tests.api.house import ROOT, living
from tests.api.memory import MemorySession


V1 = ["CREATE TABLE Device (devid TEXT PRIMARY KEY) WITHOUT ROWID;"]
V2 = [
    "CREATE TABLE Sample (devid TEXT NOT NULL REFERENCES Device (devid), value);",
    "INSERT INTO Device VALUES ('from v2');",
]
V3 = ["ALTER TABLE Device ADD COLUMN seen INTEGER;"]


class First(MgrModule):
    CLICommand = CLICommandBase.make_registry_subtype("FirstCommand")
    SCHEMA = V1
    SCHEMA_VERSIONED: ClassVar = [V1]


class Third(MgrModule):
    CLICommand = CLICommandBase.make_registry_subtype("ThirdCommand")
    SCHEMA: ClassVar = [
        "CREATE TABLE Device (devid TEXT PRIMARY KEY, seen INTEGER) WITHOUT ROWID;",
        V2[0],
    ]
    SCHEMA_VERSIONED: ClassVar = [V1, V2, V3]


@pytest.fixture
def memory(tmp_path):
    session = MemorySession("keeper", tmp_path)
    session.identity = dataclasses.replace(session.identity, data_dir=str(tmp_path))
    return session


def tables(file):
    with contextlib.closing(sqlite3.connect(file)) as db:
        return {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def version(file):
    with contextlib.closing(sqlite3.connect(file)) as db:
        return db.execute("SELECT value FROM MgrModuleKV WHERE key = '__version'").fetchone()[0]


def test_a_new_database_has_the_newest_schema(memory, tmp_path):
    """SCHEMA is the newest version; nothing is upgraded when it is opened again."""
    for _ in range(2):
        with living(Third, memory) as module:
            assert module.db_ready()
    assert tables(tmp_path / "main.db") == {"Device", "Sample", "MgrModuleKV"}
    assert version(tmp_path / "main.db") == 3


def test_an_older_database_is_led_through_each_version_in_order(memory, tmp_path):
    """What was in it stays, and what an upgrade writes is there."""
    with living(First, memory) as module, module.exclusive_db_access() as db:
        db.execute("INSERT INTO Device VALUES ('old')")
    assert version(tmp_path / "main.db") == 1
    with living(Third, memory) as module:
        with module.exclusive_db_cursor() as cursor:
            rows = cursor.execute("SELECT * FROM Device ORDER BY devid").fetchall()
        assert [tuple(row) for row in rows] == [("from v2", None), ("old", None)]
        assert rows[0].keys() == ["devid", "seen"]
    assert version(tmp_path / "main.db") == 3


def test_an_upgrade_that_fails_changes_nothing(memory, tmp_path):
    """All steps are one transaction."""

    class Broken(Third):
        SCHEMA_VERSIONED: ClassVar = [V1, V2, ["NO SQL"]]

    with living(First, memory) as module:
        assert module.db_ready()
    before = (tmp_path / "main.db").read_bytes()
    with (
        living(Broken, memory) as module,
        pytest.raises(sqlite3.OperationalError, match="syntax error"),
    ):
        module.db_ready()
    assert tables(tmp_path / "main.db") == {"Device", "MgrModuleKV"}
    assert version(tmp_path / "main.db") == 1
    assert (tmp_path / "main.db").read_bytes() == before


def test_a_database_of_a_newer_module_is_refused(memory):
    """Upstream's sentence."""
    with living(Third, memory) as module:
        assert module.db_ready()
    with (
        living(First, memory) as module,
        pytest.raises(RuntimeError, match=r"main\.db version is newer \(3\) than module \(1\)"),
    ):
        module.db_ready()


def test_statements_commit_by_themselves_and_transactions_are_begun_by_hand(memory):
    """Autocommit, as upstream: only what follows a BEGIN is rolled back."""
    with living(First, memory) as module:
        with contextlib.suppress(KeyError), module.exclusive_db_access() as db:
            db.execute("INSERT INTO Device VALUES ('alone')")
            raise KeyError
        with contextlib.suppress(KeyError), module.exclusive_db_access() as db:
            db.execute("BEGIN")
            db.execute("INSERT INTO Device VALUES ('undone')")
            raise KeyError
        with module.exclusive_db_access() as db:
            assert [row["devid"] for row in db.execute("SELECT devid FROM Device")] == ["alone"]


def test_the_connection_is_for_whoever_holds_its_lock(memory):
    """A thread that does not is told so."""
    with living(First, memory) as module:
        with pytest.raises(AssertionError, match="hold _db_lock"):
            _ = module.db
        with module._db_lock:
            assert module.db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
            assert module.db.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_values_are_kept_beside_the_schema(memory):
    """set_kv and get_kv; keys of the framework's own are refused."""
    with living(First, memory) as module:
        module.set_kv("a", 1)
        module.set_kv("a", b"\x00two")
        assert module.get_kv("a") == b"\x00two"
        assert module.get_kv("b") is None
        with pytest.raises(AssertionError):
            module.set_kv("__version", 7)


def test_a_database_that_is_not_allowed_is_not_ready(memory):
    """The option mgr_pool; commands that need the database answer EAGAIN."""
    with living(First, memory) as module:
        module._ceph_get_option = lambda name: False
        assert not module.db_ready()
        with module._db_lock, pytest.raises(MgrDBNotAllowed, match="mgr_pool"):
            _ = module.db
        refused = CLIRequiresDB(lambda self: (0, "", ""))(module)
        assert refused == (-errno.EAGAIN, "", "mgr db not yet available")


def test_outside_a_host_there_is_no_database(memory, tmp_path):
    """MgrDBNotReady, and no file anywhere."""
    memory.identity = dataclasses.replace(memory.identity, data_dir="")
    with living(First, memory) as module:
        assert not module.db_ready()
        with pytest.raises(MgrDBNotReady):
            module.set_kv("a", 1)
    assert not list(tmp_path.glob("*.db"))


def test_a_method_that_fails_runs_again_on_a_database_opened_anew(memory):
    """Three times more; then its error is raised. Other errors are not SQLite's business."""
    calls = []

    @MgrModuleRecoverDB
    def work(self, until, error):
        calls.append(self._db)
        assert self.db_ready()
        if len(calls) < until:
            raise error
        return "done"

    with living(First, memory) as module:
        busy = sqlite3.OperationalError("database is locked")
        assert work(module, 4, busy) == "done"
        assert calls == [None] * 4
        calls.clear()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            work(module, 99, busy)
        assert len(calls) == 4
        calls.clear()
        with pytest.raises(KeyError):
            work(module, 99, KeyError())
        assert len(calls) == 1


def test_damage_that_shows_late_is_a_sentence_too(memory, tmp_path):
    """A page that is read long after the file was opened."""

    @MgrModuleRecoverDB
    def read(self):
        with self.exclusive_db_access() as db:
            return len(db.execute("SELECT * FROM Device").fetchall())

    file = tmp_path / "main.db"
    with living(First, memory) as module:
        with module.exclusive_db_access() as db:
            db.executemany("INSERT INTO Device VALUES (?)", [(f"{n:01000d}",) for n in range(50)])
        assert read(module) == 50
        module.close_db()
        content = file.read_bytes()
        file.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
        assert module.db_ready()
        with pytest.raises(DamagedDatabase, match=r"main\.db is damaged \(database disk image"):
            read(module)


@pytest.mark.parametrize("point", [1, 2])
def test_a_death_while_the_file_is_made_leaves_none(tmp_path, point):
    """The option sqlite3_killpoint; what is found at the next start is whole, or not there."""
    script = f"""
import dataclasses, pathlib, sys
from tests.api import house, memory, test_database
session = memory.MemorySession("keeper", pathlib.Path({str(tmp_path)!r}))
session.identity = dataclasses.replace(session.identity, data_dir={str(tmp_path)!r})
session.options["mgr/keeper/sqlite3_killpoint"] = {str(point)!r}
with house.living(test_database.Third, session) as module:
    module.db_ready()
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 120
    assert not (tmp_path / "main.db").exists()
    session = MemorySession("keeper", tmp_path)
    session.identity = dataclasses.replace(session.identity, data_dir=str(tmp_path))
    with living(Third, session) as module:
        assert module.db_ready()
    assert sorted(path.name for path in tmp_path.glob("main*")) == ["main.db"]
