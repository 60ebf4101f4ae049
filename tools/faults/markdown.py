"""Pages are templates with tables put in."""

from collections.abc import Sequence
from pathlib import Path


_PAGES = Path(__file__).parent / "pages"


def template(name: str, **values: object) -> str:
    """The section of that name, filled in."""
    return (_PAGES / f"{name}.md").read_text(encoding="utf-8").format(**values)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; a bar in a cell would end it, and is written as a slash."""
    lines = [heads, ["---"] * len(heads), *([c.replace("|", "/") for c in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
