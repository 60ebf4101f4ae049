"""Tells module hosts what has changed in the cluster."""

from collections.abc import Iterable, Sequence

from proto.v1.envelope_pb2 import Envelope
from proto.v1.module_pb2 import OptionsChanged, StoreChanged
from supervisor.cluster.interface import OptionChange, StoreChange
from supervisor.edge.gate import Gate
from supervisor.edge.host import Host
from supervisor.edge.hosts import Hosts
from supervisor.edge.requests import CLUSTERS_OWN
from supervisor.edge.settings import owners, wire_options, wire_store


_Change = OptionsChanged.Change | StoreChanged.Change

NEWER_NOTIFICATIONS = ("audit", "mgr_map")


class Announcer:
    """Each host hears what concerns it. Loop thread only."""

    def __init__(self, hosts: Hosts, gate: Gate) -> None:
        self._hosts = hosts
        self._gate = gate

    def notify(self, kind: str, text: str) -> None:
        """Tell every module that subscribed to `kind`."""
        envelope = Envelope()
        envelope.notify.type = kind
        if kind in CLUSTERS_OWN:
            envelope.notify.id_json = text.encode()
        else:
            envelope.notify.id = text
        for host in self._hosts:
            facts = host.lifecycle.facts
            # Pacific's modules may name the newer ones, and are never told.
            told = kind not in NEWER_NOTIFICATIONS or host.found.tree.level == "main"
            if told and host.ready and facts is not None and kind in facts.notify_types:
                self._hosts.send(host, envelope)

    def options_changed(self, changes: Sequence[OptionChange], *, standby: bool) -> None:
        """Tell every module of the options among `changes` that it may read."""
        for host in self._hosts:
            envelope = Envelope()
            envelope.options_changed.CopyFrom(wire_options(changes, self._gate.reads(host.name)))
            # Standby classes have no config_notify().
            envelope.options_changed.config_notify = not standby
            self._tell(host, envelope, envelope.options_changed.changes)

    def store_changed(self, changes: Sequence[StoreChange]) -> None:
        """Tell each module of its own keys among `changes`."""
        for host in filter(None, map(self._hosts.get, owners(changes))):
            wire = wire_store(changes, host.name)
            if wire.changes:
                envelope = Envelope()
                envelope.store_changed.CopyFrom(wire)
                self._tell(host, envelope, wire.changes)

    def _tell(self, host: Host, envelope: Envelope, changes: Iterable[_Change]) -> None:
        if self._hosts.send(host, envelope):
            host.told_of = max([host.told_of, *(change.seq for change in changes)])
