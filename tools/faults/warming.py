"""A supervisor that has just started is brought to where it is in the middle of its work."""

import time

from faults.ledger import Ledger
from faults.stage import CHAOS, INNOCENT, WITNESSED, Stage


SECONDS = 1.0
CALLS = 8
MARK = "warm.0"


def warm_up(made: Stage) -> None:
    """Have every module's pool of connections grow beyond what the workload needs: pools are
    kept, so only what the supervisor holds more than after this is a leak.
    """
    ledger = Ledger(made.socket, "warm")
    for module in (*WITNESSED, CHAOS):
        for asker in INNOCENT:
            made.run(f"{asker} fan_out", module=module, token=MARK, calls=CALLS)
    time.sleep(SECONDS)
    ledger.stop().forget(made)
