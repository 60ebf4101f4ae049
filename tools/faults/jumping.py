"""mgr-supervisor whose wall clock jumps: `python -m faults.jumping FILE ARGUMENT...`: on SIGUSR2 by
the seconds that FILE has.

A jump of the machine's clock would be one for everybody on it, and time namespaces do not cover the
wall clock. So this moves every clock from which the supervisor's own code reads it.
"""

import datetime as dt
import signal
import sys
import time
from pathlib import Path

from supervisor import daemon
from supervisor.cluster.embedded import opening


_offset = [0.0]
_time, _now = time.time, opening.now


def _jump_when_told(file: Path) -> None:
    def jump(_number: int, _frame: object) -> None:
        _offset[0] += float(file.read_text())

    signal.signal(signal.SIGUSR2, jump)
    time.time = lambda: _time() + _offset[0]
    opening.now = lambda: _now() + dt.timedelta(seconds=_offset[0])


if __name__ == "__main__":
    file, *arguments = sys.argv[1:]
    _jump_when_told(Path(file))
    sys.exit(daemon.main(arguments))
