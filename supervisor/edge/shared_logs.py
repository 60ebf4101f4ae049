"""The logs into which every module may write beside its own: the daemon's, and the cluster's."""

import structlog

from supervisor.cluster.interface import Cluster
from supervisor.edge.host import Host
from supervisor.edge.log_share import LogShare


DAEMON = (100.0, 1000.0)  # lines a second of each module, and at once
CLUSTER = (10.0, 100.0)  # it keeps a thousand, of all
WARNING = 3  # a priority of the cluster log


class SharedLogs:
    """Takes lines of modules, each at a bounded rate. Loop thread only."""

    def __init__(self, cluster: Cluster, entity: str) -> None:
        self._cluster = cluster
        self._entity = entity
        self._shares = (
            LogShare(*DAEMON, self._daemon_leaves_out),
            LogShare(*CLUSTER, self._cluster_leaves_out),
        )

    def daemon(self, host: Host, level: int, line: str) -> None:
        """Into the daemon's log."""
        admitted = self._shares[0].admit(host, line)
        if admitted is not None:
            structlog.get_logger(host.name).log(level, admitted)

    def cluster(self, host: Host, channel: str, priority: int, message: str) -> None:
        """Into the cluster's log, in the name of this manager."""
        admitted = self._shares[1].admit(host, message)
        if admitted is not None:
            self._cluster.log(self._entity, channel, priority, admitted)

    def clock(self, now: float) -> float | None:
        """Tell what was left out; says when there will be more to tell."""
        dues = [share.clock(now) for share in self._shares]
        return min((due for due in dues if due is not None), default=None)

    def _daemon_leaves_out(self, module: str, count: int) -> None:
        structlog.get_logger(module).warning(_sentence(count, DAEMON[0]))

    def _cluster_leaves_out(self, module: str, count: int) -> None:
        text = f"module '{module}': {_sentence(count, CLUSTER[0])}"
        self._cluster.log(self._entity, "cluster", WARNING, text)


def _sentence(count: int, rate: float) -> str:
    return f"{count} of its lines were left out: it may write {rate:.0f} a second"
