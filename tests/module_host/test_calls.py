"""remote(): nested, concurrent, by value, with the outcomes that upstream's modules expect."""

from proto.v1.envelope_pb2 import Envelope, Error
from tests.conditions import poll_for
from tests.module_host.standin import text


TRY = """
try:
    result = self.remote(*where)
except BaseException as error:
    result = [type(error).__name__, str(error), str(getattr(error, "kind", ""))]
"""


def test_calls_nest_in_circles(standin):
    """A module that waits for another one's answer still answers that one."""
    standin.add_module("second", "from probe.module import Module")
    first, _ = standin.run(), standin.run("second")
    way = ["second", "probe", "second", "probe", "second"]
    value = standin.call(first, "relay", way, {"deep": (1, 2)})
    for name in ["probe", *way]:
        assert value[0] == name
        value = value[1]
    assert value == {"deep": (1, 2)}


def test_a_module_may_call_itself(standin):
    """The call goes through the broker like any other."""
    host = standin.run()
    assert standin.call(host, "relay", ["probe"], 1) == ["probe", ["probe", 1]]


def test_calls_run_beside_one_another(standin):
    """Twenty calls that all wait for each other end, so none waits behind another."""
    host = standin.run()
    standin.call(host, "execute", "import threading; self.barrier = threading.Barrier(20)")
    calls = [standin.begin_call(host, "execute", "self.barrier.wait(10)") for _ in range(20)]
    assert [standin.result(call) for call in calls] == [None] * 20


def test_a_call_never_waits_behind_a_command(standin):
    """The queue thread is stuck in a command that only a call can end."""
    standin.add_module(
        "slow",
        "import threading\nfrom mgr_module import MgrModule\n"
        "class Module(MgrModule):\n"
        "    COMMANDS = [{'cmd': 'slow', 'desc': '', 'perm': 'r'}]\n"
        "    go = threading.Event()\n"
        "    def handle_command(self, inbuf, cmd): return 0, str(self.go.wait(10)), ''\n"
        "    def release(self): self.go.set()\n",
    )
    host = standin.run("slow")
    command = standin.command(host, {"prefix": "slow"})
    assert standin.call(host, "release") is None
    assert standin.result(command).stdout == b"True"


def test_many_calls_that_nest_do_not_wait_for_one_another_for_ever(standin):
    """More calls than a module has threads for, each of which needs the module once more."""
    standin.add_module("second", "from probe.module import Module")
    first, _ = standin.run(), standin.run("second")
    way = ["second", "probe", "second"]
    calls = [standin.begin_call(first, "relay", way, n) for n in range(100)]
    assert all(isinstance(standin.result(call), list) for call in calls)


def test_calls_without_end_are_refused(standin):
    """As a recursion within a process is: remote() that goes round and round ends soon."""
    host = standin.run()
    standin.call(host, "execute", "from module_host import workers; workers.MOST_NESTED = 20")
    error = standin.call(host, "relay", ["probe"] * 60, 1)
    assert "module 'probe' has too many calls in one another" in error.message


def test_results_are_copies(standin):
    """Changing what a call returned changes nothing in the callee."""
    host = standin.run()
    source = (
        "self.kept = [1]; a = self.remote('probe', 'execute', 'result = self.kept'); a.append(2)"
    )
    assert standin.call(host, "execute", f"{source}; result = self.kept") == [1]


def test_outcomes_become_upstreams_exceptions(standin):
    """Missing module, missing method, and whatever the method raises."""
    host = standin.run()
    assert standin.call(host, "execute", TRY, where=["nobody", "x"]) == [
        "ImportError",
        "Module not found",
        "",
    ]
    assert standin.call(host, "execute", TRY, where=["probe", "x"]) == [
        "NameError",
        "Method not found",
        "",
    ]
    for source in ("1/0", "raise SystemExit(3)", "raise KeyboardInterrupt"):
        name, message, kind = standin.call(host, "execute", TRY, where=["probe", "execute", source])
        assert (name, kind) == ("RemoteError", "raised")
        assert message.startswith("Remote method threw exception: Traceback")
    assert standin.call(host, "add", 1, 1) == 2


def test_values_that_cannot_cross_are_refused_by_their_place(standin):
    """Arguments before anything is sent, results at the callee."""
    host = standin.run()
    source = f"import threading; where = ['probe', 'add', 1, threading.Lock()]\n{TRY}"
    name, message, kind = standin.call(host, "execute", source)
    assert (name, kind) == ("RemoteRefused", "refused")
    assert "args[1]" in message
    error = standin.call(host, "execute", "import threading; result = {'a': threading.Lock()}")
    assert isinstance(error, Error)
    assert error.kind == Error.REFUSED
    assert "result['a']" in error.message


def test_the_rest_of_a_deadline_goes_along(standin):
    """A nested call may not outlive the call that it serves."""
    host = standin.run()
    standin.mute.add("call")
    name, _message, kind = standin.call(
        host, "execute", TRY, where=["probe", "add", 1, 2], deadline_ms=100
    )
    assert (name, kind) == ("RemoteTimedOut", "timed out")
    standin.mute.clear()
    assert standin.call(host, "relay", ["probe"], 1) == ["probe", ["probe", 1]]


def test_the_chain_of_callers_goes_along(standin):
    """A nested call names the modules that led to it."""
    host = standin.run()
    source = "from module_host import context; result = list(context.current().chain)"
    outer = "result = self.remote('probe', 'execute', inner)"
    inner = f"result = self.remote('probe', 'execute', {source!r})"
    assert standin.call(host, "execute", outer, inner=inner) == ["probe", "probe"]


def test_a_call_before_there_is_a_module_finds_none(standin):
    """Until __init__ is over, nobody can be called: as upstream."""
    host = standin.launch()
    standin.wait(host, "loaded")
    assert standin.call(host, "add", 1, 2).kind == Error.NO_MODULE


def test_a_forked_child_is_told_that_it_cannot_speak(standin):
    """ZeroMQ sockets do not survive a fork; a silent loss would be worse."""
    host = standin.run()
    source = """
import os
read, write = os.pipe()
if os.fork() == 0:
    try:
        self.remote("probe", "add", 1, 2)
    except RuntimeError as error:
        os.write(write, str(error).encode())
    os._exit(0)
result = os.read(read, 1000).decode(), os.wait()[1]
"""
    message, status = standin.call(host, "execute", source)
    assert "a forked child cannot speak for its module" in message
    assert status == 0


def test_pulses_tell_ages_and_come_although_all_threads_are_busy(standin):
    """A pulse answers while a call runs, and says for how long it has."""
    host = standin.run()
    standin.begin_call(host, "execute", "self.stop.wait()")
    spin = "import threading\n[threading.Thread(target=lambda: sum(iter(int, 1)), daemon=True)]"
    standin.call(host, "execute", spin)

    def age() -> int:
        standin.send(host, Envelope(ping={"seq": 7}))
        pulse = standin.wait(host, "pulse")
        assert pulse.seq == 7
        assert pulse.command_age_ms == 0
        return pulse.call_age_ms

    standin.until(lambda: age() > 100)


def test_every_thread_of_a_host_has_a_name(standin):
    """Tools show who is who: Python's names and the kernel's agree."""
    host = standin.run()
    source = """
import os, threading
python = sorted(t.name[:15] for t in threading.enumerate() if t is not threading.main_thread())
kernel = [open(f"/proc/self/task/{t}/comm").read().strip() for t in os.listdir("/proc/self/task")]
result = [n for n in python if n not in kernel], python
"""
    # A thread is known to Python an instant before it names itself.
    poll_for(lambda: standin.call(host, "execute", source)[0] == [])
    names = standin.call(host, "execute", source)[1]
    assert {"mgr-inbox", "mgr-pulse", "m-fin-probe", "probe", "mgr-call-1"} <= set(names)
    assert "Traceback" not in text(host)
