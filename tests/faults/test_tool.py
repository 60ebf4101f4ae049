"""The fault tool detects what it claims to: each promise that it watches over is broken on purpose."""

import importlib.util
import json
import os
import signal
import sys
import threading

import pytest
import zmq
from faults import report
from faults.__main__ import main
from faults.cell import Runner
from faults.client import Client, Refused
from faults.kinds import BY_NAME, Cell, cells
from faults.ledger import Book
from faults.matrix import with_lasting_leaks, witnesses
from faults.outcome import Outcome
from faults.soak import Soak
from faults.stage import CHAOS, MODULES, stage
from faults.warming import warm_up

from proto.framing import pack, unpack
from proto.v1.envelope_pb2 import Envelope
from proto.version import ours
from tests.conditions import poll_for
from tests.daemon import SHARED


pytestmark = pytest.mark.fault
BOUND = 1.0


@pytest.fixture(scope="module")
def made():
    """A supervisor with the chaos module and its siblings."""
    with stage(1) as running:
        SHARED.add(running.pid)
        warm_up(running)
        running.close()
        yield running
        assert running.stop() == 0


@pytest.fixture
def runner(made):
    """Carries out cells there."""
    with witnesses(made, BOUND) as watching:
        yield Runner(made, watching)
    made.close()


@pytest.mark.parametrize(
    ("kind", "phase", "words", "calls"),
    [
        ("SIGKILL", "callee", "died: killed by SIGKILL", 4),
        ("SIGSEGV", "import", "died: killed by SIGSEGV", 0),
        ("exit-1", "hello", "died: exited with code 1", 0),
        ("abort", "shutdown", "ended: was stopped: killed by SIGABRT", 0),
        ("garbage-frames", "serve", "sent a message that is none", 0),
        ("replayed-id", "serve", "answered what ", 0),
        ("fork-bomb", "serve", "passed its limit processes: it had at least ", 0),
        ("memory-bomb", "callee", "passed its limit memory: it used ", 4),
        # Without a descriptor it cannot always say so: its exit code does.
        (
            "descriptor-leak",
            "init",
            "Module 'chaos' failed to start | died: exited with code 70: __init__ raised",
            0,
        ),
        ("log-flood", "serve", "limit log_rate: ", 0),
        ("call-flood", "serve", "limit call_rate: ", 0),
    ],
)
def test_a_fault_is_detected_timed_and_harms_nobody_else(runner, kind, phase, words, calls):
    """The supervisor's own words, the time to them, each pending call's outcome; no broken promise."""
    outcome = with_lasting_leaks(runner.run, Cell(BY_NAME[kind], phase))
    assert outcome.faults == []
    assert outcome.detected.startswith(tuple(words.split(" | ")))
    # Those that the dead process had not been given yet are the next one's.
    assert sum(outcome.calls.values()) == calls
    assert not calls or outcome.calls["died"] >= 1
    assert outcome.acknowledged > 0
    assert outcome.recovered is not None
    if words.startswith("died"):
        assert 0 <= outcome.detect_seconds <= outcome.recovered


def test_a_queue_that_stands_still_is_told_with_its_stacks(made):
    """A notify() that never returns: a health warning and a reason in `module ps` while it lasts, the
    stacks in the module's log; the process stays, and a restart by hand ends it.
    """
    pid = made.rows()[CHAOS]["pid"]
    marker = made.order(CHAOS, "deadlock", "notify")
    made.run("osd out", ids=["1"])
    poll_for(marker.exists, 20)
    made.withdraw()
    poll_for(lambda: "MGR_MODULE_STALLED" in made.run("health", detail="detail"), 20)
    sentence = "its queue has stood still for more than 1.5 s, in notify()"
    assert f"Module 'chaos': {sentence}" in made.run("health", detail="detail")
    row = made.rows()[CHAOS]
    assert (row["pid"], row["state"], row["stalled"]) == (pid, "running", True)
    assert sentence in made.run("module ps")
    log = made.state / "log" / "ceph-mgr.x.chaos.log"
    poll_for(lambda: " in deadlock" in log.read_text(), 10, "the stacks to be in the log")
    assert made.answers("innocent_a")
    made.run("osd in", ids=["1"])
    made.run("module restart", name=CHAOS)
    poll_for(lambda: made.answers(CHAOS), 20)
    poll_for(lambda: "MGR_MODULE_STALLED" not in made.run("health", detail="detail"), 20)
    made.close()


def test_a_flood_of_nonsense_does_not_flood_the_log(made):
    """Hundreds of messages that are none are a line a second, which says how many there were."""
    before = made.refused()["malformed"]
    written = made.daemon_log().count("refused a message")
    marker = made.order(CHAOS, "garbage-frames", "serve")
    poll_for(marker.exists, 20)
    made.withdraw()
    poll_for(lambda: made.refused()["malformed"] >= before + 300, 20)
    poll_for(lambda: "left_out" in made.daemon_log(), 10)
    assert made.daemon_log().count("refused a message") - written < 30
    made.close()


def test_a_sibling_that_is_late_and_one_that_is_replaced_are_told(made, runner):
    """innocent_b is stopped for longer than the bound, innocent_c killed, while nothing else happens."""
    rows = made.rows()
    late, gone = rows["innocent_b"]["pid"], rows["innocent_c"]["pid"]

    def harm():
        os.kill(gone, signal.SIGKILL)
        os.kill(late, signal.SIGSTOP)
        waking.start()

    waking = threading.Timer(BOUND * 1.5, os.kill, (late, signal.SIGCONT))
    harming = threading.Timer(1.0, harm)
    harming.start()
    outcome = runner.run(Cell(BY_NAME["none"], "serve"))
    harming.join()
    waking.join()
    assert any(gap.startswith("innocent_b") and "late" in gap for gap in outcome.gaps)
    assert outcome.siblings_replaced == ["innocent_c"]
    assert any("siblings disturbed" in line for line in outcome.faults)
    assert any("siblings replaced: innocent_c" in line for line in outcome.faults)


def test_what_the_supervisor_holds_afterwards_is_a_leak(made):
    """A connection that stays is a descriptor more; once it is closed, there is none."""
    made.run("mgr stat")
    before = made.inventory()
    extra = made.client()
    poll_for(lambda: made.inventory().leaked(before).get("descriptors"))
    extra.close()
    assert made.settled(before) == {}
    made.close()


class Liar:
    """A supervisor that acknowledged everything and kept what it pleased."""

    def __init__(self, kept, preferred, taken):
        self._answers = {
            "innocent_a kept": kept,
            "innocent_a preferred": preferred,
            "innocent_c kept": taken,
        }

    def run(self, prefix, **arguments):
        return json.dumps(self._answers[prefix])


def _book():
    numbers = {way: [1, 2] for way in ("store", "option", "config", "call")}
    return Book("b", asked={way: [1, 2, 3] for way in numbers}, acknowledged=numbers)


HONEST = ({"b/1": "value1", "b/2": "value2"}, ["b-2", "b-3"], {"taken/b.1": "1", "taken/b.2": "1"})


def test_the_ledger_is_content_with_what_was_kept():
    """One overwriting more than was acknowledged may have been carried out."""
    verdict = _book().check(Liar(*HONEST))
    assert (verdict.acknowledged, verdict.lost, verdict.twice) == (8, [], [])


@pytest.mark.parametrize(
    ("place", "lie", "lost", "twice"),
    [
        (0, {"b/1": "value1"}, ["set_store 2"], []),
        (0, {"b/1": "value1", "b/2": "old"}, ["set_store 2"], []),
        (1, ["b-1", "b-2"], ["option 2 (it is 'b-1')"], []),
        (1, ["b-2", None], ["config 2 (it is None)"], []),
        (2, {"taken/b.1": "1"}, ["call 2"], []),
        (2, {"taken/b.1": "1", "taken/b.2": "2"}, [], ["call 2"]),
    ],
)
def test_the_ledger_tells_what_was_lost_or_done_twice(place, lie, lost, twice):
    """Each way of writing, with its acknowledged effect missing; and a call carried out twice."""
    told = list(HONEST)
    told[place] = lie
    verdict = _book().check(Liar(*told))
    assert (verdict.lost, verdict.twice) == (lost, twice)


def test_a_question_that_is_answered_twice_is_counted(tmp_path):
    """The second answer comes after the first was taken, and unasked."""
    path = tmp_path / "control.sock"
    context = zmq.Context()
    socket = context.socket(zmq.ROUTER)
    socket.bind(f"ipc://{path}")

    def serve():
        for verb, times in (("greeting", 1), ("execute", 2), ("execute", 1)):
            route, *frames = socket.recv_multipart()
            asked = unpack(frames)[0]
            assert asked.WhichOneof("body") == verb
            answer = Envelope(id=asked.id)
            if verb == "greeting":
                answer.greeting_answer.versions.CopyFrom(ours())
            else:
                answer.command_result.stdout = b"done"
            for _ in range(times):
                socket.send_multipart([route, *pack(answer)])

    serving = threading.Thread(target=serve)
    serving.start()
    with Client(path, 10) as client:
        assert client.run("first") == "done"
        assert client.run("second") == "done"
        poll_for(lambda: client.doubled() == 1)
    serving.join()
    socket.close(0)
    context.term()


def test_a_refusal_is_the_supervisors_sentence(made):
    """Whoever asks for what there is not gets an exception that says so."""
    with made.client() as client, pytest.raises(Refused, match="no module is called 'nobody'"):
        client.run("module restart", name="nobody")


def test_growth_is_told_by_its_slope():
    """Of memory by the hour, after the first quarter: what a young process grows by does not count."""
    flat = [(float(t), 50_000_000 + 1000 * min(t, 20), 60, 8, 7, 1) for t in range(100)]
    rising = [(float(t), 50_000_000 + 1000 * t, 60 + t // 10, 8, 7, 1) for t in range(100)]
    soaked = Soak(100, 1, 1)
    soaked.samples = flat
    assert soaked.slope(1) == pytest.approx(0)
    soaked.samples = rising
    assert soaked.slope(1) == pytest.approx(3_600_000)
    assert soaked.plain()["descriptors_per_hour"] == pytest.approx(360, rel=0.1)


def test_every_kind_of_the_matrix_is_a_fault_that_there_is():
    """No row of the matrix names a fault that the chaos module does not know, nor one that never strikes."""
    place = importlib.util.spec_from_file_location(
        "chaos_kinds", MODULES / "chaos_orders" / "kinds.py"
    )
    known = importlib.util.module_from_spec(place)
    place.loader.exec_module(known)
    asked = {name for name, kind in BY_NAME.items() if kind.phases != ("supervisor",)} - {"none"}
    assert asked == set(known.KINDS)
    assert "chaos_kinds" not in sys.modules


def test_a_broken_promise_is_on_the_page_and_not_hidden():
    """The row is marked, the list above the table says what it was, the counts count it."""
    good = Outcome("SIGKILL", "serve", recovered=0.1, how="by itself", acknowledged=5)
    bad = Outcome(
        "abort", "init", recovered=0.1, lost=["set_store 3"], gaps=["innocent_a #4 2.00 s: late"]
    )
    page = report.page({"matrix": report.matrix([good, bad], seed=7, bound=1.0)})
    assert (
        "**2 cells; 1 with a broken promise, 0 not tried here.** "
        "Siblings disturbed in 1, acknowledgements lost in 1" in page
    )
    assert (
        "- abort in init: siblings disturbed: innocent_a #4 2.00 s: late; lost: set_store 3" in page
    )
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert [
        line.endswith("| BROKEN |") for line in rows if "SIGKILL |" in line or "abort |" in line
    ] == [False, True]
    assert "--seed 7" in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--kinds", "SIGKILL,earthquake"], "there is no 'earthquake'"),
        (["--phases", "midnight"], "there is no 'midnight'"),
        (["--rate", "0"], "must be above 0"),
        (["--soak", "-1"], "must be above 0"),
    ],
)
def test_an_impossible_wish_is_refused_in_one_sentence(capsys, words, sentence):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_cells_that_make_no_sense_are_not_tried():
    """A kind is tried only in its phases; the supervisor is killed at as many moments as asked."""
    chosen = cells(("hang", "supervisor-SIGKILL"), ("init", "serve", "supervisor"), kills=3)
    assert [str(cell) for cell in chosen] == [
        "hang in init",
        "supervisor-SIGKILL in supervisor (1)",
        "supervisor-SIGKILL in supervisor (2)",
        "supervisor-SIGKILL in supervisor (3)",
    ]
