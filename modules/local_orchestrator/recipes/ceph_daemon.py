"""What all daemons of Ceph have in common: a key, a ceph.conf, a folder, a command line."""

from collections.abc import Mapping, Sequence

from ceph.deployment.service_spec import ServiceSpec
from orchestrator import OrchestratorValidationError

from local_orchestrator.recipes.cluster import Cluster
from local_orchestrator.recipes.deployment import FOLDER, Deployment, File, Preparation
from local_orchestrator.recipes.programs import needed
from local_orchestrator.recipes.recipe import (
    Place,
    Recipe,
    extra_arguments,
    in_networks,
    labels,
    ports_of,
    refuse_fields,
)


CONF, KEYRING, DATA = (f"{FOLDER}/{name}" for name in ("ceph.conf", "keyring", "data"))
MEANINGLESS = {
    "extra_container_args": "there is no container runtime to give them to",
    "custom_configs": "there is nothing to mount them into",
}


class CephRecipe(Recipe):
    """A daemon of Ceph in the foreground, with all that it writes in its own folder."""

    program: str
    package: str  # Debian's
    caps: tuple[str, ...]  # of its key: a kind of daemon and what may be done there, in turn
    client = False  # whether it is to the cluster a client, such as `client.rgw.a`
    stop_seconds: float = 10

    def entity(self, daemon_id: str) -> str:
        """The daemon's name in keys and options."""
        return f"client.{self.kind}.{daemon_id}" if self.client else f"{self.kind}.{daemon_id}"

    def check(self, spec: ServiceSpec, cluster: Cluster | None) -> None:
        reachable(self.kind, cluster)
        needed(self.kind, self.program, self.package)
        refuse_fields(spec, MEANINGLESS)
        extra_arguments(spec)
        ports_of(spec, Place(""))

    def service_setup(self, spec: ServiceSpec, cluster: Cluster | None) -> None:
        """Set the options in the spec's `config`, each in the service's own section."""
        for name, value in (spec.config or {}).items():
            reachable(self.kind, cluster).ask(
                "config set", who=self.entity_of(spec), name=name, value=str(value)
            )

    def entity_of(self, spec: ServiceSpec) -> str:
        """The section of options that all daemons of the service read."""
        return f"client.{spec.service_name()}" if self.client else spec.service_name()

    def deployment(
        self, spec: ServiceSpec, daemon_id: str, place: Place, cluster: Cluster | None
    ) -> Deployment:
        in_networks(spec, place)
        known = reachable(self.kind, cluster)
        options = {**common_options(place), **self.options(spec, daemon_id, place, known)}
        return Deployment(
            name=f"{self.kind}.{daemon_id}",
            command=(*self.command(daemon_id), *extra_arguments(spec)),
            files={
                "ceph.conf": File(conf_with(known.conf(), self.entity(daemon_id), options)),
                "keyring": File(self.keyring(daemon_id, known)),
            },
            stop_seconds=self.stop_seconds,
            labels=self.labels(spec, daemon_id, place),
            prepare=self.prepare(spec, daemon_id, place, known),
        )

    def command(self, daemon_id: str) -> tuple[str, ...]:
        """The daemon itself, in the foreground."""
        name = ("-n", self.entity(daemon_id)) if self.client else ("-i", daemon_id)
        return (needed(self.kind, self.program, self.package), "-f", *name, "-c", CONF)

    def keyring(self, daemon_id: str, cluster: Cluster) -> str:
        """Text of the daemon's keyring; its key is made where there is none yet."""
        return key(cluster, self.entity(daemon_id), self.caps)

    def options(
        self, spec: ServiceSpec, daemon_id: str, place: Place, cluster: Cluster
    ) -> dict[str, str]:
        """Options of this daemon alone, besides those of every daemon."""
        return {} if self.client else {f"{self.kind} data": DATA}

    def prepare(
        self, spec: ServiceSpec, daemon_id: str, place: Place, cluster: Cluster
    ) -> Sequence[Preparation]:
        """What runs before each start."""
        return []

    def labels(self, spec: ServiceSpec, daemon_id: str, place: Place) -> Mapping[str, str]:
        """What a listing says about it."""
        found = labels(spec, self.kind, daemon_id, place)
        return {**found, "ip": place.ip} if place.ip else found

    def removed(self, daemon_id: str, cluster: Cluster | None) -> None:
        reachable(self.kind, cluster).ask("auth rm", entity=self.entity(daemon_id))


def reachable(kind: str, cluster: Cluster | None) -> Cluster:
    """The cluster; raises OrchestratorValidationError where there is none."""
    if cluster is None:
        raise OrchestratorValidationError(
            f"{kind} needs a real Ceph cluster: set ceph_conf under [cluster] in the supervisor's"
            " configuration"
        )
    return cluster


def key(cluster: Cluster, entity: str, caps: Sequence[str]) -> str:
    """Keyring of `entity` with these capabilities, also where it has had others until now."""
    retval, out, _ = cluster.command(
        {"prefix": "auth get-or-create", "entity": entity, "caps": list(caps)}
    )
    if not retval:
        return out
    cluster.ask("auth caps", entity=entity, caps=list(caps))
    return cluster.ask("auth get", entity=entity)


def common_options(place: Place) -> dict[str, str]:
    """Options that keep a daemon in its own folder, and on its host's address.

    It logs to its output, which the host agent keeps and bounds.
    Where that is no IP address, the operator's own `public addr` or `public network` holds.
    """
    own = {
        "keyring": KEYRING,
        "run dir": FOLDER,
        "admin socket": f"{FOLDER}/admin.sock",
        "log file": "",
        "log to stderr": "true",
        "pid file": "",
    }
    return {**own, "public addr": place.ip} if place.ip else own


def conf_with(base: str, section: str, options: Mapping[str, str]) -> str:
    """`base` with a section at its end: there a daemon's own options win over all before."""
    lines = "".join(f"{name} = {value}\n" for name, value in options.items())
    return f"{base.rstrip()}\n\n[{section}]\n{lines}"
