"""How little a start takes: an operator waits for it at each command, a cluster after each crash."""

import subprocess
import sys
from importlib import metadata

import pytest

from proto.version import VERSION


@pytest.mark.parametrize(
    ("program", "spared"),
    [
        ("supervisor.daemon", {"yaml", "psutil", "importlib.metadata"}),
        ("mgrctl.cli", {"yaml", "psutil", "importlib.metadata", "structlog", "asyncio", "orjson"}),
    ],
)
def test_a_start_imports_nothing_that_few_need(program, spared):
    """What costs milliseconds and serves a rare request comes with that request."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {program}; print(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert not spared & set(done.stdout.split())


def test_the_release_is_the_distributions():
    """What the programs say of themselves is what is installed."""
    assert metadata.version("mgr-supervisor") == VERSION
