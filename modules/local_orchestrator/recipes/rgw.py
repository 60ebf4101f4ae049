"""Object gateways."""

from ceph.deployment.service_spec import RGWSpec
from orchestrator import OrchestratorValidationError

from local_orchestrator.recipes.ceph_daemon import DATA, CephRecipe, reachable
from local_orchestrator.recipes.cluster import Cluster
from local_orchestrator.recipes.recipe import Place, ports_of


FRONTENDS = ("beast", "civetweb")


class RgwRecipe(CephRecipe):
    """Gateways of one realm and zone, which are made beforehand; without any, the default ones."""

    kind = "rgw"
    program = "radosgw"
    package = "radosgw"
    unique = True
    client = True
    caps = ("mon", "allow *", "mgr", "allow rw", "osd", "allow rwx tag rgw *=*")
    stop_seconds = 30

    def check(self, spec: RGWSpec, cluster: Cluster | None) -> None:
        super().check(spec, cluster)
        name = spec.service_name()
        if (spec.rgw_frontend_type or "beast") not in FRONTENDS:
            raise OrchestratorValidationError(
                f"{name}: rgw_frontend_type: {spec.rgw_frontend_type!r} is none of"
                f" {', '.join(FRONTENDS)}"
            )
        if spec.ssl and not spec.rgw_frontend_ssl_certificate:
            raise OrchestratorValidationError(
                f"{name}: rgw_frontend_ssl_certificate: needed for ssl"
            )

    def service_setup(self, spec: RGWSpec, cluster: Cluster | None) -> None:
        super().service_setup(spec, cluster)
        known = reachable(self.kind, cluster)
        for option in ("rgw_realm", "rgw_zone"):
            if value := getattr(spec, option):
                known.ask("config set", who=self.entity_of(spec), name=option, value=value)
        if certificate := spec.rgw_frontend_ssl_certificate:
            text = certificate if isinstance(certificate, str) else "\n".join(certificate)
            known.ask("config-key set", key=_certificate(spec), val=text)

    def service_gone(self, spec: RGWSpec, cluster: Cluster | None) -> None:
        known = reachable(self.kind, cluster)
        for option in ("rgw_realm", "rgw_zone"):
            known.ask("config rm", who=self.entity_of(spec), name=option)
        known.ask("config-key rm", key=_certificate(spec))

    def options(
        self, spec: RGWSpec, daemon_id: str, place: Place, cluster: Cluster
    ) -> dict[str, str]:
        return {"rgw data": DATA, "rgw frontends": frontend(spec, place)}


def frontend(spec: RGWSpec, place: Place) -> str:
    """Value of `rgw_frontends`: on one address where the service is bound to networks."""
    kind = spec.rgw_frontend_type or "beast"
    port = str(ports_of(spec, place)[0])
    host = f"[{place.ip}]" if ":" in place.ip else place.ip
    where = f"{host}:{port}" if spec.networks else port
    words = {
        ("beast", False): f"{'endpoint' if spec.networks else 'port'}={where}",
        ("beast", True): f"{'ssl_endpoint' if spec.networks else 'ssl_port'}={where}",
        ("civetweb", False): f"port={where}",
        ("civetweb", True): f"port={where}s",
    }[kind, bool(spec.ssl)]
    certificate = f" ssl_certificate=config://{_certificate(spec)}" if spec.ssl else ""
    return f"{kind} {words}{certificate}"


def _certificate(spec: RGWSpec) -> str:
    """Where the cluster keeps the service's certificate."""
    return f"rgw/cert/{spec.service_name()}"
