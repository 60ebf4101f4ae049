"""OSDs, on a block device or file, or in memory."""

import json
from collections.abc import Collection, Mapping, Sequence
from uuid import uuid4

from ceph.deployment.drive_group import DriveGroupSpec
from orchestrator import OrchestratorError, OrchestratorValidationError

from local_orchestrator.recipes.ceph_daemon import CONF, DATA, CephRecipe, reachable
from local_orchestrator.recipes.cluster import Cluster
from local_orchestrator.recipes.deployment import Preparation
from local_orchestrator.recipes.osds import destroyed_on
from local_orchestrator.recipes.recipe import Place, refuse_fields


LAYOUT = "an OSD here has one device, which holds all that it has"
MEANINGLESS = {
    "db_devices": LAYOUT,
    "wal_devices": LAYOUT,
    "journal_devices": LAYOUT,
    "data_directories": LAYOUT,
    "db_slots": LAYOUT,
    "wal_slots": LAYOUT,
    "block_db_size": LAYOUT,
    "block_wal_size": LAYOUT,
    "journal_size": LAYOUT,
    "data_allocate_fraction": LAYOUT,
    "encrypted": "devices are taken as they are: give one that is encrypted already",
}


class OsdRecipe(CephRecipe):
    """An OSD whose id and identity are the cluster's: `daemon_id` registers it there.

    With `place.device` its data are there (bluestore, without LVM). Without one they are in memory:
    a stop and a start keep them, a crash does not. It sits below its host in the CRUSH map, also
    where several logical hosts are one machine.
    """

    kind = "osd"
    program = "ceph-osd"
    package = "ceph-osd"
    caps = ("mon", "allow profile osd", "mgr", "allow profile osd", "osd", "allow *")
    stop_seconds = 60

    def check(self, spec: DriveGroupSpec, cluster: Cluster | None) -> None:
        super().check(spec, cluster)
        refuse_fields(spec, MEANINGLESS)
        name = spec.service_name()
        if spec.objectstore != "bluestore":
            raise OrchestratorValidationError(
                f"{name}: objectstore: {spec.objectstore} is not supported, only bluestore"
            )
        if spec.method == "lvm":
            raise OrchestratorValidationError(f"{name}: method: lvm is not used here, only raw")
        if str(spec.osds_per_device or 1) != "1":
            raise OrchestratorValidationError(f"{name}: osds_per_device: {LAYOUT}")

    def daemon_id(
        self, spec: DriveGroupSpec, place: Place, taken: Collection[str], cluster: Cluster | None
    ) -> str:
        """The id of an OSD that is new in the cluster.

        It is that of `place.name` if that is a number, else one that was destroyed on this host and
        waits for its replacement, else the lowest that is free.
        """
        known = reachable(self.kind, cluster)
        waiting = [place.name] if place.name else destroyed_on(known, place.bare_host)
        wanted = next((number for number in waiting if number not in taken), "")
        if wanted and not wanted.isdigit():
            raise OrchestratorValidationError(f"OSDs are called by numbers, not {wanted!r}")
        number = {"id": int(wanted)} if wanted else {}
        device_class = {"crush_device_class": spec.crush_device_class}
        given = json.dumps(device_class) if spec.crush_device_class else ""
        return known.ask("osd new", given, uuid=str(uuid4()), **number).strip()

    def options(
        self, spec: DriveGroupSpec, daemon_id: str, place: Place, cluster: Cluster
    ) -> dict[str, str]:
        common = {"osd data": DATA, "crush location": f"root=default host={place.bare_host}"}
        if place.device:
            return {
                **common,
                "osd objectstore": "bluestore",
                "bluestore block path": place.device,
            }
        # a fast shutdown would forget what is in memory
        return {**common, "osd objectstore": "memstore", "osd fast shutdown": "false"}

    def prepare(
        self, spec: DriveGroupSpec, daemon_id: str, place: Place, cluster: Cluster
    ) -> Sequence[Preparation]:
        made = self.command(daemon_id)
        identity = _identity(cluster, daemon_id)
        return [
            Preparation(("mkdir", "-p", DATA)),
            Preparation(
                (made[0], "-i", daemon_id, "-c", CONF, "--mkfs", "--osd-uuid", identity),
                unless=f"{DATA}/ready",
            ),
        ]

    def labels(self, spec: DriveGroupSpec, daemon_id: str, place: Place) -> Mapping[str, str]:
        return {
            **super().labels(spec, daemon_id, place),
            "device": place.device,
            "osdspec_affinity": spec.service_id or "",
        }

    def ok_to_stop(self, daemon_ids: Sequence[str], cluster: Cluster | None) -> str:
        return reachable(self.kind, cluster).refusal("osd ok-to-stop", ids=list(daemon_ids))


def _identity(cluster: Cluster, daemon_id: str) -> str:
    """The UUID that the cluster knows an OSD by; raises OrchestratorError where it knows none."""
    for osd in cluster.ask_json("osd dump")["osds"]:
        if str(osd["osd"]) == daemon_id:
            return str(osd["uuid"])
    raise OrchestratorError(f"the cluster knows no osd.{daemon_id}")
