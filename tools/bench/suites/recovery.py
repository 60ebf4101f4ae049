"""What others notice when a module crashes, and when one is enabled."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

from bench.row import Row, Target
from bench.sides.ceph_mgr import CephMgr, ceph_mgr
from bench.sides.side import SUBJECT, Side, SideError, wait_for
from bench.sides.supervised import Setup, Supervised, supervised
from bench.stats import Figures, figures
from bench.turns import Effort


CRASH = Target("crash", "a crash to serving again", "", 0.5, "s")
NOTICED = Target("crash beside", "a crash to serving again", "ceph-mgr with a standby", 1.0, "s")
ENABLE = Target(
    "enable", "enabling one module: longest delay of another module's call", "", 20, "ms"
)
ENABLED = Target(
    "enable beside", "enabling one module: longest delay of another module's call", "ceph-mgr", 1.0,
    "ms",
)  # fmt: skip
TARGETS = (CRASH, NOTICED, ENABLE, ENABLED)
NEWCOMER = "newcomer"
LOST_SECONDS = 120.0
CRASHES, QUICK_CRASHES = 5, 2
ENABLES, QUICK_ENABLES = 5, 2
AROUND_SECONDS = 1.0  # before and after the module is enabled
RESPAWN_SECONDS = 10.0  # within which a ceph-mgr has begun anew
PAUSE_SECONDS = 0.001
MS = 1e6


def run(effort: Effort) -> Iterator[Row]:
    """Ours is measured several times; a ceph-mgr takes half a minute to be missed."""
    setup = Setup(idle=(NEWCOMER,), disabled=(NEWCOMER,))
    with supervised(setup) as side:
        crashes = [_crash(side) for _ in range(QUICK_CRASHES if effort.quick else CRASHES)]
        repeats = range(QUICK_ENABLES if effort.quick else ENABLES)
        delays = [_delay_ours(side) for _ in repeats]
        # What the machine does to a call by itself.
        calm = max(_delay(side, lambda: time.sleep(AROUND_SECONDS)) for _ in repeats) / MS
    ours = figures([crashes], 1e9)
    delay = Figures(max(delays) / MS, max(delays) / MS, len(delays))
    yield Row(CRASH, None, ours, "SIGKILL, then commands until one is answered")
    yield Row(
        ENABLE, None, delay,
        "the longest call less the median one, the worst of all rounds; "
        f"where nothing is enabled: {calm:.0f} ms",
    )  # fmt: skip
    if effort.quick:
        yield NOTICED.missing("left out by --quick")
        yield ENABLED.missing("left out by --quick")
        return
    try:
        with ceph_mgr(None, idle=(NEWCOMER,)) as reference:
            theirs = _delay(reference, lambda: _enable_there(reference))
            yield Row(ENABLED, Figures.of(theirs / MS), delay)
            reference.serves()
            reference.start_standby()
            reference.kill()
            began = time.monotonic()
            reference.serves(LOST_SECONDS)
            yield Row(NOTICED, Figures.of(time.monotonic() - began), ours)
    except SideError as error:
        yield NOTICED.missing(str(error))
        yield ENABLED.missing(str(error))


def _crash(side: Supervised) -> float:
    """Nanoseconds from the kill until a command to the module is answered again."""
    (pid,) = side.pids([SUBJECT])
    words = {"prefix": f"{SUBJECT} nothing"}
    begin = time.perf_counter_ns()
    os.kill(pid, signal.SIGKILL)
    # The first answer that comes from another process.
    wait_for(lambda: not _lives(pid) and _answered(side, words), 30.0, "the module to serve again")
    taken = time.perf_counter_ns() - begin
    side.command({"prefix": "module restart", "name": SUBJECT})  # forgets the crash
    wait_for(lambda: side.running([SUBJECT]), 30.0, "the module to run")
    return float(taken)


def _delay_ours(side: Supervised) -> float:
    def enable() -> None:
        side.command({"prefix": "mgr module enable", "module": NEWCOMER})
        wait_for(lambda: side.running([NEWCOMER]), 30.0, "the module to run")

    caller = Supervised(side.state, side.run, side.process)
    try:
        return _delay(caller, enable)
    finally:
        caller.close()
        side.command({"prefix": "mgr module disable", "module": NEWCOMER})
        wait_for(lambda: not side.rows()[NEWCOMER]["pid"], 30.0, "the module to end")


def _enable_there(side: CephMgr) -> None:
    side.monitor([{"prefix": "mgr module enable", "module": NEWCOMER, "force": "--force"}])
    time.sleep(RESPAWN_SECONDS)


def _delay(caller: Side, enable: Callable[[], None]) -> float:
    """Nanoseconds by which a call was longer than the median one while `enable` ran."""
    over = threading.Event()
    taken: list[float] = []

    def call() -> None:
        while not over.is_set():
            begin = time.perf_counter_ns()
            while True:
                try:
                    caller.command({"prefix": f"{SUBJECT} nothing"})
                    break
                except SideError:
                    time.sleep(PAUSE_SECONDS)
            taken.append(time.perf_counter_ns() - begin)
            time.sleep(PAUSE_SECONDS)

    thread = threading.Thread(target=call)
    thread.start()
    time.sleep(AROUND_SECONDS)
    enable()
    time.sleep(AROUND_SECONDS)
    over.set()
    thread.join()
    ordered = sorted(taken)
    return ordered[-1] - ordered[len(ordered) // 2]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _answered(side: Side, words: dict[str, str]) -> bool:
    try:
        side.command(words)
    except SideError:
        return False
    return True
