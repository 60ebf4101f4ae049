import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.module_host.standin import Standin


@pytest.fixture
def standin() -> Iterator[Standin]:
    """A stand-in for the supervisor, with a zygote of its own. Its path is short: sockets' are."""
    folder = Path(tempfile.mkdtemp(prefix="mh-"))
    found = Standin(folder)
    try:
        yield found
    finally:
        found.close()
        shutil.rmtree(folder)
