"""The managers that every procedure is tried on, one after the other."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.upstream.rig import Real, Rig, Supervised, plant


@pytest.fixture(scope="session", params=["mgr-supervisor", "ceph-mgr"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Our supervisor, then a real ceph-mgr."""
    with tempfile.TemporaryDirectory(prefix="mgr-", dir="/tmp") as name:
        tree, home = plant(Path(name) / "tree"), Path(name) / "m"
        if request.param == "ceph-mgr":
            built: Rig = Real(home, tree)
        else:
            home.mkdir()
            built = Supervised(home, tree)
        try:
            built.start()
            yield built
        finally:
            built.end()
