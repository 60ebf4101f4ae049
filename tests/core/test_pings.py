"""When modules are pinged, and what silence is held against them."""

from supervisor.core import events as ev
from supervisor.core.state import State
from tests.core.life import Life


def test_a_supervisor_that_was_away_does_not_call_anybody_unresponsive():
    """Nobody was asked meanwhile, so nobody was silent; from then on silence counts again."""
    life = Life().running()
    life.healthy(5)
    life.now += 12
    life.feed(ev.Tick())
    assert life.life.state is State.RUNNING
    life.after(5)
    assert life.life.state is State.UNRESPONSIVE


def test_pings_of_all_modules_fall_on_one_beat():
    """Modules that got ready at different moments are pinged in one wake-up of the supervisor."""
    dues = set()
    for ready in (100.1, 100.5, 100.9):
        life = Life()
        life.now = ready
        life.running()
        dues.add(life.life.wakeup())
    assert dues == {102.0}
