"""What there is on this machine: its disks, and the Ceph daemons that run."""

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import PurePath
from typing import Any, Optional

import psutil
from ceph.deployment.inventory import Device, Devices
from ceph.deployment.service_spec import ServiceSpec
from orchestrator import DaemonDescription, InventoryHost, OrchestratorError, ServiceDescription


NAME = "localhost"
DAEMON_TYPES = ("mds", "osd", "mon", "rgw", "mgr", "iscsi", "crash", "nfs")
SECONDS = 60
CEPH_VOLUME = ["ceph-volume", "inventory", "--format", "json"]
LSBLK = ["lsblk", "--json", "--bytes", "--nodeps", "-o", "PATH,TYPE,SIZE,ROTA,MODEL,VENDOR,RO,RM"]


def inventory() -> InventoryHost:
    """The disks as ceph-volume sees them; where it cannot look, as the kernel does. Raises
    OrchestratorError where neither works.
    """
    reasons = []
    readers: tuple[tuple[list[str], Callable[[Any], Devices]], ...] = (
        (CEPH_VOLUME, Devices.from_json),
        (LSBLK, _devices),
    )
    for command, read in readers:
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
            return InventoryHost(NAME, read(json.loads(done.stdout)))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            reasons.append(f"{command[0]}: {error}")
    raise OrchestratorError(f"cannot list devices: {'; '.join(reasons)}")


def _devices(listed: Any) -> Devices:
    return Devices(
        [
            Device(
                path=each["path"],
                sys_api={
                    "path": each["path"],
                    "size": each["size"],
                    "rotational": "1" if each["rota"] else "0",
                    "model": each["model"] or "",
                    "vendor": each["vendor"] or "",
                    "ro": "1" if each["ro"] else "0",
                    "removable": "1" if each["rm"] else "0",
                },
                available=False,
                device_id="",
                rejected_reasons=["ceph-volume has not looked at it"],
            )
            for each in listed["blockdevices"]
            if each["type"] == "disk"
        ]
    )


def daemons(manager: str) -> list[DaemonDescription]:
    """Those whose processes run here; `manager` is the id of the one that this is a part of."""
    running = {("mgr", manager), *_running()}
    return [
        DaemonDescription(daemon_type=kind, daemon_id=name, hostname=NAME)
        for kind, name in sorted(running)
    ]


def services(found: list[DaemonDescription]) -> list[ServiceDescription]:
    """One service for each type of daemon."""
    counted = Counter(daemon.daemon_type for daemon in found)
    return [
        ServiceDescription(spec=ServiceSpec(service_type=kind), size=count, running=count)
        for kind, count in counted.items()
    ]


def _running() -> Iterator[tuple[str, str]]:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or [""]
        program, dash, kind = PurePath(words[0]).name.partition("-")
        name = _id(words[1:])
        if program == "ceph" and dash and kind in DAEMON_TYPES and name:
            yield kind, name


def _id(words: list[str]) -> Optional[str]:
    for word, following in pairwise([*words, ""]):
        if word in ("-i", "--id"):
            return following
        if word.startswith("--id="):
            return word.removeprefix("--id=")
    return None
