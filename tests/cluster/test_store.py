"""The store keeps what it acknowledged, and says plainly what it cannot keep."""

import errno
import os
import select
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from supervisor.cluster.embedded.schema import VERSION
from supervisor.cluster.embedded.store import (
    DATABASE,
    LOG_ENTRIES,
    Contents,
    Outcome,
    Store,
    Write,
)
from supervisor.cluster.interface import ClusterError
from tests.conditions import poll_for


ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
from supervisor.cluster.embedded.store import Store, Write
store = Store(Path(sys.argv[1]))
number = 0
while True:
    outcome = store.commit(Write(keys={f"mgr/test/{number}": str(number)}))
    assert outcome.retval == 0, outcome
    print(number, flush=True)
    number += 1
"""


def test_an_acknowledged_write_survives_sigkill(tmp_path: Path) -> None:
    """Every key whose commit was reported before SIGKILL is there afterwards."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        seen = b""
        while seen.count(b"\n") < 200:
            assert select.select([child.stdout], [], [], 20)[0], "the writer does not write"
            seen += os.read(child.stdout.fileno(), 65536)
        os.kill(child.pid, signal.SIGKILL)
        seen += child.stdout.read()
    acknowledged = [int(line) for line in seen.split(b"\n")[:-1]]
    store = Store(tmp_path)
    keys = store.contents.keys
    store.close()
    assert {f"mgr/test/{number}" for number in acknowledged} <= set(keys)
    assert all(keys[f"mgr/test/{number}"] == str(number) for number in acknowledged)


def test_concurrent_writes_share_commits(tmp_path: Path) -> None:
    """32 writers need fewer commits than they make writes, and each gets a number of its own."""
    store = Store(tmp_path)
    outcomes: list[Outcome] = []
    together = threading.Barrier(32)

    def write(number: int) -> None:
        together.wait()
        outcomes.extend(
            store.commit(Write(keys={f"{number}/{round_}": "x"})) for round_ in range(10)
        )

    writers = [threading.Thread(target=write, args=(number,)) for number in range(32)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    commits = store.commits
    store.close()
    assert len(outcomes) == 320
    assert len({outcome.seq for outcome in outcomes}) == 320
    assert commits < 320


def test_everything_comes_back_in_order(tmp_path: Path) -> None:
    """Options, keys, documents, log and the count of writes are as they were left."""
    store = Store(tmp_path)
    store.commit(Write(config={("mgr", "a"): "1", ("mgr", "b"): "2"}, keys={"k": "v", "gone": "x"}))
    store.commit(Write(config={("mgr", "b"): None}, keys={"gone": None}, documents={"d": b"{}"}))
    last = store.commit(Write(log=(b"one", b"two")))
    store.close()
    store = Store(tmp_path)
    contents = store.contents
    store.close()
    assert contents.config == {"mgr": {"a": "1"}}
    assert contents.keys == {"k": "v"}
    assert contents.documents == {"d": b"{}"}
    assert contents.log == [b"one", b"two"]
    assert contents.seq == last.seq + 1  # the takeover counts


def test_the_log_is_bounded(tmp_path: Path) -> None:
    """Only the newest entries of the cluster log are kept."""
    store = Store(tmp_path)
    store.commit(Write(log=tuple(b"%d" % number for number in range(LOG_ENTRIES + 50))))
    store.close()
    store = Store(tmp_path)
    log = store.contents.log
    store.close()
    assert len(log) == LOG_ENTRIES
    assert log[-1] == b"%d" % (LOG_ENTRIES + 49)


def test_a_full_disk_refuses_the_write_and_later_room_takes_it(tmp_path: Path) -> None:
    """ENOSPC with a sentence, nothing half stored; the store goes on when there is room again."""
    store = Store(tmp_path)
    (pages,) = store._database.execute("PRAGMA page_count").fetchone()
    store._database.execute(f"PRAGMA max_page_count = {pages + 2}")
    outcome = store.commit(Write(keys={"big": "x" * 200_000}))
    assert outcome.retval == -errno.ENOSPC
    assert "nothing was changed" in outcome.text
    store._database.execute("PRAGMA max_page_count = 1000000")
    assert store.commit(Write(keys={"small": "y"})).retval == 0
    store.close()
    store = Store(tmp_path)
    assert store.contents.keys == {"small": "y"}
    store.close()


def test_a_write_that_cannot_be_stored_harms_no_other(tmp_path: Path) -> None:
    """Text that is not Unicode is refused alone, whatever shared its commit."""
    store = Store(tmp_path)
    outcomes: dict[str, Outcome] = {}
    for name, text in (("good", "1"), ("bad", "\ud800"), ("also", "2")):
        store.submit(
            Write(keys={name: text}), lambda outcome, name=name: outcomes.update({name: outcome})
        )
    poll_for(lambda: len(outcomes) == 3)
    store.close()
    assert [outcomes[name].retval for name in ("good", "bad", "also")] == [0, -errno.EINVAL, 0]


def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A file that is no database any more is an error at opening, never a silent new start."""
    file = tmp_path / DATABASE
    file.write_bytes(b"this is not a database" * 500)
    before = file.read_bytes()
    with pytest.raises(ClusterError, match="restore it from a backup"):
        Store(tmp_path)
    assert file.read_bytes() == before


def test_damage_inside_the_file_is_found_at_opening(tmp_path: Path) -> None:
    """Overwritten pages are seen before anything is read from them."""
    store = Store(tmp_path)
    store.commit(Write(keys={f"key{number}": "x" * 400 for number in range(200)}))
    store._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    file = tmp_path / DATABASE
    body = bytearray(file.read_bytes())
    body[5 * 4096 : 12 * 4096] = os.urandom(7 * 4096)
    file.write_bytes(body)
    with pytest.raises(ClusterError, match="nothing was changed"):
        Store(tmp_path)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    """A file of a later program is named as such."""
    Store(tmp_path).close()
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    with pytest.raises(ClusterError, match="newer mgr-supervisor"):
        Store(tmp_path)


def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    """Tables of another program are not mixed with ours."""
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute("CREATE TABLE theirs (x)")
    database.close()
    with pytest.raises(ClusterError, match="another program"):
        Store(tmp_path)


def test_whoever_opens_the_store_fences_the_one_before(tmp_path: Path) -> None:
    """Two that both believe to be active: the older's writes are refused, each of a batch, for
    good; nothing is lost or overwritten, and its text says who is to blame.
    """
    older = Store(tmp_path)
    assert older.commit(Write(keys={"k": "first"})).retval == 0
    newer = Store(tmp_path)
    assert newer.epoch == older.epoch + 1
    assert newer.contents.keys == {"k": "first"}
    assert newer.commit(Write(keys={"k": "second"})).retval == 0
    outcomes: list[Outcome] = []
    for number in range(20):
        older.submit(
            Write(keys={"k": f"late {number}"}, documents={"d": b"late"}, log=(b"late",)),
            outcomes.append,
        )
    refused = older.commit(Write(config={("mgr", "o"): "late"}))
    for outcome in (*outcomes, refused):
        assert outcome.retval == -errno.ESHUTDOWN
        assert outcome.text == (
            "not stored: another manager is active (epoch 2, ours is 1): this one is fenced"
        )
    assert newer.commit(Write(keys={"other": "x"})).retval == 0
    older.close()
    newer.close()
    last = Store(tmp_path)
    assert last.epoch == 3
    assert last.contents.keys == {"k": "second", "other": "x"}
    assert (last.contents.config, last.contents.documents, last.contents.log) == ({}, {}, [])
    last.close()


def test_a_claim_is_committed_with_the_epoch_or_not_at_all(tmp_path: Path) -> None:
    """A takeover that fails half-way leaves the former holder unfenced."""

    def fail(contents: Contents) -> Write:
        assert contents.keys == {"k": "v"}
        raise ClusterError("no snapshot")

    first = Store(tmp_path)
    first.commit(Write(keys={"k": "v"}))
    with pytest.raises(ClusterError, match="no snapshot"):
        Store(tmp_path, fail)
    assert first.commit(Write(keys={"k": "w"})).retval == 0
    first.close()
    second = Store(tmp_path, lambda _contents: Write(documents={"claimed": b"1"}))
    assert (second.epoch, second.contents.documents) == (2, {"claimed": b"1"})
    second.close()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way of the directory is one clear sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ClusterError, match="cannot use the data directory"):
        Store(tmp_path / "file" / "data")
