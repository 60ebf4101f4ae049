"""mgrctl: the operator's hand on mgr-supervisor, in the words of the ceph command."""

import gc
import os
import sys


INTERRUPTED = 130
PIPE_CLOSED = 141


def main() -> int:
    """Run the process's command line; returns the exit code."""
    try:
        gc.disable()  # nothing that imports make is garbage
        # Here, so that an interrupt during the imports is as quiet as any other.
        from mgrctl.cli import run

        gc.enable()
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; the interpreter must not complain again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return code


if __name__ == "__main__":
    sys.exit(main())
