"""What a module sees of the machine: its own processes and IPC objects, whatever other walls stand."""

import ctypes
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from module_host.sandbox import layers
from tests.module_host.attempts import attempt
from tests.module_host.standin import Standin, text


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
    folder = Path(tempfile.mkdtemp(prefix="mh-"))
    standin = Standin(folder, without_pids="switched off by [sandbox] without")
    try:
        host = standin.run()
        assert state(host, "processes") == ("off", "switched off by [sandbox] without")
        assert standin.call(host, "execute", OWN_PID) == host.pid
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
    for name, layers_off, outcome in (("second", but("ipc"), "ENOENT"), ("third", ["ipc"], "done")):
        standin.add_module(name, "from probe.module import Module")
        other = standin.run(name, without=layers_off)
        assert attempt(standin, other, attach) == outcome
