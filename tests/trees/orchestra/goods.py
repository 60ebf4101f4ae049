"""What an orchestrator hands out, with every field set; and its shape, to compare two of them."""

import datetime as dt

import orchestrator as o
from ceph.deployment.drive_group import DeviceSelection, DriveGroupSpec
from ceph.deployment.inventory import Device, Devices
from ceph.deployment.service_spec import MDSSpec, PlacementSpec, RGWSpec


NOW = dt.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=dt.timezone.utc)


def hosts():
    return [
        o.HostSpec("h1", "10.0.0.1", ["a", "b"], "maintenance", {"rack": "r1"}),
        o.HostSpec("h2"),
    ]


def events(kind, subject):
    return [o.OrchestratorEvent(NOW, kind, subject, "INFO", 'it "happened"\ntwice')]


def daemons():
    return [
        o.DaemonDescription(
            "mds",
            "fs.h1.abcdef",
            "h1",
            "c",
            "i",
            "n",
            ["d"],
            "16.2",
            o.DaemonDescriptionStatus.running,
            "running",
            NOW,
            NOW,
            NOW,
            NOW,
            "x",
            NOW,
            events("daemon", "mds.fs.h1.abcdef"),
            True,
            1,
            2,
            3,
            "1%",
            "mds.fs",
            [80, 443],
            "10.0.0.1",
            ["e"],
            0,
            1,
            ["-a"],
            ["-b"],
        ),
        o.DaemonDescription("osd", "3", "h2", status=o.DaemonDescriptionStatus.error),
    ]


def placement():
    return PlacementSpec.from_string("2 h1:10.0.0.0/24=a h2")


def services():
    return [
        o.ServiceDescription(
            MDSSpec(service_id="fs", placement=placement()),
            "id",
            "name",
            "http://x",
            NOW,
            NOW,
            None,
            2,
            1,
            events("service", "mds.fs"),
            "10.0.0.9/24",
            [80],
        ),
        o.ServiceDescription(RGWSpec(service_id="r", rgw_realm="a", rgw_zone="b", ssl=True)),
    ]


def inventory():
    devices = Devices(
        [
            Device(
                "/dev/sda",
                {"size": 5.0, "rotational": "1"},
                True,
                ["used"],
                [{"a": "b"}],
                "X_1",
                created=NOW,
            ),
            Device("/dev/sdb", created=NOW),
        ]
    )
    return [o.InventoryHost("h1", devices, ["l"], "10.0.0.1"), o.InventoryHost("h2")]


def upgrade():
    status = o.UpgradeStatusSpec()
    status.in_progress, status.services_complete = True, ["mgr"]
    return status


def drive_groups():
    return [
        DriveGroupSpec(
            service_id="d",
            placement=placement(),
            osd_id_claims={"h1": ["1"]},
            data_devices=DeviceSelection(rotational=True, size="10G:20G"),
        )
    ]


def lights():
    return [o.DeviceLightLoc("h1", "X_1", "/dev/sda")]


ALL = {
    "get_hosts": hosts,
    "list_daemons": daemons,
    "describe_service": services,
    "get_inventory": inventory,
    "upgrade_status": upgrade,
    "preview_osdspecs": drive_groups,
    "blink_device_light": lights,
}


def shape(value):
    """A value as text that tells classes and attributes, the same for equal ones."""
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}[{', '.join(shape(item) for item in value)}]"
    if isinstance(value, dict):
        return "{%s}" % ", ".join(f"{shape(k)}: {shape(v)}" for k, v in value.items())
    cls = type(value)
    if cls.__module__.startswith(("ceph.", "orchestrator")) and not isinstance(value, int):
        slots = [name for c in cls.__mro__ for name in getattr(c, "__slots__", ())]
        names = sorted({*getattr(value, "__dict__", ()), *slots})
        inside = ", ".join(f"{name}={shape(getattr(value, name))}" for name in names)
        return f"{cls.__name__}({inside})"
    return repr(value)
