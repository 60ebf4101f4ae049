"""Which user a module gets for itself: a number that nobody else on the machine has."""

import hashlib
from collections.abc import Container


# Debian's packages and adduser end at 64999, systemd's services of a passing user at 65519; from
# 100000 on come those of user namespaces (subuid), from 524288 on those of containers.
DEFAULT = range(66000, 100_000)


def choose(owner: str, place: str, allowed: range, taken: Container[int]) -> int | None:
    """A number of `allowed` for `owner` in the data folder `place`; None where all are taken.

    It begins where owner and place say: so two supervisors of one machine hardly meet, and a table
    that was lost comes out as it was.
    """
    if not allowed:
        return None
    digest = hashlib.sha256(f"{place}\0{owner}".encode(errors="surrogateescape")).digest()
    start = int.from_bytes(digest[:8], "big") % len(allowed)
    numbers = (allowed[(start + step) % len(allowed)] for step in range(len(allowed)))
    return next((number for number in numbers if number not in taken), None)
