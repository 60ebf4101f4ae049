"""The section of docs/faults.md that compares the two managers."""

from typing import Any

from faults.markdown import table, template


def beside_page(part: dict[str, Any]) -> str:
    """From the part "beside" of the results."""
    managers = part["managers"]
    names = list(managers)
    faults = list(managers[names[0]]["faults"])
    heads = ["fault in `chaos`"]
    for name in names:
        heads += [f"{name}: its process", "the sibling serves, s", "calls that failed or were late"]
    rows = [
        [fault, *(cell for name in names for cell in _cells(managers[name]["faults"][fault]))]
        for fault in faults
    ]
    latency = [
        [name, *(_ms(managers[name][when], key) for when in ("quiet", "busy") for key in _FIGURES)]
        for name in names
    ]
    return template(
        "beside",
        seed=part["seed"],
        host=part["host"],
        watch=part["watch"],
        faults=table(heads, rows),
        latency=table(
            ["", "quiet p50", "p99", "failed", "4 busy threads p50", "p99", "failed"], latency
        ),
    )


_FIGURES = ("p50", "p99", "failed")


def _cells(found: dict[str, Any]) -> list[str]:
    if "error" in found:
        return [found["error"], "-", "-"]
    seconds = found["sibling"]
    return [
        "lives" if found["lives"] else "gone",
        "never without help" if seconds is None else f"{seconds:.2f}",
        str(found["failed"]),
    ]


def _ms(figures: dict[str, float], key: str) -> str:
    if key not in figures:
        return "-"
    return f"{figures[key]:.0f}" if key == "failed" else f"{figures[key]:.1f}"
