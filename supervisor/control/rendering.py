"""One view, several renderers: what a command knows, as text, JSON or YAML."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from prettytable import PrettyTable, TableStyle

from supervisor.edge.outcome import Outcome


def render(args: Mapping[str, Any], view: Any, plain: Callable[[Any], str]) -> Outcome:
    """`view` in the format that `args` asks for; `plain` renders it for people."""
    form = str(args.get("format", "plain"))
    if form == "json":
        return Outcome(0, orjson.dumps(view))
    if form == "json-pretty":
        return Outcome(0, pretty(view))
    if form == "yaml":
        import yaml  # here: it is one import in twelve of a start, and few ever ask for YAML

        return Outcome(0, yaml.safe_dump(view, sort_keys=False).encode())
    return Outcome(0, plain(view).encode())


def pretty(view: Any) -> bytes:
    """JSON for people."""
    return orjson.dumps(view, option=orjson.OPT_INDENT_2)


def table(titles: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = ()) -> str:
    """A table without borders, as ceph prints its own; columns named in `right` are flush right."""
    drawn = PrettyTable(titles)
    drawn.set_style(TableStyle.PLAIN_COLUMNS)
    drawn.align = "l"
    drawn.left_padding_width = 0
    drawn.right_padding_width = 2
    for title in right:
        drawn.align[title] = "r"
    drawn.add_rows([list(row) for row in rows])
    return "\n".join(line.rstrip() for line in drawn.get_string().splitlines())
