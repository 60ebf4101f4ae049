"""What the harness has ordered: one fault, in one phase, once.

The order is the file `plan.json` beside the module's package: {"module", "kind", "phase",
"marker", "bus", "seed"}. The marker file is made before the fault strikes, with the moment in it
(wall clock), so that a fresh process does not repeat it and the harness knows when it was.
"""

import json
import os
import time
from pathlib import Path
from typing import Any


PLAN = Path(__file__).parent.parent / "plan.json"


def ordered(module: str, phase: str) -> dict[str, Any] | None:
    """The order for `phase` of `module`, where there is one that was not carried out."""
    try:
        plan: dict[str, Any] = json.loads(PLAN.read_text())
    except (OSError, ValueError):
        return None
    if [plan["module"], plan["phase"]] != [module, phase] or Path(plan["marker"]).exists():
        return None
    return plan


def strike(module: str, phase: str, **context: Any) -> Any:
    """Carry out what is ordered for `phase` of `module`, if anything; what the fault returns, if
    it returns. `context` is added to the order: what only this phase has.
    """
    plan = ordered(module, phase)
    if plan is None:
        return None
    try:
        marker = os.open(plan["marker"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another thread of this process was quicker
        return None
    os.write(marker, f"{time.time()!r}\n".encode())
    os.close(marker)
    from .kinds import KINDS

    return KINDS[plan["kind"]]({**plan, **context})
