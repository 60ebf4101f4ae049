"""A module whose queue stands still is told of once, and ended by nobody."""

import pytest

from supervisor.core import events as ev
from supervisor.core.actions import DumpStacks, Message, Report, Send, SetStall, Signal
from supervisor.core.stall import IDLE, Ages
from supervisor.core.state import State
from tests.core.life import Life


LONG = 61.0


def _pulse(life, ages):
    """The next sign of life says so; what follows from it."""
    life.after(2)
    (ping,) = [a for a in life.done if isinstance(a, Send) and a.message is Message.PING]
    return life.feed(ev.Pulse(ping.seq, ages))


def _stalls(actions):
    return [action.text for action in actions if isinstance(action, SetStall)]


@pytest.mark.parametrize(
    ("ages", "where"), [(Ages(notify=LONG), "notify()"), (Ages(command=LONG), "a command")]
)
def test_it_is_said_once_with_the_stacks_and_nothing_is_ended(ages, where):
    """One warning that names what runs, one dump; the module is running as before."""
    life = Life().running()
    done = _pulse(life, ages)
    text = f"its queue has stood still for more than 60 s, in {where}"
    assert _stalls(done) == [text]
    assert [a.level for a in done if isinstance(a, Report)] == ["warning"]
    assert DumpStacks() in done
    assert life.life.stall == text
    for more in range(1, 100):
        later = Ages(ages.command and LONG + more, ages.notify and LONG + more)
        assert _pulse(life, later) == []
    assert life.life.state is State.RUNNING
    assert not any(isinstance(a, Signal) for a in life.done)


def test_it_is_taken_back_when_the_queue_moves_and_said_again_when_it_stands_again():
    life = Life().running()
    _pulse(life, Ages(notify=LONG))
    done = _pulse(life, Ages(notify=0.1))
    assert _stalls(done) == [""]
    assert Report("its queue moves again") in done
    assert life.life.stall == ""
    assert _pulse(life, IDLE) == []
    assert len(_stalls(_pulse(life, Ages(command=LONG)))) == 1


def test_it_ends_with_the_process():
    """Whatever ended it; the next process begins with nothing held against it."""
    life = Life().running()
    _pulse(life, Ages(notify=LONG))
    assert _stalls(life.die()) == [""]
    life.to_ready()
    assert life.life.stall == ""
    assert _stalls(life.die()) == []


def test_what_takes_its_time_is_no_stall():
    """Up to the configured seconds."""
    life = Life().running()
    assert _pulse(life, Ages(command=59.0, notify=59.0)) == []
