"""Part of the newest MgrModule: performance counters with labels, and those without by path."""

from collections.abc import Sequence
from typing import Any

from module_host.ceph import labelled
from module_host.ceph.newest import BaseMgrModule
from module_host.mgr.exposed import API
from module_host.mgr.perf import PRIO_USEFUL, PerfCounters


SERVICES = ("mds", "mon", "osd", "rbd-mirror", "cephfs-mirror", "rgw", "tcmu-runner")
Labels = Sequence[tuple[str, str]]


class LabelledCounters(BaseMgrModule, PerfCounters):
    """Part of the newest MgrModule. The methods with "unlabeled" in their names are pacific's."""

    @API.expose
    def get_perf_schema(self, svc_type: str, svc_name: str) -> dict[str, dict[str, Any]]:
        """{daemon: {name: [{"labels": {label: value}, "counters": {counter: {description, nick,
        type, priority, units}}}]}}; "" matches every daemon. Labels are {} where there are none.
        """
        return self._ceph_get_perf_schema(svc_type, svc_name)

    @API.expose
    def get_latest_counter(
        self,
        svc_type: str,
        svc_name: str,
        counter_name: str,
        sub_counter_name: str,
        labels: Labels,
    ) -> dict[str, list[float]]:
        """{counter_name: [time, value]}, with [time, sum, count] for averages."""
        return self._ceph_get_latest_counter(
            svc_type, svc_name, counter_name, sub_counter_name, labels
        )

    @API.expose
    def get_counter_latest(
        self,
        daemon_type: str,
        daemon_name: str,
        counter_name: str,
        sub_counter_name: str,
        labels: Labels,
    ) -> float:
        """The newest value, 0 where nothing was measured."""
        sample = self.get_latest_counter(
            daemon_type, daemon_name, counter_name, sub_counter_name, labels
        )[counter_name]
        return sample[1] if sample else 0

    @API.expose
    def get_counter_latest_avg(
        self,
        daemon_type: str,
        daemon_name: str,
        counter_name: str,
        sub_counter_name: str,
        labels: Labels,
    ) -> tuple[float, float]:
        """The newest (sum, count) of an average, (0, 0) where nothing was measured."""
        sample = self.get_latest_counter(
            daemon_type, daemon_name, counter_name, sub_counter_name, labels
        )[counter_name]
        return (sample[1], sample[2]) if sample else (0, 0)

    @API.expose
    def get_perf_counters(
        self, prio_limit: int = PRIO_USEFUL, services: Sequence[str] = SERVICES
    ) -> dict[str, dict[str, Any]]:
        """As get_perf_schema(), each counter with "value", and "count" of averages."""
        return labelled.everything(self._supervisor_session, prio_limit, services)

    @API.expose
    def get_unlabeled_perf_schema(
        self, svc_type: str, svc_name: str
    ) -> dict[str, dict[str, dict[str, Any]]]:
        """{daemon: {path: {description, nick, type, priority, units}}}; "" matches every daemon."""
        return self._ceph_get_unlabeled_perf_schema(svc_type, svc_name)

    @API.expose
    def get_unlabeled_counter(
        self, svc_type: str, svc_name: str, path: str
    ) -> dict[str, list[list[float]]]:
        """{path: [[time, value], ...]}, oldest first, empty where nothing was measured."""
        return self._ceph_get_unlabeled_counter(svc_type, svc_name, path)

    @API.expose
    def get_latest_unlabeled_counter(
        self, svc_type: str, svc_name: str, path: str
    ) -> dict[str, list[float]]:
        """{path: [time, value]}, with [time, sum, count] for averages."""
        return self._ceph_get_latest_unlabeled_counter(svc_type, svc_name, path)

    @API.expose
    def get_unlabeled_counter_latest(
        self, daemon_type: str, daemon_name: str, counter: str
    ) -> float:
        """The newest value, 0 where nothing was measured."""
        sample = self.get_latest_unlabeled_counter(daemon_type, daemon_name, counter)[counter]
        return sample[1] if sample else 0

    @API.expose
    def get_unlabeled_counter_latest_avg(
        self, daemon_type: str, daemon_name: str, counter: str
    ) -> tuple[float, float]:
        """The newest (sum, count) of an average, (0, 0) where nothing was measured."""
        sample = self.get_latest_unlabeled_counter(daemon_type, daemon_name, counter)[counter]
        return (sample[1], sample[2]) if sample else (0, 0)

    @API.expose
    def get_unlabeled_perf_counters(
        self, prio_limit: int = PRIO_USEFUL, services: Sequence[str] = SERVICES
    ) -> dict[str, dict[str, Any]]:
        """{daemon: {path: schema, "value", and "count" of averages}} from `prio_limit` up."""
        return labelled.unlabelled(self._supervisor_session, prio_limit, services)
