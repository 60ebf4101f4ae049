"""Ends the cluster that `up DIR` started, by its own pid files, and removes DIR."""

import argparse
import sys
from pathlib import Path

from cephlab.lab import Lab, LabError


def main() -> None:
    """End the cluster in the folder given."""
    parser = argparse.ArgumentParser(prog="down", description=__doc__)
    parser.add_argument("folder", type=Path)
    try:
        Lab(parser.parse_args().folder).end()
    except LabError as error:
        sys.exit(f"down: {error}")


if __name__ == "__main__":
    main()
