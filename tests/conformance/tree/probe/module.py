"""What the conformance suite asks questions of. Written to pacific's interface, as its guide shows."""

import enum
import json
import queue
import threading
from typing import List, Optional, Tuple

from ceph_argparse import CephChoices, CephInt, CephString
from mgr_module import (
    CLICheckNonemptyFileInput,
    CLICommand,
    CLIReadCommand,
    CLIWriteCommand,
    HandleCommandResult,
    MgrModule,
    NotifyType,
    Option,
)

from probe_evaluation import evaluate


class Colour(enum.Enum):
    red = "red"
    blue = "blue"


def described(arguments):
    return {"cmd": "probe " + arguments, "desc": "Answer what arrives", "perm": "rw"}


class Module(MgrModule):
    MODULE_OPTIONS = [
        Option(name="a_str", type="str", default="text"),
        Option(name="an_int", type="int", default=7, min=1, max=10),
        Option(name="a_uint", type="uint", default=3),
        Option(name="a_float", type="float", default=1.5),
        Option(name="a_bool", type="bool", default=True),
        Option(name="an_addr", type="addr", default=""),
        Option(name="an_addrvec", type="addrvec", default=""),
        Option(name="a_uuid", type="uuid", default=""),
        Option(name="a_size", type="size", default=4096),
        Option(name="a_secs", type="secs", default=30),
        Option(name="a_millisecs", type="millisecs", default=500),
        Option(name="an_enum", type="str", default="one", enum_allowed=["one", "two"]),
        Option(name="a_runtime", type="int", default=0, runtime=True),
        {"name": "untyped", "default": 8080},
        {"name": "bare"},
    ]
    NOTIFY_TYPES = [
        NotifyType.osd_map,
        NotifyType.mon_map,
        NotifyType.clog,
        NotifyType.command,
        NotifyType.health,
        NotifyType.pg_summary,
    ]
    COMMANDS = [
        described("echo name=word,type=CephString,req=false name=number,type=CephInt,req=false"),
        described("ranged name=number,type=CephInt,range=1|10"),
        described("floating name=number,type=CephFloat,range=0|1"),
        described("choose name=what,type=CephChoices,strings=one|two|three"),
        described("many name=words,type=CephString,n=N"),
        described("some name=words,type=CephString,n=N,req=false"),
        described("switch name=on,type=CephBool,req=false"),
        described("good name=word,type=CephString,goodchars=[a-c]"),
        described("place name=osd,type=CephOsdName"),
        described("daemon name=who,type=CephName"),
        described("group name=pg,type=CephPgid"),
        described("identity name=uuid,type=CephUUID"),
        described("address name=addr,type=CephIPAddr"),
        described("entity name=addr,type=CephEntityAddr"),
        described("pool name=pool,type=CephPoolname"),
        described("object name=object,type=CephObjectname"),
        described("file name=path,type=CephFilepath"),
        described("fragment name=frag,type=CephFragment"),
        described("named name=first,type=CephString name=second,type=CephString,req=false"),
        dict(described("watch"), poll="true"),
        dict(described("reading"), perm="r"),
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = {"mgr": self}
        self.seen = []  # (type, id, name of the thread)
        self.configured = 0
        self.served = queue.Queue()

    def handle_command(self, inbuf, cmd):
        return 0, json.dumps({"inbuf": inbuf, "cmd": cmd}, sort_keys=True), ""

    @CLICommand("probe eval")
    def evaluate(self, inbuf: str) -> Tuple[int, str, str]:
        """Run the given Python here"""
        return 0, evaluate(inbuf, self.names), ""

    @CLIReadCommand("probe result")
    def result(self, inbuf: str) -> Tuple[int, str, str]:
        """Return what the given expression is"""
        return eval(inbuf, self.names)

    @CLIWriteCommand("probe typed")
    def typed(
        self,
        number: int,
        share: float,
        colour: Colour,
        flag: bool = False,
        word: Optional[str] = None,
    ) -> Tuple[int, str, str]:
        """Take arguments
        of several types"""
        return 0, repr((number, share, colour, flag, word)), ""

    @CLICommand("probe listed")
    def listed(self, words: List[str]) -> HandleCommandResult:
        """Take several words"""
        return HandleCommandResult(stdout=repr(words))

    @CLICommand("probe explicit")
    def explicit(
        self,
        number: CephInt(),
        what: CephChoices(strings="a|b"),
        word: CephString(goodchars="[xyz]") = "x",
    ) -> Tuple[int, str, str]:
        """Take arguments of ceph's own types"""
        return 0, repr((number, what, word)), ""

    @CLICommand("probe unannotated")
    def unannotated(self, first: str, second: str):
        """Have no return annotation"""
        return 0, repr((first, second)), ""

    @CLICommand("probe file-input")
    @CLICheckNonemptyFileInput(desc="a document")
    def file_input(self, inbuf: str) -> Tuple[int, str, str]:
        """Want a file"""
        return 0, repr(inbuf), ""

    @CLICommand("probe two-part word")
    def two_part_word(self, my_name: str) -> Tuple[int, str, str]:
        """Have an argument with an underscore"""
        return 0, my_name, ""

    def notify(self, notify_type, notify_id):
        self.seen.append((notify_type, notify_id, threading.current_thread().name))

    def config_notify(self):
        self.configured += 1

    def in_serve(self, work):
        """The outcome of `work()`, run on the thread of serve()."""
        done = queue.Queue()
        self.served.put((work, done))
        return done.get(timeout=20)

    def serve(self):
        while True:
            work, done = self.served.get()
            if work is None:
                return
            done.put(work())

    def shutdown(self):
        self.served.put((None, None))
