"""Python's statements, put together from lines."""

import warnings
from codeop import compile_command
from collections.abc import Iterator


class Statements:
    """Takes lines, gives whole statements.

    A person ends a block with an empty line, as at Python's own prompt. In a script the next
    statement ends it, or the end of the script.
    """

    def __init__(self, *, script: bool) -> None:
        self._script = script
        self._lines: list[str] = []

    @property
    def pending(self) -> bool:
        """Whether a statement has begun and not ended."""
        return bool(self._lines)

    def clear(self) -> None:
        """Forget what has begun."""
        self._lines = []

    def feed(self, line: str) -> Iterator[str]:
        """Take a line; give the statements that are whole by it.

        Raises what compile() does where there is none, and forgets the lines.
        """
        if not line.strip() and (self._script or not self.pending):
            if self.pending:
                self._lines.append(line)  # part of a text, perhaps
            return
        before, self._lines = self._lines, [*self._lines, line]
        try:
            whole = _is_whole("\n".join(self._lines))
        except SyntaxError:
            self.clear()
            if self._script and before and _ends_block(before):
                yield "\n".join([*before, ""])
                yield from self.feed(line)
                return
            raise
        except BaseException:
            self.clear()
            raise
        if whole:
            yield self._take()

    def end(self) -> Iterator[str]:
        """Take the end of the input as the end of what has begun; raises as feed() does."""
        if self.pending:
            source = self._take()
            compile(source, "<stdin>", "exec", dont_inherit=True)
            yield source

    def _take(self) -> str:
        source = "\n".join([*self._lines, ""])
        self.clear()
        return source


def _ends_block(lines: list[str]) -> bool:
    try:
        return _is_whole("\n".join([*lines, ""]))
    except SyntaxError:
        return False


def _is_whole(source: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the module's side gives them
        try:
            return compile_command(source, "<stdin>") is not None
        except SyntaxError:
            compile(source, "<stdin>", "single", dont_inherit=True)  # says better what is wrong
            raise
