"""Part of pacific's MgrModule: performance counters by path, as "osd.op_r"."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from module_host.ceph import counters
from module_host.mgr.exposed import API
from module_host.mgr.perf import PRIO_USEFUL, PerfCounters


SERVICES = ("mds", "mon", "osd", "rbd-mirror", "rgw", "tcmu-runner")


class PathCounters(PerfCounters):
    """Part of pacific's MgrModule."""

    @API.expose
    def get_perf_schema(self, svc_type: str, svc_name: str) -> dict[str, dict[str, dict[str, Any]]]:
        """{daemon: {path: {description, nick, type, priority, units}}}; "" matches every daemon."""
        return self._ceph_get_perf_schema(svc_type, svc_name)

    @API.expose
    def get_counter(self, svc_type: str, svc_name: str, path: str) -> dict[str, list[list[float]]]:
        """{path: [[time, value], ...]}, oldest first, empty where nothing was measured."""
        return self._ceph_get_counter(svc_type, svc_name, path)

    @API.expose
    def get_latest_counter(self, svc_type: str, svc_name: str, path: str) -> dict[str, list[float]]:
        """{path: [time, value]}, with [time, sum, count] for averages."""
        return self._ceph_get_latest_counter(svc_type, svc_name, path)

    @API.expose
    def get_latest(self, daemon_type: str, daemon_name: str, counter: str) -> float:
        """The newest value, 0 where nothing was measured."""
        sample = self.get_latest_counter(daemon_type, daemon_name, counter)[counter]
        return sample[1] if sample else 0

    @API.expose
    def get_latest_avg(
        self, daemon_type: str, daemon_name: str, counter: str
    ) -> tuple[float, float]:
        """The newest (sum, count) of an average, (0, 0) where nothing was measured."""
        sample = self.get_latest_counter(daemon_type, daemon_name, counter)[counter]
        if not sample:
            return (0, 0)
        _, total, count = sample
        return (total, count)

    @API.expose
    def get_all_perf_counters(
        self, prio_limit: int = PRIO_USEFUL, services: Sequence[str] = SERVICES
    ) -> dict[str, dict[str, Any]]:
        """{daemon: {path: schema, "value", and "count" of averages}} from `prio_limit` up."""
        return defaultdict(
            dict, counters.everything(self._supervisor_session, prio_limit, services)
        )
