"""What one module may use: the figures, and the words of whoever passes them."""

from __future__ import annotations

from dataclasses import dataclass


KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True)
class Limits:
    """Of one module, over its process and all that it started. 0: no limit.

    memory        bytes of proportional set size; past it the module is killed
    cpu_share     percent of the weight that other modules have where CPUs are short
    processes     processes and threads together; past it the module is killed
    open_files    descriptors of each process: EMFILE
    file_size     bytes of any file that it writes: EFBIG
    log_rate      bytes a second that its log may grow; what is above is cut away
    call_rate     messages a second to the supervisor; what is above waits
    queue_depth   messages that wait for it, and of its own that wait for its call_rate
    message_size  bytes of one message from it
    connections   to the supervisor; past it the module is killed
    data_size     bytes on disk of its data folder; past it the module is killed
    store_size    bytes of its options and keys; what would pass it is refused
    """

    memory: int = 2 * GIB
    cpu_share: int = 100
    processes: int = 4096
    open_files: int = 65536
    file_size: int = 4 * GIB
    log_rate: int = 4 * MIB
    call_rate: int = 5000
    queue_depth: int = 10_000
    message_size: int = GIB
    connections: int = 1024
    data_size: int = 16 * GIB
    store_size: int = 256 * MIB


@dataclass(frozen=True)
class Bounds:
    """What may be configured for one limit; `unit` is for people. `lifted`: 0 is allowed, too."""

    low: int
    high: int
    unit: str
    lifted: bool = True


# A host without any module needs some 30 MiB, 8 threads and 20 descriptors.
BOUNDS = {
    "memory": Bounds(64 * MIB, 1 << 50, "bytes"),
    "cpu_share": Bounds(1, 100, "percent", lifted=False),
    "processes": Bounds(32, 1 << 20, "processes and threads"),
    "open_files": Bounds(64, 1 << 20, "descriptors"),
    "file_size": Bounds(MIB, 1 << 50, "bytes"),
    "log_rate": Bounds(4 * KIB, 1 << 40, "bytes a second"),
    "call_rate": Bounds(10, 1_000_000, "messages a second"),
    "queue_depth": Bounds(16, 1_000_000, "messages"),
    "message_size": Bounds(64 * KIB, GIB, "bytes"),
    # One for each request that waits for its answer: a host has up to 602.
    "connections": Bounds(640, 1 << 20, "connections"),
    "data_size": Bounds(MIB, 1 << 60, "bytes"),
    "store_size": Bounds(64 * KIB, 1 << 40, "bytes"),
}


def size(number: float) -> str:
    """Bytes for people, as a limit's sentence has them."""
    for unit, scale in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)):
        if number >= scale:
            return f"{number / scale:.1f} {unit}"
    return f"{number:.0f} bytes"


def nice_of(cpu_share: int) -> int:
    """The nice value with which a task has about `cpu_share` percent of the weight of one with 0:
    in Linux each step is worth a factor of 1.25.
    """
    nice, weight = 0, 100.0
    while nice < 19 and weight / 1.25 >= cpu_share:
        nice, weight = nice + 1, weight / 1.25
    return nice
