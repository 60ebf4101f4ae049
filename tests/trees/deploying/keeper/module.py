import json
import os
import socket

from mgr_module import CLICommand, HandleCommandResult, MgrModule


class Module(MgrModule):
    """Asks the host agent for whatever it is told to."""

    @CLICommand("keeper ask")
    def ask(self, request: str) -> HandleCommandResult:
        """Send a request with our token"""
        if not os.path.exists(os.environ.get("MGR_AGENT", "")):
            return HandleCommandResult(-2, "", "no grant")
        with open(os.environ["MGR_AGENT"]) as file:
            grant = json.load(file)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(grant["socket"])
            line = json.dumps({"token": grant["token"], **json.loads(request)})
            connection.sendall(line.encode() + b"\n")
            return HandleCommandResult(stdout=connection.makefile().readline())
