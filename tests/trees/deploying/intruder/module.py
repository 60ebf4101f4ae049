import errno
import json
import os
import socket

from mgr_module import CLICommand, HandleCommandResult, MgrModule


class Module(MgrModule):
    """Tries to get at the host agent without having been granted it."""

    @CLICommand("intruder read")
    def read(self, path: str) -> HandleCommandResult:
        """Read a file that is not ours"""
        try:
            with open(path) as file:
                return HandleCommandResult(stdout=file.read())
        except OSError as error:
            return HandleCommandResult(stdout=errno.errorcode[error.errno])

    @CLICommand("intruder connect")
    def connect(self, path: str) -> HandleCommandResult:
        """Ask without a token, and with one that we made up"""
        answers = [os.environ.get("MGR_AGENT", "no grant")]
        for request in ({"op": "list"}, {"op": "list", "token": "0" * 64}):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(path)
                connection.sendall(json.dumps(request).encode() + b"\n")
                answers.append(json.loads(connection.makefile().readline()))
        return HandleCommandResult(stdout=json.dumps(answers))
