"""The handshake's versions and the sentence that both ends say when they differ."""

import pytest

from proto.v1.versions_pb2 import Versions
from proto.version import API, PROTOCOL, mismatch, ours


def test_the_same_versions_agree():
    """Nothing is said where both numbers are ours."""
    assert mismatch("the supervisor", "mgrctl", ours()) is None


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        (Versions(protocol=PROTOCOL + 1, api=API), f"mgrctl speaks protocol {PROTOCOL + 1}"),
        (Versions(protocol=PROTOCOL, api=API + 1), f"mgrctl speaks module API {API + 1}"),
        (Versions(), "mgrctl speaks protocol 0"),
    ],
)
def test_other_versions_are_one_sentence(versions, said):
    """It names who speaks what, and what to do."""
    sentence = mismatch("the supervisor", "mgrctl", versions)
    assert sentence.startswith(said)
    assert "start both from the same one" in sentence
