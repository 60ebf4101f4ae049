"""Numbers, durations and colours for terminals, as upstream's modules print them."""

from datetime import timedelta


BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, GRAY = range(8)

RESET_SEQ = "\033[0m"
COLOR_SEQ = "\033[1;%dm"
COLOR_DARK_SEQ = "\033[0;%dm"
BOLD_SEQ = "\033[1m"
UNDERLINE_SEQ = "\033[4m"

_UNITS = " kMGTPE"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# (shorter than so many seconds, seconds in the unit, letter)
_DURATIONS = (
    (2 * _MINUTE, 1, "s"),
    (2 * _HOUR, _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h"),
    (14 * _DAY, _DAY, "d"),
    (84 * _DAY, 7 * _DAY, "w"),
    (730 * _DAY, 30 * _DAY, "M"),
)


def colorize(msg: str, color: int, dark: bool = False) -> str:
    """Put `msg` in a colour."""
    start = COLOR_DARK_SEQ if dark else COLOR_SEQ
    return start % (30 + color) + msg + RESET_SEQ


def bold(msg: str) -> str:
    """Put `msg` in bold."""
    return BOLD_SEQ + msg + RESET_SEQ


def format_units(n: float, width: int, colored: bool, decimal: bool) -> str:
    """`n` in `width` characters, the last of which is the unit: factors of 1000 or of 1024."""
    factor = 1000 if decimal else 1024
    unit = 0
    while len(str(int(n) // factor**unit)) > width - 1:
        unit += 1
    if unit == 0:
        digits = f"{int(n):{width - 1}d}"
    else:
        digits = f"{n / float(factor) ** unit:f}"[: width - 1]
        if digits.endswith("."):
            digits = " " + digits[:-1]
    if not colored:
        return digits + _UNITS[unit]
    shade = BLACK if n == 0 else YELLOW
    return bold(colorize(digits, shade)) + bold(colorize(_UNITS[unit], YELLOW))


def format_dimless(n: float, width: int, colored: bool = False) -> str:
    """`n` things, with factors of 1000."""
    return format_units(n, width, colored, decimal=True)


def format_bytes(n: float, width: int, colored: bool = False) -> str:
    """`n` bytes, with factors of 1024."""
    return format_units(n, width, colored, decimal=False)


def to_pretty_timedelta(n: timedelta) -> str:
    """A duration as a whole number of one unit: 90s, 5m, 30h, 3d, 4w, 5M, 2y."""
    seconds = int(n.total_seconds())
    for limit, size, letter in _DURATIONS:
        if n < timedelta(seconds=limit):
            return f"{seconds // size}{letter}"
    return f"{seconds // (365 * _DAY)}y"
