"""Hosts, daemons and services made for decisions, without anything that runs."""

import logging

from ceph.deployment.service_spec import PlacementSpec, ServiceSpec
from local_orchestrator.daemons import Daemon
from local_orchestrator.hosts import NO_SCHEDULE, Host
from local_orchestrator.services import Service


class Store(dict):
    """A module's key-value store, in memory."""

    log = logging.getLogger("test")
    get_store = dict.get

    def get_store_prefix(self, prefix):
        return {key: value for key, value in self.items() if key.startswith(prefix)}

    def set_store(self, key, value):
        self[key] = value
        if value is None:
            del self[key]


def host(name, *labels, maintenance=False):
    return Host(name, name, labels, maintenance)


def drained(name):
    return host(name, NO_SCHEDULE)


def daemon(name, host="a", service="mds.fs", **more):
    return Daemon(name, host, service, **more)


def service(placement=None, service_id="fs", several=True, deleted=None, **more):
    """An MDS service, of which a host may have several daemons."""
    spec = ServiceSpec("mds", service_id, PlacementSpec(**(placement or {"count": 2})), **more)
    return Service(spec, 1.0, deleted, several)
