"""What the adversary is after outside of the supervisor: a process, listeners, shared memory, keys.

Each says what it has noticed as facts, a name and a value: an attempt got out where one differs.
"""

import contextlib
import ctypes
import os
import pty
import select
import socket
import struct
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil


PATIENCE_SECONDS = 10.0
_SCRIPT = Path(__file__).with_name("adversary_bystander.py")
_USER_RING = -4

Facts = dict[str, object]
kernel: Any = import_module("faults.modules.adversary_attempts.kernel")


class Bystander:
    """A process of the same user with a terminal of its own; started again where it was harmed."""

    def __init__(self, folder: Path, gift: Path, tag: str, secret: str) -> None:
        """It works in `folder`, and gives its file away at `gift`."""
        self.name, self.gift = f"bystander-{tag}", gift
        self._folder, self._secret = folder, secret
        self._start()

    def _start(self) -> None:
        self.gift.unlink(missing_ok=True)
        self._master, slave = pty.openpty()
        self.terminal = os.ttyname(slave)
        command = [sys.executable, "-I", str(_SCRIPT), self.name, self._secret, str(self.gift)]
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=subprocess.PIPE, cwd=self._folder,
            env={**os.environ, "BYSTANDER_SECRET": self._secret},
        )  # fmt: skip
        os.close(slave)
        self.pid = self._process.pid
        self.address, self.fd = map(int, self._line().split())

    def facts(self) -> Facts:
        """How it is."""
        if self._process.poll() is not None:
            return {"bystander": "gone"}
        try:
            own = psutil.Process(self.pid)
            return {
                "bystander": self._ask(),
                "bystander's nice": own.nice(),
                "bystander's disk": own.ionice().ioclass,
                "bystander's processors": own.cpu_affinity(),
                "bystander's scheduling": os.sched_getscheduler(self.pid),
                "bystander's limits": own.rlimit(psutil.RLIMIT_NOFILE),
            }
        except (psutil.NoSuchProcess, ProcessLookupError, OSError):
            return {"bystander": "gone"}

    def restart(self) -> None:
        """Another one in its place."""
        self.close()
        self._start()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        os.close(self._master)

    def _ask(self) -> str:
        """What is in its memory, and on its terminal."""
        os.write(self._master, b"\n")
        memory = self._line()
        shown = b""
        while select.select([self._master], [], [], 0)[0]:
            shown += os.read(self._master, 4096)
        typed = shown.translate(None, b"\r\n").decode("latin-1")
        return f"{memory} {typed}"

    def _line(self) -> str:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_SECONDS)
        return self._process.stdout.readline().decode("latin-1").strip() if ready else "silent"


class Ears:
    """Listeners of every kind; what reaches one is noticed."""

    def __init__(self, folder: Path, tag: str) -> None:
        self.unix, self.notify = str(folder / "service.sock"), str(folder / "notify.sock")
        self.unix_run, self.abstract = f"/run/{tag}.sock", f"adversary-{tag}"
        stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
        wanted: list[tuple[str, int, int, Any]] = [
            ("tcp", socket.AF_INET, stream, ("127.0.0.1", 0)),
            ("tcp6", socket.AF_INET6, stream, ("::1", 0)),
            ("udp", socket.AF_INET, datagram, ("127.0.0.1", 0)),
            ("abstract", socket.AF_UNIX, stream, f"\0{self.abstract}"),
            ("abstract datagram", socket.AF_UNIX, datagram, f"\0{self.abstract}-d"),
            ("unix", socket.AF_UNIX, stream, self.unix),
            ("unix datagram", socket.AF_UNIX, datagram, f"{self.unix}-d"),
            ("unix in /run", socket.AF_UNIX, stream, self.unix_run),
            ("notify", socket.AF_UNIX, datagram, self.notify),
        ]
        self._sockets: dict[str, socket.socket] = {}
        for name, family, kind, address in wanted:
            with contextlib.suppress(OSError):  # no IPv6, no writable /run
                self._sockets[name] = _listening(family, kind, address)

    def port(self, name: str) -> int:
        """Of the TCP or UDP listener of that name; 1 where there is none."""
        listener = self._sockets.get(name)
        return int(listener.getsockname()[1]) if listener else 1

    def facts(self, mark: str) -> Facts:
        """Who was spoken to since the last time."""
        heard = {f"{name} listener": self._heard(name, mark) for name in self._sockets}
        return {name: what for name, what in heard.items() if what}

    def _heard(self, name: str, mark: str) -> str:
        listener, text = self._sockets[name], ""
        with contextlib.suppress(BlockingIOError):
            while True:
                if listener.type == socket.SOCK_DGRAM:
                    said = listener.recv(4096).decode(errors="replace")
                    text += "spoken to" if mark in said else ""
                else:
                    listener.accept()[0].close()
                    text += "connected to"
        return text

    def close(self) -> None:
        """Listen no more."""
        for listener in self._sockets.values():
            listener.close()
        Path(self.unix_run).unlink(missing_ok=True)


def _listening(family: int, kind: int, address: Any) -> socket.socket:
    made = socket.socket(family, kind)
    try:
        made.bind(address)
        if kind == socket.SOCK_STREAM:
            made.listen()
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


class Shared:
    """Memory, messages, semaphores and keys that belong to the user, not to a process."""

    def __init__(self, tag: str, secret: str) -> None:
        self.key = int(tag, 16) & 0x7FFFFFFF
        self.queue, self.key_name = f"adversary-{tag}", f"adversary-{tag}"
        self.file = Path(f"/dev/shm/adversary-{tag}")  # noqa: S108  shared memory is there
        self._secret = secret.encode()
        self.file.write_bytes(self._secret)
        self.file.chmod(0o600)
        create = 0o1600
        self._memory = kernel.call("shmget", self.key, 64, create)
        shmat = ctypes.CDLL(None).shmat
        shmat.restype = ctypes.c_void_p
        address = shmat(self._memory, None, 0)
        ctypes.memmove(address, self._secret, len(self._secret))
        ctypes.CDLL(None).shmdt(ctypes.c_void_p(address))
        self._messages = kernel.call("msgget", self.key, create)
        self._semaphores = kernel.call("semget", self.key, 1, create)
        self._kernel_key = 0
        with contextlib.suppress(OSError):
            name = self.key_name.encode()
            self._kernel_key = kernel.call(
                "add_key", b"user", name, self._secret, len(self._secret), _USER_RING
            )
            kernel.call("keyctl", 5, self._kernel_key, 0x3F3F0000)  # SETPERM: all, for the user
        self._posix: int | None = None
        with contextlib.suppress(OSError):
            flags = os.O_CREAT | os.O_RDWR | os.O_NONBLOCK
            self._posix = kernel.call("mq_open", self.queue.encode(), flags, 0o600, 0)
        self.fill()

    def fill(self) -> None:
        """Have one message in each queue; the one that was there may be gone."""
        buffer = ctypes.create_string_buffer(128)
        with contextlib.suppress(OSError):
            kernel.call("msgrcv", self._messages, buffer, 64, 0, 0o4000)
        message = struct.pack(f"@l{len(self._secret)}s", 1, self._secret)
        kernel.call("msgsnd", self._messages, message, len(self._secret), 0o4000)
        if self._posix is not None:
            room = ctypes.create_string_buffer(8192)
            with contextlib.suppress(OSError):
                kernel.call("mq_timedreceive", self._posix, room, 8192, 0, 0)
            kernel.call("mq_timedsend", self._posix, self._secret, len(self._secret), 0, 0)

    def close(self) -> None:
        """Take all of it away."""
        libc = ctypes.CDLL(None)
        libc.shmctl(self._memory, 0, None)
        libc.msgctl(self._messages, 0, None)
        libc.semctl(self._semaphores, 0, 0)
        if self._kernel_key:
            kernel.call("keyctl", 9, self._kernel_key, _USER_RING)
        if self._posix is not None:
            os.close(self._posix)
            libc.mq_unlink(f"/{self.queue}".encode())
        self.file.unlink(missing_ok=True)
