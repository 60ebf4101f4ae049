"""The two halves of docs/local_orchestrator.md: without Ceph, and with a real one."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.agent.hostagent import HostAgent
from tests.daemon import ROOT, Daemon
from tests.docs import snippets


PAGE = (ROOT / "docs" / "local_orchestrator.md").read_text(encoding="utf-8")
FIRST_HALF, _, _rest = PAGE.partition("## With a real Ceph\n")
SECOND_HALF = _rest.partition("## When something is wrong\n")[0]


def plant(page: str, **replaced: str) -> Callable[[Path], None]:
    """Writes the page's specs and its configuration, with some words of it replaced."""

    def write(folder: Path) -> None:
        for block in snippets.blocks(page):
            if block.kind in ("yaml", "toml"):
                text = block.text
                for old, new in replaced.items():
                    text = text.replace(old, new)
                (folder / block.path).write_text(text)

    return write


@contextlib.contextmanager
def without_agent(daemon: Daemon) -> Iterator[None]:
    """Ends the supervisor and its agent afterwards."""
    try:
        yield
    finally:
        daemon.kill()
        HostAgent(daemon.state / "data").end()
