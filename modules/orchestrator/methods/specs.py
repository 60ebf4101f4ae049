"""Applying the spec of one type of service: have as many of its daemons as it says, where it says.

Each answers one sentence.
"""

from __future__ import annotations

from ceph.deployment.service_spec import (
    IngressSpec,
    IscsiServiceSpec,
    MDSSpec,
    NFSServiceSpec,
    RGWSpec,
    ServiceSpec,
    SNMPGatewaySpec,
)

from orchestrator.result import OrchResult


class SpecMethods:
    def apply_mon(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of monitors."""
        raise NotImplementedError

    def apply_mgr(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of managers."""
        raise NotImplementedError

    def apply_mds(self, spec: MDSSpec) -> OrchResult[str]:
        """Of metadata servers of a CephFS."""
        raise NotImplementedError

    def apply_rgw(self, spec: RGWSpec) -> OrchResult[str]:
        """Of RADOS gateways."""
        raise NotImplementedError

    def apply_ingress(self, spec: IngressSpec) -> OrchResult[str]:
        """Of load balancers before another service."""
        raise NotImplementedError

    def apply_rbd_mirror(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of RBD mirror daemons."""
        raise NotImplementedError

    def apply_nfs(self, spec: NFSServiceSpec) -> OrchResult[str]:
        """Of NFS servers."""
        raise NotImplementedError

    def apply_iscsi(self, spec: IscsiServiceSpec) -> OrchResult[str]:
        """Of iSCSI gateways."""
        raise NotImplementedError

    def apply_prometheus(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of Prometheus."""
        raise NotImplementedError

    def apply_node_exporter(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of exporters of hosts' metrics."""
        raise NotImplementedError

    def apply_crash(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of collectors of crash reports."""
        raise NotImplementedError

    def apply_grafana(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of Grafana."""
        raise NotImplementedError

    def apply_alertmanager(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of the Alertmanager."""
        raise NotImplementedError

    def apply_snmp_gateway(self, spec: SNMPGatewaySpec) -> OrchResult[str]:
        """Of the gateway from alerts to SNMP."""
        raise NotImplementedError

    def apply_cephadm_exporter(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of exporters of cephadm's metadata."""
        raise NotImplementedError

    def apply_nvmeof(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of NVMe-oF gateways; newer backends."""
        raise NotImplementedError

    def apply_ceph_exporter(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of exporters of Ceph daemons' counters; newer backends."""
        raise NotImplementedError

    def apply_loki(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of Loki; newer backends."""
        raise NotImplementedError

    def apply_promtail(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of Promtail; newer backends."""
        raise NotImplementedError

    def apply_jaeger_agent(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of Jaeger's agents; newer backends."""
        raise NotImplementedError

    def apply_jaeger_collector(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of Jaeger's collectors; newer backends."""
        raise NotImplementedError

    def apply_jaeger_query(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of Jaeger's query service; newer backends."""
        raise NotImplementedError

    def apply_elasticsearch(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of Elasticsearch; newer backends."""
        raise NotImplementedError

    def apply_smb(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of SMB servers; newer backends."""
        raise NotImplementedError

    def apply_mgmt_gateway(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of the gateway before the web interfaces; newer backends."""
        raise NotImplementedError

    def apply_oauth2_proxy(self, spec: ServiceSpec) -> OrchResult[str]:
        """Of the proxy that logs users in; newer backends."""
        raise NotImplementedError
