"""The grants that ship with the project: what each module of Ceph, and each of ours, needs.

What upstream's modules do was read from Debian's 16.2.15. A module that serves a port which an
operator may choose by an option may listen on any. Who calls whom and sends what is counted only
where it was read through; the others stay as free on the bus as in ceph-mgr.
"""

from collections.abc import Mapping
from typing import Any

from supervisor.core.grants import ANY_PORT, LEAST, Grants, Target


_BUS: dict[str, Any] = {
    "calls": LEAST.calls,
    "commands": LEAST.commands,
    "config": LEAST.config,
}
_ANYWHERE = (Target("*", ANY_PORT),)
_ANY_LISTEN = (ANY_PORT,)


def _to(*ports: int) -> tuple[Target, ...]:
    return tuple(Target("*", port) for port in ports)


SHIPPED: Mapping[str, Grants] = {
    # nothing but the bus
    "balancer": Grants(commands=("osd *", "config set", "config rm"), config=("*",)),
    "crash": Grants(**_BUS),
    "hello": Grants(**_BUS),
    "insights": Grants(**_BUS),
    "iostat": Grants(config=("*",)),
    "localpool": Grants(commands=("osd *",), config=("*",)),
    "orchestrator": Grants(**_BUS),
    "osd_perf_query": Grants(**_BUS),
    "osd_support": Grants(**_BUS),
    "pg_autoscaler": Grants(
        calls={"progress": ("update", "complete", "fail")},
        commands=("config set", "config rm", "osd *"),
        config=("*",),
    ),
    "progress": Grants(**_BUS),
    "selftest": Grants(**_BUS),
    "stats": Grants(**_BUS),
    "status": Grants(**_BUS),
    # pools, images and file systems of the real cluster
    "devicehealth": Grants(librados=True, **_BUS),
    "mirroring": Grants(librados=True, **_BUS),
    "nfs": Grants(librados=True, subprocess=True, **_BUS),
    "rbd_support": Grants(librados=True, **_BUS),
    "smb": Grants(librados=True, **_BUS),
    "snap_schedule": Grants(librados=True, **_BUS),
    "volumes": Grants(librados=True, **_BUS),
    # servers
    "dashboard": Grants(
        listen=_ANY_LISTEN, connect=_ANYWHERE, subprocess=True, librados=True, **_BUS
    ),
    # Its server waits until it can connect to itself. In newer releases it has certificates checked
    # by a Python of their own.
    "prometheus": Grants(
        listen=_ANY_LISTEN, connect=_ANYWHERE, subprocess=True, librados=True, **_BUS
    ),
    "restful": Grants(listen=_ANY_LISTEN, **_BUS),
    # they report somewhere
    "alerts": Grants(connect=_to(25, 465, 587), **_BUS),
    "influx": Grants(connect=_to(8086), **_BUS),
    "telegraf": Grants(connect=_to(8094), write=("/tmp/telegraf.sock",), **_BUS),  # noqa: S108
    "telemetry": Grants(connect=_to(443, 3128, 8080), librados=True, **_BUS),
    "zabbix": Grants(connect=_to(10051), subprocess=True, **_BUS),
    # they deploy, or look at the machine
    "cephadm": Grants(
        listen=_ANY_LISTEN, connect=_ANYWHERE, subprocess=True, librados=True, **_BUS
    ),
    "local_orchestrator": Grants(librados=True, deploy=True, **_BUS),
    "rook": Grants(
        connect=_ANYWHERE, read=("/var/run/secrets/kubernetes.io",), librados=True, **_BUS
    ),
    "test_orchestrator": Grants(subprocess=True, **_BUS),
}
