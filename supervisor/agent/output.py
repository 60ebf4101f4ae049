"""Logs that keep within their size: what is beyond it moves to FILE.1, which it replaces.

The writer has the file open and is not asked, so the file is copied and emptied: what it writes in
the moment between is lost. It writes with O_APPEND and goes on at the beginning.
"""

import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path


log = logging.getLogger("output")

LIMIT = 8 << 20  # bytes


def bound(files: Iterable[Path], limit: int = LIMIT) -> None:
    """Look at each of `files` once. What cannot be done is logged, and tried again next time."""
    for file in files:
        try:
            if file.stat().st_size > limit:
                _turn(file, limit)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("%s is beyond its size: %s", file, error.strerror)


def _turn(file: Path, limit: int) -> None:
    older = file.with_name(f"{file.name}.1")
    try:
        with file.open("rb") as source, older.open("wb") as target:
            os.fchmod(target.fileno(), 0o600)
            # It may have been written faster than we look: the end is worth more.
            source.seek(max(0, os.fstat(source.fileno()).st_size - limit))
            shutil.copyfileobj(source, target)
    finally:
        # Also where the disk is too full for a copy: this is what frees it.
        os.truncate(file, 0)
