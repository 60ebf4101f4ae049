"""Attempts to take more than a share. Each ends by itself, also where nothing stops it."""

import os
import socket
import time
from pathlib import Path
from typing import NoReturn

from .attempt import Family, Target


exhaustion = Family("exhaustion")

PROCESSES = 80
DESCRIPTORS = 900
MEMORY_BYTES = 320 << 20
FILE_BYTES = 256 << 20  # of a file with nothing in it
LOG_BYTES = 4 << 20
FOLDER_BYTES = 24 << 20
PIECE_BYTES = 4 << 20
CONNECTING, CONNECTIONS = 8, 220  # processes, and what each holds; a thousand may wait to be taken
HOLD_SECONDS = 1.5  # longer than the supervisor takes to look
COUNT_SECONDS = 6.0  # longer than it takes to count files, with the pause before
KEYS, KEY_TEXT = 80, "x" * 1000


@exhaustion("take processes", own_word=True, limited=True)
def take_processes(_at: Target) -> str:
    children: list[int] = []
    try:
        for _ in range(PROCESSES):
            pid = os.fork()
            if not pid:
                try:
                    time.sleep(HOLD_SECONDS + 1)
                finally:
                    os._exit(0)
            children.append(pid)
        time.sleep(HOLD_SECONDS)
        return f"{len(children)} processes"
    finally:
        for pid in children:
            os.kill(pid, 9)
            os.waitpid(pid, 0)


@exhaustion("take descriptors", own_word=True, limited=True)
def take_descriptors(_at: Target) -> str:
    held: list[int] = []
    try:
        while len(held) < DESCRIPTORS:
            held.append(os.open("/dev/null", os.O_RDONLY))
        return f"{len(held)} descriptors"
    finally:
        for fd in held:
            os.close(fd)


@exhaustion("take memory", own_word=True, limited=True)
def take_memory(_at: Target) -> str:
    held = b"\xff" * MEMORY_BYTES
    time.sleep(HOLD_SECONDS)
    return f"{len(held) >> 20} MiB"


@exhaustion(
    "take the supervisor's descriptors, by connections to its bus", own_word=True, limited=True
)
def take_connections(at: Target) -> str:
    return _take_connections(at.bus, socket.SOCK_STREAM)


@exhaustion("take the supervisor's descriptors, by lanes", own_word=True, limited=True)
def take_lanes(at: Target) -> str:
    return _take_connections(at.lanes, socket.SOCK_SEQPACKET)


def _take_connections(path: str, kind: socket.SocketKind) -> str:
    """Processes each of which keeps within its own limit."""
    pipes = []
    for _ in range(CONNECTING):
        ours, theirs = os.pipe()
        pipes.append(ours)
        if not os.fork():
            _connect(path, kind, theirs)
        os.close(theirs)
    try:
        made = sum(int(os.read(pipe, 16) or b"0") for pipe in pipes)
        time.sleep(HOLD_SECONDS)
    finally:
        for pipe in pipes:
            os.close(pipe)
    # Some wait to be taken, and cost the supervisor nothing.
    return f"{made} connections" if made > CONNECTING * CONNECTIONS // 2 else ""


def _connect(path: str, kind: socket.SocketKind, pipe: int) -> NoReturn:
    try:
        held = []
        try:
            while len(held) < CONNECTIONS:
                one = socket.socket(socket.AF_UNIX, kind)
                one.settimeout(0.5)
                one.connect(path)
                held.append(one)
        except OSError:
            pass
        os.write(pipe, b"%d" % len(held))
        time.sleep(HOLD_SECONDS + 1)
    finally:
        os._exit(0)


@exhaustion("make a file that is too large", own_word=True, limited=True)
def take_file(at: Target) -> str:
    path = Path(f"{at.own_data}/{at.mark}-large")
    try:
        with path.open("wb") as file:
            file.truncate(FILE_BYTES)
        return f"{FILE_BYTES >> 20} MiB"
    finally:
        path.unlink(missing_ok=True)


@exhaustion("fill the disk with many files", own_word=True, limited=True)
def take_disk(at: Target) -> str:
    folder = Path(f"{at.own_data}/{at.mark}-many")
    folder.mkdir()
    try:
        for number in range(FOLDER_BYTES // PIECE_BYTES):
            (folder / str(number)).write_bytes(bytes(PIECE_BYTES))
        time.sleep(COUNT_SECONDS)
        return f"{FOLDER_BYTES >> 20} MiB"
    finally:
        for piece in folder.iterdir():
            piece.unlink()
        folder.rmdir()


@exhaustion("fill the disk with its log", own_word=True, limited=True)
def take_log(_at: Target) -> str:
    before = os.fstat(2).st_size
    line = b"x" * 1023 + b"\n"
    for _ in range(LOG_BYTES // len(line)):
        os.write(2, line)
    time.sleep(HOLD_SECONDS)
    grown = os.fstat(2).st_size - before
    return f"{grown >> 20} MiB" if grown >= LOG_BYTES else ""


@exhaustion("fill the store with its own keys", own_word=True, limited=True)
def take_store(at: Target) -> str:
    kept = 0
    try:
        for _ in range(KEYS):
            at.module.set_store(f"{at.mark}-{kept}", KEY_TEXT)
            kept += 1
        return f"{kept} keys"
    except RuntimeError:
        return ""
    finally:
        for number in range(kept):
            at.module.set_store(f"{at.mark}-{number}", None)
