"""Where pickles of received exceptions find the codec, whose own name a module may have taken."""

from proto.classgate import ClassGate
from proto.values import Values


def revive(packages: frozenset[str], data: bytes) -> Exception:
    """As `proto.values.revive`."""
    error: Exception = Values(ClassGate(packages), revive).loads(data)
    return error
