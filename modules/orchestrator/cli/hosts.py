"""`ceph orch host ...`."""

from typing import Optional

from ceph.deployment.hostspec import HostSpec
from ceph.deployment.service_spec import PlacementSpec
from ceph.deployment.utils import unwrap_ipv6
from mgr_module import HandleCommandResult

from orchestrator._interface import (
    OrchestratorClientMixin,
    _cli_read_command,
    _cli_write_command,
    raise_if_exception,
)
from orchestrator.cli.answers import Format, done, listed
from orchestrator.cli.tables import table


class HostCommands(OrchestratorClientMixin):
    """Hosts, their labels, and taking one out of service."""

    @_cli_write_command("orch host add")
    def _host_add(
        self,
        hostname: str,
        addr: Optional[str] = None,
        labels: Optional[list[str]] = None,
        maintenance: Optional[bool] = False,
    ) -> HandleCommandResult:
        """Make a host known, so that daemons can be placed on it"""
        if labels and len(labels) == 1:
            labels = labels[0].split(",")
        spec = HostSpec(
            hostname,
            addr=None if addr is None else unwrap_ipv6(addr),
            labels=labels,
            status="maintenance" if maintenance else "",
        )
        return done(self.apply([spec], False))

    @_cli_write_command("orch host rm")
    def _host_rm(
        self, hostname: str, force: bool = False, offline: bool = False
    ) -> HandleCommandResult:
        """Forget a host"""
        return done(self.remove_host(hostname, force, offline))

    @_cli_write_command("orch host drain")
    def _host_drain(self, hostname: str, force: bool = False) -> HandleCommandResult:
        """Move every daemon away from a host"""
        return done(self.drain_host(hostname, force))

    @_cli_write_command("orch host set-addr")
    def _host_set_addr(self, hostname: str, addr: str) -> HandleCommandResult:
        """Change the address under which a host is reached"""
        return done(self.update_host_addr(hostname, addr))

    @_cli_read_command("orch host ls")
    def _host_ls(
        self,
        format: Format = Format.plain,
        host_pattern: str = "",
        label: str = "",
        host_status: str = "",
    ) -> HandleCommandResult:
        """Show the hosts: all, or those that a pattern, a label and a status pick out"""
        hosts = raise_if_exception(self.get_hosts())
        picked = PlacementSpec(host_pattern=host_pattern, label=label)
        names = set(picked.filter_matching_hostspecs(hosts))
        hosts = [host for host in hosts if host.hostname in names]
        if host_status:
            hosts = [host for host in hosts if host.status.lower() == host_status]
        if format is not Format.plain:
            return listed(hosts, format)
        counted = f"\n{len(hosts)} hosts in cluster"
        counted += f" who had label {label}" if label else ""
        counted += f" whose hostname matched {host_pattern}" if host_pattern else ""
        counted += f" with status {host_status}" if host_status else ""
        return HandleCommandResult(stdout=_table(hosts) + counted)

    @_cli_write_command("orch host label add")
    def _host_label_add(self, hostname: str, label: str) -> HandleCommandResult:
        """Give a host a label, which placements can name"""
        return done(self.add_host_label(hostname, label))

    @_cli_write_command("orch host label rm")
    def _host_label_rm(self, hostname: str, label: str, force: bool = False) -> HandleCommandResult:
        """Take a label off a host"""
        return done(self.remove_host_label(hostname, label, force))

    @_cli_write_command("orch host ok-to-stop")
    def _host_ok_to_stop(self, hostname: str) -> HandleCommandResult:
        """Say whether a host may be switched off without loss of availability"""
        return done(self.host_ok_to_stop(hostname))

    @_cli_write_command("orch host maintenance enter")
    def _host_maintenance_enter(self, hostname: str, force: bool = False) -> HandleCommandResult:
        """Stop a host's daemons and keep them stopped until maintenance is over"""
        return done(self.enter_host_maintenance(hostname, force=force))

    @_cli_write_command("orch host maintenance exit")
    def _host_maintenance_exit(self, hostname: str) -> HandleCommandResult:
        """Start a host's daemons again after maintenance"""
        return done(self.exit_host_maintenance(hostname))

    @_cli_write_command("orch host rescan")
    def _host_rescan(self, hostname: str, with_summary: bool = False) -> HandleCommandResult:
        """Have a host look for disks that were plugged in or pulled out"""
        answered = done(self.rescan_host(hostname))
        if with_summary:
            return answered
        return HandleCommandResult(stdout=answered.stdout.partition(".")[0])


def _table(hosts: list[HostSpec]) -> str:
    drawn = table(["HOST", "ADDR", "LABELS", "STATUS"])
    for host in sorted(hosts, key=lambda each: each.hostname):
        drawn.add_row([host.hostname, host.addr, " ".join(host.labels), host.status.capitalize()])
    return drawn.get_string()
