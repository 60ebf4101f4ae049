"""remote() with small arguments, and other ways to call a function in another process."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path as FilePath

from bench.peers.every import peer
from bench.peers.load import one_at_a_time, rate
from bench.peers.peer import NotMeasuredError, Peer, request
from bench.row import Row, Sense, Target
from bench.sides.supervised import Setup, Supervised, add, per_call, supervised
from bench.stats import Figures, figures
from bench.turns import Effort, Path, take_turns


CALL = "remote(), small arguments"
LIMITS = {"grpcio": 0.35, "Ray": 0.15, "RPyC": 1.0, "Pyro5": None, "multiprocessing.managers": None}
CALLS = {name: Target(f"remote {name}", CALL, name, limit, "us") for name, limit in LIMITS.items()}
FORWARDER = "pyzmq forwarder"
FLIGHT = 64
SHARE = Target(
    "remote 64", f"remote(), {FLIGHT} in flight", FORWARDER, 0.6, "calls/s", Sense.AT_LEAST
)
RATE = Target(
    "remote 64 rate", f"remote(), {FLIGHT} in flight", "", 20_000, "calls/s", Sense.AT_LEAST
)
TARGETS = (*CALLS.values(), SHARE, RATE)
SMALL = request(32)
PROFILED_CALLS = 2000


def run(effort: Effort) -> Iterator[Row]:
    """All of them run beside each other and take turns; none is asked while another one is."""
    with ExitStack() as stack:
        folder = FilePath(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        ours = stack.enter_context(supervised(Setup()))
        peers: dict[str, Peer] = {}
        missing: dict[str, str] = {}
        for name in (*LIMITS, FORWARDER):
            try:
                peers[name] = stack.enter_context(peer(name, folder))
            except NotMeasuredError as error:
                missing[name] = str(error)
        yield from _one_by_one(ours, peers, missing, effort)
        yield from _at_once(ours, peers.get(FORWARDER), missing.get(FORWARDER, ""), effort)


def _one_by_one(
    ours: Supervised, peers: dict[str, Peer], missing: dict[str, str], effort: Effort
) -> Iterator[Row]:
    paths = [_path(peers[name]) for name in LIMITS if name in peers]
    taken = take_turns([ours.path("remote"), *paths], effort)
    profile = ours.profile("remote", PROFILED_CALLS)
    for name, target in CALLS.items():
        if name in missing:
            yield target.missing(missing[name])
            continue
        yield Row(
            target, figures(taken[name]), figures(taken[ours.name]),
            f"{name} {peers[name].version}", profile=profile,
        )  # fmt: skip


def _path(one: Peer) -> Path:
    return Path(one.name, lambda calls: one_at_a_time(lambda: one.call(SMALL), calls))


def _at_once(ours: Supervised, forwarder: Peer | None, why: str, effort: Effort) -> Iterator[Row]:
    mine: list[float] = []
    theirs: list[float] = []
    used: dict[str, float] = {}
    for _ in range(effort.rounds):
        reached, spent = ours.rate("remote", FLIGHT, effort.seconds)
        mine.append(reached)
        add(used, spent)
        if forwarder is not None:
            theirs.append(rate(lambda: forwarder.call(SMALL), FLIGHT, effort.seconds))
    note = f"{FLIGHT} threads of one module, each with one call in flight"
    profile = f"us of processor time a call: {per_call(used, sum(mine) * effort.seconds)}"
    if theirs:
        yield Row(SHARE, Figures.median(theirs), Figures.median(mine), note, profile=profile)
    else:
        yield SHARE.missing(why)
    yield Row(RATE, None, Figures.median(mine), note, profile=profile)
