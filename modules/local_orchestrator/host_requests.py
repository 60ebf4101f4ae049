"""What clients ask for about hosts."""

import time
from dataclasses import replace
from typing import Any

from ceph.deployment.hostspec import HostSpec
from orchestrator import OrchestratorError

from local_orchestrator import retiring
from local_orchestrator.agent import AgentError
from local_orchestrator.daemons import Daemon, chosen
from local_orchestrator.deployer import recipe_of
from local_orchestrator.errands import START, STOP, Errand
from local_orchestrator.hosts import NO_SCHEDULE, Host, known, local_address, refuse_removal
from local_orchestrator.site import Site


# Each adapter that may be written to is told to look for devices.
RESCAN = """
for scan in /sys/class/scsi_host/*/scan; do
    if [ -w "$scan" ] && echo '- - -' > "$scan"; then echo "$scan"; fi
done
"""


class HostRequests:
    """Each answers a sentence; raises OrchestratorError."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def all(self) -> list[HostSpec]:
        """All hosts; offline where the agent does not answer."""
        try:
            self._site.agent.facts()
        except AgentError:
            return [host.spec(offline=True) for host in self._site.desired.hosts()]
        return [host.spec() for host in self._site.desired.hosts()]

    def add(self, spec: HostSpec) -> str:
        """Add one, or change the address of one and give it further labels."""
        spec.validate()
        facts = self._site.agent.facts()
        addr = local_address(spec.hostname, spec.addr, facts["addresses"], facts["hostname"])
        host = Host.from_spec(spec, addr)
        for old in self._site.desired.hosts():
            if old.name == host.name:
                labels = tuple(dict.fromkeys((*old.labels, *host.labels)))
                host = replace(old, addr=addr, labels=labels)
        self._site.desired.save_host(host)
        if spec.status == "maintenance" and not host.maintenance:
            self.enter_maintenance(host.name, force=False)
        self._site.wake()
        return f"Added host '{host.name}' with addr '{host.addr}'"

    def remove(self, name: str, force: bool, offline: bool, crush: bool) -> str:
        """Forget one, with `crush` in the CRUSH map too; what is managed goes to other hosts."""
        desired = self._site.desired
        host = known(desired.hosts(), name)
        if offline and not force:
            raise OrchestratorError("removing an offline host requires --force")
        if len(desired.hosts()) == 1:
            raise OrchestratorError(f"host {name} is the only one that there is")
        if not force:
            refuse_removal(host, [daemon.name for daemon in self._on(name)])
        desired.drop_host(name)
        if crush and self._site.cluster is not None:
            self._site.cluster.ask("osd crush remove", name=name.partition(".")[0])
        self._site.wake()
        return f"Removed host '{name}'"

    def drain(self, name: str, zap: bool) -> str:
        """Have everything leave; OSDs are emptied first, and with `zap` their devices erased."""
        self._site.desired.change_host(name, lambda host: host.with_label(NO_SCHEDULE))
        there = self._on(name)
        for daemon in there:
            if daemon.type == "osd" and zap:
                self._site.desired.save_removal(retiring.of(daemon, zap=True))
        self._site.wake()
        rows = [("type", "id"), ("-" * 20, "-" * 15), *((d.type, d.id) for d in there)]
        table = "".join(f"{kind:<20} {id_:<15}\n" for kind, id_ in rows)
        return f"Scheduled to remove the following daemons from host '{name}'\n{table}"

    def set_addr(self, name: str, addr: str) -> str:
        facts = self._site.agent.facts()
        local = local_address(name, addr, facts["addresses"], facts["hostname"])
        self._site.desired.change_host(name, lambda host: replace(host, addr=local))
        return f"Updated host '{name}' addr to '{addr}'"

    def add_label(self, name: str, label: str) -> str:
        self._site.desired.change_host(name, lambda host: host.with_label(label))
        self._site.wake()
        return f"Added label {label} to host {name}"

    def remove_label(self, name: str, label: str) -> str:
        self._site.desired.change_host(name, lambda host: host.without_label(label))
        self._site.wake()
        return f"Removed label {label} from host {name}"

    def ok_to_stop(self, name: str) -> str:
        """Ask the cluster about its daemons there; raises OrchestratorError where it objects."""
        known(self._site.desired.hosts(), name)
        by_type: dict[str, list[str]] = {}
        for daemon in self._on(name):
            by_type.setdefault(daemon.type, []).append(daemon.id)
        reasons = [
            why_not
            for kind, ids in sorted(by_type.items())
            if (why_not := recipe_of(kind).ok_to_stop(ids, self._site.cluster))
        ]
        if reasons:
            raise OrchestratorError(f"It is NOT safe to stop host {name}: {'; '.join(reasons)}")
        return f"It is presumed safe to stop host {name}"

    def enter_maintenance(self, name: str, force: bool) -> str:
        """Stop what runs there and remember it."""
        host = known(self._site.desired.hosts(), name)
        if host.maintenance:
            raise OrchestratorError(f"Host {name} is already in maintenance")
        if not force:
            self.ok_to_stop(name)
        halted = tuple(daemon.name for daemon in self._on(name) if daemon.state != "stopped")
        self._site.desired.change_host(
            name, lambda host: replace(host, maintenance=True, halted=halted)
        )
        self._send(STOP, halted)
        return f"Daemons on host {name} are being stopped. Host {name} moved to maintenance mode"

    def exit_maintenance(self, name: str) -> str:
        """Start again what was stopped."""
        host = known(self._site.desired.hosts(), name)
        if not host.maintenance:
            raise OrchestratorError(f"Host {name} is not in maintenance mode")
        self._send(START, host.halted)
        self._site.desired.change_host(
            name, lambda host: replace(host, maintenance=False, halted=())
        )
        return f"Daemons on host {name} are being started. Host {name} has exited maintenance mode"

    def rescan(self, name: str) -> str:
        """Have the adapters of this machine look for devices."""
        known(self._site.desired.hosts(), name)
        found = self._site.agent.must_run(["/bin/sh", "-c", RESCAN]).split()
        listed = f": {', '.join(found)}" if found else ""
        return f"Ok. {len(found)} adapters were told to rescan{listed}"

    def facts(self, name: str | None) -> list[dict[str, Any]]:
        """What the agent says of this machine, for each logical host or the one of that name."""
        hosts = self._site.desired.hosts()
        if name:
            hosts = [known(hosts, name)]
        found = self._site.agent.facts()
        return [{**found, "hostname": host.name, "addr": host.addr} for host in hosts]

    def _on(self, name: str) -> list[Daemon]:
        return chosen(self._site.daemons(), host=name)

    def _send(self, action: str, names: tuple[str, ...]) -> None:
        for name in names:
            self._site.desired.save_errand(Errand(name, action, time.time()))
        self._site.wake()
