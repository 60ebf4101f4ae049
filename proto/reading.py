"""Words read against one signature: which argument each word goes to, and its value.

As in the ceph client of 16.2.15: arguments are taken in order; an optional one that refuses a word
leaves it to the next; `--name value`, `--name=value` and, for a bool, `--name` may stand anywhere
before the last argument is filled.
"""

import re
from collections import deque
from collections.abc import Sequence
from typing import Any

from proto.argtypes import ArgumentRefused, CephBool, CephChoices, CephString
from proto.descriptor import Argument, Literal, Signature


KEYWORD = re.compile(r"--([^=]+)(?:=(.+))?", re.DOTALL)
# Some commands declare these as text instead of as a flag.
CONFIRMATIONS = (
    "--force",
    "--yes-i-really-mean-it",
    "--yes-i-really-really-mean-it",
)


class Unfit(Exception):  # noqa: N818  an outcome of reading, not a fault
    """The command is right and a word is not. `note` says what an optional argument refused."""

    def __init__(self, text: str, note: str = "") -> None:
        super().__init__(text)
        self.note = note


class Missing(Unfit):
    """A required argument is missing."""


class NotThisCommand(Exception):  # noqa: N818
    """A word of the command's name is another one."""


def read(words: Sequence[str], signature: Signature) -> dict[str, Any]:
    """The command's JSON object; raises NotThisCommand, Missing or Unfit."""
    return _Reading(words, signature).run()


def parts(argument: Argument, word: str, *, named: bool = False) -> list[str]:
    """The values in a word: one, or for n=N those between commas; text in its place is one."""
    whole = not argument.many or (isinstance(argument.type, CephString) and not named)
    return [word] if whole else word.split(",")


class _Reading:
    def __init__(self, words: Sequence[str], signature: Signature) -> None:
        self.words = deque(words)
        self.signature = signature
        self.by_name = {argument.name: argument for argument in signature.arguments}
        self.values: dict[str, Any] = {}
        self.note = ""
        self.cut_short = False
        # An old command takes option-like words as its arguments.
        self.injectargs = list(words[:1]) == ["injectargs"]

    def run(self) -> dict[str, Any]:
        for item in self.signature.items:
            if isinstance(item, Literal):
                self._literal(item)
            else:
                self._argument(item)
        if self.cut_short:
            # The ceph client may accept these words, counting an optional argument for the missing
            # literal, and then sends the name of another command.
            raise NotThisCommand
        if self.words:
            raise Unfit(f"unused arguments: {list(self.words)}", self.note)
        return self.values

    def _literal(self, literal: Literal) -> None:
        while self._keyword():
            pass
        if not self.words:
            if "prefix" not in self.values:
                raise Missing(f"missing required parameter {literal.text}")
            self.cut_short = True
            return
        self._refuse_option(literal)
        if self.words.popleft() != literal.text:
            raise NotThisCommand
        self.note = ""
        before = self.values.get("prefix")
        self.values["prefix"] = f"{before} {literal.text}" if before else literal.text

    def _argument(self, argument: Argument) -> None:
        seen = 0
        while argument.many or seen < argument.count:
            if keyword := self._keyword():
                seen += keyword is argument
                continue
            if not self.words or not argument.positional:
                self._check_enough(argument)
                return
            self._refuse_option(argument)
            word = self.words[0]
            try:
                self._store(argument, word)
            except ArgumentRefused as refusal:
                if argument.required:
                    raise Unfit(str(refusal)) from None
                self.note = f"{word} not valid:  {refusal}"
                return
            self.words.popleft()
            self.note = ""
            seen += 1

    def _keyword(self) -> Argument | None:
        """Take `--name value`, `--name=value` or `--flag` off the front; which argument it was."""
        found = KEYWORD.fullmatch(self.words[0]) if self.words else None
        argument = self.by_name.get(found[1].replace("-", "_")) if found else None
        if not found or not argument:
            return None
        value, used = found[2], 1
        if value is None and isinstance(argument.type, CephBool):
            value = "true"
        elif value is None:
            if len(self.words) == 1:
                return None
            value, used = self.words[1], 2
        try:
            self._store(argument, value, named=True)
        except ArgumentRefused as refusal:
            raise Unfit(str(refusal)) from None
        for _ in range(used):
            self.words.popleft()
        return argument

    def _store(self, argument: Argument, word: str, *, named: bool = False) -> None:
        values = [argument.type.value(part) for part in parts(argument, word, named=named)]
        if argument.many:
            self.values.setdefault(argument.name, []).extend(values)
        else:
            # With n=2 the last word wins: what a module gets from the ceph client.
            self.values[argument.name] = values[0]

    def _refuse_option(self, item: Literal | Argument) -> None:
        """Refuse a mistyped option, lest it becomes the value of an argument."""
        word = self.words[0]
        if not word.startswith("--") or word in CONFIRMATIONS or self.injectargs:
            return
        if isinstance(item, Argument) and isinstance(item.type, CephChoices):
            return
        raise Unfit(f"Unexpected argument '{word}'")

    def _check_enough(self, argument: Argument) -> None:
        if not argument.required or argument.name in self.values:
            return
        if argument.many:
            raise Unfit(f"saw 0 of {_named(argument)}, expected at least 1")
        if argument.count == 1:
            raise Missing(f"missing required parameter {_named(argument)}")
        raise Unfit(f"saw 0 of {_named(argument)}, expected {argument.count}")


def _named(argument: Argument) -> str:
    described = argument.type.describe()
    if isinstance(argument.type, CephChoices) and len(argument.type.strings) == 1:
        return described
    return f"{argument.name}({described}){'...' if argument.many else ''}"
