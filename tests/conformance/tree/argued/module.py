"""Commands that differ in their arguments, each answering with what arrives at its handler."""

import enum
import json
from typing import List, Optional, Sequence, Tuple

from ceph_argparse import CephChoices, CephInt, CephString
from mgr_module import (
    CLICheckNonemptyFileInput,
    CLICommand,
    CLIReadCommand,
    CLIWriteCommand,
    HandleCommandResult,
    MgrModule,
)


class Level(enum.Enum):
    low = "low"
    high = "high"


def described(arguments, **more):
    return dict({"cmd": "argued " + arguments, "desc": "Take arguments", "perm": "rw"}, **more)


class Module(MgrModule):
    COMMANDS = [
        described("pair name=words,type=CephString,n=2"),
        described("socket name=path,type=CephSocketpath"),
        described("numbers name=numbers,type=CephInt,n=N"),
        described("lower name=number,type=CephInt,range=5"),
        described("share name=share,type=CephFloat,range=0.5|1.5"),
        described(
            "optional name=number,type=CephInt,req=false name=word,type=CephString,req=false"
        ),
        described("tail name=first,type=CephInt name=rest,type=CephString,n=N"),
        described("under name=pg_num,type=CephInt,req=false name=pool,type=CephPoolname,req=false"),
        described("formatted name=format,type=CephChoices,strings=json|plain,req=false"),
        described("capital name=word,type=CephString,req=False"),
        described("confirmed name=sure,type=CephChoices,strings=--yes-i-really-mean-it,req=false"),
        described("wish name=what,type=CephChoices,strings=a|b,n=N,req=false"),
        described("between name=word,type=CephString end"),
        described("twice name=number,type=CephInt"),
        described("twice longer name=number,type=CephInt"),
        described("reading", perm="r"),
        described("writing", perm="w"),
        described("poll-text", poll="true"),
        described("poll-bool", poll=True),
        described("poll-false", poll="false"),
    ]

    def handle_command(self, inbuf, cmd):
        return 0, json.dumps({"inbuf": inbuf, "cmd": cmd}, sort_keys=True), ""

    @CLIReadCommand("argued eval")
    def evaluate(self, inbuf: str):
        """Run the given expression here"""
        return 0, repr(eval(inbuf, {"mgr": self, "CLICommand": CLICommand})), ""

    @CLICommand("argued plain")
    def plain(self, text: str, number: int, share: float, flag: bool) -> Tuple[int, str, str]:
        """Take one of each
        plain type"""
        return 0, repr((text, number, share, flag)), ""

    @CLICommand("argued listed")
    def listed(self, numbers: List[int]) -> Tuple[int, str, str]:
        return 0, repr(numbers), ""

    @CLICommand("argued sequence")
    def sequence(self, words: Sequence[str]) -> Tuple[int, str, str]:
        """Take a sequence"""
        return 0, repr(words), ""

    @CLICommand("argued maybe")
    def maybe(
        self, number: Optional[int] = None, words: Optional[List[str]] = None
    ) -> Tuple[int, str, str]:
        """Take what may be missing"""
        return 0, repr((number, words)), ""

    @CLICommand("argued required-optional")
    def required_optional(self, number: Optional[int]) -> Tuple[int, str, str]:
        """Have an Optional without a default"""
        return 0, repr(number), ""

    @CLICommand("argued level")
    def level(self, level: Level, other: Level = Level.low) -> Tuple[int, str, str]:
        """Take a level"""
        return 0, repr((level, other)), ""

    @CLICommand("argued typed")
    def typed(
        self,
        number: CephInt() = 3,
        what: CephChoices("a|b") = "a",
        word: CephString("[xyz]") = "x",
    ) -> Tuple[int, str, str]:
        """Take the client's own types"""
        return 0, repr((number, what, word)), ""

    @CLICommand("argued defaults")
    def defaults(self, first: str, second: str = "b", third: int = 3) -> Tuple[int, str, str]:
        """Have two defaults"""
        return 0, repr((first, second, third)), ""

    @CLICommand("argued unreturned")
    def unreturned(self, first: str, second: str):
        """Say nothing of the result"""
        return 0, repr((first, second)), ""

    @CLICommand("argued unreturned-default")
    def unreturned_default(self, first: str, second: str, third: str = "c"):
        """Say nothing of the result, have a default"""
        return 0, repr((first, second, third)), ""

    @CLICommand("argued dashed")
    def dashed(self, my_name: str = "none") -> Tuple[int, str, str]:
        """Have an argument with an underscore"""
        return 0, my_name, ""

    @CLICommand("argued input")
    def input(self, inbuf: Optional[str] = None) -> Tuple[int, str, str]:
        """Take a file or none"""
        return 0, repr(inbuf), ""

    @CLICommand("argued inputless")
    def inputless(self) -> Tuple[int, str, str]:
        """Take no file"""
        return 0, "none wanted", ""

    @CLICommand("argued file")
    @CLICheckNonemptyFileInput(desc="the key")
    def file(self, inbuf: str, name: str = "none") -> Tuple[int, str, str]:
        """Want a file"""
        return 0, repr((inbuf, name)), ""

    @CLIReadCommand("argued dec-read")
    def dec_read(self) -> HandleCommandResult:
        """Only read"""
        return HandleCommandResult(stdout="read")

    @CLIWriteCommand("argued dec-write")
    def dec_write(self) -> HandleCommandResult:
        """Only write"""
        return HandleCommandResult(stderr="wrote")

    @CLIReadCommand("argued dec-poll", poll=True)
    def dec_poll(self) -> HandleCommandResult:
        return HandleCommandResult()
