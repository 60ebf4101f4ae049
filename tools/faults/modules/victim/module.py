"""The sibling that the adversary is after: it has a secret in its data folder, its key store, its
options, its environment, its log and its memory.
"""

# The base class comes from the manager at run time: it is Any here.
# mypy: disable-error-code="misc"

import ctypes
import json
import os
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

from mgr_module import MgrModule, Option


NAME = __name__.split(".", maxsplit=1)[0]


class Module(MgrModule):
    """Does nothing unasked; its secret is the variable VICTIM_SECRET."""

    MODULE_OPTIONS: ClassVar = [Option(name="secret", type="str")]
    COMMANDS: ClassVar = [
        {"cmd": f"{NAME} show", "desc": "Show what it holds, as JSON", "perm": "r"},
        {"cmd": f"{NAME} linger", "desc": "Answer late", "perm": "r"},
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._end = threading.Event()
        secret = os.environ["VICTIM_SECRET"]
        self._memory = ctypes.create_string_buffer(secret.encode())
        self._file = Path(os.environ["HOME"]).parent / "secret"
        self._file.write_text(secret)
        self._file.chmod(0o600)
        self.set_store("secret", secret)
        self.set_module_option("secret", secret)
        self.log.error("the secret is %s", secret)

    def handle_command(self, inbuf: str, cmd: dict[str, Any]) -> tuple[int, str, str]:
        """What is there now, for whoever wants to know whether it was touched."""
        if cmd["prefix"].endswith("linger"):
            time.sleep(0.3)
            return 0, "the victim's own", ""
        held = {
            "memory": self._memory.value.decode(errors="replace"),
            "address": ctypes.addressof(self._memory),
            "store": self.get_store("secret"),
            "option": self.get_module_option("secret"),
            "keys": sorted(self.get_store_prefix("")),
        }
        return 0, json.dumps(held), ""

    def tell(self) -> str:
        """Called by others."""
        return self._memory.value.decode()

    def serve(self) -> None:
        """Nothing to do but to be there."""
        self._end.wait()

    def shutdown(self) -> None:
        """Let serve() return."""
        self._end.set()
