"""What made the product fast stays so. Counts, and ratios of what ran side by side; no durations:
they would speak of the machine.
"""

import statistics
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from bench.readers import readers
from bench.sides.side import NEIGHBOUR, SUBJECT
from bench.sides.supervised import MODERN, Setup, supervised
from bench.suites import publication
from bench.suites.starting import restart
from bench.timed import timed
from bench.turns import Effort, take_turns
from bench.turns import Path as BenchPath

from tests.daemon import SHARED


FORKED, EXECUTED = ("fork0", "fork1", "fork2", "fork3"), ("exec0",)
STILL = 3600.0
FEW = Effort(rounds=5, seconds=0.02)


@pytest.fixture(scope="module")
def side():
    """A supervisor whose cluster stands still."""
    setup = Setup(modern=(MODERN,), idle=FORKED, executed=EXECUTED, tick=STILL)
    with supervised(setup) as running:
        SHARED.add(running.process.pid)
        yield running


@pytest.mark.parametrize(
    ("statement", "messages", "decodes"),
    [
        ("get_mgr_id", 0, 0),
        ("get_module_option", 0, 0),
        ("get_store", 0, 0),
        ("get osd_map", 0, 1),
        ("get pg_dump", 0, 1),
        ("get_all_perf_counters", 0, 0),
        ("set_store", 1, 0),
        ("remote", 1, 0),
    ],
)
def test_a_call_sends_and_decodes_no_more_than_it_must(side, statement, messages, decodes):
    """Reads are local; what is unchanged is decoded for the caller's own copy only; a write and a
    remote() call are one message.
    """
    effort = side.ask(SUBJECT, "effort", statement=statement)
    assert effort["messages"] <= messages, effort
    assert effort["decodes"] <= decodes, effort


@pytest.mark.parametrize(
    ("statement", "functions"), [("get_mgr_id", 4), ("get_store", 6), ("get_module_option", 12)]
)
def test_a_cheap_read_enters_few_functions(side, statement, functions):
    """Options and keys are a look into a dict, not a walk through layers."""
    assert side.ask(SUBJECT, "effort", statement=statement)["functions"] <= functions


@pytest.mark.parametrize("statement", ["get osd_map", "get pg_dump"])
def test_the_newer_level_decodes_a_version_once(side, statement):
    """A second get() of an unchanged document is the object of the first."""
    effort = side.ask(MODERN, "effort", statement=statement)
    assert (effort["messages"], effort["decodes"]) == (0, 0)
    assert effort["functions"] <= 25, effort


def test_a_shared_document_costs_next_to_nothing_beside_a_fresh_one(side):
    """By two orders of magnitude, at any size worth sharing."""
    fresh = side.path("get pg_dump")
    shared = replace(side.path("get pg_dump", module=MODERN, batch=100), name="shared")
    taken = take_turns([fresh, shared], FEW)
    cheap, dear = (statistics.median(min(r) for r in taken[n]) for n in ("shared", fresh.name))
    assert cheap < 0.05 * dear


def test_counters_cost_functions_in_proportion(side):
    """No function is entered more than a few times for each counter."""
    counters = side.ask(SUBJECT, "shape")["counters"]
    entered = side.ask(SUBJECT, "effort", statement="get_all_perf_counters")["functions"]
    assert entered < 4 * counters + 200


def test_a_call_enters_few_functions_and_wakes_few_threads(side):
    """Of the module that answers one thread: the one that reads the call runs it."""
    assert side.ask(SUBJECT, "effort", statement="remote")["functions"] <= 35
    (pid,) = side.pids([NEIGHBOUR])
    before, calls = waits(pid), 1000
    side.path("remote").run(calls)
    assert waits(pid) - before < 3 * calls


def waits(pid):
    """How often threads of a process have waited for something."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    texts = [(task / "status").read_text() for task in tasks]
    return sum(int(text.partition("\nvoluntary_ctxt_switches:")[2].split()[0]) for text in texts)


def test_concurrent_writers_share_commits(side):
    """Thirty-two writers together get much more done than one: they wait for the same commit."""

    def rate(threads):
        return side.ask(SUBJECT, "rate", statement="set_store", threads=threads, seconds=0.3)

    assert max(rate(32) for _ in range(3)) > 2 * min(rate(1) for _ in range(3))


def test_a_forked_module_starts_in_a_fraction_of_an_executed_one(side):
    """The zygote has imported everything before."""
    forked = min(restart(side, FORKED[0]) for _ in range(3))
    executed = min(restart(side, EXECUTED[0]) for _ in range(3))
    assert forked < 0.5 * executed


def test_a_forked_module_has_a_fraction_of_an_executed_one_s_memory(side):
    """What the zygote imported is shared by all of them."""

    def own(names):
        return [psutil.Process(pid).memory_full_info().uss for pid in side.pids(names)]

    assert statistics.median(own(FORKED)) < 0.75 * statistics.median(own(EXECUTED))


def test_publishing_costs_little_more_than_encoding_and_readers_nothing(tmp_path):
    """A document is encoded once, and grows no module that does not read it."""
    document = publication.pg_dump(2000)
    with publication.published(tmp_path, document) as publish, readers(tmp_path, 3) as pids:
        encode = timed(lambda: publication.encode(document))
        taken = take_turns([BenchPath("encode", encode), BenchPath("publish", timed(publish))], FEW)
        before = publication.memory(pids)
        publish()
        grown = publication.memory(pids) - before
    encoding, publishing = (
        statistics.median(min(r) for r in taken[n]) for n in ("encode", "publish")
    )
    assert publishing < 5 * encoding
    assert grown < 3 * (1 << 18)
