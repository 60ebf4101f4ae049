"""Attempts with descriptors that the process was born with."""

import mmap
import os
from pathlib import Path

from .attempt import Family, Target


descriptors = Family("descriptors")

_MOST = 64
_BORN = "always: a host is born with its log and one socket of its own"


@descriptors("read a secret out of every descriptor that was inherited", closed=_BORN)
def inherited(_at: Target) -> str:
    found = []
    for number in map(int, os.listdir("/proc/self/fd")):
        try:
            found.append(os.pread(number, 1 << 16, 0).decode("latin-1"))
        except OSError:
            continue
    return "".join(found)


@descriptors(
    "have a descriptor of something that belongs to somebody else", own_word=True, closed=_BORN
)
def foreign(at: Target) -> str:
    own = ("/dev/", "pipe:", "socket:", "anon_inode:", at.own_data, at.own_log, at.state, "/memfd:")
    kept = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            name = str(link.readlink())
        except OSError:
            continue
        if not name.startswith((*own, "/proc/")):
            kept.append(name)
    return ", ".join(kept)


@descriptors("open what it has for reading once more, for writing (/proc/self/fd)")
def reopen_page(at: Target) -> None:
    fd = os.open(f"{at.state}/versions", os.O_RDONLY)
    try:
        again = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_APPEND)
        os.write(again, at.mark.encode())
        os.close(again)
    finally:
        os.close(fd)


@descriptors(
    "make published memory writable",
    own_word=True,
    closed="the kernel: opened for reading is mapped for reading",
)
def map_page_writable(at: Target) -> str:
    fd = os.open(f"{at.state}/versions", os.O_RDONLY)
    try:
        with mmap.mmap(fd, 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE):
            return "mapped"
    finally:
        os.close(fd)


@descriptors("go up from a folder that was opened (..)")
def walk_up(at: Target) -> str:
    fd = os.open(at.own_data, os.O_RDONLY)
    try:
        path = os.path.relpath(at.secret_file, at.own_data)
        secret = os.open(path, os.O_RDONLY, dir_fd=fd)
    finally:
        os.close(fd)
    with os.fdopen(secret) as file:
        return file.read(_MOST)
