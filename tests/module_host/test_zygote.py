"""Processes: born quickly, ended completely, and every end reported as what it was."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from proto.v1.envelope_pb2 import Envelope
from tests.conditions import poll_for
from tests.module_host.standin import ROOT, alive, text


SLEEPER = "import subprocess; result = subprocess.Popen(['sleep', '600']).pid"
# Twice forked, in a session of its own: as daemons do to outlive what started them.
DAEMON = """
import os
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    pid = os.fork()
    if pid == 0:
        os.execvp("sleep", ["sleep", "600"])
    os.write(write, str(pid).encode())
    os._exit(0)
result = int(os.read(read, 20))
"""
# A supervisor that says which processes there are, and waits for its end.
ABANDONED = """
import sys, threading
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.module_host.standin import Standin
from tests.module_host.test_zygote import DAEMON, SLEEPER
standin = Standin(Path({folder!r}))
host = standin.run(subprocess=True)
pids = [standin.zygote.pid, host.pid]
pids += [standin.outside(standin.call(host, "execute", s)) for s in (DAEMON, SLEEPER)]
print(*pids, flush=True)
threading.Event().wait()
"""


def test_a_host_is_ready_soon_after_the_launch(standin):
    """With the zygote up, launch to Hello takes milliseconds: a fork, not an interpreter's start."""
    standin.run()
    standin.add_module("second", "from probe.module import Module")
    began = time.monotonic()
    second = standin.launch("second")
    standin.until(lambda: second.inbox is not None)
    assert time.monotonic() - began < 0.5


def test_orderly_end(standin):
    """Shutdown calls shutdown(), waits for serve(), says Stopped and exits with 0."""
    host = standin.run()
    standin.send(host, Envelope(shutdown={"grace_ms": 5000}))
    assert standin.wait(host, "stopped").clean
    assert standin.end(host).status == 0
    assert host.exited.max_rss_kib > 1000


@pytest.mark.parametrize("spoil", ["sys.stdout.close()", "sys.stdout = sys.stderr = None"])
def test_an_orderly_end_without_standard_streams(standin, spoil):
    """What a module does to sys.stdout does not make its end look like a failure."""
    host = standin.run()
    standin.call(host, "execute", f"import sys; {spoil}")
    standin.send(host, Envelope(shutdown={"grace_ms": 5000}))
    assert standin.end(host).status == 0


def test_an_exception_that_nothing_provides_for_is_in_the_log(standin):
    """Its code claims no cause that it does not have."""
    standin.add_module(
        "saboteur",
        "import threading\nfrom mgr_module import MgrModule\n"
        "class Module(MgrModule):\n"
        "    def __init__(self, *args):\n"
        "        super().__init__(*args)\n"
        "        threading.Thread = None\n",
    )
    host = standin.launch("saboteur")
    standin.wait(host, "loaded")
    standin.send(host, Envelope(start={}))
    assert standin.end(host).status == 1
    assert "TypeError: 'NoneType' object is not callable" in text(host)


def test_sigterm_is_an_orderly_end(standin):
    """SIGTERM runs shutdown() as well: a service manager may be the one who asks."""
    host = standin.run()
    os.kill(host.pid, signal.SIGTERM)
    assert standin.wait(host, "stopped").clean
    assert standin.end(host).status == 0


def test_signals_end_what_the_module_forks_or_starts(standin):
    """The host's own way with signals is not inherited: multiprocessing's terminate() works."""
    host = standin.run(subprocess=True)
    source = """
import multiprocessing, signal, subprocess, time
child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
child.start()
child.terminate()
child.join(10)
program = subprocess.Popen(["sleep", "600"])
program.send_signal(signal.SIGINT)
result = child.exitcode, program.wait(10)
"""
    assert standin.call(host, "execute", source) == (-signal.SIGTERM, -signal.SIGINT)


def test_a_shutdown_that_hangs_is_bounded(standin):
    """The host ends at the end of its grace and says that it was not clean."""
    standin.add_module(
        "stuck",
        "import threading\nfrom mgr_module import MgrModule\n"
        "class Module(MgrModule):\n    def shutdown(self): threading.Event().wait()\n",
    )
    host = standin.run("stuck")
    standin.send(host, Envelope(shutdown={"grace_ms": 200}))
    assert not standin.wait(host, "stopped").clean
    assert standin.end(host).status == 0


def test_a_segfault_is_reported_and_leaves_its_stack(standin):
    """The status is -SIGSEGV, and the log names the function that crashed."""
    host = standin.run()
    crash = "import ctypes\ndef fatal_step(): ctypes.string_at(0)\nfatal_step()"
    standin.begin_call(host, "execute", crash)
    assert standin.end(host).status == -signal.SIGSEGV
    assert "Segmentation fault" in text(host)
    assert "in fatal_step" in text(host)


def test_sigusr1_dumps_stacks_even_while_c_holds_the_interpreter(standin):
    """A module that hangs in C tells where it is, and lives on."""
    host = standin.run()
    standin.begin_call(host, "execute", "def long_sum(): sum(range(10**11))\nlong_sum()")
    standin.until(lambda: busy(host.pid))
    os.kill(host.pid, signal.SIGUSR1)
    standin.until(lambda: "in long_sum" in text(host))
    assert alive(host.pid)


def test_children_end_with_their_host(standin):
    """A killed module leaves no process of its group behind."""
    host = standin.run(subprocess=True)
    child = standin.outside(standin.call(host, "execute", SLEEPER))
    os.kill(host.pid, signal.SIGKILL)
    assert standin.end(host).status == -signal.SIGKILL
    poll_for(lambda: not alive(child))


def test_a_daemon_lives_as_long_as_its_host_and_no_longer(standin):
    """Leaving the session does not help a module's process outlive the module."""
    host, other = standin.run(), standin_second(standin)
    daemon = standin.outside(standin.call(host, "execute", DAEMON))
    survivor = standin.outside(standin.call(other, "execute", DAEMON))
    assert alive(daemon)
    os.kill(host.pid, signal.SIGKILL)
    standin.end(host)
    poll_for(lambda: not alive(daemon))
    assert alive(survivor)


def test_no_process_survives_the_supervisor():
    """SIGKILL of the supervisor ends the zygote, every host and whatever they started."""
    folder = Path(tempfile.mkdtemp(prefix="mh-"))
    source = ABANDONED.format(root=str(ROOT), folder=str(folder / "s"))
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        pids = [int(pid) for pid in supervisor.stdout.readline().split()]
        assert len(pids) == 4
        assert all(alive(pid) for pid in pids)
        supervisor.kill()
    poll_for(lambda: not any(alive(pid) for pid in pids), 5, f"the end of {pids}")
    shutil.rmtree(folder)


@pytest.mark.views
@pytest.mark.parametrize("which", ["the keeper", "the zygote"])
def test_all_that_was_started_dies_with_the_zygote(standin, which):
    """Hosts, and what they moved into sessions of their own: no process of ours is left to do it."""
    host = standin.run()
    daemon = standin.outside(standin.call(host, "execute", DAEMON))
    [zygote] = psutil.Process(standin.zygote.pid).children()
    os.kill(standin.zygote.pid if which == "the keeper" else zygote.pid, signal.SIGKILL)
    pids = [host.pid, daemon, zygote.pid, standin.zygote.pid]
    poll_for(lambda: not any(alive(pid) for pid in pids), 5, f"the end of {pids}")
    assert standin.zygote.wait(5) == -signal.SIGKILL


@pytest.mark.views
def test_nothing_survives_the_supervisor_and_the_zygote_killed_at_once():
    """Nobody is left then who could end what left its session, but for the kernel."""
    folder, source = Path(tempfile.mkdtemp(prefix="mh-")), ABANDONED
    command = [sys.executable, "-c", source.format(root=str(ROOT), folder=str(folder / "s"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        keeper, *pids = (int(pid) for pid in supervisor.stdout.readline().split())
        zygote = psutil.Process(keeper).children()[0].pid
        victims = (supervisor.pid, zygote, keeper)
        for pid in victims:  # so that none of them does anything between the deaths
            os.kill(pid, signal.SIGSTOP)
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
    poll_for(lambda: not any(alive(pid) for pid in pids), 5, f"the end of {pids}")
    shutil.rmtree(folder)


def test_a_launch_without_log_or_interpreter_is_refused_with_a_sentence(standin):
    """Nothing is forked, and the reason names the file."""
    for fields in ({"log_file": "/nonexistent/x.log"}, {"interpreter": "/nonexistent/python"}):
        host = standin.launch(**fields)
        standin.until(lambda host=host: host.failed is not None)
        assert "No such" in host.failed or "no such" in host.failed
        assert "/nonexistent/" in host.failed


def test_another_interpreter(standin):
    """A launch that names its Python is exec'ed there, and is a host like any other."""
    host = standin.run(interpreter=sys.executable)
    assert standin.call(host, "add", 2, 3) == 5
    assert standin.call(host, "execute", "import sys; result = sys.executable") == sys.executable
    assert standin.call(host, "execute", "import sys; result = 'module_host' in sys.modules")


def test_an_interpreter_without_our_dependencies_says_what_to_install(standin):
    """Debian's own Python has no pyzmq of ours: one sentence in the module's log."""
    host = standin.launch(interpreter=str(bare_python(standin.folder)))
    assert standin.end(host).status == 64
    assert "install pyzmq" in text(host)


def test_the_environment_is_clean(standin):
    """Variables of the daemon do not reach a module; those of the launch do."""
    host = standin.run(environment={"GREETING": "hello"})
    seen = standin.call(host, "execute", "import os; result = dict(os.environ)")
    assert seen["GREETING"] == "hello"
    assert seen["HOME"].startswith(str(standin.folder / "data" / "probe"))
    kept = {"PATH", "LANG", "LANGUAGE", "TZ", "HOME", "TMPDIR", "GREETING"}
    assert {name for name in seen if not name.startswith("LC_")} <= kept
    assert standin.call(host, "execute", "import sys; result = sys.argv") == ["ceph-mgr"]
    descriptors = "import os; result = [os.readlink(f'/proc/self/fd/{n}') for n in (0, 1, 2)]"
    assert standin.call(host, "execute", descriptors) == ["/dev/null", str(host.log), str(host.log)]


def test_limits_are_set_and_a_bad_one_is_refused(standin):
    """Limits hold before the module is imported; an unknown name is an error of the launch."""
    host = standin.run(limits=[{"name": "NOFILE", "soft": 123, "hard": 200}])
    look = "import resource; result = resource.getrlimit(resource.RLIMIT_NOFILE)"
    assert standin.call(host, "execute", look) == (123, 200)
    bad = standin.launch(limits=[{"name": "WINGS", "soft": 1, "hard": 2}])
    assert standin.end(bad).status == 64
    assert "'WINGS'" in text(bad)


def test_a_refused_hello_ends_the_host(standin):
    """Exit code 71, and the supervisor's sentence in the log."""
    standin.mute.add("refuse")
    host = standin.launch()
    assert standin.end(host).status == 71
    assert "this host is not expected" in text(host)


def test_a_host_that_the_supervisor_forgot_ends(standin):
    """No word for a minute: exit code 72. The minute is made short from inside."""
    host = standin.run()
    shorten = "self.session._line.inbox.rcvtimeo = 200"
    standin.call(host, "execute", shorten)
    standin.send(host, Envelope(ping={"seq": 1}))  # the wait that is under way is the old one
    assert standin.end(host).status == 72
    assert "no word from the supervisor" in text(host)


def standin_second(standin):
    """Another module of the same kind."""
    standin.add_module("second", "from probe.module import Module")
    return standin.run("second")


def busy(pid: int) -> bool:
    """Whether the process has used a tenth of a second of CPU in user mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) > 10 + os.sysconf("SC_CLK_TCK") // 10


def bare_python(folder: Path) -> Path:
    """An environment with nothing installed."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder / "bare")],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder / "bare" / "bin" / "python"


def test_a_folder_of_the_tree_that_is_closed_to_the_module_keeps_none_from_starting(standin):
    """Somebody's umask made it: compiled files, say. What is in it is no package of the module's."""
    closed = standin.trees[1] / "__pycache__"
    closed.mkdir(mode=0)
    host = standin.run()
    assert standin.call(host, "add", 1, 2) == 3
