"""The shape of a document: its key names and the types of its values, whatever they are.

Lists count as the union of their elements, mappings keyed by ids as one entry. It is computed inside
the module, since documents are large.
"""

import hashlib
from collections.abc import Collection
from typing import Any

from tests.conformance.subjects import Subject


_SOURCE = """
def _paths(value, keyed, path):
    found = {path + ': ' + type(value).__name__}
    if isinstance(value, dict):
        for key, part in value.items():
            is_id = path in keyed or key.lstrip('-').replace('.', '').isdigit()
            found |= _paths(part, keyed, (path + '.' + ('*' if is_id else key)).lstrip('.'))
    if isinstance(value, list):
        for part in value:
            found |= _paths(part, keyed, path + '[]')
    return found
"""


class Shape(str):
    """Every path of a document with the type there, one a line; shown short in the table."""

    __slots__ = ()

    def __str__(self) -> str:
        digest = hashlib.sha256(self.encode()).hexdigest()[:8]
        return f"{len(self.keys)} keys, {len(self.splitlines())} paths, digest {digest}"

    @property
    def keys(self) -> set[str]:
        """Names at the top."""
        paths = (line.partition(": ")[0] for line in self.splitlines())
        return {path for path in paths if path and not {".", "["} & set(path)}


def shape(
    subject: Subject, source: str, keyed: Collection[str] = (), without: Collection[str] = ()
) -> Shape:
    """Ask for the shape of an expression's value, and show it.

    `keyed`: paths of mappings whose keys are ids ("" is the top); keys of digits always are.
    `without`: paths below which content is optional, so that one of the two may lack it.
    """
    subject.eval(_SOURCE)
    paths: list[str] = subject.eval(f"sorted(_paths({source}, {tuple(keyed)!r}, ''))")
    kept = [path for path in paths if not _is_below(path, without)]
    found = Shape("\n".join(kept))
    subject.shows(found)
    return found


def _is_below(path: str, parents: Collection[str]) -> bool:
    return any(path.startswith((f"{parent}.", f"{parent}[]")) for parent in parents)


def words(text: Any) -> set[str]:
    """The words of a text, as a set of keys."""
    return set(text.split())
