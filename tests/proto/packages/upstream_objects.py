"""Sends upstream's own objects through the codec; prints {what: "equal" or what went wrong}."""

import datetime as dt
import json
import pickle
import sys
import types


root = sys.argv[1]
sys.path[:0] = [root]
sys.path += ["/usr/share/ceph/mgr", "/usr/lib/python3/dist-packages"]

fake = types.ModuleType("ceph_module")
for name in (
    "BaseMgrModule",
    "BaseMgrStandbyModule",
    "BasePyOSDMap",
    "BasePyOSDMapIncremental",
    "BasePyCRUSH",
):
    setattr(fake, name, type(name, (object,), {"__init__": lambda self, *a: None}))
sys.modules["ceph_module"] = fake

import mgr_module  # noqa: E402
import orchestrator as orch  # noqa: E402
from ceph.deployment import drive_group, hostspec, inventory, service_spec  # noqa: E402

from proto.classgate import ClassGate  # noqa: E402
from proto.values import Values  # noqa: E402


NOW = dt.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
codec = Values(ClassGate({"ceph", "orchestrator", "mgr_module"}))
verdicts = {}


def shape(value):
    if isinstance(value, (list, tuple)):
        return type(value), [shape(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return type(value), sorted(repr(shape(item)) for item in value)
    if isinstance(value, dict):
        return (
            type(value),
            [(shape(k), shape(v)) for k, v in value.items()],
            shape_of_attributes(value),
        )
    if isinstance(value, BaseException):
        return type(value), shape(value.args), shape(vars(value))
    if type(value).__module__.partition(".")[0] in ("ceph", "orchestrator", "mgr_module"):
        return (
            type(value),
            shape_of_attributes(value),
            str(value) if hasattr(value, "value") else None,
        )
    return type(value), repr(value)


def shape_of_attributes(value):
    names = {*getattr(value, "__dict__", ()), *getattr(type(value), "__slots__", ())}
    return [(name, shape(attribute(value, name))) for name in sorted(names)]


def attribute(value, name):
    held = getattr(value, name)
    # Each side has a pickle of its own; the exception in it is what crosses.
    return pickle.loads(held) if name == "serialized_exception" and held else held


def raised_by(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return error
    return None


def check(value, label=None):
    kind = getattr(value, "service_type", "")
    label = label or f"{type(value).__name__} {kind if isinstance(kind, str) else ''}"
    try:
        back = codec.loads(codec.dumps(value))
        verdicts[label] = "equal" if shape(back) == shape(value) else f"{back!r} is not {value!r}"
        return back
    except Exception as error:
        verdicts[label] = f"{type(error).__name__}: {error}"
    return None


spec = service_spec
placement = spec.PlacementSpec.from_string("3 host1:10.0.0.0/24=a host2")
check(placement)
check(spec.PlacementSpec(host_pattern="*"), "pattern")
for service_type in spec.ServiceSpec.KNOWN_SERVICE_TYPES:
    if service_type in ("osd", "container", "ingress", "iscsi", "snmp-gateway"):
        continue
    check(
        spec.ServiceSpec.from_json(
            {"service_type": service_type, "service_id": "x", "placement": {"count": 2}}
            if service_type in spec.ServiceSpec.REQUIRES_SERVICE_ID
            else {"service_type": service_type}
        )
    )
check(spec.RGWSpec(service_id="r", rgw_realm="a", rgw_zone="b", placement=placement, ssl=True))
check(spec.NFSServiceSpec(service_id="n", port=2049))
check(spec.IscsiServiceSpec(service_id="i", pool="p", trusted_ip_list="1.2.3.4"))
check(
    spec.IngressSpec(
        service_id="g",
        backend_service="rgw.r",
        frontend_port=80,
        monitor_port=81,
        virtual_ip="1.2.3.4/24",
    )
)
check(
    spec.CustomContainerSpec(service_id="c", image="x", ports=[1], envs=["A=b"], files={"a": ["b"]})
)
check(spec.AlertManagerSpec(user_data={"a": 1}))
check(
    spec.SNMPGatewaySpec(
        snmp_version="V2c", snmp_destination="h:1", credentials={"snmp_community": "public"}
    )
)
group = drive_group.DriveGroupSpec(
    service_id="d",
    placement=placement,
    data_devices=drive_group.DeviceSelection(rotational=True, size="10G:20G"),
    osd_id_claims={"host1": ["1"]},
)
check(group)
check(drive_group.DriveGroupValidationError("group", "wrong"))
check(
    spec.SpecValidationError("no", -5)
    if hasattr(spec, "SpecValidationError")
    else hostspec.SpecValidationError("no", -5)
)
check(hostspec.HostSpec("host1", "10.0.0.1", ["a", "b"], "maintenance"))
devices = inventory.Devices(
    [
        inventory.Device(
            "/dev/sda",
            sys_api={"size": 5.0, "rotational": "1"},
            available=True,
            rejected_reasons=["used"],
            lvs=[{"a": "b"}],
            device_id="X_1",
            created=NOW,
        ),
        inventory.Device("/dev/sdb"),
    ]
)
check(devices)
host = orch.InventoryHost("host1", devices, ["l"], "10.0.0.1")
check(host)
event = orch.OrchestratorEvent(NOW, "service", "mgr", "INFO", "it happened")
check(event)
daemon = (
    orch.DaemonDescription(
        daemon_type="osd",
        daemon_id="1",
        hostname="host1",
        version="16",
        status=orch.DaemonDescriptionStatus.running,
        status_desc="running",
        last_refresh=NOW,
        events=[event],
        memory_usage=5,
        ports=[1, 2],
        ip="1.2.3.4",
        cpu_percentage="1%",
    )
    if "cpu_percentage" in orch.DaemonDescription.__init__.__code__.co_varnames
    else orch.DaemonDescription(
        daemon_type="osd",
        daemon_id="1",
        hostname="host1",
        version="16",
        status=orch.DaemonDescriptionStatus.running,
        status_desc="running",
        last_refresh=NOW,
        events=[event],
        memory_usage=5,
        ports=[1, 2],
        ip="1.2.3.4",
    )
)
check(daemon)
service = orch.ServiceDescription(
    spec=spec.ServiceSpec("mgr", placement=placement),
    size=2,
    running=1,
    last_refresh=NOW,
    created=NOW,
    events=[event],
)
check(service)
check(orch.DaemonDescriptionStatus.error, "daemon status")
check(orch.UpgradeStatusSpec())
check(orch.DeviceLightLoc("h", "d", "p"))
check(orch.InventoryFilter(["l"], ["h"]))
for label, error in {
    "OrchestratorError": orch.OrchestratorError("bad", errno=-2, event_kind_subject=("a", "b")),
    "NoOrchestrator": orch.NoOrchestrator(),
    "OrchestratorValidationError": orch.OrchestratorValidationError("not valid"),
    "MonCommandFailed": mgr_module.MonCommandFailed("mon said no"),
}.items():
    check(error, label)
for label, result in {
    "devices": [host],
    "services": [service],
    "daemons": [daemon],
    "text": "done",
    "specs": [group],
}.items():
    check(orch.OrchResult(result), f"OrchResult of {label}")
for error in (
    orch.OrchestratorError("bad", errno=-5, event_kind_subject=("daemon", "mds.a")),
    orch.NoOrchestrator(),
    ZeroDivisionError("division by zero"),
    NotImplementedError(),
    ImportError("no module", name="x"),
    hostspec.SpecValidationError("not valid", -2),
):
    failed = check(orch.OrchResult(None, error), f"OrchResult of {type(error).__name__}")
    raised = raised_by(orch.raise_if_exception, failed)
    assert type(raised) is type(error), raised
    assert vars(raised) == vars(error), vars(raised)
# Its class takes two arguments and keeps one, so that upstream's own side cannot restore it.
composed = drive_group.DriveGroupValidationError("group", "wrong")
failed = codec.loads(codec.dumps(orch.OrchResult(None, composed)))
restored = pickle.loads(failed.serialized_exception)
assert type(restored) is drive_group.DriveGroupValidationError, restored
assert (str(restored), restored.errno) == (str(composed), -22)
check(mgr_module.HandleCommandResult(-22, "out", "err"))
check(mgr_module.HandleCommandResult(stdout="{}"), "HandleCommandResult by name")
option = mgr_module.Option(name="x", default=5, min=1)
option.pop("__class__", None)  # this class keeps a reference to itself among its items
check(option)
check(mgr_module.NotifyType.pg_summary, "NotifyType") if hasattr(mgr_module, "NotifyType") else None

sys.stdout.write(json.dumps(verdicts))
