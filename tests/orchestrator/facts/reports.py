"""Services, inventory and events: what they hold, tell and read back."""

import datetime as dt

import orchestrator as o
import yaml
from ceph.deployment.inventory import Device, Devices
from ceph.deployment.service_spec import IngressSpec, PlacementSpec, ServiceSpec
from orchestrator import _interface as inside

from tests.orchestrator.facts.telling import outcome, plain, state


NOW = dt.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)


def services():
    event = o.OrchestratorEvent(NOW, "service", "mgr", "ERROR", "it failed")
    placement = PlacementSpec(count=2)
    ingress = IngressSpec(
        service_id="i", backend_service="rgw.r", frontend_port=80, monitor_port=81,
        virtual_ip="1.2.3.4/24",
    )  # fmt: skip
    samples = {
        "small": o.ServiceDescription(ServiceSpec("mgr")),
        "full": o.ServiceDescription(
            ServiceSpec("mgr", placement=placement), "id", "name", "http://x", NOW, NOW, NOW, 2, 1,
            [event], "10.0.0.1/24", [80, 443],
        ),
        "ingress": o.ServiceDescription(ingress, ports=[80]),
    }  # fmt: skip
    for label, one in samples.items():
        yield f"{label} state", plain(state(one))
        for name in ("to_json", "to_dict", "service_type", "get_port_summary", "__repr__"):
            yield f"{label} {name}", outcome(getattr(one, name))
        yield f"{label} yaml", outcome(yaml.dump, one)
        yield (
            f"{label} back",
            outcome(lambda one=one: o.ServiceDescription.from_json(one.to_json())),
        )
    for label, data in {
        "unknown status": {"service_type": "mgr", "status": {"colour": "red"}},
        "bad event": {"service_type": "mgr", "events": ["what?"]},
        "no spec": {"status": {"size": 1}},
        "bad time": {"service_type": "mgr", "status": {"created": "yesterday"}},
    }.items():
        yield f"from {label}", outcome(o.ServiceDescription.from_json, data)
    for data in ({"service_type": "host", "hostname": "h"}, {"service_type": "mon"}):
        yield f"generic {data}", outcome(inside.json_to_generic_spec, dict(data))


def inventory():
    devices = Devices([Device("/dev/sda", available=True, device_id="X_1", created=NOW)])
    samples = {
        "bare": o.InventoryHost("h"),
        "full": o.InventoryHost("h", devices, ["l"], "10.0.0.1"),
    }
    for label, one in samples.items():
        yield f"{label} state", plain(state(one))
        yield f"{label} json", outcome(one.to_json)
        yield f"{label} repr", repr(one)
        back = o.InventoryHost.from_json(one.to_json())
        yield (
            f"{label} back",
            [outcome(back.to_json), back == one, back != o.InventoryHost("other")],
        )
    for label, data in {
        "no name": {"devices": []},
        "no devices": {"name": "h"},
        "unknown": {"name": "h", "devices": [], "colour": 1, "taste": 2},
        "bad devices": {"name": "h", "devices": 5},
        "no labels": {"name": "h", "devices": [], "labels": None, "addr": None},
    }.items():
        yield f"from {label}", outcome(o.InventoryHost.from_json, data)
    held = type(
        "Held", (), {"data": [{"path": "/dev/sda", "created": "2024-01-02T03:04:05.000006Z"}]}
    )
    nested = o.InventoryHost.from_nested_items([("h", held)])
    yield "nested", [outcome(host.to_json) for host in nested]
    yield "names", o.InventoryHost.get_host_names([*nested, o.InventoryHost("i")])
    yield "filter", plain(state(o.InventoryFilter(["l"], ["h"])))
    yield "no filter", plain(state(o.InventoryFilter()))
    light = o.DeviceLightLoc("h", "d", path="p")
    yield "light", [repr(light), plain(tuple(light)), light._fields, light._asdict()]
    yield "upgrade", plain(state(o.UpgradeStatusSpec()))


def events():
    line = "2020-06-10T10:20:25.691255 daemon:crash.ubuntu [INFO] \"Deployed 'ubuntu'\""
    for label, text in {
        "good": line,
        "two lines": line[:-1] + '\nand more"',
        "behind": line + "\nmore",
        "zone": line.replace(" daemon", "+0200 daemon"),
        "no quote": line[:-1],
        "other kind": line.replace("daemon", "host"),
        "other level": line.replace("INFO", "DEBUG"),
        "bad time": "yesterday" + line[26:],
        "empty": "",
        "message with brackets": line.replace("Deployed", '[x] "y" daemon:z'),
    }.items():
        found = outcome(o.OrchestratorEvent.from_json, text)
        if "raised" in found and found["raised"][0] == "builtins.AssertionError":
            found["raised"][1] = ""  # says what is wrong, where upstream says nothing
        yield f"from {label}", found
    yield "from none", outcome(o.OrchestratorEvent.from_json, None)
    one = o.OrchestratorEvent.from_json(line)
    yield "state", plain(state(one))
    yield "json", [one.to_json(), one.to_dict(), one.kind_subject(), repr(one)]
    other = o.OrchestratorEvent(NOW, "daemon", "x", "INFO", "m")
    louder = o.OrchestratorEvent(NOW, "daemon", "x", "ERROR", "m")
    yield "equal", [one == other, other == louder, one == 5, one.__hash__ is None]
    yield "levels", [o.OrchestratorEvent.INFO, o.OrchestratorEvent.ERROR]
