"""Attempts on the kernel itself. Where the call would change the machine, it is made so that the
kernel finds fault with it, but only once it has let it in: the errno tells.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Callable

from . import kernel
from .attempt import Family, Target, in_child


doors = Family("kernel")

_ROOT = "takes root"
_BUILT = "takes root, and a kernel that has it"
_NEW = {
    "user": 0x10000000,
    "mount": 0x00020000,
    "network": 0x40000000,
    "process": 0x20000000,
    "ipc": 0x08000000,
    "name": 0x04000000,
}


def _door(name: str, what: str, work: Callable[[], object], *let_in: int, closed: str = "") -> None:
    """One that is open where `work` succeeds, or fails with one of `let_in`."""

    def attempt(_at: Target) -> str:
        try:
            return f"answers {work()}"
        except OSError as error:
            if error.errno in let_in:
                return f"lets in: {error.strerror}"
            raise

    doors.add(name, what, attempt, own_word=True, closed=closed)


def _bpf() -> str:
    attributes = struct.pack("=IIII", 2, 4, 8, 1)  # an array of one value of 8 bytes
    return kernel.opened("bpf", 0, attributes.ljust(128, b"\0"), 128)


def _perf() -> str:
    attributes = struct.pack("=IIQ", 1, 64, 1).ljust(64, b"\0")
    return kernel.opened("perf_event_open", attributes, 0, -1, -1, 0)


def _io_uring() -> str:
    return kernel.opened("io_uring_setup", 2, ctypes.create_string_buffer(120))


def _ldt() -> str:
    return f"{kernel.call('modify_ldt', 0, ctypes.create_string_buffer(16), 16)} bytes"


def _filter_listener() -> str:
    def work() -> str:
        code = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000), 8)
        head = struct.pack("@HP", 1, ctypes.addressof(code))
        ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
        return kernel.opened("seccomp", 1, 8, head)

    return str(in_child(work))


_door("bpf", "load programs into the kernel (bpf)", _bpf, closed="as the machine is set")
_door("perf", "count what others do (perf_event_open)", _perf, closed="as the machine is set")
_door(
    "io_uring",
    "have calls made past every filter (io_uring)",
    _io_uring,
    closed="as the machine is set",
)
_door(
    "userfaultfd",
    "stop the kernel in the middle of a copy (userfaultfd)",
    lambda: kernel.opened("userfaultfd", 0),
    closed="as the machine is set",
)
_door(
    "modify_ldt", "change the processor's tables (modify_ldt)", _ldt, closed="not on every machine"
)
_door(
    "iopl",
    "reach devices' ports (iopl)",
    lambda: in_child(lambda: kernel.call("iopl", 3)),
    closed=_BUILT,
)
_door(
    "ioperm",
    "reach one device's port (ioperm)",
    lambda: in_child(lambda: kernel.call("ioperm", 0x80, 1, 1)),
    closed=_BUILT,
)
_door(
    "seccomp_listener",
    "decide about system calls in another's place (seccomp listener)",
    _filter_listener,
)
_door(
    "personality",
    "start programs without random addresses (personality)",
    lambda: in_child(lambda: kernel.call("personality", 0x40000)),
)
_door(
    "kernel_log",
    "read the kernel's log",
    lambda: kernel.call("syslog", 3, ctypes.create_string_buffer(64), 64),
    closed=_ROOT,
)
_door(
    "kexec",
    "start another kernel",
    lambda: kernel.call("kexec_load", 0, 17, 0, 0),
    errno.EINVAL,
    closed=_BUILT,
)
_door(
    "kernel_module",
    "load a kernel module",
    lambda: kernel.call("init_module", b"x", 1, b""),
    errno.ENOEXEC,
    errno.EFAULT,
    closed=_BUILT,
)
_door(
    "kernel_module_file",
    "load a kernel module from a file",
    lambda: kernel.call("finit_module", -1, b"", 0),
    errno.EBADF,
    closed=_BUILT,
)
_door(
    "reboot",
    "end the machine",
    lambda: kernel.call("reboot", 0, 0, 0, 0),
    errno.EINVAL,
    closed=_ROOT,
)
_door(
    "swap",
    "use a file of its own as swap",
    lambda: kernel.call("swapon", b"/nowhere", 0),
    errno.ENOENT,
    closed=_ROOT,
)
_door(
    "accounting",
    "have all processes' ends written down (acct)",
    lambda: kernel.call("acct", b"/nowhere"),
    errno.ENOENT,
    closed=_ROOT,
)
_door("clock", "set the clock", lambda: kernel.call("settimeofday", 0, 0), closed=_ROOT)
_door(
    "host_name",
    "rename the machine",
    lambda: kernel.call("sethostname", os.uname().nodename.encode(), -1),
    errno.EINVAL,
    closed=_ROOT,
)
_door(
    "fanotify",
    "watch the whole file system (fanotify)",
    lambda: kernel.opened("fanotify_init", 0, 0),
    closed=_ROOT,
)
_door(
    "hang_up",
    "take the terminal from whoever has it (vhangup)",
    lambda: in_child(lambda: kernel.call("vhangup")),
    closed=_ROOT,
)
_door(
    "change_root",
    "choose another root folder (chroot)",
    lambda: in_child(lambda: kernel.call("chroot", b"/")),
    closed=_ROOT,
)
_door(
    "pivot_root",
    "exchange the root file system",
    lambda: in_child(lambda: kernel.call("pivot_root", b"/", b"/nowhere")),
    errno.ENOENT,
    errno.EINVAL,
    errno.EBUSY,
    closed=_ROOT,
)
_door(
    "open_tree",
    "copy a tree of mounts (open_tree)",
    lambda: kernel.opened("open_tree", -100, b"/", 1),
    closed=_ROOT,
)
_door(
    "open_file_system",
    "open a file system by itself (fsopen)",
    lambda: kernel.opened("fsopen", b"tmpfs", 0),
    closed=_ROOT,
)


def _unshares(kind: str, flag: int) -> None:
    _door(
        f"{kind}_namespace", f"make a namespace of its own: {kind} (unshare)",
        lambda: in_child(lambda: kernel.call("unshare", flag)),
        closed="" if kind == "user" else _ROOT,
    )  # fmt: skip


for _kind, _flag in _NEW.items():
    _unshares(_kind, _flag)


def _clone3() -> str:
    # struct clone_args: flags, ..., exit_signal; 88 bytes
    arguments = struct.pack("=11Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)

    def work() -> str:
        child = kernel.call("clone3", arguments, 88)
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        return "child"

    return str(in_child(work))


_door("clone3_namespace", "make a user namespace where filters cannot look (clone3)", _clone3)


@doors("mount a file system over a folder", closed=_ROOT)
def mount(at: Target) -> None:
    in_child(lambda: kernel.call("mount", b"none", os.fsencode(at.mount_point), b"tmpfs", 0, b""))


@doors("take a file system away", closed=_ROOT)
def unmount(at: Target) -> None:
    in_child(lambda: kernel.call("umount2", os.fsencode(at.mounted), 0))


@doors("read a key of the supervisor's user in the kernel's key store", closed="takes key rings")
def read_key(at: Target) -> str:
    key = kernel.call("keyctl", 10, -4, b"user", at.key_name.encode(), 0)  # SEARCH, user's ring
    buffer = ctypes.create_string_buffer(64)
    size = kernel.call("keyctl", 11, key, buffer, 64)
    return buffer.raw[:size].decode()


@doors(
    "add a key to the ring that all processes of the user share",
    closed="takes key rings",
    own_word=True,
)
def add_key(at: Target) -> str:
    key = kernel.call("add_key", b"user", at.mark.encode(), b"x", 1, -4)
    kernel.call("keyctl", 9, key, -4)  # UNLINK
    return f"key {key}"


@doors(
    "have the kernel run a program to find a key (request_key)",
    own_word=True,
    closed="takes key rings",
)
def request_key(at: Target) -> str:
    return f"key {kernel.call('request_key', b'user', at.key_name.encode(), 0, -4)}"
