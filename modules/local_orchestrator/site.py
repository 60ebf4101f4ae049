"""What all parts of the orchestrator stand on: the agent, the cluster, what is wanted, events."""

import threading
from typing import Any

from local_orchestrator import upgrade
from local_orchestrator.agent import Agent
from local_orchestrator.daemons import Daemon
from local_orchestrator.desired import Desired
from local_orchestrator.events import Events
from local_orchestrator.recipes import RECIPES, Cluster, RadosCluster


METADATA = {"mon": "name", "mgr": "name", "osd": "id", "mds": "name"}  # what holds a daemon's id
SEVERAL = frozenset(kind for kind, recipe in RECIPES.items() if recipe.unique)


class Site:
    """`module` is the MgrModule. Safe from every thread."""

    def __init__(self, module: Any, agent: Agent) -> None:
        self.module = module
        self.agent = agent
        self.desired = Desired(module, SEVERAL)
        self.events = Events()
        self.log = module.log
        self.woken = threading.Event()
        self.versions: dict[str, str] = {}  # that daemons run, as the cluster said last
        self._connecting = threading.Lock()
        conf_path = module.get_ceph_conf_path()
        self.cluster: Cluster | None = RadosCluster(self, conf_path) if conf_path else None

    def wake(self) -> None:
        """Have the loop look at once."""
        self.woken.set()

    def daemons(self) -> list[Daemon]:
        """What runs; raises AgentAbsent."""
        reported = (Daemon.reported(record) for record in self.agent.daemons())
        return [daemon for daemon in reported if daemon is not None]

    def option(self, name: str) -> Any:
        """An option of the module."""
        return self.module.get_module_option(name)

    def mon_command(self, command: str, inbuf: bytes) -> tuple[int, bytes, str]:
        """As librados has it, by the module's connection, which is made at the first use."""
        with self._connecting:
            connection = self.module.rados
        answer: tuple[int, bytes, str] = connection.mon_command(command, inbuf)
        return answer

    def running_versions(self) -> dict[str, str]:
        """The version that each daemon of the cluster runs, by name; empty without a cluster."""
        if self.cluster is None:
            return {}
        return {
            f"{kind}.{row[key]}": upgrade.short(row["ceph_version"])
            for kind, key in METADATA.items()
            for row in self.cluster.ask_json(f"{kind} metadata")
            if row.get("ceph_version")
        }

    def installed_versions(self) -> dict[str, str]:
        """The version of each kind of daemon on disk."""
        found = {}
        for kind in METADATA:
            ended = self.agent.run([f"ceph-{kind}", "--version"])
            if ended.code == 0 and (version := upgrade.short(ended.out)):
                found[kind] = version
        return found
