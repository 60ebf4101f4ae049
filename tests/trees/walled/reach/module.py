"""Tries what it is told to."""

import errno
import os
import socket
import subprocess

from mgr_module import CLICommand, HandleCommandResult, MgrModule


def outcome(work):
    """ "done", or the name of the errno."""
    try:
        work()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "done"


def listen(port):
    socket.create_server(("127.0.0.1", port)).close()


def connect(port):
    socket.create_connection(("127.0.0.1", port), 5).close()


class Module(MgrModule):
    NOTIFY_TYPES = []

    @CLICommand("reach listen")
    def listen(self, port: int):
        """Listen on a port"""
        return HandleCommandResult(stdout=outcome(lambda: listen(port)))

    @CLICommand("reach connect")
    def connect(self, port: int):
        """Connect to a port"""
        return HandleCommandResult(stdout=outcome(lambda: connect(port)))

    @CLICommand("reach read")
    def read(self, path: str):
        """Open a file"""
        return HandleCommandResult(stdout=outcome(lambda: open(path).close()))

    @CLICommand("reach list")
    def list(self, path: str):
        """List a folder"""
        return HandleCommandResult(stdout=outcome(lambda: os.listdir(path)))

    @CLICommand("reach write")
    def write(self, path: str):
        """Create a file"""
        return HandleCommandResult(stdout=outcome(lambda: open(path, "w").close()))

    @CLICommand("reach run")
    def run(self, program: str):
        """Run a program"""
        return HandleCommandResult(stdout=outcome(lambda: subprocess.run([program], check=False)))
