"""Daemons: what a description holds and tells, and which service it belongs to."""

import copy
import datetime as dt

import orchestrator as o
import yaml
from ceph.deployment.service_spec import ServiceSpec
from orchestrator import _interface as inside

from tests.orchestrator.facts.telling import outcome, plain


NOW = dt.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
TIMES = ("last_refresh", "created", "started", "last_deployed", "last_configured")


def daemon(**given):
    return o.DaemonDescription(
        **({"daemon_type": "mds", "daemon_id": "a", "hostname": "h"} | given)
    )


def full_daemon(**given):
    event = o.OrchestratorEvent(NOW, "daemon", "mds.a", "INFO", 'it "happened"\ntwice')
    return daemon(
        container_id="c", container_image_id="i", container_image_name="n", version="16.2",
        container_image_digests=["d"], status=o.DaemonDescriptionStatus.running, status_desc="up",
        osdspec_affinity="x", events=[event], is_active=True, memory_usage=1, memory_request=2,
        memory_limit=3, cpu_percentage="1%", service_name="mds.fs", ports=[80, 443], ip="1.2.3.4",
        deployed_by=["e"], rank=0, rank_generation=1, extra_container_args=["-a"],
        extra_entrypoint_args=["-b"], **dict.fromkeys(TIMES, NOW), **given,
    )  # fmt: skip


def daemons():
    samples = {
        "bare": o.DaemonDescription(),
        "small": daemon(),
        "full": full_daemon(),
        "osd": full_daemon(daemon_type="osd", daemon_id="3"),
        "no ip": daemon(ports=[1]),
    }
    for label, one in samples.items():
        yield f"{label} state", plain(one)
        for name in ("to_json", "to_dict", "name", "get_port_summary", "__str__", "__repr__"):
            yield f"{label} {name}", outcome(getattr(one, name))
        yield f"{label} yaml", outcome(yaml.dump, one)
        yield f"{label} back", outcome(lambda one=one: o.DaemonDescription.from_json(one.to_json()))
        yield f"{label} copy", outcome(copy.copy, one)
    one = daemon()
    for status in o.DaemonDescriptionStatus:
        one.status = status
        yield f"status {status.name}", [int(status), one.status_desc, plain(one.to_json())]
        yield f"status {status.name} written", o.DaemonDescriptionStatus.to_str(status)
    yield "status None", o.DaemonDescriptionStatus.to_str(None)
    yield "status 7", o.DaemonDescriptionStatus.to_str(7)
    for label, data in {
        "unknown field": {"daemon_type": "mds", "colour": "red"},
        "bad time": {"created": "yesterday"},
        "bad status": {"status": 9},
        "bad event": {"events": ["what?"]},
        "numbered service": {"daemon_type": "osd", "daemon_id": "1", "service_name": "osd.1"},
        "named service": {"daemon_type": "osd", "daemon_id": "1", "service_name": "osd.x"},
        "other numbered": {"daemon_type": "mds", "daemon_id": "1", "service_name": "mds.1"},
        "no daemon name": {"daemon_name": "x.y", "daemon_type": "mds"},
    }.items():
        yield f"from {label}", outcome(o.DaemonDescription.from_json, data)


def names():
    """Which service a daemon belongs to, for all types, forms of names and hosts."""
    ids = ("h", "a", "fs.h", "fs.h.abcdef", "fsh", "fs.hx", "r.z.x", "r.z.x.abc", "a.b", "x.y.h.z",
           "h.h", "0", "host.h", "h.x")  # fmt: skip
    for kind in [*inside.KNOWN_DAEMON_TYPES, "crashcollector", "what"]:
        for hostname in ("h", "h.example.com", None):
            for daemon_id in ids:
                one = daemon(daemon_type=kind, daemon_id=daemon_id, hostname=hostname)
                label = f"{kind}.{daemon_id} on {hostname}"
                yield f"{label}: service_id", outcome(one.service_id)
                yield f"{label}: service_name", outcome(one.service_name)
                yield (
                    f"{label}: matches",
                    [
                        outcome(one.matches_service, name)
                        for name in (kind, f"{kind}.fs", "ingress", "crash", "", None, "mds.h")
                    ],
                )
        for service_name in ("mds", "mds.fs", "mds.fs.x", "osd.5"):
            one = daemon(daemon_type=kind, service_name=service_name)
            yield f"{kind} of {service_name}", [outcome(one.service_id), outcome(one.service_name)]
    for affinity in (None, "None", "", "spec"):
        one = daemon(daemon_type="osd", daemon_id="1", osdspec_affinity=affinity)
        yield f"osd of {affinity}", [outcome(one.service_id), outcome(one.service_name)]
    for kind in [*ServiceSpec.KNOWN_SERVICE_TYPES, "what", "haproxy"]:
        yield f"daemons of {kind}", outcome(o.service_to_daemon_types, kind)
    for kind in [*inside.KNOWN_DAEMON_TYPES, "crashcollector", "what", "ingress"]:
        yield f"service of {kind}", outcome(o.daemon_type_to_service, kind)
    yield "known", list(inside.KNOWN_DAEMON_TYPES)
    incomplete = o.DaemonDescription(daemon_type="mds")
    yield "without id", [outcome(incomplete.service_id), outcome(incomplete.matches_service, "x")]
