"""Hosts: which there are, what they are labelled, taking them out of use."""

from __future__ import annotations

from typing import Any

from ceph.deployment.hostspec import HostSpec

from orchestrator.result import OrchResult


class HostMethods:
    def add_host(self, host_spec: HostSpec) -> OrchResult[str]:
        """Take a host into the cluster, or change the one of that name."""
        raise NotImplementedError

    def remove_host(
        self, host: str, force: bool, offline: bool, rm_crush_entry: bool = False
    ) -> OrchResult[str]:
        """Forget a host. `force`: although it has daemons; `offline`: although it cannot be
        reached; `rm_crush_entry`: its bucket in the CRUSH map too, which newer backends know.
        """
        raise NotImplementedError

    def drain_host(
        self,
        hostname: str,
        force: bool = False,
        keep_conf_keyring: bool = False,
        zap_osd_devices: bool = False,
    ) -> OrchResult[str]:
        """Move every daemon off a host, its OSDs' data included; the last two: newer backends."""
        raise NotImplementedError

    def update_host_addr(self, host: str, addr: str) -> OrchResult[str]:
        """Reach a host at another address or DNS name."""
        raise NotImplementedError

    def get_hosts(self) -> OrchResult[list[HostSpec]]:
        """All hosts."""
        raise NotImplementedError

    def get_facts(self, hostname: str | None = None) -> OrchResult[list[dict[str, Any]]]:
        """What is known of the hardware and system of each host, or of one."""
        raise NotImplementedError

    def add_host_label(self, host: str, label: str) -> OrchResult[str]:
        """Label a host."""
        raise NotImplementedError

    def remove_host_label(self, host: str, label: str, force: bool = False) -> OrchResult[str]:
        """Take a label off a host. `force`: although something depends on it."""
        raise NotImplementedError

    def host_ok_to_stop(self, hostname: str) -> OrchResult[str]:
        """Whether everything stays available without the host; an error where it would not."""
        raise NotImplementedError

    def enter_host_maintenance(
        self, hostname: str, force: bool = False, yes_i_really_mean_it: bool = False
    ) -> OrchResult[str]:
        """Stop all daemons of a host until it leaves maintenance; the last one: newer backends."""
        raise NotImplementedError

    def exit_host_maintenance(self, hostname: str) -> OrchResult[str]:
        """Start what `enter_host_maintenance` stopped."""
        raise NotImplementedError

    def rescan_host(self, hostname: str) -> OrchResult[str]:
        """Have the host's controllers look for new disks."""
        raise NotImplementedError
