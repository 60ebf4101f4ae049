"""Starts processes, as many as it is told to and for two minutes at most, and tries to get away."""

import os
import time

from mgr_module import CLICommand, MgrModule


SECONDS = 120
DEEPEST = 8  # 255 processes


def _double(depth):
    """In each process two more, unless it is refused them; it goes on in any case."""
    for _ in range(2 if depth else 0):
        try:
            child = os.fork()
        except BlockingIOError:
            return
        if child == 0:
            _double(depth - 1)
            return


class Module(MgrModule):
    @CLICommand("stray daemon")
    def daemon(self):
        """Start a process in a session of its own, as daemons do; answers its pid"""
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(write, str(os.getpid()).encode())
                time.sleep(SECONDS)
            os._exit(0)
        os.waitpid(child, 0)
        try:
            return 0, os.read(read, 20).decode(), ""
        finally:
            os.close(read)
            os.close(write)

    @CLICommand("stray bomb")
    def bomb(self, depth: int):
        """Start processes that start two each, so many generations of them"""
        if os.fork() == 0:
            try:
                _double(min(depth, DEEPEST))
                time.sleep(SECONDS)
            finally:
                os._exit(0)
        return 0, "", ""

    @CLICommand("stray gulp")
    def gulp(self, mib: int):
        """Take so many MiB at once"""
        return 0, str(len(bytearray(b"x") * (mib << 20))), ""

    @CLICommand("stray leave")
    def leave(self, folder: str):
        """Move to the cgroup in `folder`; answers what became of that"""
        try:
            with open(os.path.join(folder, "cgroup.procs"), "w") as file:
                file.write("0")
        except OSError as error:
            return 0, type(error).__name__, ""
        return 0, "moved", ""

    @CLICommand("stray count")
    def count(self, number: int):
        """Answers `number`"""
        return 0, str(number), ""
