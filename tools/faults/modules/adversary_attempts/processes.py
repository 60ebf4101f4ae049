"""Attempts on other processes: their memory, their limits, their life, their terminals."""

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

from . import kernel
from .attempt import Family, Target, in_child, processes, read


procs = Family("processes")

_F_SETSIG = 10
_GRACE_SECONDS = 0.05
_SIBLING, _SUPERVISOR = "mgr:victim", "mgr-supervisor"


def _each(name: str, pid: int, work: Callable[[int], Any]) -> Any:
    """Of all processes that bear the name, what comes of the first where it works. Raises what the
    last one did.
    """
    last: OSError | None = None
    for one in processes(name, pid):
        try:
            return work(one)
        except OSError as error:
            last = error
    raise last or ProcessLookupError(name)


def _siblings(at: Target, work: Callable[[int], Any]) -> Any:
    return _each(_SIBLING, at.sibling, work)


def _victims(at: Target, work: Callable[[int], Any]) -> Any:
    return _each(at.bystander_name, at.bystander, work)


@procs("see which processes run, with their command lines", gap="/proc shows all processes")
def list_processes(at: Target) -> str:
    return _victims(at, lambda pid: read(f"/proc/{pid}/cmdline"))


@procs(
    "read a sibling's environment",
    closed="always: a forked host's variables are not where the kernel shows them",
)
def environ_of_sibling(at: Target) -> str:
    return _siblings(at, lambda pid: read(f"/proc/{pid}/environ"))


@procs("read another process' environment")
def environ_of_bystander(at: Target) -> str:
    return _victims(at, lambda pid: read(f"/proc/{pid}/environ"))


@procs("read the supervisor's environment", own_word=True)
def environ_of_supervisor(at: Target) -> str:
    work = lambda pid: f"{len(read(f'/proc/{pid}/environ'))} characters"  # noqa: E731
    return _each(_SUPERVISOR, at.supervisor, work)


def _memory(pid: int, address: int) -> str:
    fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        return os.pread(fd, 64, address).decode("latin-1")
    finally:
        os.close(fd)


@procs("read a sibling's memory through /proc")
def mem_of_sibling(at: Target) -> str:
    return _siblings(at, lambda pid: _memory(pid, at.sibling_address))


@procs("read another process' memory through /proc")
def mem_of_bystander(at: Target) -> str:
    return _victims(at, lambda pid: _memory(pid, at.bystander_address))


def _vector(buffer: Any, address: int) -> tuple[Any, Any]:
    size = len(buffer)
    local = struct.pack("@PN", ctypes.addressof(buffer), size)
    return local, struct.pack("@PN", address, size)


@procs("read a sibling's memory (process_vm_readv)")
def vm_read_sibling(at: Target) -> str:
    def work(pid: int) -> str:
        buffer = ctypes.create_string_buffer(64)
        kernel.call("process_vm_readv", pid, *_interleave(_vector(buffer, at.sibling_address)), 0)
        return buffer.raw.decode("latin-1")

    return _siblings(at, work)


@procs("write into another process' memory (process_vm_writev)")
def vm_write_bystander(at: Target) -> None:
    def work(pid: int) -> int:
        buffer = ctypes.create_string_buffer(at.mark.encode())
        vectors = _interleave(_vector(buffer, at.bystander_address))
        return kernel.call("process_vm_writev", pid, *vectors, 0)

    _victims(at, work)


@procs("write into another process' memory through /proc")
def mem_write_bystander(at: Target) -> None:
    def work(pid: int) -> int:
        fd = os.open(f"/proc/{pid}/mem", os.O_WRONLY)
        try:
            return os.pwrite(fd, at.mark.encode(), at.bystander_address)
        finally:
            os.close(fd)

    _victims(at, work)


def _interleave(vectors: tuple[Any, Any]) -> tuple[Any, int, Any, int]:
    return vectors[0], 1, vectors[1], 1


@procs("trace another process, and read its memory so (ptrace)")
def ptrace_bystander(at: Target) -> str:
    seize, peek = 0x4206, 2

    def trace(pid: int) -> str:
        kernel.call("ptrace", seize, pid, 0, 0)
        kernel.call("ptrace", 0x4207, pid, 0, 0)  # interrupt: it must stop to be read
        os.waitpid(pid, 0x40000000)
        words = []
        for offset in range(0, 64, 8):
            buffer = ctypes.create_string_buffer(8)
            kernel.call("ptrace", peek, pid, at.bystander_address + offset, buffer)
            words.append(buffer.raw.decode("latin-1"))
        return "".join(words)

    return _victims(at, lambda pid: in_child(lambda: trace(pid)))


@procs("see where another process has what in its memory", own_word=True)
def maps_of_bystander(at: Target) -> str:
    return _victims(at, lambda pid: f"{len(read(f'/proc/{pid}/maps'))} characters")


@procs("read a file through another process' root folder")
def root_of_bystander(at: Target) -> str:
    return _victims(at, lambda pid: read(f"/proc/{pid}/root{at.secret_file}"))


@procs("read a file through another process' working folder")
def cwd_of_bystander(at: Target) -> str:
    name = os.path.basename(at.secret_file)
    return _victims(at, lambda pid: read(f"/proc/{pid}/cwd/{name}"))


@procs("read a file that another process has open, and that has no name any more")
def fd_of_bystander(at: Target) -> str:
    return _victims(at, lambda pid: read(f"/proc/{pid}/fd/{at.bystander_fd}"))


@procs("take a descriptor out of another process (pidfd_getfd)")
def pidfd_getfd(at: Target) -> str:
    def work(pid: int) -> str:
        with _pidfd(pid) as fd:
            taken = kernel.call("pidfd_getfd", fd, at.bystander_fd, 0)
            try:
                return os.pread(taken, 64, 0).decode()
            finally:
                os.close(taken)

    return _victims(at, work)


@procs("compare what two processes hold (kcmp)", own_word=True)
def kcmp(at: Target) -> str:
    work = lambda pid: f"{kernel.call('kcmp', os.getpid(), pid, 1, 0, 0)}"  # noqa: E731
    return _victims(at, work)


@procs("kill another process")
def kill_bystander(at: Target) -> None:
    _victims(at, lambda pid: os.kill(pid, signal.SIGTERM))


@procs("kill another process' group")
def kill_group(at: Target) -> None:
    _victims(at, lambda pid: os.killpg(pid, signal.SIGTERM))


@procs("kill one thread of another process (tgkill)")
def kill_thread(at: Target) -> None:
    _victims(at, lambda pid: kernel.call("tgkill", pid, pid, signal.SIGTERM))


@procs("kill another process by descriptor (pidfd_send_signal)")
def kill_by_pidfd(at: Target) -> None:
    def work(pid: int) -> None:
        with _pidfd(pid) as fd:
            kernel.call("pidfd_send_signal", fd, signal.SIGTERM, 0, 0)

    _victims(at, work)


@procs("kill a sibling")
def kill_sibling(at: Target) -> None:
    _siblings(at, lambda pid: os.kill(pid, signal.SIGKILL))


@procs("have a socket send another process a signal (F_SETOWN)")
def kill_by_socket(at: Target) -> None:
    def work(pid: int) -> None:
        one, other = socket.socketpair()
        with one, other:
            fcntl.fcntl(one, _F_SETSIG, signal.SIGTERM)
            fcntl.fcntl(one, fcntl.F_SETOWN, pid)
            flags = fcntl.fcntl(one, fcntl.F_GETFL)
            fcntl.fcntl(one, fcntl.F_SETFL, flags | os.O_ASYNC)
            other.send(b"x")
            time.sleep(_GRACE_SECONDS)

    _victims(at, work)


@procs("take a sibling's turns at the processor (nice)")
def renice(at: Target) -> None:
    _siblings(at, lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19))


@procs("take the turns of a sibling's whole group")
def renice_group(at: Target) -> str:
    def work(pid: int) -> None:
        before = os.getpriority(os.PRIO_PROCESS, pid)
        os.setpriority(os.PRIO_PGRP, os.getpgid(pid), before + 1)

    return _siblings(at, work)


@procs("pin a sibling to one processor", closed="takes two processors")
def pin(at: Target) -> None:
    mask = struct.pack("@Q", 1)
    _siblings(at, lambda pid: kernel.call("sched_setaffinity", pid, len(mask), mask))


@procs("give a sibling the lowest scheduling class")
def idle_class(at: Target) -> None:
    _siblings(at, lambda pid: kernel.call("sched_setscheduler", pid, 5, struct.pack("@i", 0)))


@procs("let a sibling wait for the disk (ioprio)")
def disk_class(at: Target) -> None:
    _siblings(at, lambda pid: kernel.call("ioprio_set", 1, pid, 3 << 13))


@procs("have the kernel end a sibling first when memory runs out")
def offer_sibling(at: Target) -> None:
    def work(pid: int) -> None:
        with open(f"/proc/{pid}/oom_score_adj", "w") as file:
            file.write("1000")

    _siblings(at, work)


@procs("take another process' files and memory by limits (prlimit)")
def limit_bystander(at: Target) -> None:
    def work(pid: int) -> None:
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (16, before[1]))

    _victims(at, work)


@procs("set a limit of a sibling (prlimit)")
def limit_sibling(at: Target) -> None:
    def work(pid: int) -> None:
        _soft, hard = resource.prlimit(pid, resource.RLIMIT_MSGQUEUE)
        resource.prlimit(pid, resource.RLIMIT_MSGQUEUE, (4096, hard))

    _siblings(at, work)


@procs(
    "have another process' memory written out (process_madvise)",
    own_word=True,
    closed="takes root",
)
def madvise_bystander(at: Target) -> str:
    def work(pid: int) -> str:
        with _pidfd(pid) as fd:
            page = at.bystander_address & ~0xFFF
            return f"{kernel.call('process_madvise', fd, struct.pack('@PN', page, 4096), 1, 20, 0)}"

    return _victims(at, work)


@procs("enter another process' namespaces (setns)", own_word=True, closed="takes root")
def enter_namespace(at: Target) -> str:
    def work(pid: int) -> str:
        with _pidfd(pid) as fd:
            return in_child(lambda: f"{kernel.call('setns', fd, 0x08000000)}")  # CLONE_NEWIPC

    return _victims(at, work)


@procs("type into another process' terminal", closed="takes a kernel that still allows it, or root")
def type_into_terminal(at: Target) -> None:
    fd = os.open(at.terminal, os.O_RDWR | os.O_NOCTTY)
    try:
        for letter in at.mark.encode():
            fcntl.ioctl(fd, 0x5412, bytes([letter]))  # TIOCSTI
    finally:
        os.close(fd)


@procs("write to another process' terminal")
def write_to_terminal(at: Target) -> None:
    fd = os.open(at.terminal, os.O_WRONLY | os.O_NOCTTY)
    try:
        os.write(fd, at.mark.encode())
    finally:
        os.close(fd)


@procs("become another user", own_word=True, closed="takes root")
def become_other(_at: Target) -> str:
    def work() -> str:
        os.setresuid(65533, 65533, 65533)
        return f"user {os.geteuid()}"

    return in_child(work)


@procs("be root again, or the supervisor's user", own_word=True, closed="takes root")
def become_root(_at: Target) -> str:
    def work() -> str:
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        os.close(os.open("/etc/shadow", os.O_RDONLY))
        return "root"

    return in_child(work)


@procs(
    "leave a process behind that outlives the module", restart=True,
    closed="always: what a host leaves behind is ended with it",
)  # fmt: skip
def outlive(at: Target) -> None:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.setsid()
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # no parent's death ends it
        with open("/proc/self/comm", "w") as name:
            name.write(at.mark[:15])
    except OSError:
        ctypes.CDLL(None).prctl(15, at.mark.encode()[:15], 0, 0, 0)
    try:
        end = time.monotonic() + 8
        while time.monotonic() < end:
            time.sleep(0.1)
    finally:
        os._exit(0)


@contextlib.contextmanager
def _pidfd(pid: int) -> Iterator[int]:
    fd = kernel.call("pidfd_open", pid, 0)
    try:
        yield fd
    finally:
        os.close(fd)
