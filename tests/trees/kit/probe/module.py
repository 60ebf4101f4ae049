"""Does what it is told and shows what came of it: the same in a host and in the testing kit."""

import enum
import threading
from dataclasses import dataclass
from typing import List, Optional

from mgr_module import CLICommand, CLIReadCommand, CommandResult, MgrModule, NotifyType, Option


class Colour(enum.Enum):
    red = "red"
    blue = "blue"


@dataclass
class Point:
    x: int
    y: int


class Module(MgrModule):
    MODULE_OPTIONS = [
        Option("count", type="int", default=3, min=1, max=10),
        Option("colour", default="red", enum_allowed=["red", "blue"]),
        Option("pause", type="secs", default=1),
        Option("low", type="int", default=5, min=1),
    ]
    NOTIFY_TYPES = [NotifyType.osd_map, NotifyType.clog, NotifyType.command]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.heard = []
        self.stop = threading.Event()
        self.in_init = self.get_module_option("count"), self.get_store("k"), self.get_mgr_id()

    @CLICommand("probe try")
    def attempt(self, code: str):
        """Evaluate code in the module"""
        try:
            found = eval(code, globals() | {"self": self, "threading": threading})
        except BaseException as error:
            text = str(error).strip().splitlines() or [""]
            return 0, f"{type(error).__name__}: {text[0]} | {text[-1]}", ""
        return 0, repr(found), ""

    @CLICommand("probe paint")
    def paint(self, colour: Colour, size: int = 1, names: Optional[List[str]] = None):
        """Paint something"""
        return 0, f"{colour!r} {size!r} {names!r}", ""

    @CLIReadCommand("probe watch", poll=True)
    def watch(self, width: int = 80, print_header: bool = False):
        """Look again and again"""
        return 0, f"{width} {print_header}", ""

    @CLICommand("probe return")
    def give(self, code: str):
        """Return whatever the code says"""
        return eval(code, {"self": self})

    @CLICommand("probe load")
    def load(self, inbuf: Optional[str] = None):
        """Show the input data"""
        return 0, repr(inbuf), ""

    @CLICommand("probe words name=what,type=CephChoices,strings=all|some now")
    def late(self):
        """Has a word behind an argument: nobody can call it"""
        return 0, "", ""

    def notify(self, notify_type, notify_id):
        self.heard.append((notify_type, notify_id))
        if notify_id == "raise":
            raise ValueError("asked to")

    def config_notify(self):
        self.heard.append(("config", self.get_module_option("count")))

    def give_lock(self):
        return threading.Lock()

    def echo(self, *args, **kwargs):
        return args, kwargs

    def fail(self):
        raise LookupError("no such thing")

    def serve(self):
        self.stop.wait()

    def shutdown(self):
        self.stop.set()
        super().shutdown()
