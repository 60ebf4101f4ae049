"""`python -m supervisor.agent`: starts the agent of a folder and detaches it.

Its one line of output is "up PID", the pid of its first process, or the sentence why not. That
process has no parent among us: it outlives whoever starts it.
"""

import argparse
import gc
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from supervisor.agent.monitor import CANNOT, Monitor
from supervisor.agent.place import Place
from supervisor.agent.refusal import RefusedError


LINGER = 60.0


def parser() -> argparse.ArgumentParser:
    """The agent's options."""
    options = argparse.ArgumentParser(
        prog="python -m supervisor.agent",
        description="Keeps the processes of deployed daemons; mgr-supervisor starts it.",
    )
    options.add_argument("--folder", type=Path, required=True, help="where everything is kept")
    options.add_argument("--socket", type=Path, required=True, help="where it listens")
    options.add_argument("--engine", choices=("auto", "process", "systemd"), default="auto")
    options.add_argument(
        "--linger", type=float, default=LINGER, metavar="SECONDS",
        help="ends when it had no supervisor and no daemon for so long (default: %(default)g)",
    )  # fmt: skip
    return options


def main() -> None:
    """Return in the process that was started, once the agent is on its own way."""
    arguments = parser().parse_args()
    if pid := os.fork():
        os.waitpid(pid, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    code = CANNOT
    try:
        code = serve(arguments)
    except RefusedError as refused:
        os.write(1, f"{refused.sentence}\n".encode())
    except OSError as error:
        os.write(1, f"cannot start: {error.filename or ''}: {error.strerror}\n".encode())
    finally:
        _end(code)


def serve(arguments: argparse.Namespace) -> int:
    """Be the agent; answers the exit code. Raises RefusedError or OSError where it cannot begin."""
    os.chdir("/")
    os.umask(0o077)
    place = Place(arguments.folder.absolute())
    null = os.open(os.devnull, os.O_RDWR)
    log = os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(null, 0)
    os.dup2(log, 2)
    os.close(null)
    os.close(log)
    from supervisor.agent.worker import Settings, work  # the starting process goes on before this

    settings = Settings(arguments.socket.absolute(), arguments.engine, arguments.linger)
    gc.collect()
    gc.freeze()

    def begin(link: socket.socket) -> int:
        return work(place, settings, link)

    def settle() -> None:
        os.dup2(2, 1)  # the word is said: let go of whoever reads it

    return Monitor(begin, settle).run()


def _end(code: int) -> NoReturn:
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
