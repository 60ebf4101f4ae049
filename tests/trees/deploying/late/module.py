import os
import time

from keeper.module import Module as Keeper
from mgr_module import CLICommand


# Where it has the grant, whoever looks at this module waits until the test says go.
_deadline = time.monotonic() + 10
if "MGR_AGENT" in os.environ:
    go = os.path.join(os.path.dirname(os.environ["MGR_AGENT"]), "go")
    while not os.path.exists(go) and time.monotonic() < _deadline:
        time.sleep(0.02)


class Module(Keeper):
    """Is enabled while it is only being looked at."""

    @CLICommand("late ask")
    def ask_late(self, request: str):
        """Send a request with our token"""
        return self.ask(request)
