"""The same faults in both managers, in one run: what each survives, and what a sibling notices."""

import sys
import time
from typing import Any

from bench.stats import percentile

from faults.managers import Manager, ours, real
from faults.report import host_line
from faults.stage import StageError


FAULTS = (
    ("SIGSEGV", "serve"), ("abort", "serve"), ("exit-1", "serve"), ("raise", "serve"),
    ("busy-loop", "serve"), ("gil-in-c", "serve"), ("deadlock", "serve"), ("hang", "init"),
)  # fmt: skip
CALLS = 300
MEASURE_SECONDS = 30.0
WATCH_SECONDS = 40.0  # after a fault, without help
LATE_SECONDS = 1.0
STEADY_CALLS = 20  # answered in a row: it serves


def beside(seed: int) -> dict[str, Any]:
    """The part "beside" of the results."""
    managers = {}
    for running in (ours(seed), real()):
        with running as manager:
            managers[manager.name] = _examine(manager)
    return {"host": host_line(), "seed": seed, "watch": WATCH_SECONDS, "managers": managers}


def _examine(manager: Manager) -> dict[str, Any]:
    quiet = _latency(manager)
    manager.strike("busy-threads", "serve")
    beside_busy = _latency(manager)
    manager.help()
    faults = {}
    for kind, phase in FAULTS:
        try:
            faults[f"{kind} in {phase}"] = _survives(manager, kind, phase)
        except StageError as error:
            faults[f"{kind} in {phase}"] = {"error": str(error)}
        print(f"{manager.name}: {kind} in {phase}: {faults[f'{kind} in {phase}']}", file=sys.stderr)
        manager.help()
    return {"quiet": quiet, "busy": beside_busy, "faults": faults}


def _latency(manager: Manager) -> dict[str, float]:
    """Milliseconds of a sibling's answers."""
    taken = manager.calls(CALLS, MEASURE_SECONDS)
    good = sorted(int(one * 1e9) for one in taken if one is not None)
    if not good:
        return {"calls": 0, "failed": len(taken)}
    return {
        "calls": len(good),
        "failed": len(taken) - len(good),
        "p50": percentile(good, 0.50) / 1e6,
        "p99": percentile(good, 0.99) / 1e6,
    }


def _survives(manager: Manager, kind: str, phase: str) -> dict[str, Any]:
    """Watch a sibling, without helping, until it serves steadily or the time is over.

    `sibling`: seconds from the fault to the first answer of a steady row, None: never; `failed`:
    calls that failed or were late meanwhile.
    """
    at = manager.strike(kind, phase)
    failed, row, since = 0, 0, None
    while (left := at + WATCH_SECONDS - time.monotonic()) > 0:
        taken = manager.calls(1, left)
        good = bool(taken) and taken[0] is not None and taken[0] < LATE_SECONDS
        if not good:
            failed, row, since = failed + 1, 0, None
            time.sleep(0.1)
            continue
        row += 1
        since = since or time.monotonic()
        # Longer than a fault needs to show: a segfault ends a process after its last answer.
        if row >= STEADY_CALLS and time.monotonic() - at > LATE_SECONDS:
            break
        time.sleep(0.02)
    steady = since is not None and row >= STEADY_CALLS
    return {
        "lives": manager.lives(),
        "sibling": round(since - at, 3) if steady and since is not None else None,
        "failed": failed,
    }
