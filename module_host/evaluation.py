"""Python source, run inside a module: what `mgrctl repl` talks to. For whoever debugs a module.

    from module_host.evaluation import EvalMixin

    class Module(EvalMixin, MgrModule): ...

gives the module a command `mgr MODULE eval`.
"""

import ast
import contextlib
import errno
import functools
import importlib
import io
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple, Optional


FILE = "<eval>"  # what tracebacks call the source


class Evaluated(NamedTuple):
    """What one source printed; `failed` where it raised or cannot be compiled."""

    failed: bool
    stdout: str
    stderr: str


class Interpreter:
    """Runs one source after the other on the same names, as Python's own prompt does."""

    def __init__(self, **names: Any) -> None:
        self.names: dict[str, Any] = {"__name__": "__console__", "__doc__": None, **names}

    def run(self, source: str) -> Evaluated:
        """Run `source`: any number of statements; the values of expressions are printed.

        Raises nothing, SystemExit neither: it is the source's and not the module's. What other
        threads print meanwhile is caught as well.
        """
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            failed = not self._run(source)
        return Evaluated(failed, out.getvalue(), err.getvalue())

    def _run(self, source: str) -> bool:
        try:
            statements = ast.parse(source, FILE).body
            if not statements:
                return True
            code = compile(ast.Interactive(statements), FILE, "single", dont_inherit=True)
        except Exception as error:
            traceback.print_exception(error.with_traceback(None), chain=False)
            return False
        try:
            exec(code, self.names)  # noqa: S102  what the command is for
        except BaseException as error:
            outermost = error.__traceback__.tb_next if error.__traceback__ else None
            traceback.print_exception(error.with_traceback(outermost))
            return False
        return True


class EvalMixin:
    """Gives a module a command that runs Python source in it; to be named before MgrModule.

    In the source, `mgr` is the module. Whoever may send the command can do whatever the module can.
    """

    # The command, of which the last word is `eval`: by that it is known as one that runs code. By
    # default `mgr MODULE eval`.
    EVAL_PREFIX = ""

    @classmethod
    def _register_commands(cls, module_name: str) -> None:
        prefix = cls.EVAL_PREFIX or f"mgr {module_name} eval"
        if prefix.split()[-1:] != ["eval"]:
            raise ValueError(f"EVAL_PREFIX {prefix!r} does not end in the word 'eval'")
        # The class' own registry at the newest interface, else the one that all modules share.
        found = getattr(cls, "CLICommand", None)
        declare = found or importlib.import_module("mgr_module").CLICommand
        declare(prefix, perm="rw")(_handler_of(cls))
        super()._register_commands(module_name)  # type: ignore[misc]

    @functools.cached_property
    def _interpreter(self) -> Interpreter:
        return Interpreter(mgr=self)


def _handler_of(cls: type) -> Callable[..., tuple[int, str, str]]:
    """A handler of the module's own: commands belong to the package that their handler is of."""

    # Optional: an older mgr_module of the module's tree knows no other spelling.
    def evaluate(self: Any, s: Optional[str] = None, inbuf: str = "") -> tuple[int, str, str]:  # noqa: UP045
        """Run Python source in the module (an argument or -i FILE); `mgr` is the module."""
        source = s or inbuf
        if not source:
            return -errno.EINVAL, "", "no source: give it as an argument, or with -i FILE"
        failed, stdout, stderr = self._interpreter.run(source)
        return -errno.EINVAL if failed else 0, stdout, stderr

    evaluate.__module__ = cls.__module__
    return evaluate
