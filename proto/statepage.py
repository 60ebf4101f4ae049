"""The shared page that holds the current version of each published name.

A folder holds one read-only file per name and version, `<name>.<version>`, and the page `versions`.
The writer (one per folder) renames a complete file into place, then bumps the version, then takes
the old file's name away. A reader maps the page once and looks: an unchanged version costs no
system call. A reader that finds its file gone was overtaken, and looks again.

Layout: a length-prefixed StatePageHead in the first SLOTS_OFFSET bytes, then slots of SLOT_BYTES:
the name (NUL-padded), its version, its size in bytes. Versions start at 1; 0 means never published.
A slot's name is written before its version, and never changes.
"""

import mmap
import os
import struct
from pathlib import Path

from google.protobuf.message import DecodeError

from proto.errors import ProtocolError
from proto.v1.state_pb2 import StatePageHead
from proto.v1.versions_pb2 import Versions
from proto.version import API, PROTOCOL, mismatch


PAGE = "versions"
CAPACITY = 256
SLOTS_OFFSET = 64
SLOT_BYTES = 64
NAME_BYTES = 48
_VERSION_WORD = NAME_BYTES // 8
_BYTES = SLOTS_OFFSET + CAPACITY * SLOT_BYTES


class PageWriter:
    """Creates the page and bumps versions. One thread only."""

    def __init__(self, folder: Path) -> None:
        head = StatePageHead(protocol=PROTOCOL, capacity=CAPACITY).SerializeToString()
        # A new file under a name of its own: a reader never finds a page without a head, and one
        # that still maps the page of an earlier writer keeps it whole (a truncated one is SIGBUS).
        path = folder / f".{PAGE}.{os.getpid()}.tmp"
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            os.fchmod(fd, 0o644)  # whatever the umask says: hosts run under another uid
            os.ftruncate(fd, _BYTES)
            self._map = mmap.mmap(fd, _BYTES)
        finally:
            os.close(fd)
        self._map[: 4 + len(head)] = struct.pack("=I", len(head)) + head
        path.replace(folder / PAGE)
        self._words = memoryview(self._map).cast("Q")
        self._slots: dict[str, int] = {}

    def bump(self, name: str, size: int) -> int:
        """Raise the version of `name` by one and return it; the size is that of its new file."""
        word = self._slots.get(name)
        if word is None:
            word = self._add(name)
        version = self._words[word + _VERSION_WORD] + 1
        self._words[word + _VERSION_WORD + 1] = size
        # One aligned 8-byte store: a reader sees the old version or the new one.
        self._words[word + _VERSION_WORD] = version
        return version

    def version(self, name: str) -> int:
        """The version last published, 0 if none."""
        word = self._slots.get(name)
        return 0 if word is None else self._words[word + _VERSION_WORD]

    def _add(self, name: str) -> int:
        raw = name.encode()
        if not raw or b"\0" in raw or len(raw) > NAME_BYTES:
            raise ValueError(
                f"cannot publish {name!r}: a name has 1 to {NAME_BYTES} bytes, none of them NUL"
            )
        if len(self._slots) >= CAPACITY:
            raise ValueError(f"cannot publish {name!r}: the page holds {CAPACITY} names, no more")
        start = SLOTS_OFFSET + len(self._slots) * SLOT_BYTES
        self._map[start : start + NAME_BYTES] = raw.ljust(NAME_BYTES, b"\0")
        word = self._slots[name] = start // 8
        return word

    def close(self) -> None:
        """Unmap; the file stays for readers that still map it."""
        self._words.release()
        self._map.close()


class PageReader:
    """Looks up versions. Safe from any thread; never waits."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError before the first writer, ProtocolError for a foreign file."""
        with (folder / PAGE).open("rb") as file:
            if os.fstat(file.fileno()).st_size != _BYTES:
                raise ProtocolError(f"{folder / PAGE} is not a page of published state")
            self._map = mmap.mmap(file.fileno(), _BYTES, prot=mmap.PROT_READ)
        try:
            self._check_head(folder / PAGE)
        except ProtocolError:
            self._map.close()
            raise
        self._words = memoryview(self._map).cast("Q")
        # In the order of the slots. Threads may add the same slot at once: to no effect.
        self._slots: dict[str, int] = {}

    def _check_head(self, path: Path) -> None:
        (length,) = struct.unpack_from("=I", self._map)
        try:
            head = StatePageHead.FromString(self._map[4 : min(4 + length, SLOTS_OFFSET)])
        except DecodeError:
            raise ProtocolError(f"{path} is not a page of published state") from None
        problem = mismatch(
            "this module host", "the published state", Versions(protocol=head.protocol, api=API)
        )
        if problem:
            raise ProtocolError(problem)
        if head.capacity != CAPACITY:
            raise ProtocolError(f"{path} holds {head.capacity} names; {CAPACITY} were expected")

    def version(self, name: str) -> int:
        """The current version of `name`, 0 if it was never published."""
        word = self._slots.get(name)
        if word is None:
            word = self._find(name)
            if word is None:
                return 0
        return self._words[word + _VERSION_WORD]

    def names(self) -> list[str]:
        """Every name published so far."""
        self._find("")
        return list(self._slots)

    def _find(self, name: str) -> int | None:
        while (seen := len(self._slots)) < CAPACITY:
            start = SLOTS_OFFSET + seen * SLOT_BYTES
            # A slot counts once its first version is set: its name is complete by then.
            if self._words[start // 8 + _VERSION_WORD] == 0:
                break
            raw = self._map[start : start + NAME_BYTES].rstrip(b"\0")
            self._slots[raw.decode()] = start // 8
        return self._slots.get(name)

    def close(self) -> None:
        """Unmap the page."""
        self._words.release()
        self._map.close()
