"""Prometheus, its Alertmanager and its exporter of the machine's figures."""

from abc import abstractmethod
from urllib.parse import urlparse

import yaml
from ceph.deployment.service_spec import AlertManagerSpec, MonitoringSpec, PrometheusSpec

from local_orchestrator.recipes.ceph_daemon import MEANINGLESS, reachable
from local_orchestrator.recipes.cluster import Cluster
from local_orchestrator.recipes.deployment import FOLDER, Deployment, File
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


DATA = f"{FOLDER}/data"
MEANINGLESS_HERE = {**MEANINGLESS, "config": "it has no options in the cluster"}
EVERY = "10s"


class MonitoringRecipe(Recipe):
    """A program of the Prometheus family, configured by its arguments and at most one file.

    It listens on all addresses, or on its host's alone where the service is bound to networks.
    """

    program: str
    package: str
    configuration = ""  # name of its file

    @abstractmethod
    def arguments(self, spec: MonitoringSpec) -> list[str]:
        """Arguments besides those that say where it listens."""

    def configured(self, spec: MonitoringSpec, cluster: Cluster | None) -> object:
        """What its file says, to be written as YAML."""
        return {}

    def check(self, spec: MonitoringSpec, cluster: Cluster | None) -> None:
        needed(self.kind, self.program, self.package)
        refuse_fields(spec, MEANINGLESS_HERE)
        extra_arguments(spec)
        ports_of(spec, Place(""))

    def deployment(
        self, spec: MonitoringSpec, daemon_id: str, place: Place, cluster: Cluster | None
    ) -> Deployment:
        in_networks(spec, place)
        port = ports_of(spec, place)[0]
        address = place.ip if spec.networks else ""
        listens = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        text = yaml.safe_dump(self.configured(spec, cluster), sort_keys=False)
        program = needed(self.kind, self.program, self.package)
        return Deployment(
            name=f"{self.kind}.{daemon_id}",
            command=(
                program,
                f"--web.listen-address={listens}",
                *self.arguments(spec),
                *extra_arguments(spec),
            ),
            files={self.configuration: File(text)} if self.configuration else {},
            stop_seconds=30,
            labels=labels(spec, self.kind, daemon_id, place),
        )


class NodeExporterRecipe(MonitoringRecipe):
    """Figures of the machine."""

    kind = "node-exporter"
    program = "prometheus-node-exporter"
    package = "prometheus-node-exporter"

    def arguments(self, spec: MonitoringSpec) -> list[str]:
        return []


class PrometheusRecipe(MonitoringRecipe):
    """Reads from the manager's module `prometheus`, which is switched on if it is not."""

    kind = "prometheus"
    program = "prometheus"
    package = "prometheus"
    configuration = "prometheus.yml"

    def check(self, spec: PrometheusSpec, cluster: Cluster | None) -> None:
        reachable(self.kind, cluster)
        super().check(spec, cluster)

    def service_setup(self, spec: PrometheusSpec, cluster: Cluster | None) -> None:
        known = reachable(self.kind, cluster)
        if "prometheus" not in known.ask_json("mgr module ls")["enabled_modules"]:
            known.ask("mgr module enable", module="prometheus")

    def arguments(self, spec: PrometheusSpec) -> list[str]:
        return [
            f"--config.file={FOLDER}/{self.configuration}",
            f"--storage.tsdb.path={DATA}",
            f"--storage.tsdb.retention.time={spec.retention_time or '15d'}",
            f"--storage.tsdb.retention.size={spec.retention_size or '0'}",
        ]

    def configured(self, spec: PrometheusSpec, cluster: Cluster | None) -> object:
        served = reachable(self.kind, cluster).ask_json("mgr services").get("prometheus", "")
        targets = [urlparse(served).netloc] if served else []
        return {
            "global": {"scrape_interval": EVERY, "evaluation_interval": EVERY},
            "scrape_configs": [
                {
                    "job_name": "ceph",
                    "honor_labels": True,
                    "static_configs": [{"targets": targets}],
                }
            ],
        }


class AlertmanagerRecipe(MonitoringRecipe):
    """Sends alerts to the `default_webhook_urls` in the spec's `user_data`; it has no peers."""

    kind = "alertmanager"
    program = "prometheus-alertmanager"
    package = "prometheus-alertmanager"
    configuration = "alertmanager.yml"

    def arguments(self, spec: AlertManagerSpec) -> list[str]:
        return [
            f"--config.file={FOLDER}/{self.configuration}",
            f"--storage.path={DATA}",
            "--cluster.listen-address=",
        ]

    def configured(self, spec: AlertManagerSpec, cluster: Cluster | None) -> object:
        urls = (spec.user_data or {}).get("default_webhook_urls", [])
        lax = {} if spec.secure else {"http_config": {"tls_config": {"insecure_skip_verify": True}}}
        return {
            "global": {"resolve_timeout": "5m", **lax},
            "route": {"receiver": "default", "group_by": ["alertname"], "group_wait": EVERY},
            "receivers": [{"name": "default", "webhook_configs": [{"url": url} for url in urls]}],
        }
