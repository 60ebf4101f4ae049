"""What a module sees of the machine: its own processes, IPC objects and files, and no other.

Each layer is tried alone, with the others off.
"""

import ctypes
import os
import shutil
import socket
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from module_host.sandbox import layers
from tests.module_host.attempts import attempt
from tests.module_host.standin import Standin, text


pytestmark = pytest.mark.views

LIBC = ctypes.CDLL(None, use_errno=True)
OWN_PID = "import os; result = os.getpid()"
CREATE, REMOVE = 0o1000, 0  # IPC_CREAT, IPC_RMID


def but(*names):
    """Every layer that can be switched off, less these."""
    return [name for name in layers.SWITCHES if name not in names]


def state(host, name):
    """Of one layer: its status, and why."""
    return next((layer.status, layer.why) for layer in host.layers if layer.name == name)


def test_processes_outside_have_no_name(standin):
    """Neither /proc nor a signal reaches what does not belong to the zygote."""
    host = standin.run(without=but("processes"))
    look = "import os; result = sorted(int(p) for p in os.listdir('/proc') if p.isdigit())"
    assert standin.call(host, "execute", look) == [1, standin.call(host, "execute", OWN_PID)]
    assert standin.call(host, "execute", "result = open('/proc/1/comm').read()") == "mgr-zygote\n"
    assert attempt(standin, host, f"__import__('os').kill({os.getpid()}, 0)") == "ESRCH"
    assert attempt(standin, host, f"__import__('os').pidfd_open({os.getpid()})") == "ESRCH"


def test_a_zygote_without_a_pid_namespace_says_why():
    """The hosts are as they would be otherwise, and report what is missing."""
    with another_standin(without_pids="switched off by [sandbox] without") as standin:
        host = standin.run()
        assert state(host, "processes") == ("off", "switched off by [sandbox] without")
        assert standin.call(host, "execute", OWN_PID) == host.pid


@pytest.mark.skipif(os.getuid() != 0, reason="takes root, to have less than root")
def test_what_the_machine_refuses_is_absent_with_the_reason():
    """As in a container: the others stand, and mode require starts no module."""
    with another_standin(runner=("setpriv", "--bounding-set", "-sys_admin")) as standin:
        host = standin.run(sandbox="best-effort")
        for name in ("processes", "ipc", "paths"):
            assert state(host, name) == ("absent", "[Errno 1] unshare: Operation not permitted")
        assert state(host, "files")[0] == "enforced"
        refused = standin.launch()
        assert standin.end(refused).status == 73
        assert "layer is missing (processes: [Errno 1] unshare" in text(refused)


@pytest.mark.skipif(
    os.getuid() != 0 or not all(p.stat().st_mode & 1 for p in Path(sys.prefix).parents),
    reason="takes root, and an environment that another user can reach",
)
@pytest.mark.parametrize("interpreter", ["", sys.executable], ids=["forked", "executed"])
def test_an_ordinary_user_has_every_layer(interpreter):
    """The capabilities by which it makes namespaces are gone, whatever is switched off."""
    somebody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    with another_standin(runner=somebody, owner=65534) as standin:
        host = standin.run(interpreter=interpreter)
        missing = {layer.name for layer in host.layers if layer.status != "enforced"}
        assert missing == {"uid"}  # which takes root
        assert state(host, "capabilities") == ("enforced", "none held")
        bare = standin.run(interpreter=interpreter, without=["capabilities"])
        for one in (host, bare):
            status = standin.call(one, "execute", "result = open('/proc/self/status').read()")
            assert "CapEff:\t0000000000000000\n" in status
            assert "CapPrm:\t0000000000000000\n" in status
            assert "Uid:\t65534\t65534" in status


@contextmanager
def another_standin(owner=-1, **circumstances):
    """One that is not like that of the fixture; `owner` of its folders."""
    folder = Path(tempfile.mkdtemp(prefix="mh-"))
    standin = Standin(folder, **circumstances)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner)
    (folder / "data" / "probe").mkdir()
    os.chown(folder / "data" / "probe", owner, owner)
    try:
        yield standin
    finally:
        standin.close()
        shutil.rmtree(folder)


def test_another_interpreter_stands_behind_the_same_walls(standin):
    """What the zygote is inside of, it is told; what each host has of its own, it makes."""
    host = standin.run(interpreter=sys.executable)
    assert {layer.status for layer in host.layers} == {"enforced"}
    assert "processes: enforced" in text(host)


@pytest.fixture(name="segment")
def fixture_segment():
    """The key of a piece of System V shared memory that everybody may use."""
    key = 0x6D670000 | os.getpid() & 0xFFFF
    number = LIBC.shmget(key, 4096, CREATE | 0o666)
    assert number >= 0
    yield key
    LIBC.shmctl(number, REMOVE, None)


def test_ipc_objects_of_others_are_not_there(standin, segment):
    """Neither those of the machine nor those of another module."""
    shmget = {"x86_64": 29, "aarch64": 194}[os.uname().machine]
    attach, make = f"call({shmget}, {segment}, 0, 0)", f"call({shmget}, {segment}, 4096, 0o1666)"
    host = standin.run(without=but("ipc"))
    assert attempt(standin, host, attach) == "ENOENT"
    assert attempt(standin, host, make) == "done"
    for name, layers_off, outcome in (
        ("second", but("ipc"), "ENOENT"),
        ("third", ["ipc"], "EPERM"),  # the layer syscalls stands in for it
        ("fourth", ["ipc", "syscalls"], "done"),
    ):
        standin.add_module(name, "from probe.module import Module")
        other = standin.run(name, without=layers_off)
        assert attempt(standin, other, attach) == outcome


@pytest.fixture(name="server")
def fixture_server(standin):
    """A unix socket that somebody else serves, in a folder of its own."""
    place = standin.folder / "elsewhere"
    place.mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(place / "socket"))
        (place / "socket").chmod(0o666)
        listener.listen()
        yield place / "socket"


def connecting(path):
    """To a unix socket."""
    return f"__import__('socket').socket(1).connect('{path}')"


def test_sockets_outside_are_not_there(standin, server):
    """No other wall keeps a module from connecting to them."""
    host = standin.run(without=but("paths"))
    assert attempt(standin, host, connecting(server)) == "ENOENT"
    assert attempt(standin, standin.run(without=["paths"]), connecting(server)) == "done"


def test_what_is_granted_is_there(standin, server):
    """The socket by its name, or all that is in its folder, also when it is made anew."""
    by_name = standin.run(write_paths=[str(server)])
    assert attempt(standin, by_name, connecting(server)) == "done"
    by_folder = standin.run(shown_paths=[str(server.parent)])
    assert attempt(standin, by_folder, connecting(server)) == "done"
    assert attempt(standin, by_folder, f"open('{server.parent}/x', 'w')") == "EACCES"
    server.unlink()
    with closing(socket.socket(socket.AF_UNIX)) as again:
        again.bind(str(server))
        server.chmod(0o666)
        again.listen()
        assert attempt(standin, by_folder, connecting(server)) == "done"


def test_a_refused_connection_is_explained(standin, server):
    """Once, with the line that gives it."""
    host = standin.run()
    for _ in range(2):
        assert attempt(standin, host, connecting(server)) == "ENOENT"
    assert text(host).count(f"denied: connecting to {server} takes a grant") == 1
    assert f'an operator gives it by write = ["{server}"] in [module.probe]' in text(host)


def test_nothing_is_there_but_the_system_and_what_is_granted(standin):
    """Not even by name; what a module writes elsewhere is seen by nobody."""
    for name in ("secret", "shown", "data/other"):
        (standin.folder / name).mkdir()
    (standin.folder / "log" / "other.log").touch()
    host = standin.run(without=but("paths"), read_paths=[str(standin.folder / "shown")])

    def listed(path):
        return standin.call(host, "execute", f"import os; result = sorted(os.listdir({path!r}))")

    assert listed("/root") == listed("/home") == listed("/dev/shm") == []
    assert listed("/run") == []
    assert set(listed(str(standin.folder))) >= {"bus.sock", "data", "log", "shown", "state"}
    assert "secret" not in listed(str(standin.folder))
    assert listed(str(standin.folder / "data")) == ["probe"]
    assert listed(str(standin.folder / "log")) == ["probe.log"]
    assert attempt(standin, host, f"open('{standin.folder}/new', 'w')") == "done"
    assert not (standin.folder / "new").exists()
    assert attempt(standin, host, f"open('{standin.folder}/data/probe/new', 'w')") == "done"
    assert (standin.folder / "data" / "probe" / "new").exists()


def test_links_lead_where_they_led(standin):
    """A grant may name a link; both names of what is there work."""
    real, alias = standin.folder / "real", standin.folder / "alias"
    real.mkdir()
    (real / "file").touch()
    (standin.folder / "first").symlink_to("real")
    alias.symlink_to(standin.folder / "first")
    host = standin.run(read_paths=[str(alias)])
    for name in (alias, real):
        assert attempt(standin, host, f"open('{name}/file')") == "done"


def test_a_granted_folder_is_not_covered(standin):
    """Where a whole folder is granted, the machine's own is seen."""
    host = standin.run(write_paths=["/dev/shm"])
    assert "/dev/shm" not in state(host, "paths")[1]
    assert attempt(standin, host, "__import__('multiprocessing').Lock()") == "done"
