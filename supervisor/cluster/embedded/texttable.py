"""Tables and sizes laid out as the ceph command prints them."""

from collections.abc import Sequence


_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_SPANS = (  # (unit, its seconds, how many of it are shown before the next unit is used)
    ("s", 1, 120), ("m", 60, 120), ("h", 3600, 48), ("d", 86400, 14), ("w", 604800, 12),
    ("M", 2592000, 24), ("y", 31536000, None),
)  # fmt: skip


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns two spaces apart. A head with a leading ">" makes its column right-aligned."""
    names = [head.lstrip(">") for head in heads]
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    right = [head.startswith(">") for head in heads]
    return "".join(
        "  ".join(
            cell.rjust(width) if aligned else cell.ljust(width)
            for cell, width, aligned in zip(row, widths, right, strict=True)
        )
        + "\n"
        for row in [names, *cells]
    )


def size(count: int) -> str:
    """Bytes with a binary unit and at most three figures: `1.4 GiB`, `125 KiB`."""
    index = 0
    while count >> (10 * (index + 1)) and index < len(_UNITS) - 1:
        index += 1
    if count % (1 << (10 * index)) == 0:
        return f"{count >> (10 * index)} {_UNITS[index]}"
    value = count / (1 << (10 * index))
    text = f"{value:.1f}"
    return f"{text if len(text) <= 3 else format(value, '.0f')} {_UNITS[index]}"


def span(seconds: int) -> str:
    """A time in one unit: `119s`, `2m`, `47h`."""
    counts = ((unit, seconds // step, limit) for unit, step, limit in _SPANS)
    return next(f"{n}{unit}" for unit, n, limit in counts if limit is None or n < limit)


def percent(ratio: float) -> str:
    """A share in hundredths with two decimals; `0` where they would show nothing."""
    return f"{100 * ratio:.2f}" if ratio >= 0.0001 else "0"


def weight(value: float) -> str:
    """A weight in the fixed point of CRUSH, which tells no less than 0.00001."""
    return f"{value:.5f}" if value >= 0.00001 else "0"


def figure(count: int) -> str:
    """A count with a decimal unit: `1.07k`."""
    for unit, step in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= step:
            text = f"{count / step:.2f}"
            return f"{text[:4].rstrip('.') if count % step else count // step}{unit}"
    return str(count)
