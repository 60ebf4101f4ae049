"""Agents for tests; their sockets need short paths."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.hostagent import HostAgent, host_agent


@pytest.fixture
def home() -> Iterator[Path]:
    """A short-named folder."""
    with tempfile.TemporaryDirectory(prefix="agent-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def agent(home: Path) -> Iterator[HostAgent]:
    """An agent whose daemons are plain processes."""
    with host_agent(home, "--engine", "process") as running:
        yield running


@pytest.fixture(scope="module")
def shared() -> Iterator[HostAgent]:
    """One for all tests of a file that leave no daemon in it."""
    with (
        tempfile.TemporaryDirectory(prefix="agent-", dir="/tmp") as folder,
        host_agent(Path(folder), "--engine", "process") as running,
    ):
        yield running
