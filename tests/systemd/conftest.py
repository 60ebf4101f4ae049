"""One booted systemd and one installation for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.systemd.service import Service
from tests.systemdlab import lab


@pytest.fixture(scope="package")
def service() -> Iterator[Service]:
    """Installed and running; each test leaves it so."""
    with lab() as inside:
        installed = Service(inside)
        installed.install("--now")
        installed.ready()
        yield installed
