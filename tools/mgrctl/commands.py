"""The commands that the daemon offers; words that none of them takes are the operator's mistake."""

from collections.abc import Iterable, Sequence

from mgrctl.errors import Refused
from proto import matching
from proto.matching import Command, Match, NoMatch


__all__ = ["Command", "Match", "match"]


def match(words: Sequence[str], commands: Iterable[Command]) -> Match:
    """Select the command that `words` spell; raises Refused with the closest commands' usage."""
    try:
        return matching.match(words, commands)
    except NoMatch as error:
        raise Refused(str(error)) from None
