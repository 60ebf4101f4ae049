"""`mgr-supervisor`: the first lines of the program."""

import gc
import sys


def main() -> int:
    """Run the process's command line; returns the exit code."""
    # What a start makes is there to stay, and looking for garbage among it costs a seventh of the
    # start. The daemon switches the collector on when it serves.
    gc.disable()
    from supervisor import daemon

    return daemon.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
