"""Programs that are run once, for a request that waits for them."""

import contextlib
import errno
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from supervisor.agent.definition import Program
from supervisor.agent.refusal import RefusedError


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OUTPUT_BYTES = 4 << 20  # of each of the two streams; the rest is dropped
CHUNK = 64 << 10
LINGER = 0.5  # seconds for output that comes after the end
_CUT = "\n[cut here]\n"


@dataclass(frozen=True)
class Ended:
    """What came of a program; `code` is negative where a signal ended it."""

    code: int
    out: str
    err: str


@dataclass
class _Stream:
    """One stream of its output, the beginning of it."""

    data: bytearray = field(default_factory=bytearray)
    cut: bool = False

    def add(self, chunk: bytes) -> None:
        room = OUTPUT_BYTES - len(self.data)
        self.data += chunk[:room]
        self.cut = self.cut or len(chunk) > room

    def text(self) -> str:
        return self.data.decode(errors="replace") + _CUT * self.cut


def environment_of(given: Mapping[str, str], mark: Mapping[str, str]) -> dict[str, str]:
    """What a program or daemon finds: nothing of ours, a search path, what is given, our mark."""
    return {"PATH": PATH, "LANG": "C.UTF-8", **given, **mark}


def located(command: str, environment: Mapping[str, str]) -> str:
    """Where the program is; raises RefusedError where it is nowhere."""
    found = shutil.which(command, path=environment.get("PATH", PATH))
    if found is None:
        raise RefusedError(errno.ENOENT, f"there is no program {command!r} on this host")
    return found


def run(program: Program, folder: Path, mark: Mapping[str, str]) -> Ended:
    """Run it in `folder`, in a session of its own, to its end, together with whatever it leaves in
    its process group; `mark` is added to its variables. Raises RefusedError: it cannot be started,
    or does not end in time.
    """
    environment = environment_of(program.environment, mark)
    located(program.command[0], environment)
    try:
        process = subprocess.Popen(
            program.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd=folder,
            env=environment,
        )
    except OSError as error:
        number = error.errno or errno.EIO
        raise RefusedError(
            number, f"{program.command[0]!r} cannot be started: {error.strerror}"
        ) from None
    out, err = _Stream(), _Stream()
    try:
        in_time = _talk(process, program, out, err)
    finally:
        _end(process)
    if not in_time:
        raise RefusedError(
            errno.ETIMEDOUT,
            f"{program.command[0]!r} did not end within {program.timeout:g} s and was killed; "
            f"it had said: {err.text()[-500:]!r}",
        )
    return Ended(process.returncode, out.text(), err.text())


def _talk(process: "subprocess.Popen[bytes]", program: Program, out: _Stream, err: _Stream) -> bool:
    """Feed it and read it until it ends; False: it did not in time. Does not reap it."""
    deadline = time.monotonic() + program.timeout
    waiting = memoryview(program.stdin.encode())
    pidfd = os.pidfd_open(process.pid)
    assert process.stdin and process.stdout and process.stderr  # noqa: PT018
    try:
        with selectors.DefaultSelector() as selector:
            for stream in (process.stdin, process.stdout, process.stderr):
                os.set_blocking(stream.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            selector.register(process.stdout, selectors.EVENT_READ, out)
            selector.register(process.stderr, selectors.EVENT_READ, err)
            selector.register(pidfd, selectors.EVENT_READ)
            ended = False
            while selector.get_map():
                left = deadline - time.monotonic()
                ready = selector.select(max(0, left))
                if not ready:
                    return ended
                for key, _ in ready:
                    if key.fileobj is pidfd or key.fileobj == pidfd:
                        # What its children still hold open is not waited for.
                        ended = True
                        deadline = time.monotonic() + LINGER
                        selector.unregister(pidfd)
                    elif key.fileobj is process.stdin:
                        waiting = _feed(process, waiting)
                        if not waiting:
                            selector.unregister(process.stdin)
                            process.stdin.close()
                    else:
                        chunk = os.read(key.fd, CHUNK)
                        key.data.add(chunk)
                        if not chunk:
                            selector.unregister(key.fileobj)
            return ended
    finally:
        os.close(pidfd)


def _feed(process: "subprocess.Popen[bytes]", waiting: memoryview) -> memoryview:
    """What is left of its input; nothing once it does not read."""
    assert process.stdin is not None
    try:
        return waiting[os.write(process.stdin.fileno(), waiting[:CHUNK]) :]
    except BlockingIOError:
        return waiting
    except OSError:
        return waiting[:0]


def _end(process: "subprocess.Popen[bytes]") -> None:
    # Before it is reaped: until then its pid, and so the group's, is taken.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
