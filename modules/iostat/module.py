"""How much the cluster reads and writes per second; `ceph iostat` repeats it."""

from typing import Any

from mgr_module import CLIReadCommand, HandleCommandResult, MgrModule


TITLES = ("Read", "Write", "Total", "Read IOPS", "Write IOPS", "Total IOPS")
COUNTERS = ("num_read_kb", "num_write_kb", "num_read", "num_write")


class Module(MgrModule):
    """Rates over the last few seconds, from the cluster's own sums."""

    @CLIReadCommand("iostat", poll=True)
    def iostat(self, width: int = 80, print_header: bool = False) -> HandleCommandResult:
        """Get IO rates"""
        read_kb, write_kb, reads, writes = self._rates()
        row = [
            f"{self.to_pretty_iec(kb << 10)}B/s" for kb in (read_kb, write_kb, read_kb + write_kb)
        ]
        row += [str(rate) for rate in (reads, writes, reads + writes)]
        header = self.get_pretty_header(TITLES, width) if print_header else ""
        return HandleCommandResult(stdout=header + self.get_pretty_row(row, width))

    def _rates(self) -> list[int]:
        """Each of COUNTERS per second; 0 where the cluster has just begun to count."""
        delta = self.get("io_rate")["pg_stats_delta"]
        seconds = int(float(delta["stamp_delta"]))
        if seconds <= 0:
            return [0] * len(COUNTERS)
        return [delta["stat_sum"][counter] // seconds for counter in COUNTERS]

    def self_test(self) -> None:
        """Raise where the cluster's sums have another shape."""
        delta: dict[str, Any] = self.get("io_rate")["pg_stats_delta"]
        missing = [name for name in COUNTERS if name not in delta["stat_sum"]]
        if missing or "stamp_delta" not in delta:
            raise RuntimeError(f"io_rate has no {missing or 'stamp_delta'}")
