"""Bringing daemons onto the Ceph that is installed: there are no images here, only packages.

An upgrade is a rolling redeployment of each daemon that runs another version than its program on
disk has, in upstream's order of types, one at a time.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orchestrator import OrchestratorValidationError, UpgradeStatusSpec

from local_orchestrator.daemons import Daemon


ORDER = ("mgr", "mon", "crash", "osd", "mds", "rgw", "rbd-mirror", "cephfs-mirror")
LINE = "upgrade"  # of the errands that it makes
NO_IMAGES = (
    "daemons run the programs that are installed here, not images: install the packages, then "
    "start the upgrade without an image"
)


@dataclass(frozen=True)
class Upgrade:
    """One that is under way; the filters are None where all daemons are meant."""

    target: str
    total: int
    daemon_types: list[str] | None = None
    hosts: list[str] | None = None
    services: list[str] | None = None
    limit: int | None = None  # how many may be redeployed
    sent: tuple[str, ...] = ()  # daemons that were redeployed
    paused: bool = False
    message: str = ""

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Upgrade":
        """From its fields."""
        return cls(**{**stored, "sent": tuple(stored["sent"])})

    def concerns(self, daemon: Daemon) -> bool:
        """Whether `daemon` is among those that are meant."""
        return (
            (self.daemon_types is None or daemon.type in self.daemon_types)
            and (self.hosts is None or daemon.host in self.hosts)
            and (self.services is None or daemon.service in self.services)
        )

    def halted(self, message: str) -> "Upgrade":
        return replace(self, paused=True, message=message)

    def after(self, daemon: str) -> "Upgrade":
        """Once `daemon` was sent on its way."""
        return replace(self, sent=(*self.sent, daemon), message=f"redeploying {daemon}")

    @property
    def exhausted(self) -> bool:
        """Whether no further daemon may be redeployed."""
        return self.limit is not None and len(self.sent) >= self.limit

    @property
    def which(self) -> str:
        """The filters, in words."""
        words = [
            f"{what}: {','.join(given)}"
            for what, given in (
                ("daemon types", self.daemon_types),
                ("hosts", self.hosts),
                ("services", self.services),
            )
            if given is not None
        ]
        return "; ".join(words) if words else "all daemons"


def outdated(
    daemons: Sequence[Daemon], running: Mapping[str, str], installed: Mapping[str, str]
) -> list[Daemon]:
    """Daemons that run another version than is installed, in the order of an upgrade.

    `running` by daemon, `installed` by type of daemon; what is in only one of them cannot be told.
    """
    old = [
        daemon
        for daemon in daemons
        if daemon.type in installed
        and running.get(daemon.name, installed[daemon.type]) != installed[daemon.type]
    ]
    return sorted(old, key=lambda daemon: (ORDER.index(daemon.type), daemon.name))


def next_one(upgrade: Upgrade, old: Sequence[Daemon]) -> Daemon | None:
    """The daemon to redeploy now; those that were, and those that do not run, are let be."""
    if upgrade.exhausted:
        return None
    meant = (daemon for daemon in old if upgrade.concerns(daemon) and daemon.state != "stopped")
    return next((daemon for daemon in meant if daemon.name not in upgrade.sent), None)


def unconfirmed(upgrade: Upgrade, old: Sequence[Daemon]) -> list[str]:
    """Daemons that were redeployed and have not told the cluster their new version yet."""
    return [daemon.name for daemon in old if daemon.name in upgrade.sent]


def check(
    daemons: Sequence[Daemon], running: Mapping[str, str], installed: Mapping[str, str]
) -> dict[str, Any]:
    """What `orch upgrade check` prints."""
    old = outdated(daemons, running, installed)
    ceph = [daemon.name for daemon in daemons if daemon.type in ORDER]
    return {
        "needs_update": {daemon.name: {"current_version": running[daemon.name]} for daemon in old},
        "up_to_date": sorted(set(ceph) - {daemon.name for daemon in old}),
        "target_version": version(installed),
        "non_ceph_daemons": sorted({daemon.name for daemon in daemons} - set(ceph)),
    }


def version(installed: Mapping[str, str]) -> str:
    """The version that programs of Ceph have here; several if packages are mixed."""
    return ", ".join(sorted(set(installed.values()))) or "none"


def refuse(image: str | None, wanted: str | None, installed: Mapping[str, str]) -> None:
    """Raise OrchestratorValidationError for what cannot be upgraded to."""
    if image:
        raise OrchestratorValidationError(f"image {image}: {NO_IMAGES}")
    if not installed:
        raise OrchestratorValidationError("no program of Ceph is installed here")
    if wanted and wanted.removeprefix("v") not in installed.values():
        raise OrchestratorValidationError(
            f"version {wanted} is not installed here, {version(installed)} is: install its packages"
        )


def short(text: str) -> str:
    """The number in what a program says of its version, such as 16.2.15; empty without one."""
    found = re.search(r"ceph version (\S+)", text)
    return found.group(1) if found else ""


def status(
    upgrade: Upgrade | None, daemons: Sequence[Daemon], old: Sequence[Daemon]
) -> UpgradeStatusSpec:
    """What `orch upgrade status` prints."""
    spec = UpgradeStatusSpec()
    if upgrade is None:
        return spec
    left = [daemon for daemon in old if upgrade.concerns(daemon)]
    spec.in_progress = True
    spec.target_image = f"installed packages: {upgrade.target}"
    spec.which = upgrade.which
    done = {daemon.type for daemon in daemons if daemon.type in ORDER}
    spec.services_complete = sorted(done - {daemon.type for daemon in left})
    spec.progress = f"{upgrade.total - len(left)}/{upgrade.total} daemons upgraded"
    spec.message = upgrade.message
    spec.is_paused = upgrade.paused
    return spec
