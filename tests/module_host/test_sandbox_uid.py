"""A module's own user, tried with every other layer off: what the kernel gives nobody else."""

import os
import select
import shutil
import socket
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from module_host.sandbox import layers
from tests.conditions import poll_for
from tests.module_host.attempts import attempt
from tests.module_host.standin import Standin, text


pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="takes root, to be somebody else")

ALONE = [name for name in layers.SWITCHES if name != "uid"]
FIRST, SECOND, GROUP = 71001, 71002, 71000


@pytest.fixture(name="host", params=["", sys.executable], ids=["forked", "executed"])
def fixture_host(standin, request):
    """A module with a user of its own and no other wall, in a folder that lets others through."""
    standin.folder.chmod(0o711)
    return run(standin, "probe", FIRST, interpreter=request.param)


def run(standin, module, uid, **fields):
    """A module that is user `uid`."""
    fields.setdefault("without", ALONE)
    return standin.run(module, uid=uid, modules_gid=GROUP, **fields)


def state(host, name):
    """Of one layer: its status, and why."""
    return next((layer.status, layer.why) for layer in host.layers if layer.name == name)


def status(standin, host):
    """What the kernel says of the host's process: {field: words}."""
    said = standin.call(host, "execute", "result = open('/proc/self/status').read()")
    return {line.partition(":")[0]: line.partition(":")[2].split() for line in said.splitlines()}


def test_it_is_that_user_and_no_other(standin, host):
    """In all four ways, with a group of its own and that of all modules, and nothing of root's."""
    of = status(standin, host)
    assert of["Uid"] == of["Gid"] == [str(FIRST)] * 4
    assert of["Groups"] == [str(GROUP)]
    assert of["CapPrm"] == of["CapEff"] == of["CapAmb"] == ["0000000000000000"]
    assert state(host, "uid") == ("enforced", f"uid {FIRST}")
    assert "capabilities: off (switched off by [sandbox] without)" in text(host)
    assert attempt(standin, host, "__import__('os').setuid(0)") == "EPERM"


def test_files_of_others_are_closed(standin, host):
    """Another module's, the machine's, and those of root that others may not read."""
    standin.add_module("second", "from probe.module import Module")
    other = run(standin, "second", SECOND)
    secret = standin.folder / "data" / "second" / "secret"
    made = f"p = {str(secret)!r}; open(p, 'w').write('x'); __import__('os').chmod(p, 0o600)"
    standin.call(other, "execute", made)
    (standin.folder / "private").write_text("x")
    (standin.folder / "private").chmod(0o600)
    for work in (
        f"open('{secret}')",
        f"__import__('os').listdir('{secret.parent}')",
        f"open('{standin.folder}/log/second.log', 'a')",
        f"open('{standin.folder}/private')",
        f"open('{standin.folder}/new', 'w')",
        "open('/etc/shadow')",
        "open('/proc/1/environ')",
        f"open('/proc/{standin.call(other, 'execute', 'import os; result = os.getpid()')}/mem')",
    ):
        assert attempt(standin, host, work) == "EACCES", work
    for work in (f"__import__('os').chmod('{standin.folder}/private', 0o666)",):
        assert attempt(standin, host, work) == "EPERM", work


def test_its_own_files_are_its_own(standin, host):
    """Its data, its log by name, what /proc says of itself, the published state."""
    data = standin.folder / "data" / "probe"
    standin.publish("health", {})
    for work in (
        f"open('{data}/new', 'w').write('x')",
        f"__import__('os').chmod('{data}/new', 0o600)",
        "__import__('tempfile').mkdtemp()",
        f"open('{host.log}', 'a').write('x')",
        f"open('{standin.folder}/state/health.1').read()",
        "open('/proc/self/environ').read()",
        "__import__('os').listdir('/proc/self/fd')",
        "__import__('psutil').Process().io_counters()",
    ):
        assert attempt(standin, host, work) == "done", work
    for path in (data, data / "new", data / "tmp"):
        assert (path.stat().st_uid, path.stat().st_gid) == (FIRST, FIRST)


def test_signals_reach_nobody_else(standin, host):
    """Neither root nor another module."""
    standin.add_module("second", "from probe.module import Module")
    other = run(standin, "second", SECOND)
    pid = standin.call(other, "execute", "import os; result = os.getpid()")
    for whom in (1, pid):
        assert attempt(standin, host, f"__import__('os').kill({whom}, 0)") == "EPERM"


def test_a_socket_of_root_alone_is_closed(standin, host):
    """The mode of a socket is a wall of its own."""
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        path = standin.folder / "roots"
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
        work = f"__import__('socket').socket(1).connect('{path}')"
        assert attempt(standin, host, work) == "EACCES"
        path.chmod(0o666)
        assert attempt(standin, host, work) == "done"


def test_what_was_granted_can_be_had_though_it_is_anothers(standin):
    """A file that only root reads, a folder that only root writes, a port that only root takes."""
    kept, shown = standin.folder / "kept", standin.folder / "shown"
    kept.mkdir(mode=0o700)
    shown.write_text("x")
    shown.chmod(0o600)
    others = {"read_paths": [str(shown)], "write_paths": [str(kept)], "listen_ports": [0]}
    for without in ([], ALONE):
        host = run(standin, "probe", FIRST, without=without, **others)
        assert attempt(standin, host, f"open('{shown}').read()") == "done"
        assert attempt(standin, host, f"open('{kept}/x', 'w')") == "done"
        bound = "s = __import__('socket').socket(); s.bind(('127.0.0.1', 1001)); s.close()"
        assert attempt(standin, host, f"exec({bound!r})") == "done"


def test_a_folder_above_that_is_closed_does_not_shut_it_out(standin):
    """It may look through folders then, which the module's log says, and still writes its own only."""
    host = run(standin, "probe", FIRST)  # the stand-in's folder has mode 0700
    assert status(standin, host)["CapEff"] == [f"{1 << 2:016x}"]
    assert attempt(standin, host, f"open('{standin.folder}/data/probe/x', 'w')") == "done"
    assert attempt(standin, host, f"open('{standin.folder}/x', 'w')") == "EACCES"
    whole = run(standin, "probe", FIRST, without=["paths"])
    assert state(whole, "capabilities")[1].startswith("kept DAC_READ_SEARCH for ")


@pytest.mark.parametrize("interpreter", ["", sys.executable], ids=["forked", "executed"])
def test_it_ends_with_its_parent(interpreter):
    """The kernel forgets that of who becomes somebody else; no pid namespace does it here."""
    folder = Path(tempfile.mkdtemp(prefix="mh-"))
    standin = Standin(folder, without_pids="switched off by [sandbox] without")
    try:
        host = run(standin, "probe", FIRST, interpreter=interpreter)
        standin.zygote.kill()
        ended = poll_for(lambda: select.select([host.pidfd], [], [], 0)[0], 15, "the host to end")
        assert ended == [host.pidfd]
    finally:
        standin.close()
        shutil.rmtree(folder)


def test_a_root_that_may_not_switch_says_so(standin):
    """The layer is absent there, or off for the reason that the supervisor gives."""
    told = {"name": "uid", "status": "absent", "why": "root has no CAP_SETUID here"}
    host = standin.run("probe", uid=0, no_uid=told, sandbox="best-effort")
    assert state(host, "uid") == ("absent", "root has no CAP_SETUID here")
    refused = standin.launch("probe", uid=0, no_uid=told)
    assert standin.end(refused).status == 73
    off = standin.run("probe", uid=0, no_uid={**told, "status": "off", "why": "no root"})
    assert state(off, "uid") == ("off", "no root")


FORK = """
import errno, os, signal
children, refused = [], 0
for _ in range(60):
    try:
        pid = os.fork()
    except OSError as error:
        refused = error.errno
        break
    if pid == 0:
        signal.pause()
    children.append(pid)
for pid in children:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
result = len(children), errno.errorcode.get(refused)
"""


def test_processes_are_counted_for_it_alone(standin):
    """The kernel refuses what is more than its limit; another module's are its own."""
    limits = [{"name": "NPROC", "soft": 40, "hard": 40}]
    host = run(standin, "probe", 71003, limits=limits)
    count, refused = standin.call(host, "execute", FORK)
    assert (0 < count < 40, refused) == (True, "EAGAIN")
    standin.add_module("second", "from probe.module import Module")
    assert standin.call(run(standin, "second", 71004), "execute", FORK) == (60, None)
