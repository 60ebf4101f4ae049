"""A connection together with the commands that the daemon offers on it."""

import json
import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any

from mgrctl.commands import Command, Match, match
from mgrctl.connection import Connection
from mgrctl.options import Options
from mgrctl.output import read_input, show
from proto.descriptor import Signature
from proto.v1.control_pb2 import CommandResult


PERIOD = 1.0


class Session:
    """Matches words, sends commands, shows answers. `commands` are the daemon's."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.commands = _commands(connection)

    def ask(self, words: Sequence[str], **extra: Any) -> CommandResult:
        """Send one command; raises Refused when no command takes the words."""
        return self.send(match(words, self.commands), extra, b"")

    def run(self, options: Options) -> int:
        """Run the command of a command line; returns the exit code."""
        chosen = match(options.words, self.commands)
        inbuf = read_input(options.input)
        extra = {"format": options.format} if options.format else {}
        if chosen.command.poll:
            return self._poll(chosen, extra, inbuf, options)
        return show(self.send(chosen, extra, inbuf), options.output)

    def send(self, chosen: Match, extra: dict[str, Any], inbuf: bytes) -> CommandResult:
        """Send the chosen command with what it needs beside its words."""
        arguments = chosen.arguments
        if chosen.command.owner.isidentifier():
            # Modules find it in their command beside the arguments, as from the ceph client.
            arguments = arguments | {"target": ["mon-mgr", ""]}
        text = json.dumps(arguments | extra)
        return self.connection.execute(text.encode("utf-8", "surrogateescape"), inbuf)

    def _poll(self, chosen: Match, extra: dict[str, Any], inbuf: bytes, options: Options) -> int:
        """Run again and again, as the ceph client does with a command such as iostat.

        Once only where nobody watches and no period was asked for, unlike there: a script that
        asks once must not hang.
        """
        period = options.period
        if period is None:
            period = PERIOD if options.output is None and sys.stdout.isatty() else 0
        width, until_header, first = shutil.get_terminal_size().columns, 0, True
        try:
            while True:
                if until_header == 0:
                    until_header = max(1, shutil.get_terminal_size().lines - 3)
                    extra["print_header"] = True
                extra |= {"poll": True, "width": width}
                code = show(self.send(chosen, extra, inbuf), options.output, append=not first)
                if code or period <= 0:
                    return code
                until_header -= 1
                extra["print_header"] = first = False
                time.sleep(period)
        except KeyboardInterrupt:
            # The ordinary end, as with the ceph client: no failure.
            print("Interrupted")
            return 0


def _commands(connection: Connection) -> list[Command]:
    commands = []
    for item in connection.describe().items:
        try:
            signature = Signature.parse(item.cmd)
        except ValueError as error:
            # One broken command must not take the others away.
            print(f"mgrctl: ignored a command of {item.module}: {error}", file=sys.stderr)
            continue
        commands.append(Command(signature, item.desc, item.poll, item.module))
    return commands
