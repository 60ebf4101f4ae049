"""Ceph's release names by major version."""

_NAMES = (
    "argonaut", "bobtail", "cuttlefish", "dumpling", "emperor", "firefly", "giant", "hammer",
    "infernalis", "jewel", "kraken", "luminous", "mimic", "nautilus", "octopus", "pacific",
    "quincy", "reef", "squid", "tentacle",
)  # fmt: skip
PACIFIC = 16


def name(major: int, newest: int = len(_NAMES)) -> str:
    """Give the release's name as a manager of release `newest` knows it: "unspecified" below 0,
    "unknown" for 0 and for what came later.
    """
    if major < 0:
        return "unspecified"
    return _NAMES[major - 1] if 1 <= major <= newest else "unknown"
