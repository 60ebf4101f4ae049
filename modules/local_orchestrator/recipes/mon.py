"""Monitors beside those that are there, each on a port of its own."""

import re
import time
from collections.abc import Sequence
from ipaddress import ip_address
from itertools import count

from ceph.deployment.service_spec import ServiceSpec
from orchestrator import OrchestratorError, OrchestratorValidationError

from local_orchestrator.recipes.ceph_daemon import (
    CONF,
    DATA,
    KEYRING,
    CephRecipe,
    reachable,
)
from local_orchestrator.recipes.cluster import Cluster
from local_orchestrator.recipes.deployment import FOLDER, Preparation
from local_orchestrator.recipes.programs import needed
from local_orchestrator.recipes.recipe import Place


MONMAP = f"{FOLDER}/monmap"
MADE = f"{DATA}/kv_backend"  # what a monitor's folder has once it was made
FIRST_PORT = 3300
REMOVAL_SECONDS = 10
ADDRESSES = re.compile(r"\[v[12]:[^,]+:\d+(,v[12]:[^,]+:\d+)*\]")


class MonRecipe(CephRecipe):
    """A monitor, called after its host, that joins the quorum once it is started.

    It listens where the placement says (`host:[v2:127.0.0.1:3301,v1:127.0.0.1:3302]`, or
    `place.ports`), else on its host's address and the first two neighbouring ports from 3300 on
    that no monitor has there.
    """

    kind = "mon"
    program = "ceph-mon"
    package = "ceph-mon"

    def keyring(self, daemon_id: str, cluster: Cluster) -> str:
        """That of all monitors: they share one key."""
        return cluster.ask("auth get", entity="mon.")

    def options(
        self, spec: ServiceSpec, daemon_id: str, place: Place, cluster: Cluster
    ) -> dict[str, str]:
        return {
            "mon data": DATA,
            "mon cluster log to file": "false",  # the first monitor's is the cluster's
            "public addrv": _listens(daemon_id, place, cluster),
        }

    def prepare(
        self, spec: ServiceSpec, daemon_id: str, place: Place, cluster: Cluster
    ) -> Sequence[Preparation]:
        ceph = needed(self.kind, "ceph", "ceph-common")
        asked = (ceph, "-n", "mon.", "-k", KEYRING, "-c", CONF, "mon", "getmap", "-o", MONMAP)
        mkfs = (*self.command(daemon_id)[:1], "-i", daemon_id, "-c", CONF, "--mkfs")
        return [
            Preparation(("mkdir", "-p", DATA)),
            Preparation(asked, unless=MADE),
            Preparation((*mkfs, "--monmap", MONMAP, "--keyring", KEYRING), unless=MADE),
        ]

    def ok_to_stop(self, daemon_ids: Sequence[str], cluster: Cluster | None) -> str:
        return reachable(self.kind, cluster).refusal("mon ok-to-stop", ids=list(daemon_ids))

    def leaving(self, daemon_id: str, cluster: Cluster | None) -> None:
        """Out of the quorum first, so that the others do not wait for it."""
        known = reachable(self.kind, cluster)
        if daemon_id not in _known(known):
            return
        if reason := known.refusal("mon ok-to-rm", id=daemon_id):
            raise OrchestratorError(f"mon.{daemon_id} must stay: {reason}")
        known.ask("mon rm", name=daemon_id)
        # The answer comes before the change, which still needs this monitor's vote: stopped now, it
        # would leave the others without a quorum for good (observed on 16.2.15).
        deadline = time.monotonic() + REMOVAL_SECONDS
        while daemon_id in _known(known):
            if time.monotonic() > deadline:
                raise OrchestratorError(
                    f"mon.{daemon_id} is still in the map of monitors {REMOVAL_SECONDS} s after"
                    " `mon rm`: it was not stopped"
                )
            time.sleep(0.2)

    def removed(self, daemon_id: str, cluster: Cluster | None) -> None:
        """Nothing: the key is that of the others, too."""


def _known(cluster: Cluster) -> dict[str, list[str]]:
    """Monitors of the cluster: {name: addresses, `address:port` each}."""
    mons = cluster.ask_json("mon dump")["mons"]
    return {mon["name"]: [one["addr"] for one in mon["public_addrs"]["addrvec"]] for mon in mons}


def _listens(daemon_id: str, place: Place, cluster: Cluster) -> str:
    """The addresses of a monitor, `[v2:A:P,v1:A:P]`: those that it has already, or new ones.

    Raises OrchestratorValidationError where the others could not reach it.
    """
    if place.network.startswith("[v"):
        if not ADDRESSES.fullmatch(place.network):
            raise OrchestratorValidationError(
                f"{place.network} is not [v2:ADDRESS:PORT,v1:ADDRESS:PORT]"
            )
        return place.network
    known = _known(cluster)
    others = [known[name] for name in known if name != daemon_id]
    taken = {address for addresses in others for address in addresses}
    given = place.network.strip("[]")
    host = place.ip if "/" in given else given or place.ip
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        raise OrchestratorValidationError(
            f"mon needs an IP address: give host {place.host} one, or place it as"
            f" {place.host}:[v2:ADDRESS:PORT,v1:ADDRESS:PORT]"
        ) from None
    elsewhere = [address for address in taken if not _on_loopback(address)]
    if loopback and elsewhere:
        raise OrchestratorValidationError(
            f"mon on {host} could not be reached by the monitor on {min(elsewhere)}: give host"
            f" {place.host} an address that others reach"
        )
    shown = f"[{host}]" if ":" in host else host
    v2, v1 = place.ports or _ports(shown, taken, known.get(daemon_id, []))
    return f"[v2:{shown}:{v2},v1:{shown}:{v1}]"


def _ports(host: str, taken: set[str], own: list[str]) -> tuple[int, int]:
    if own:
        first = int(own[0].rpartition(":")[2])
        return first, int(own[-1].rpartition(":")[2])
    free = (
        port
        for port in count(FIRST_PORT, 2)
        if not {f"{host}:{port}", f"{host}:{port + 1}"} & taken
    )
    first = next(free)
    return first, first + 1


def _on_loopback(address: str) -> bool:
    return ip_address(address.rpartition(":")[0].strip("[]")).is_loopback
