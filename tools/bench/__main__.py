"""Measures the paths of a module's work beside other ways of making a call, all in one run.

The paths take turns, in another order each round, so that what the machine does meanwhile falls on
all of them. Only ratios within one run mean anything.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path as FilePath
from statistics import median

from bench.path import Path, echo, timed
from bench.peer_grpc import grpcio
from bench.peer_managers import managers
from bench.report import document, table
from bench.stats import figures
from bench.supervised import BenchError, supervised


ROUNDS = 9
ROUND_SECONDS = 0.2  # of one path
WARM_UP_CALLS = 20
MOST_CALLS = 5000
PEERS = {
    "in-process call": "in-process",
    "multiprocessing.managers": "managers",
    "grpcio": "grpcio",
}


def calls_in(path: Path, seconds: float) -> int:
    """Warm the path up, and say how many calls it makes in that time."""
    for _ in range(2):
        taken = path.run(WARM_UP_CALLS)
    return max(5, min(MOST_CALLS, int(seconds * 1e9 / max(1, median(taken)))))


def measure(paths: Sequence[Path], rounds: int, seconds: float) -> dict[str, list[list[int]]]:
    """Nanoseconds of every call, by path and round."""
    calls = {path.name: calls_in(path, seconds) for path in paths}
    taken: dict[str, list[list[int]]] = {path.name: [] for path in paths}
    order = list(paths)
    shuffle = random.Random(1).shuffle  # noqa: S311  # an order, no secret
    for _ in range(rounds):
        shuffle(order)
        for path in order:
            taken[path.name].append(path.run(calls[path.name]))
    return taken


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write the JSON where asked."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default: {ROUNDS}")
    parser.add_argument(
        "--round-seconds", type=float, default=ROUND_SECONDS, metavar="S",
        help=f"how long each path is measured in a round; default: {ROUND_SECONDS}",
    )  # fmt: skip
    parser.add_argument(
        "--json", type=FilePath, metavar="FILE", help="write the figures there, too"
    )
    arguments = parser.parse_args(argv)
    if arguments.rounds < 1 or arguments.round_seconds <= 0:
        parser.error("--rounds and --round-seconds must be above 0")
    with ExitStack() as stack:
        folder = FilePath(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench.")))
        local = Path("in-process call", timed(lambda n: echo(n, "text")))
        try:
            # The managers fork: before grpcio has threads.
            peers = [
                local,
                stack.enter_context(managers(folder)),
                stack.enter_context(grpcio(folder)),
            ]
            paths = [*peers, *stack.enter_context(supervised(folder))]
            taken = measure(paths, arguments.rounds, arguments.round_seconds)
        except BenchError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
    result = document(
        {name: figures(rounds) for name, rounds in taken.items()}, PEERS, arguments.rounds
    )
    print(table(result))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
