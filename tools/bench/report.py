"""The result, as a table for people and as JSON for comparison."""

import os
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from prettytable import PrettyTable

from bench.stats import Figures


LIBRARIES = ("pyzmq", "protobuf", "msgpack", "orjson", "grpcio")


def document(
    measured: Mapping[str, Figures], peers: Mapping[str, str], rounds: int
) -> dict[str, Any]:
    """Everything as plain data; `peers` are paths to compare with: name -> short name."""
    return {
        "host": host(),
        "versions": {name: metadata.version(name) for name in LIBRARIES},
        "rounds": rounds,
        "paths": {
            name: {
                "p50_us": round(one.p50, 3),
                "p99_us": round(one.p99, 3),
                "calls": one.calls,
                "ratio": {
                    short: float(f"{one.p50 / measured[peer].p50:.4g}")
                    for peer, short in peers.items()
                },
            }
            for name, one in measured.items()
        },
    }


def table(result: Mapping[str, Any]) -> str:
    """The document as text: the host, the versions, one line a path."""
    host, paths = result["host"], result["paths"]
    shorts = list(next(iter(paths.values()))["ratio"])
    rows = PrettyTable(["path", "p50 us", "p99 us", *(f"x {short}" for short in shorts)])
    rows.align = "r"
    rows.align["path"] = "l"
    for name, path in paths.items():
        ratios = [_short(path["ratio"][short]) for short in shorts]
        rows.add_row([name, _short(path["p50_us"]), _short(path["p99_us"]), *ratios])
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return "\n".join(
        [
            f"{host['cpu']}, {host['cores']} cores, {host['system']}, Python {host['python']}",
            versions,
            f"medians of {result['rounds']} interleaved rounds; x: p50 in units of that path's p50",
            rows.get_string(),
        ]
    )


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def host() -> dict[str, Any]:
    """The machine that this process runs on: cpu, cores, system, python."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _cpu() -> str:
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
