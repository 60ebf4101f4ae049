"""Files that are there whole or not at all, also after a loss of power."""

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write(
    file: Path, data: bytes, mode: int = 0o600, durable: bool = True, owner: int = -1
) -> None:
    """Put `data` in the place of `file`, in a folder that is there; on disk when this returns, if
    `durable`. It belongs to user and group `owner`; -1: to the caller. What stood under that name,
    a link too, is replaced and never followed. Raises OSError.
    """
    fd, name = tempfile.mkstemp(prefix=f".{file.name[:64]}.", dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(fd, "wb") as new:
            new.write(data)
            new.flush()
            os.fchmod(new.fileno(), mode)
            if owner != -1:
                os.fchown(new.fileno(), owner, owner)
            if durable:
                os.fsync(new.fileno())
        temporary.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        sync(file.parent)


def write_json(file: Path, value: Any, durable: bool = True, owner: int = -1) -> None:
    """`write`, of a JSON document."""
    write(file, json.dumps(value, indent=1).encode(), durable=durable, owner=owner)


def read_json(file: Path) -> Any:
    """Raises OSError, or ValueError where it is no JSON."""
    return json.loads(file.read_bytes())


def sync(folder: Path) -> None:
    """What was created, renamed or removed in `folder` is so on disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
