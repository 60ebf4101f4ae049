"""Puts documents where module hosts read them: the writer's side of `proto.statepage`."""

import os
from pathlib import Path
from typing import Any

import orjson

from proto.statepage import PageWriter


class Publisher:
    """Owns the state folder. One thread only.

    A folder that an earlier supervisor left is emptied first: it counted versions of its own.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        self._folder = folder
        self._page = PageWriter(folder)
        self._bytes: dict[str, bytes] = {}

    def publish(self, name: str, document: Any) -> bool:
        """Make `document` the current version of `name`; False where its bytes did not change."""
        body = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
        if self._bytes.get(name) == body:
            return False
        version = self._page.version(name)
        self._write(f"{name}.{version + 1}", body)
        self._page.bump(name, len(body))
        self._bytes[name] = body
        if version:
            (self._folder / f"{name}.{version}").unlink()
        return True

    def close(self) -> None:
        """Unmap the page. Files stay for readers that still look."""
        self._page.close()

    def _write(self, filename: str, body: bytes) -> None:
        temporary = self._folder / f".{filename}.tmp"
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        try:
            os.fchmod(fd, 0o444)  # whatever the umask says: hosts run under another uid
            view = memoryview(body)
            while view:
                view = view[os.write(fd, view) :]
        except OSError:
            temporary.unlink()
            raise
        finally:
            os.close(fd)
        temporary.rename(self._folder / filename)
