"""Which of a host's devices a description of OSDs means."""

from ceph.deployment.drive_selection.matchers import (
    AllMatcher,
    EqualityMatcher,
    Matcher,
    SizeMatcher,
    SubstringMatcher,
)
from ceph.deployment.drive_selection.selector import DriveSelection


__all__ = [
    "AllMatcher",
    "DriveSelection",
    "EqualityMatcher",
    "Matcher",
    "SizeMatcher",
    "SubstringMatcher",
]
