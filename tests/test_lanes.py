"""remote() and writes between real processes, over lanes and with all on the bus."""

import ast
import os
import signal

import pytest

from tests.conditions import poll_for
from tests.daemon import ROOT, supervisor


TREE = ROOT / "tests" / "trees" / "called"


@pytest.fixture(name="daemon", scope="module", params=["true", "false"], ids=["lanes", "bus"])
def fixture_daemon(request):
    """A supervisor with a module that calls another one."""
    config = f"[supervisor]\nalways_on = []\nlanes = {request.param}\n"
    arguments = ("--module-path", str(TREE), "--enable", "asker", "--enable", "asked")
    with supervisor(*arguments, config=config) as running:
        for name in ("asker", "asked"):
            running.wait_state(name, "running")
        assert (running.state / "run" / "lanes.sock").exists() == (request.param == "true")
        yield running
        assert running.stop() == 0
        assert not (running.state / "run" / "lanes.sock").exists()


@pytest.fixture(name="run")
def fixture_run(daemon):
    """Runs source in the module that calls, and answers what it prints."""

    def run(source):
        return ast.literal_eval(daemon.ok("mgr asker eval", "-i", "-", stdin=source.encode()))

    return run


@pytest.mark.parametrize("size", [0, 10, 60_000, 65_536, 70_000, 1 << 20, 8 << 20])
def test_arguments_and_results_of_every_size(run, size):
    """They arrive as they were sent, inside the message or beside it."""
    source = f"value = {{'data': b'x' * {size}, 'n': [1, None]}}\n"
    assert run(f"{source}mgr.remote('asked', 'same', value) == value\n") is True


def test_calls_come_back_in_circles(run):
    """Each depth has a thread of its own, and none waits for another."""
    assert run("mgr.back(20)\n") == list(range(20, -1, -1))


def test_many_threads_call_at_once(run):
    """Each gets its own answers."""
    source = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def work(n):\n"
        "    return all(mgr.remote('asked', 'same', (n, i)) == (n, i) for i in range(50))\n"
        "\n"
        "with ThreadPoolExecutor(40) as pool:\n"
        "    print(list(pool.map(work, range(40))))\n"
    )
    assert run(source) == [True] * 40


def test_a_write_is_read_at_once_on_both_sides(run):
    """The caller's own, and what the called module wrote before it answered."""
    assert run("mgr.set_store('k', 'v'); mgr.get_store('k')\n") == "v"
    assert run("mgr.remote('asked', 'keep', 'long', 'x' * 50000) == 'x' * 50000\n") is True


def test_a_call_never_overtakes_an_option_that_was_set_before(daemon, run):
    """What the operator was told to be set is what the next call finds."""
    for number in range(30):
        daemon.ok("config set mgr mgr/asked/colour", f"colour{number}")
        assert run("mgr.remote('asked', 'colour')\n") == f"colour{number}"


def test_the_death_of_the_called_process_ends_a_call_at_once(daemon, run):
    """With the words that say so; the next process is called like the first one."""
    source = (
        "import threading\n"
        "raised = []\n"
        "def work():\n"
        "    try:\n"
        "        mgr.remote('asked', 'rest')\n"
        "    except RuntimeError as error:\n"
        "        raised.append(str(error))\n"
        "\n"
        "thread = threading.Thread(target=work); thread.start()\n"
        "print(0)\n"
    )
    assert run(source) == 0
    os.kill(daemon.ps()["asked"]["pid"], signal.SIGKILL)
    poll_for(lambda: run("print(len(raised))\n"))
    assert "ended during asked.rest()" in run("raised\n")[0]
    daemon.wait_state("asked", "running")
    assert run("mgr.remote('asked', 'same', 3)\n") == 3


def test_an_idle_lane_outlives_the_called_process(daemon, run):
    """Connections are the caller's: another module's restart costs none of them."""
    assert run("mgr.remote('asked', 'same', 1)\n") == 1
    daemon.ok("module restart", "asked")
    daemon.wait_state("asked", "running")
    assert run("mgr.remote('asked', 'same', 2)\n") == 2
