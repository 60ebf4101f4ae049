"""The module that tries to get out: it carries out one attempt when it is told to.

What there is to try is in `adversary_attempts`. It says what came of an attempt as it saw it; that
is not believed: whoever ordered it looks at the victims.
"""

# The base class comes from the manager at run time: it is Any here.
# mypy: disable-error-code="misc"

import errno
import json
import threading
from typing import Any, ClassVar

from adversary_attempts.attempt import Target
from adversary_attempts.registry import ATTEMPTS
from mgr_module import MgrModule


MOST_LOOT = 1 << 16  # characters of what was found that are shown


class Module(MgrModule):
    """Well behaved but for what it is told to try."""

    COMMANDS: ClassVar = [
        {
            "cmd": "adversary try name=attempt,type=CephString name=target,type=CephString",
            "desc": "Try to get out; answers what it came to, as JSON",
            "perm": "rw",
        }
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._end = threading.Event()

    def handle_command(self, inbuf: str, cmd: dict[str, Any]) -> tuple[int, str, str]:
        """Carry out one attempt: {"loot": what was found, "errno": name, "detail": text}."""
        target = Target(**json.loads(cmd["target"]), module=self)
        answer = {"loot": "", "errno": "", "detail": ""}
        try:
            loot = ATTEMPTS[cmd["attempt"]].work(target)
            answer["loot"] = str(loot or "")[:MOST_LOOT]
        except OSError as error:
            answer["errno"] = errno.errorcode.get(error.errno or 0, "")
            answer["detail"] = str(error)
        except Exception as error:
            answer["detail"] = f"{type(error).__name__}: {error}"
        return 0, json.dumps(answer), ""

    def serve(self) -> None:
        """Nothing to do but to be there."""
        self._end.wait()

    def shutdown(self) -> None:
        """Let serve() return."""
        self._end.set()
