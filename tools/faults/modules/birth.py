"""The interpreter of `chaos_own`: faults that strike before any code of the module can run.

    python -I birth.py -I -c BOOTSTRAP ROOT DESCRIPTOR

as a module host is executed where `[module.NAME] interpreter` is set: "spawn" is the moment at
which this process began, "hello" the one before its first message to the supervisor.
"""

import sys
from pathlib import Path
from typing import Any


sys.path.insert(0, str(Path(__file__).parent))
from chaos_orders.plan import strike  # found by the line above


NAME = "chaos_own"
strike(NAME, "spawn")
bootstrap, root = sys.argv[3], sys.argv[4]
sys.path[0] = root
from module_host import link  # noqa: E402  # the same


_greet = link.Link.greet


def _announced(self: link.Link, nonce: bytes, *rest: Any) -> Any:
    strike(NAME, "hello", nonce=nonce)
    return _greet(self, nonce, *rest)


link.Link.greet = _announced  # type: ignore[method-assign]
del sys.path[0]
sys.argv[:] = ["-c", *sys.argv[4:]]
exec(bootstrap)  # noqa: S102  it is what this process was executed for
