"""mgr-supervisor that kills itself by SIGKILL at one point of its life: `points` says which.

python -m faults.dying MODULE:NAME before|after COUNT start|signal ARGUMENT...: at the COUNTth call
of that function from its start, or from SIGUSR2 on.
"""

import importlib
import itertools
import os
import signal
import sys
from functools import wraps
from operator import attrgetter
from typing import Any

from supervisor import daemon


def _arm(where: str, when: str, count: int, since: str) -> None:
    module, _, path = where.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    if outer:
        owner = attrgetter(".".join(outer))(owner)
    original, calls = getattr(owner, name), itertools.count(1)
    counting = [since == "start"]
    signal.signal(signal.SIGUSR2, lambda _number, _frame: counting.append(True))

    @wraps(original)
    def dying(*args: Any, **named: Any) -> Any:
        due = counting[-1:] == [True] and next(calls) == count
        if due and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **named)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)


if __name__ == "__main__":
    where, when, count, since, *arguments = sys.argv[1:]
    _arm(where, when, int(count), since)
    sys.exit(daemon.main(arguments))
