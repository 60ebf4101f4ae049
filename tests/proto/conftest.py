import sys
from pathlib import Path

import pytest

from proto.classgate import ClassGate
from proto.values import Values


PACKAGES = Path(__file__).parent / "packages"
if str(PACKAGES) not in sys.path:
    sys.path.insert(0, str(PACKAGES))


@pytest.fixture
def values():
    """A codec that lets the classes of the package `cargo` pass."""
    return Values(ClassGate({"cargo"}))


@pytest.fixture
def ran():
    """What the traps of `cargo` have run so far in this test."""
    import cargo

    cargo.RAN.clear()
    return cargo.RAN
