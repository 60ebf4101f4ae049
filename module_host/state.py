"""Reads the published cluster state; layout and rules are in `proto.statepage`."""

import json
import mmap
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from module_host import collector
from module_host.ceph import readonly
from proto.statepage import PageReader


ENTRY_BYTES = 256  # that are decoded at first


class State(Protocol):
    """The published documents. Safe from every thread."""

    def fresh(self, name: str) -> Any:
        """The current document, decoded anew for the caller to change; None if never published."""

    def shared(self, name: str) -> Any:
        """The current document as one object per version; None if never published."""

    def entry(self, name: str, key: str) -> Any:
        """What the current document, an object, has at `key`; None for nothing. Only that is
        decoded: most modules want a few of Ceph's two thousand options.
        """

    def read_only(self, name: str) -> Any:
        """As shared(), but the object refuses to be changed."""

    def forget(self, name: str) -> bool:
        """Let go of the read-only object of `name`; answers whether there was one."""


@dataclass(frozen=True)
class _Document:
    """One version; the mapping outlives the file's name."""

    version: int
    text: mmap.mmap


class StateReader:
    """Decodes on demand: an unchanged document costs no system call. Safe from every thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._page = PageReader(folder)
        self._documents: dict[str, _Document] = {}
        self._decoded: dict[str, tuple[int, Any]] = {}
        self._frozen: dict[str, tuple[int, Any]] = {}
        self._entries: dict[str, tuple[int, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def fresh(self, name: str) -> Any:
        """As State.fresh()."""
        document = self._current(name)
        return None if document is None else _decode(document, lambda value: value)

    def shared(self, name: str) -> Any:
        """As State.shared()."""
        return self._once(name, self._decoded, lambda value: value)

    def entry(self, name: str, key: str) -> Any:
        """As State.entry()."""
        document = self._current(name)
        if document is None:
            return None
        version, known = self._entries.get(name, (0, {}))
        if version != document.version:
            known = {}
            self._entries[name] = document.version, known
        if key not in known:
            known[key] = _value_at(document.text, key)
        return known[key]

    def read_only(self, name: str) -> Any:
        """As State.read_only()."""
        return self._once(name, self._frozen, readonly.frozen)

    def forget(self, name: str) -> bool:
        """As State.forget()."""
        with self._lock:
            return self._frozen.pop(name, None) is not None

    def _once(
        self, name: str, kept: dict[str, tuple[int, Any]], finish: Callable[[Any], Any]
    ) -> Any:
        document = self._current(name)
        if document is None:
            return None
        known = kept.get(name)
        if known is None or known[0] < document.version:
            # Threads that decode the same version at once must end up with one object.
            decoded = _decode(document, finish)
            with self._lock:
                known = kept.get(name)
                if known is None or known[0] < document.version:
                    known = kept[name] = (document.version, decoded)
        return known[1]

    def _current(self, name: str) -> _Document | None:
        with self._lock:
            version = self._page.version(name)
            while version:
                document = self._documents.get(name)
                if document is not None and document.version == version:
                    return document
                try:
                    self._documents[name] = _map(self._folder / f"{name}.{version}", version)
                except FileNotFoundError:
                    # Overtaken by the writer, which bumps the version before it unlinks the file.
                    newer = self._page.version(name)
                    if newer == version:
                        raise
                    version = newer
        return None


def _map(path: Path, version: int) -> _Document:
    with path.open("rb") as file:
        return _Document(version, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))


def _decode(document: _Document, finish: Callable[[Any], Any]) -> Any:
    with memoryview(document.text) as text, collector.paused():
        return finish(orjson.loads(text))


def _value_at(text: mmap.mmap, key: str) -> Any:
    """Of an object as the supervisor writes it: no blanks, and no objects inside. So the key with
    its colon is nowhere else: inside a text a quote has a backslash before it.
    """
    mark = orjson.dumps(key) + b":"
    start = text.find(mark)
    if start < 0:
        return None
    start += len(mark)
    size = ENTRY_BYTES
    while True:
        piece = text[start : start + size]
        shown = piece.decode(errors="ignore")
        try:
            value, end = json.JSONDecoder().raw_decode(shown)
        except ValueError:
            if len(piece) < size:
                raise
        else:
            if end < len(shown) or len(piece) < size:
                return value  # a number may go on behind the piece
        size *= 16
