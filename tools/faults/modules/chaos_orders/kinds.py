"""The faults themselves. Each takes the order and does its worst; what is bounded says how.

None needs anything but the standard library, so that they strike in any phase and in a real
ceph-mgr; what speaks on the supervisor's bus is in `bus`.
"""

import ctypes
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn


# Bombs are bounded here, so that nothing but a module goes up where no limit stops them.
PROCESSES = 200
THREADS = 300
DESCRIPTORS = 5000
BOMB_SECONDS = 3.0  # that its thread stands still afterwards: a limit needs a moment to be noticed
BUSY_THREADS = 4
MUTEX_BYTES = 64  # room for a pthread_mutex_t; all zero is an ordinary one
LOG_LINES = 20_000
MEMORY_CHUNK = 16 << 20
MEMORY_CHUNKS = 24
REPLY_BYTES = 1 << 30
FLOOD_SECONDS = 1.5
FLOOD_THREADS = 8
SLOW_SECONDS = 2.0
HOUR = 3600.0

Plan = dict[str, Any]
_held: list[Any] = []  # what a leak holds


def _signal(number: int) -> Callable[[Plan], None]:
    def kill(_plan: Plan) -> None:
        os.kill(os.getpid(), number)

    return kill


def _exit(code: int) -> Callable[[Plan], None]:
    def leave(_plan: Plan) -> NoReturn:
        os._exit(code)

    return leave


def sigsegv(_plan: Plan) -> None:
    """A real one: read address 0 in C."""
    ctypes.string_at(0)


def abort(_plan: Plan) -> None:
    """As a failed assertion in a C library does."""
    os.abort()


def busy(_plan: Plan) -> NoReturn:
    """A loop in Python; other threads get their turns."""
    while True:
        pass


def busy_threads(plan: Plan) -> None:
    """Several such loops, and this thread goes on."""
    for _ in range(BUSY_THREADS):
        threading.Thread(target=busy, args=(plan,), daemon=True).start()


def gil(_plan: Plan) -> None:
    """A C function that blocks and keeps the GIL: no thread of this interpreter goes on. It takes a
    lock twice: the signal that asks for the stacks would end a sleep().
    """
    library = ctypes.PyDLL(None)
    mutex = ctypes.create_string_buffer(MUTEX_BYTES)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)


def deadlock(_plan: Plan) -> None:
    """Two threads take two locks in opposite order; this thread is one of them."""
    first, second, met = threading.Lock(), threading.Lock(), threading.Barrier(2)

    def other() -> None:
        with second:
            met.wait()
            first.acquire()

    threading.Thread(target=other, daemon=True).start()
    with first:
        met.wait()
        second.acquire()


def hang(_plan: Plan) -> None:
    """Wait for what never comes."""
    threading.Event().wait()


def slow(_plan: Plan) -> None:
    """Late, but it goes on."""
    time.sleep(SLOW_SECONDS)


def ignore_sigterm(plan: Plan) -> None:
    """SIGTERM is ignored in C, whatever handler there was, and then nothing ends."""
    ctypes.CDLL(None).signal(signal.SIGTERM, ctypes.c_void_p(1))
    hang(plan)


def fork_bomb(_plan: Plan) -> None:
    """Many programs, every other one in a session of its own."""
    for number in range(PROCESSES):
        try:
            if os.fork():
                continue
        except OSError:  # a limit stopped it
            break
        if number % 2:
            os.setsid()
        try:
            os.execv("/bin/sleep", ["sleep", "600"])
        finally:
            os._exit(1)
    time.sleep(BOMB_SECONDS)


def descriptors(_plan: Plan) -> None:
    """Open files until the limit; what is raised then is the module's own affair."""
    while len(_held) < DESCRIPTORS:
        _held.append(os.open("/dev/null", os.O_RDONLY))


def memory(_plan: Plan) -> None:
    """Take memory, and keep it."""
    _held.extend(b"\xff" * MEMORY_CHUNK for _ in range(MEMORY_CHUNKS))
    time.sleep(BOMB_SECONDS)


def threads(_plan: Plan) -> None:
    """Many threads that wait for ever."""
    never = threading.Event()
    for _ in range(THREADS):
        threading.Thread(target=never.wait, daemon=True).start()
    time.sleep(BOMB_SECONDS)


def reply(_plan: Plan) -> bytes:
    """The result of a call, a GiB of it."""
    return bytes(REPLY_BYTES)


def log_flood(_plan: Plan) -> None:
    """Many lines at once."""
    log = logging.getLogger("chaos")
    for number in range(LOG_LINES):
        log.error("line %d of a flood %s", number, "x" * 160)


def call_flood(plan: Plan) -> None:
    """Calls to a sibling from several threads, as fast as they go."""
    end = time.monotonic() + FLOOD_SECONDS

    def call() -> None:
        while time.monotonic() < end:
            plan["caller"].remote("innocent_c", "linger", 0.0)

    callers = [threading.Thread(target=call) for _ in range(FLOOD_THREADS)]
    for one in callers:
        one.start()
    for one in callers:
        one.join()


def _clock(seconds: float) -> Callable[[Plan], None]:
    def jump(_plan: Plan) -> None:
        real = time.time
        time.time = lambda: real() + seconds

    return jump


def raises(_plan: Plan) -> NoReturn:
    """An exception that nobody in the module catches."""
    raise RuntimeError("chaos was ordered")


def _bus(name: str) -> Callable[[Plan], Any]:
    def speak(plan: Plan) -> Any:
        from . import bus

        return getattr(bus, name)(plan)

    return speak


KINDS: dict[str, Callable[[Plan], Any]] = {
    "SIGKILL": _signal(signal.SIGKILL),
    "SIGSEGV": sigsegv,
    "SIGSTOP": _signal(signal.SIGSTOP),
    "abort": abort,
    "exit-0": _exit(0),
    "exit-1": _exit(1),
    "raise": raises,
    "busy-loop": busy,
    "busy-threads": busy_threads,
    "gil-in-c": gil,
    "deadlock": deadlock,
    "hang": hang,
    "slow": slow,
    "ignore-sigterm": ignore_sigterm,
    "fork-bomb": fork_bomb,
    "descriptor-leak": descriptors,
    "memory-bomb": memory,
    "thread-bomb": threads,
    "reply-1GiB": reply,
    "garbage-frames": _bus("garbage"),
    "forged-source": _bus("forged"),
    "replayed-id": _bus("replayed"),
    "log-flood": log_flood,
    "call-flood": call_flood,
    "clock-ahead": _clock(HOUR),
    "clock-back": _clock(-HOUR),
}
