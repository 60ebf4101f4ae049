"""What this host is."""

import os
import platform
import socket
from typing import Any

import psutil


def facts() -> dict[str, Any]:
    """As JSON: names, addresses without those of loopback, processors, memory in bytes."""
    system = platform.uname()
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    return {
        "hostname": socket.gethostname(),
        "addresses": _addresses(),
        "cpus": os.cpu_count() or 1,
        "memory": psutil.virtual_memory().total,
        "architecture": system.machine,
        "kernel": system.release,
        "system": release.get("PRETTY_NAME", system.system),
        "booted": psutil.boot_time(),
        "user": os.geteuid(),
    }


def _addresses() -> list[str]:
    return [
        address.address.partition("%")[0]  # less the name of the interface
        for name, addresses in sorted(psutil.net_if_addrs().items())
        for address in addresses
        if name != "lo" and address.family in (socket.AF_INET, socket.AF_INET6)
    ]
