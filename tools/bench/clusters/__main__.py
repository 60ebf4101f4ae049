"""Writes a synthetic cluster as a snapshot, for `[cluster] snapshot` of a configuration file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.clusters.plan import Size
from bench.clusters.writing import write


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file, and say how large its documents are."""
    parser = argparse.ArgumentParser(prog="bench.clusters", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--osds", type=int, default=100)
    parser.add_argument("--pgs", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=20, help="of each counter's history")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    try:
        size = Size(given.osds, given.pgs, given.samples, given.seed)
    except ValueError as error:
        parser.error(str(error))
    written = write(size, given.file)
    print(f"{given.file}: {written / 1e6:.1f} MB of documents")
    return 0


if __name__ == "__main__":
    sys.exit(main())
