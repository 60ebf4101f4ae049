"""What strikes the supervisor itself: its disk, its clock, its life. Nothing acknowledged is lost, nothing is
done twice, no process outlives it, and what was stored is soon served again.
"""

import shutil
import subprocess
import sys

import pytest
from faults.besiege import Besieger
from faults.disk_faults import small_disk
from faults.failing_disk import failing_disk
from faults.kinds import BY_NAME, DIES, KILLED, SUPERVISOR, Cell
from faults.matrix import witnesses
from faults.orphans import adopting
from faults.outcome import NotTriedError, Outcome
from faults.points import POINTS
from faults.stage import stage
from faults.warming import warm_up

from tests.conditions import poll_for
from tests.conftest import REQUIRE_ALL
from tests.daemon import SHARED


pytestmark = pytest.mark.fault
BOUND = 5.0  # seconds: the machine may be busy, and how late siblings are is for the matrix to say


@pytest.fixture(scope="module")
def made():
    """A supervisor on a small disk."""
    with stage(1, small_disk) as running:
        SHARED.add(running.pid)
        warm_up(running)
        running.close()
        yield running


@pytest.fixture
def struck(made):
    """What became of a kind of fault, which must have broken no promise."""
    with witnesses(made, BOUND) as watching:
        besieger = Besieger(made, watching, seed=1)

        def strike(kind, point=0):
            outcome = besieger.run(Cell(BY_NAME[kind], SUPERVISOR, point))
            SHARED.add(made.pid)
            if outcome.skipped and not REQUIRE_ALL:
                pytest.skip(outcome.skipped)
            outcome.leaks.clear()  # what lasts of them is told by a second time: the matrix does it
            assert outcome.faults == []
            assert not outcome.skipped
            assert outcome.acknowledged > 0
            return outcome

        yield strike
    made.close()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("disk-full", "database or disk is full; nothing was changed, free space"),
        ("commit-EIO", "disk I/O error; nothing was changed, check the disk"),
        ("commit-EFBIG", "nothing was changed"),
    ],
)
def test_a_write_that_fails_is_refused_in_words_and_the_next_ones_are_stored(struck, kind, words):
    """Nobody is replaced, nothing acknowledged is lost, and writes go on when the disk does."""
    outcome = struck(kind)
    assert words in outcome.detected
    assert outcome.detect_seconds >= 0, "a write was refused before the fault"
    assert outcome.calls["refused"] > 0
    assert outcome.how == "by itself"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["supervisor-clock-ahead", "supervisor-clock-back"])
def test_a_wall_clock_that_jumps_disturbs_nobody(struck, kind):
    """No module is called silent or replaced, no call is late, and the cluster goes on."""
    assert struck(kind).how == "never gone"


def test_what_was_stored_is_served_as_soon_as_after_an_orderly_end(struck):
    """A supervisor that was killed has nothing to repair: the next one takes no longer."""
    plain = struck("supervisor-SIGTERM").served
    killed = struck(KILLED, 1).served
    assert killed < 3 * plain + 1.0, (killed, plain)


@pytest.mark.slow
@pytest.mark.parametrize("point", [5, len(POINTS) - 1])
def test_numbered_points_are_struck_by_the_tool(struck, point):
    """A start that ends when nobody knows a process of it, and a commit."""
    outcome = struck(DIES, point)
    assert outcome.fault == f"supervisor-SIGKILL {POINTS[point - 1]}"
    assert outcome.served is not None


def test_who_lives_on_after_its_parent_is_seen():
    """An orphan becomes a child of whoever looks for it."""
    script = (
        "import subprocess, sys; "
        "quiet = subprocess.DEVNULL; "
        "print(subprocess.Popen(['sleep', '60'], stdout=quiet, stderr=quiet).pid)"
    )
    with adopting() as orphans:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
        (orphan,) = poll_for(orphans, 10)
        assert orphan.pid == int(done.stdout)
        orphan.kill()
        poll_for(lambda: not orphans(), 10)


def test_a_process_that_outlived_and_one_that_is_doubled_break_a_promise():
    outcome = Outcome("x", SUPERVISOR, recovered=1.0, outlived=["sleep"], doubled=["mgr:a 2 times"])
    assert outcome.faults == ["outlived: sleep", "doubled: mgr:a 2 times"]


def test_what_a_machine_cannot_have_is_no_broken_promise(monkeypatch):
    """It says what is lacking, and is told apart from what went well."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(NotTriedError, match="needs strace"), failing_disk(1):
        pass
    assert Outcome("x", SUPERVISOR, skipped="it needs strace").faults == []
