"""What to do about each daemon when a worker begins: from what is wanted and what runs. Pure."""

from collections.abc import Collection, Mapping
from enum import StrEnum


class Step(StrEnum):
    """What becomes of one daemon."""

    KEEP = "keep"  # it runs and is to run: it is taken over as it is
    START = "start"
    END = "end"  # it runs and is not to, or nothing says what it is


def reconcile(wanted: Mapping[str, bool], running: Collection[str]) -> dict[str, Step]:
    """The steps by name, in alphabetical order. `wanted` holds every definition there is; one that
    is neither wanted nor running needs no step.
    """
    steps = {}
    for name in sorted({*wanted, *running}):
        if name in running:
            steps[name] = Step.KEEP if wanted.get(name) else Step.END
        elif wanted[name]:
            steps[name] = Step.START
    return steps
