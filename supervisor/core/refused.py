"""The count of what was refused on the bus, by who spoke and by what was wrong with it."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum


STRANGERS = "(strangers)"  # no module's name


class Kind(StrEnum):
    """What was wrong."""

    CALL = "call"  # a grant is missing
    COMMAND = "command"
    OPTION = "option"
    STRANGER = "stranger"  # a process that the supervisor did not start
    NO_OPERATOR = "no-operator"  # somebody at the control socket who is not let in
    MALFORMED = "malformed"  # no envelope
    SOURCE = "forged-source"  # it names another module as the one that speaks
    HELLO = "hello"  # a second one, or another launch's nonce
    VERB = "verb"  # not a host's to send, or not a standby's
    LATE = "late-answer"  # its call has ended already: answered, died, timed out
    UNKNOWN = "unknown-answer"  # nobody was ever asked that
    IMPOSTOR = "impostor-answer"  # another module was asked that


class Refused:
    """Counters; nobody is forgotten while the process lives, and there are few modules."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[Kind]] = {}

    def count(self, who: str, kind: Kind) -> None:
        """One more of `who`, a module or STRANGERS."""
        self._counts.setdefault(who, Counter())[kind] += 1

    def view(self) -> Mapping[str, Mapping[str, int]]:
        """Who, then kind, then how often; kinds that never happened are left out."""
        return {
            who: {str(kind): n for kind, n in sorted(counts.items())}
            for who, counts in sorted(self._counts.items())
        }
