"""Log files on disk: taking a full one out of the way, and reading one across its rotations.

The files of a log are `x.log`, `x.log.1`, `x.log.2`, ..., newest first.
"""

import codecs
import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO


CHUNK = 256 * 1024  # bytes that one reading gives at most
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
_MODE = 0o640
# A rotation renames one file after another: who looks for them meanwhile, in another thread, would
# pass by some, as a folder's listing may leave out what is renamed under it.
_renaming = threading.Lock()


def open_log(path: Path, uid: int = -1) -> int:
    """The log as an open descriptor, created where it is missing, and given to `uid`: not where it
    is a link, or has a second name, as it may then be somebody else's file. Raises OSError.
    """
    fd = os.open(path, _FLAGS, _MODE)
    try:
        found, named = os.fstat(fd), path.lstat()
        own = os.path.samestat(found, named) and found.st_nlink == 1
        if own and uid not in (-1, found.st_uid):
            os.fchown(fd, uid, -1)
    except OSError:
        os.close(fd)
        raise
    return fd


def rotate(path: Path, keep: int) -> int:
    """Put an empty file of the same mode and owner in the place of `path`, and open it. The former
    one becomes `path`.1, and so on up to `keep`; the oldest is removed.

    The name `path` stands for a file at every moment, so that nobody who opens it meanwhile can
    create another. Raises OSError; the log is then as it was, or its older files have moved up.
    """
    with _renaming:
        return _rotate(path, keep)


def _rotate(path: Path, keep: int) -> int:
    former = path.stat()
    first = numbered(path, 1)
    with contextlib.suppress(FileNotFoundError):
        if first.samefile(path):  # a rotation ended between its last two steps
            first.unlink()
    for number in range(keep - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            numbered(path, number).replace(numbered(path, number + 1))
    fresh = path.with_name(path.name + ".new")
    fd = os.open(fresh, _FLAGS | os.O_TRUNC, _MODE)
    try:
        with contextlib.suppress(PermissionError):  # of the owner: only root gives files away
            os.fchown(fd, former.st_uid, former.st_gid)
        os.fchmod(fd, stat.S_IMODE(former.st_mode))
        first.unlink(missing_ok=True)
        first.hardlink_to(path)
        fresh.replace(path)
    except OSError:
        os.close(fd)
        fresh.unlink(missing_ok=True)
        raise
    return fd


def numbered(path: Path, number: int) -> Path:
    """Where the log of `number` rotations ago is."""
    return path.with_name(f"{path.name}.{number}") if number else path


def tail(path: Path, lines: int) -> bytes:
    """The last `lines` lines, of at most CHUNK bytes in each file."""
    kept: list[bytes] = []
    with contextlib.ExitStack() as stack:
        for file in _opened(path, stack):
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - CHUNK))
            kept[:0] = file.read().splitlines(keepends=True)
            if len(kept) >= lines:
                break
    return b"".join(kept[-lines:]) if lines else b""


def read_from(path: Path, place: str, after: int | None) -> dict[str, Any]:
    """What follows offset `after` of the file that `place` names: {"text", "place", "after"}. The
    last two are where to go on, in the same file or in a newer one.

    Without `after` only the end is named. Where the file is gone, it goes on at the start of the
    newest; and without `place` in the newest, at its start if it is shorter than `after`.
    """
    with contextlib.ExitStack() as stack:
        newer: BinaryIO | None = None
        newest: BinaryIO | None = None
        for file in _opened(path, stack):
            newest = newest or file
            if after is None:
                return {"text": "", "place": _place(file), "after": _size(file)}
            if _place(file) == place:
                # Its writers may have moved on only once there is something in the newer one. That
                # is looked at first, so that nothing comes to this one after it was read.
                moved_on = newer is not None and _size(newer) > 0
                # A flood may have been cut from its end (see log_bound).
                text, offset = _read(file, min(after, _size(file)))
                if text or not moved_on:
                    return {"text": text, "place": place, "after": offset}
                assert newer is not None
                text, offset = _read(newer, 0)
                return {"text": text, "place": _place(newer), "after": offset}
            newer = file
        if newest is None:
            return {"text": "", "place": "", "after": 0}
        text, offset = _read(newest, 0 if place or (after or 0) > _size(newest) else after or 0)
        return {"text": text, "place": _place(newest), "after": offset}


def _opened(path: Path, stack: contextlib.ExitStack) -> list[BinaryIO]:
    """The files of a log, newest first, each once."""
    with _renaming:
        return list(_files(path, stack))


def _files(path: Path, stack: contextlib.ExitStack) -> Iterator[BinaryIO]:
    """Where somebody else rotates, each may have moved up by one since the listing."""
    seen = set()
    for number in sorted({n + up for n in [0, *_numbers(path)] for up in (0, 1)}):
        try:
            file = stack.enter_context(numbered(path, number).open("rb"))
        except FileNotFoundError:
            continue
        if _place(file) not in seen:
            seen.add(_place(file))
            yield file


def _numbers(path: Path) -> list[int]:
    stem = f"{path.name}."
    with contextlib.suppress(FileNotFoundError):
        names = [entry.name for entry in path.parent.iterdir() if entry.name.startswith(stem)]
        rests = [name.removeprefix(stem) for name in names]
        return [int(rest) for rest in rests if rest.isascii() and rest.isdecimal()]
    return []


def _place(file: BinaryIO) -> str:
    status = os.fstat(file.fileno())
    return f"{status.st_dev}.{status.st_ino}"


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _read(file: BinaryIO, start: int) -> tuple[str, int]:
    """At most CHUNK bytes as text, and the offset behind them."""
    file.seek(start)
    data = file.read(CHUNK)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data)
    cut, _flags = decoder.getstate()  # a character of which the rest is not written or read yet
    return text, start + len(data) - len(cut)
