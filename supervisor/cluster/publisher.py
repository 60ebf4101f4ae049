"""Puts documents where module hosts read them: the writer's side of `proto.statepage`."""

from pathlib import Path
from typing import Any

import orjson

from proto.statepage import PageWriter
from supervisor.cluster.document_file import DocumentFile


WORTH_KEEPING = 256 << 10  # bytes from which on an overtaken file is written anew


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
        self._numbered: set[str] = set()  # documents with keys that are no text: dearer to encode
        self._current: dict[str, DocumentFile] = {}  # what readers find now
        self._spare: dict[str, DocumentFile] = {}  # what they found before

    def publish(self, name: str, document: Any) -> bool:
        """Make `document` the current version of `name`; False where its bytes did not change."""
        body = self._encoded(name, document)
        if self._bytes.get(name) == body:
            return False
        version = self._page.version(name)
        file = self._written(name, body)
        file.rename(self._folder / f"{name}.{version + 1}")
        if len(body) < WORTH_KEEPING:
            file.close()  # a descriptor for each would be many
        self._page.bump(name, len(body))
        self._bytes[name] = body
        old = self._current.pop(name, None)
        self._current[name] = file
        if old is not None:
            self._retire(name, old)
        return True

    def close(self) -> None:
        """Unmap the page. Files stay for readers that still look."""
        self._page.close()
        for file in (*self._current.values(), *self._spare.values()):
            file.close()

    def _encoded(self, name: str, document: Any) -> bytes:
        if name not in self._numbered:
            try:
                return orjson.dumps(document)
            except TypeError:
                self._numbered.add(name)
        return orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)

    def _written(self, name: str, body: bytes) -> DocumentFile:
        spare = self._spare.pop(name, None)
        if spare is not None:
            try:
                if spare.rewrite(body):
                    return spare
            except OSError:
                spare.remove()
                raise
            spare.remove()
        return DocumentFile.create(self._folder / f".{name}.tmp", body)

    def _retire(self, name: str, file: DocumentFile) -> None:
        if file.closed:
            file.remove()
        else:
            file.rename(self._folder / f".{name}.spare")
            self._spare[name] = file
