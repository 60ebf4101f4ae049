"""Part of MgrModule: naming and printing performance counters; each level reads them in its way."""

import re
from collections.abc import Sequence

from module_host.ceph import counters
from module_host.ceph.primitives import BaseMgrModule


PRIO_USEFUL = 5
_MIRRORED_IMAGE = re.compile(
    r"rbd_mirror_image_(?P<pool>[^/]+)/(?:(?P<namespace>[^/]+)/)?(?P<image>.*)"
    r"\.(?P<counter>replay(?:_bytes|_latency)?)"
)


class PerfCounters(BaseMgrModule):
    """Part of MgrModule."""

    PRIO_CRITICAL = 10
    PRIO_INTERESTING = 8
    PRIO_USEFUL = PRIO_USEFUL
    PRIO_UNINTERESTING = 2
    PRIO_DEBUGONLY = 0

    # Bits of a counter's type: of the value, then of the counter.
    PERFCOUNTER_TIME = 1
    PERFCOUNTER_U64 = 2
    PERFCOUNTER_LONGRUNAVG = counters.LONGRUNAVG
    PERFCOUNTER_COUNTER = 8
    PERFCOUNTER_HISTOGRAM = 0x10
    PERFCOUNTER_TYPE_MASK = ~3

    # Units of a counter.
    BYTES = 0
    NONE = 1

    def _stattype_to_str(self, stattype: int) -> str:
        kinds = {
            0: "gauge",
            self.PERFCOUNTER_LONGRUNAVG: "counter",
            self.PERFCOUNTER_COUNTER: "counter",
            self.PERFCOUNTER_HISTOGRAM: "histogram",
        }
        return kinds.get(stattype & self.PERFCOUNTER_TYPE_MASK, "")

    def _perfpath_to_path_labels(
        self, daemon: str, path: str
    ) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Give (path, label names, labels) for a metric; RGW daemons and mirrored images differ."""
        if daemon.startswith("rgw."):
            return path, ("instance_id",), (daemon.removeprefix("rgw."),)
        image = daemon.startswith("rbd-mirror.") and _MIRRORED_IMAGE.fullmatch(path)
        if not image:
            return path, ("ceph_daemon",), (daemon,)
        names = ("pool", "namespace", "image")
        labels = tuple(image[name] or "" for name in names)
        return f"rbd_mirror_image_{image['counter']}", ("ceph_daemon", *names), (daemon, *labels)

    def _perfvalue_to_value(self, stattype: int, value: float) -> float:
        """Times are kept in nanoseconds and wanted in seconds."""
        return value / 1e9 if stattype & self.PERFCOUNTER_TIME else value

    def _unit_to_str(self, unit: int) -> str:
        units = {self.NONE: "/s", self.BYTES: "B/s"}
        if unit not in units:
            raise ValueError(f'bad unit "{unit}"')
        return units[unit]

    @staticmethod
    def to_pretty_iec(n: int) -> str:
        """`n` in the largest unit of which it has more than ten."""
        for bits, suffix in (
            (60, "Ei"),
            (50, "Pi"),
            (40, "Ti"),
            (30, "Gi"),
            (20, "Mi"),
            (10, "Ki"),
        ):
            if n > 10 << bits:
                return f"{n >> bits} {suffix}"
        return f"{n} "

    @staticmethod
    def get_pretty_row(elems: Sequence[str], width: int) -> str:
        """A row of a table `width` wide, its cells aligned to the right."""
        cell = int(width / len(elems)) - 2
        return "|" + "".join(f"{elem:>{cell}} |" for elem in elems)

    def get_pretty_header(self, elems: Sequence[str], width: int) -> str:
        """A row between two lines of dashes."""
        dashes = "+" + ("-" * (width // len(elems) - 1) + "+") * len(elems)
        return f"{dashes}\n{self.get_pretty_row(elems, width)}\n{dashes}\n"
