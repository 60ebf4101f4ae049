"""What a module uses is seen whole, though most looks ask only its first process."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from supervisor.core.limits import Limits
from supervisor.edge import sampler
from supervisor.edge.sampler import Counted, Sampler
from tests.conditions import poll_for


SCRIPT = """
import os, signal, sys
for line in sys.stdin:
    if line == "fork\\n":
        if os.fork() == 0:
            block = bytearray(64 << 20)
            signal.pause()
        print("forked", flush=True)
    else:
        print("nothing", flush=True)
"""
LIMITS = Limits(memory=0, processes=0)


@pytest.fixture
def program():
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        yield process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def tell(program, word):
    program.stdin.write(f"{word}\n")
    program.stdin.flush()
    program.stdout.readline()


@pytest.fixture
def asked(monkeypatch):
    """The processes that were asked for their children."""
    seen = []
    children = sampler.children

    def count(pid):
        seen.append(pid)
        return children(pid)

    monkeypatch.setattr(sampler, "children", count)
    return seen


def test_a_process_that_was_alone_and_did_nothing_is_not_asked_again(program, asked):
    """For so many looks in a row; then it is."""
    watched = Sampler()
    tell(program, "nothing")
    for _ in range(1 + sampler.TRUSTED):
        assert watched.usage(program.pid, LIMITS, Counted(), runs_programs=False).processes == 1
    assert asked == [program.pid]
    watched.usage(program.pid, LIMITS, Counted(), runs_programs=False)
    assert asked == [program.pid] * 2


def test_a_child_is_seen_at_the_next_look(program):
    """No process forks without a page fault; its memory and its threads count."""
    watched = Sampler()
    tell(program, "nothing")
    assert watched.usage(program.pid, LIMITS, Counted(), runs_programs=False).processes == 1
    tell(program, "fork")
    assert watched.usage(program.pid, LIMITS, Counted(), runs_programs=False).processes == 2
    poll_for(
        lambda: watched.usage(program.pid, LIMITS, Counted(), runs_programs=False).memory > 64 << 20
    )


def test_who_may_run_programs_is_asked_each_time(program, asked):
    """A program that was run shares nothing with its parent, which need not notice."""
    watched = Sampler()
    tell(program, "nothing")
    for _ in range(3):
        watched.usage(program.pid, LIMITS, Counted(), runs_programs=True)
    assert len(asked) == 3


def test_of_a_process_that_is_gone_nothing_is_known(program):
    """Neither what it used, nor that it was alone."""
    watched = Sampler()
    tell(program, "nothing")
    assert watched.usage(program.pid, LIMITS, Counted(7), runs_programs=False).log_bytes == 7
    program.kill()
    program.wait()
    assert watched.usage(program.pid, LIMITS, Counted(), runs_programs=False) is None
