"""Which files a host may reach: what programs and libraries need, and what its launch grants.

The log file is granted as that one file. Its folder is not: Landlock cannot grant names, and a
module that may create files there could write other modules' logs. The files that follow it come
as open descriptors (module_host.log_file).
"""

import functools
import os
import site
import sys
import sysconfig
from pathlib import Path

from proto.v1.zygote_pb2 import Launch


# Of /etc only what holds no secrets: a module that needs more names it in its configuration.
SYSTEM_PATHS = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/opt", "/proc", "/sys",
    "/dev/random", "/dev/urandom",
    "/etc/alternatives", "/etc/ca-certificates", "/etc/ceph/ceph.conf", "/etc/debian_version",
    "/etc/gai.conf", "/etc/group", "/etc/host.conf", "/etc/hostname", "/etc/hosts",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
    "/etc/machine-id", "/etc/mime.types", "/etc/nsswitch.conf", "/etc/os-release", "/etc/passwd",
    "/etc/pki/ca-trust", "/etc/pki/tls/certs", "/etc/protocols", "/etc/python3",
    "/etc/resolv.conf", "/etc/services", "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
    "/etc/timezone",
)  # fmt: skip
SINKS = ("/dev/null", "/dev/zero", "/dev/full")


def readable(launch: Launch) -> list[str]:
    """What the module may read."""
    return [*programs(launch), launch.state_dir]


def writable(launch: Launch) -> list[str]:
    """What the module may change."""
    return [*SINKS, launch.data_dir, launch.log_file, *launch.write_paths]


def programs(launch: Launch) -> list[str]:
    """What it may run, where it may run programs: nothing that it could have written."""
    return [
        *SYSTEM_PATHS,
        *_interpreter(),
        *_own(),
        *launch.sys_path,
        *launch.extra_path,
        *launch.read_paths,
    ]


def shown(launch: Launch) -> list[str]:
    """What it may see, where it sees only what it was granted."""
    return [*readable(launch), *writable(launch), *_sockets(launch), *launch.shown_paths]


def closed(launch: Launch) -> list[str]:
    """Folders that hold other things of the supervisor, beside what is granted."""
    return [os.path.dirname(path) for path in (_bus(launch), launch.data_dir)]  # noqa: PTH120


def of_others(launch: Launch) -> tuple[list[str], list[str]]:
    """What the host cannot live without and may belong to another user: to be read, and to be
    written.
    """
    read = [*_interpreter(), *_own(), *launch.sys_path, *launch.extra_path, launch.state_dir]
    return read, [launch.data_dir, launch.log_file, *_sockets(launch)]


def _bus(launch: Launch) -> str:
    return launch.bus.removeprefix("ipc://")


def _sockets(launch: Launch) -> list[str]:
    """Of the supervisor."""
    return [_bus(launch), launch.lanes] if launch.lanes else [_bus(launch)]


@functools.cache
def _own() -> list[str]:
    """The packages of the host itself."""
    root = Path(__file__).resolve().parents[2]
    return [str(root / "module_host"), str(root / "proto")]


@functools.cache
def _interpreter() -> list[str]:
    return [
        sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values(),
        *site.getsitepackages(), str(Path(sys.executable).resolve()),
    ]  # fmt: skip
