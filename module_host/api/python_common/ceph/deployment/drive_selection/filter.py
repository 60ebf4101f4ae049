"""What a device must be like, as one matcher for each property."""

from collections.abc import Iterator

from ceph.deployment.drive_group import DeviceSelection
from ceph.deployment.drive_selection.matchers import (
    AllMatcher,
    EqualityMatcher,
    Matcher,
    SizeMatcher,
    SubstringMatcher,
)


class FilterGenerator:
    """Iterates over the matchers of a selection; `paths` and `limit` have none."""

    def __init__(self, device_filter: DeviceSelection) -> None:
        self.device_filter = device_filter

    def __iter__(self) -> Iterator[Matcher]:
        wanted = self.device_filter
        if wanted.size:
            yield SizeMatcher("size", wanted.size)
        if wanted.model:
            yield SubstringMatcher("model", wanted.model)
        if wanted.vendor:
            yield SubstringMatcher("vendor", wanted.vendor)
        if wanted.rotational is not None:
            yield EqualityMatcher("rotational", "1" if wanted.rotational else "0")
        if wanted.all:
            yield AllMatcher("all", str(wanted.all))
