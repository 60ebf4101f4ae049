"""The cluster that tests of this folder share the making of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.box import Box


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """An embedded cluster on the shipped snapshot."""
    made = Box(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """One for all tests of a file, for those that care about one answer only."""
    made = Box(tmp_path_factory.mktemp("box"))
    yield made
    made.close()
