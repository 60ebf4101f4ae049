"""The page docs/adversary.md."""

from typing import Any

from faults.adversary import GRANTS, MODES, OFF, OPEN, REQUIRE, needed, stopped_by, unswitched
from faults.adversary_stage import ATTEMPTS
from faults.markdown import table, template


def adversary_page(part: dict[str, Any]) -> str:
    """Of what `adversary.everything` found, with "host"."""
    runs = part["runs"]
    out = {
        label: [n for n, tried in run.items() if tried[0] == "got out"]
        for label, run in runs.items()
    }
    known = [f"- *{name}*: {ATTEMPTS[name].gap}" for name in out[REQUIRE]]
    return template(
        "adversary",
        host=part["host"],
        count=len(runs[REQUIRE]),
        denied=len(runs[REQUIRE]) - len(out[REQUIRE]),
        open=len(out[OPEN]),
        gaps="\n".join(known) or "None.",
        attempts=table(
            ("attempt", "what", "`require`", "`off`", "stopped by"),
            [_row(part, name) for name in runs[REQUIRE]],
        ),
        walls=table(("without", "what gets out"), [_wall(part, wall) for wall in part["walls"]]),
        modes=table(
            ("mode", "got out", "which"), [_mode(out, label) for label in MODES if label != OPEN]
        ),
        grants=table(("grant", "what it opens"), [_grant(out, label) for label in GRANTS]),
    )


def _row(part: dict[str, Any], name: str) -> list[str]:
    runs = part["runs"]
    return [
        name,
        ATTEMPTS[name].what,
        _cell(runs[REQUIRE][name]),
        _cell(runs[OFF][name]),
        _why(part, name),
    ]


def _cell(tried: list[str]) -> str:
    outcome, errno, _detail = tried
    return "**got out**" if outcome == "got out" else f"denied {errno}".strip()


def _why(part: dict[str, Any], name: str) -> str:
    if part["runs"][REQUIRE][name][0] == "got out":
        return "nothing yet"
    walls = stopped_by(part, name)
    if needed(part, name):
        return " and ".join(walls) + (": it takes all of them" if len(walls) > 1 else "")
    if unswitched(part, name):
        return "`no_new_privs`, which no setting but mode `off` takes away"
    if walls:
        return f"{len(walls)} walls, each alone: {', '.join(walls)}"
    if part["runs"][OPEN][name][0] == "denied":
        return str(ATTEMPTS[name].closed)
    return "several walls together"


def _wall(part: dict[str, Any], wall: str) -> list[str]:
    names = [
        n for n, tried in part["runs"].get(f"without {wall}", {}).items() if tried[0] == "got out"
    ]
    if names:
        return [f"`{wall}`", ", ".join(names)]
    second = [name for name in ATTEMPTS if wall in stopped_by(part, name)]
    return [f"`{wall}`", f"nothing as long as the others stand; alone it stops {', '.join(second)}"]


def _mode(out: dict[str, list[str]], label: str) -> list[str]:
    names = out[label]
    return [f"`{label}`", str(len(names)), ", ".join(names) or "-"]


def _grant(out: dict[str, list[str]], label: str) -> list[str]:
    return [label, ", ".join(n for n in out[label] if n not in out[REQUIRE]) or "-"]
