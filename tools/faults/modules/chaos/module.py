"""The module that misbehaves on order: `chaos_orders` says how it is ordered, and what there is."""

# The base class comes from the manager at run time: it is Any here.
# mypy: disable-error-code="misc"

import contextlib
import threading
import time
from typing import Any, ClassVar

from chaos_orders import plan
from mgr_module import MgrModule


NAME = __name__.split(".", maxsplit=1)[0]
LOOK_SECONDS = 0.02
LINGER_SECONDS = 0.5
# A sibling works for it meanwhile.
UNDER_WAY_SECONDS = 0.1

plan.strike(NAME, "import")


class Module(MgrModule):
    """Looks for an order in each phase of its life. Well behaved while there is none."""

    COMMANDS: ClassVar = [
        {"cmd": f"{NAME} count name=number,type=CephInt", "desc": "Answer back", "perm": "rw"}
    ]
    NOTIFY_TYPES: ClassVar = ["osd_map"]

    @staticmethod
    def can_run() -> tuple[bool, str]:
        """Yes, after what is ordered."""
        plan.strike(NAME, "can_run")
        return True, ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._end = threading.Event()
        plan.strike(NAME, "init")

    def serve(self) -> None:
        """Look for orders; the phase "caller" is one in which a sibling works for this module."""
        while not self._end.wait(LOOK_SECONDS):
            if plan.ordered(NAME, "caller"):
                threading.Thread(target=self._call, daemon=True).start()
                time.sleep(UNDER_WAY_SECONDS)
                plan.strike(NAME, "caller")
            plan.strike(NAME, "serve", caller=self)

    def _call(self) -> None:
        with contextlib.suppress(RuntimeError):
            self.remote("innocent_c", "linger", LINGER_SECONDS)

    def handle_command(self, inbuf: str, cmd: dict[str, Any]) -> tuple[int, str, str]:
        """Answer the number back."""
        return 0, str(cmd["number"]), ""

    def take(self, token: str) -> Any:
        """Called by a sibling."""
        answer = plan.strike(NAME, "callee")
        return token if answer is None else answer

    def notify(self, notify_type: str, notify_id: str) -> None:
        """Told of a new map."""
        plan.strike(NAME, "notify")

    def shutdown(self) -> None:
        """End in order, after what is ordered."""
        plan.strike(NAME, "shutdown")
        self._end.set()
