"""Loads modules in this process as a host would, on a MemorySession."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from module_host import session
from tests.api.memory import MemorySession


ROOT = Path(__file__).parents[2]
API = str(ROOT / "module_host" / "api" / "pacific")
if API not in sys.path:
    sys.path.insert(0, API)


@contextmanager
def living(cls: Any, memory: MemorySession) -> Iterator[Any]:
    """An instance of module class `cls`, with `memory` installed as this process' session."""
    session.install(memory)
    name = memory.identity.module
    cls._register_options(name)
    cls._register_commands(name)
    try:
        instance = cls(name, object(), object())
        yield instance
        instance.shutdown()
    finally:
        if "instance" in locals():
            instance._unconfigure_logging()
        memory.close()
        session.install(None)


def run(module: Any, prefix: str, inbuf: str = "", /, **arguments: Any) -> tuple[int, str, str]:
    """Run a command as the host's queue thread does."""
    command = json.loads(json.dumps({"prefix": prefix, "target": ["mon-mgr", ""], **arguments}))
    retval, stdout, stderr = module._handle_command(inbuf, command)
    return retval, stdout, stderr
