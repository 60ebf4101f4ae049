"""The commands that the daemon offers, and how the operator's words select one of them.

Verdicts, values and sentences are those of the ceph client of 16.2.15. A word of a command's name
is spelled out: an abbreviated last word only narrows the suggestions, as there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from proto.argtypes import ArgumentRefused, CephChoices
from proto.descriptor import Argument, Literal, Signature
from proto.reading import Missing, NotThisCommand, Unfit, parts, read


CLOSEST = 10


class NoMatch(ValueError):  # noqa: N818  the operator's words, not a fault
    """No command takes the words. The text, of several lines, is what the operator reads."""


@dataclass(frozen=True)
class Command:
    """One command of the daemon.

    `owner` answers it: a module's name, "(supervisor)" or "(cluster)".
    """

    signature: Signature
    help: str = ""
    poll: bool = False
    owner: str = "(cluster)"


@dataclass(frozen=True)
class Match:
    """The command that the words select, and its arguments with "prefix", as its JSON has them."""

    command: Command
    arguments: dict[str, Any]


def match(words: Sequence[str], commands: Iterable[Command]) -> Match:
    """Select the command that `words` spell; raises NoMatch with the closest commands' usage."""
    closest = _closest(words, commands)
    # The one with the fewest required words first, so that a longer command does not complain
    # about what it lacks when a shorter one fits.
    for command in sorted(closest, key=lambda c: sum(i.required for i in c.signature.items)):
        try:
            return Match(command, read(words, command.signature))
        except NotThisCommand:
            continue
        except Missing as error:
            if len(closest) == 1:
                raise _invalid(command, error) from None
            break
        except Unfit as error:
            raise _invalid(command, error) from None
    usage = [command.signature.usage() for command in closest[:CLOSEST]]
    raise NoMatch("\n".join([f"no valid command found; {len(usage)} closest matches:", *usage]))


def _invalid(command: Command, error: Unfit) -> NoMatch:
    usage = f"{command.signature.usage()} :  {command.help}"
    return NoMatch("\n".join(filter(None, [error.note, f"Invalid command: {error}", usage])))


def _closest(words: Sequence[str], commands: Iterable[Command]) -> list[Command]:
    best, found = 0.0, list[Command]()
    for command in commands:
        score = _score(words, command.signature)
        if score > best:
            best, found = score, []
        if score == best:
            found.append(command)
    return found


def _score(words: Sequence[str], signature: Signature) -> float:
    """How many required words are there; half a point more when the last is spelled out."""
    partial = _count(words, signature, abbreviated=True)
    exact = _count(words, signature, abbreviated=False)
    return partial + 0.5 if partial == exact else partial


def _count(words: Sequence[str], signature: Signature, *, abbreviated: bool) -> int:
    count, position = 0, 0
    for item in signature.items:
        if isinstance(item, Literal):
            if position == len(words):
                return count
            word, last = words[position], position == len(words) - 1
            if word != item.text and not (abbreviated and last and item.text.startswith(word)):
                return count
            position += 1
            count += 1
            continue
        taken = 0
        while item.positional and (item.many or taken < item.count):
            if position == len(words):
                return count
            if not _fits(item, words[position], abbreviated and position == len(words) - 1):
                if item.required:
                    return count
                break
            position += 1
            taken += 1
        count += item.required
    return count


def _fits(argument: Argument, word: str, abbreviated: bool) -> bool:
    """Whether `argument` takes the word, or a choice that begins with it."""
    for part in parts(argument, word):
        if abbreviated and isinstance(argument.type, CephChoices):
            if not any(choice.startswith(part) for choice in argument.type.strings):
                return False
            continue
        try:
            argument.type.value(part)
        except ArgumentRefused:
            return False
    return True
