"""The lock, the roster, and managers in turn on one data directory."""

import errno
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import orjson
import pytest

from supervisor.cluster.embedded.candidate import Candidate
from supervisor.cluster.embedded.lock import LOCK, ActiveLock
from supervisor.cluster.embedded.roster import Roster
from supervisor.cluster.embedded.store import DATABASE
from supervisor.cluster.interface import (
    ClusterError,
    Done,
    Event,
    OptionChange,
    OptionsChanged,
    Promoted,
    Report,
    StoreChange,
    StoreChanged,
)
from supervisor.core.election import Elected, NotActivated, Overtaken
from tests.conditions import poll_for


Kind = TypeVar("Kind", bound=Event)


class Side:
    """A candidate and what it was told."""

    def __init__(self, folder: Path, name: str) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.state = folder / name / "state"
        self.cluster = Candidate(folder / "data", name, folder / name / "control.sock", tick=3600)
        self.opened = self.cluster.open(self.events.put, self.state)

    def next(self, wanted: Callable[[Event], bool]) -> Event:
        """The first event that is `wanted`; others are passed over."""
        while True:
            event = self.events.get(timeout=10)
            if wanted(event):
                return event

    def of(self, kind: type[Kind]) -> Kind:
        """The next event of a kind."""
        event = self.next(lambda event: isinstance(event, kind))
        assert isinstance(event, kind)
        return event

    def done(self, token: int) -> Done:
        """The answer to request `token`."""
        while (done := self.of(Done)).token != token:
            pass
        return done

    def command(self, prefix: str, **arguments: str) -> Done:
        """The answer to a command."""
        self.cluster.command(7, ("mon", ""), {"prefix": prefix, **arguments}, b"")
        return self.done(7)


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    """An active manager x and a standby y."""
    x, y = Side(tmp_path, "x"), Side(tmp_path, "y")
    yield x, y
    y.cluster.close()
    x.cluster.close()


def test_a_lock_file_that_was_removed_gives_no_right_to_be_active(tmp_path: Path) -> None:
    """Who waited for the removed file goes on to wait for the one that is there."""
    first, waiting, third = (ActiveLock(tmp_path) for _ in range(3))
    assert first.take()
    held = threading.Event()

    def wait() -> None:
        waiting.wait()
        held.set()

    thread = threading.Thread(target=wait)
    thread.start()
    (tmp_path / LOCK).unlink()
    assert third.take()
    first.release()
    assert not held.wait(0.2)
    third.release()
    assert held.wait(10)
    thread.join()
    assert not first.take()
    waiting.release()


def test_a_manager_id_is_taken_while_its_process_lives(tmp_path: Path) -> None:
    """The refusal names the process; numbers are never given twice."""
    first = Roster(tmp_path, "x")
    first.enter({"pid": os.getpid()})
    with pytest.raises(ClusterError, match=f"process {os.getpid()}. with the mgr_id 'x'"):
        Roster(tmp_path, "x")
    other = Roster(tmp_path, "y")
    assert [entry["name"] for entry in other.others()] == ["x"]
    first.close()
    assert other.others() == []
    again = Roster(tmp_path, "x")
    assert len({first.gid, other.gid, again.gid}) == 3
    again.close()
    other.close()


def test_an_entry_that_its_process_left_behind_counts_for_nothing(tmp_path: Path) -> None:
    """Neither an entry without a held lock nor one that somebody spoilt."""
    roster = Roster(tmp_path, "x")
    folder = tmp_path / "managers"
    (folder / "dead.json").write_text('{"name": "dead", "gid": 9}')
    (folder / "dead.lock").touch()
    spoilt = Roster(tmp_path, "spoilt")
    (folder / "spoilt.json").write_text("{")
    assert roster.others() == []
    spoilt.close()
    roster.close()


def test_a_standby_refuses_what_needs_the_active_one_and_names_it(
    sides: tuple[Side, Side], tmp_path: Path
) -> None:
    """With its control socket; what tells of managers is answered."""
    _, y = sides
    assert not y.opened.active
    sentence = (
        "mgr.y is a standby; ask mgr.x, the active one: "
        f"mgrctl --socket {tmp_path / 'x' / 'control.sock'}"
    )
    assert y.command("osd tree") == Done(7, -errno.EREMOTE, b"", sentence)
    y.cluster.set_store(8, "mgr/m/k", "v")
    assert y.of(Done) == Done(8, -errno.EREMOTE, b"", sentence)
    y.cluster.set_option(9, "mgr/m/k", "v")
    assert y.of(Done) == Done(9, -errno.EREMOTE, b"", sentence)
    assert orjson.loads(y.command("mgr stat", format="json").stdout)["active_name"] == "x"
    names = [e["name"] for e in orjson.loads(y.command("mgr metadata", format="json").stdout)]
    assert names == ["x", "y"]


def test_a_standby_follows_commits(sides: tuple[Side, Side]) -> None:
    """Options and keys come as they do to the active one, with the number of a commit."""
    x, y = sides
    x.cluster.set_option(1, "mgr/balancer/mode", "none")
    (change,) = y.of(OptionsChanged).changes
    assert change == OptionChange("mgr/balancer/mode", "none", change.seq)
    x.cluster.set_store(2, "mgr/m/k", "v")
    (stored,) = y.of(StoreChanged).changes
    assert stored == StoreChange("mgr/m/k", "v", stored.seq)
    assert change.seq < stored.seq
    x.cluster.set_store(3, "mgr/m/k", None)
    (gone,) = y.of(StoreChanged).changes
    assert gone.value is None


def test_the_next_one_takes_over_with_everything_that_was_stored(tmp_path: Path) -> None:
    """Elected, then Promoted with a higher epoch and the last write in it."""
    x, y = Side(tmp_path, "x"), Side(tmp_path, "y")
    x.cluster.report(Report(available=True, services={"m": "http://x/"}))
    poll_for(lambda: b"http://x/" in x.command("mgr dump", format="json").stdout)
    x.cluster.set_store(1, "mgr/m/k", "v")
    x.of(Done)
    x.cluster.close()
    assert isinstance(y.next(lambda e: isinstance(e, Elected | NotActivated)), Elected)
    promoted = y.of(Promoted)
    assert (promoted.opened.active, promoted.opened.epoch) == (True, x.opened.epoch + 1)
    assert promoted.opened.store["mgr/m/k"] == "v"
    map_ = orjson.loads(y.command("mgr dump", format="json").stdout)
    assert (map_["active_name"], map_["services"], map_["available"]) == ("y", {}, False)
    assert y.cluster.active == y.cluster.own
    y.cluster.close()


def test_the_next_active_manager_forgets_standbys_that_are_gone(tmp_path: Path) -> None:
    """A standby that the stored map names is not waited for by the next active manager."""
    x, y, z = (Side(tmp_path, name) for name in "xyz")

    def waiting(side: Side) -> list[str]:
        map_ = orjson.loads(side.command("mgr dump", format="json").stdout)
        return [standby["name"] for standby in map_["standbys"]]

    def managers(side: Side) -> list[str]:
        found = orjson.loads(side.command("mgr metadata", format="json").stdout)
        return [entry["name"] for entry in found]

    poll_for(lambda: waiting(x) == ["y", "z"])
    for side in (z, y, x):
        side.cluster.close()
    again = Side(tmp_path, "x")
    poll_for(lambda: waiting(again) == [], 5, "those that are gone to leave the map")
    assert managers(again) == ["x"]
    again.cluster.close()


def test_a_database_that_cannot_be_taken_over_is_said(tmp_path: Path) -> None:
    """Damage that came while the standby waited ends its candidacy with the store's sentence."""
    x, y = Side(tmp_path, "x"), Side(tmp_path, "y")
    with sqlite3.connect(tmp_path / "data" / DATABASE) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    x.cluster.close()
    said = y.next(lambda e: isinstance(e, Promoted | NotActivated))
    assert isinstance(said, NotActivated)
    assert "newer mgr-supervisor" in said.reason
    y.cluster.close()


def test_an_overtaken_manager_is_told_and_its_writes_are_refused(tmp_path: Path) -> None:
    """Its lock file was removed and another one came: within a second it knows."""
    x = Side(tmp_path, "x")
    (tmp_path / "data" / LOCK).unlink()
    y = Side(tmp_path, "y")
    assert y.opened.active
    assert x.of(Overtaken) == Overtaken(y.opened.epoch, "y")
    x.cluster.set_store(5, "mgr/m/k", "late")
    assert x.done(5).retval == -errno.ESHUTDOWN
    y.cluster.set_store(6, "mgr/m/k", "new")
    assert y.done(6).retval == 0
    x.cluster.close()
    y.cluster.close()
