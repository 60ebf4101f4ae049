"""Asks `ceph.deployment`, ours or Debian's, whichever is on sys.path, and tells all that it did.

Imported for ours; run as a program, a question and an answer a line, for Debian's.
"""

import datetime as dt
import enum
import inspect
import json
import pkgutil
import sys

import ceph.deployment
import ceph.utils
import yaml
from ceph.deployment import drive_selection, inventory, translate, utils
from ceph.deployment.drive_group import DriveGroupSpec
from ceph.deployment.drive_selection.filter import FilterGenerator
from ceph.deployment.drive_selection.matchers import _MatchInvalid
from ceph.deployment.hostspec import HostSpec, assert_valid_host
from ceph.deployment.service_spec import (
    CustomConfig,
    HostPlacementSpec,
    PlacementSpec,
    ServiceSpec,
    service_spec_allow_invalid_from_json,
)


def shape(value):
    """All of `value` as JSON: classes by their names, objects by their attributes. The time at
    which a device was looked at is left out.
    """
    if isinstance(value, enum.Enum):
        return [_name(type(value)), value.name]
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, dict):
        return ["dict", [[shape(k), shape(v)] for k, v in value.items()]]
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, tuple):
        return [_name(type(value)), [shape(item) for item in value]]
    if isinstance(value, dt.datetime):
        return "a time"
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    state = {name: shape(held) for name, held in sorted(vars(value).items())}
    content = [shape(arg) for arg in value.args] if isinstance(value, Exception) else None
    return [_name(type(value)), state, content]


def _name(cls):
    return f"{cls.__module__}.{cls.__qualname__}"


def spec(json_spec):
    """Read a description of a service, of whatever type."""
    read = ServiceSpec.from_json(json_spec)
    again = ServiceSpec.from_json(json.loads(json.dumps(read.to_json())))
    return {**_told(read), "again": shape(again), "equal": read == again}


def constructed(class_name, arguments):
    """Make one with its constructor, and validate it."""
    cls = DriveGroupSpec if class_name == "DriveGroupSpec" else _class(class_name)
    made = cls(**arguments)
    before = shape(made)
    made.validate()
    return {"before": before, **_told(made)}


def _class(name):
    return getattr(ceph.deployment.service_spec, name)


def _told(spec):
    return {
        "shape": shape(spec),
        "json": spec.to_json(),
        "order": list(spec.to_json()),
        "yaml": yaml.dump(spec),
        "repr": repr(spec),
        "line": spec.one_line_str(),
        "name": spec.service_name(),
        "ports": spec.get_port_start(),
        "address": spec.get_virtual_ip(),
        "more": shape(
            [
                getattr(spec, name)()
                for name in ("get_port", "config_json", "rados_config_name")
                if hasattr(spec, name)
            ]
        ),
    }


def unchecked(json_spec):
    """Read one that need not be valid."""
    with service_spec_allow_invalid_from_json():
        return shape(ServiceSpec.from_json(json_spec))


def placement(data):
    """Read one from JSON."""
    return _placed(PlacementSpec.from_json(data))


def placement_text(text):
    """Read one from text."""
    return _placed(PlacementSpec.from_string(text))


HOSTS = [
    HostSpec("a", labels=["mon"]),
    HostSpec("b", "1.2.3.4", ["mon", "osd"]),
    HostSpec("c"),
    HostSpec("ab-1", labels=["osd"]),
]


def _placed(placed):
    return {
        "shape": shape(placed),
        "text": placed.pretty_str(),
        "repr": repr(placed),
        "json": placed.to_json(),
        "empty": placed.is_empty(),
        "hosts": placed.filter_matching_hostspecs(HOSTS),
        "hosts again": placed.filter_matching_hosts(
            lambda as_hostspec: HOSTS if as_hostspec else 1
        ),
        "count": placed.get_target_count(HOSTS),
    }


def placed_host(text, require_network):
    """Read a host from text."""
    read = HostPlacementSpec.parse(text, require_network)
    return [shape(read), str(read), read.to_json(), shape(HostPlacementSpec.from_json(text))]


def custom_config(data):
    """Read one."""
    read = CustomConfig.from_json(data)
    return [shape(read), read.to_json(), repr(read), read.filename]


def host(data):
    """Read one."""
    read = HostSpec.from_json(data)
    told = [shape(read), read.to_json(), repr(read), str(read)]
    read.validate()
    return told


def equal(kind, one, other):
    """Whether two descriptions are of the same."""
    cls = {"spec": ServiceSpec, "host": HostSpec, "device": inventory.Device}[kind]
    one, other = cls.from_json(one), cls.from_json(other)
    return [one == other, one != other, one == "text"]


def host_name(name):
    """Look at the name of a host."""
    return assert_valid_host(name)


def devices(reports):
    """Read the inventory of a host."""
    read = inventory.Devices.from_json(reports)
    again = inventory.Devices.from_json(read.to_json())
    return {
        "shape": shape(read),
        "json": [{**report, "created": None} for report in read.to_json()],
        "order": [list(report) for report in read.to_json()],
        "looked at": [d.created.year for d in read.devices if d.created.year < 2022],
        "repr": [repr(device) for device in read.devices],
        "equal": again == read.copy() == read,
        "types": [device.human_readable_type for device in read.devices],
    }


def selection(described, reports, existing, claims):
    """Choose devices of a host's and write the commands for them."""
    group = DriveGroupSpec.from_json(described)
    found = inventory.Devices.from_json(reports).devices
    chosen = drive_selection.DriveSelection(group, found, existing)
    return {
        "repr": repr(chosen),
        "left": [device.path for device in chosen.disks],
        "group": repr(group.data_devices),
        "commands": translate.to_ceph_volume(chosen, claims).run(),
        "preview": translate.to_ceph_volume(chosen, claims, preview=True).run(),
    }


def size(text, report):
    """Compare the size of a device."""
    matcher = drive_selection.SizeMatcher("size", text)
    read = [matcher.low, matcher.high, matcher.exact]
    try:
        verdict = matcher.compare(inventory.Device("/dev/x", sys_api=report))
    except _MatchInvalid as error:
        verdict = str(error)
    return [shape(read), verdict, matcher.to_byte(matcher.exact)]


def filters(described):
    """The matchers of a selection."""
    from ceph.deployment.drive_group import DeviceSelection

    return [shape(matcher)[0] for matcher in FilterGenerator(DeviceSelection.from_json(described))]


def address(text):
    """What an address is."""
    told = [utils.unwrap_ipv6(text), utils.wrap_ipv6(text), utils.is_ipv6(text)]
    return [*told, list(utils.valid_addr(text))]


def time(text):
    """Read a time."""
    return ceph.utils.datetime_to_str(ceph.utils.str_to_datetime(text))


def span(text):
    """Read a span of time."""
    return shape(ceph.utils.parse_timedelta(text))


def hexadecimal(text, strict):
    """Whether it is."""
    return ceph.utils.is_hex(text, strict)


def carried(payload):
    """Take an object that another process sent, and send it back."""
    from proto.classgate import ClassGate
    from proto.values import Values

    codec = Values(ClassGate({"ceph"}))
    received = codec.loads(bytes.fromhex(payload))
    return [shape(received), codec.dumps(received).hex()]


def surface():
    """Every module, what it exports of Ceph's, and what can be called how."""
    below = pkgutil.walk_packages(ceph.deployment.__path__, "ceph.deployment.")
    modules = ["ceph.utils", *(found.name for found in below)]
    return {name: _exported(_imported(name)) for name in modules}


def _imported(name):
    __import__(name)
    return sys.modules[name]


def _exported(module):
    return {
        name: _public(thing)
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and not inspect.ismodule(thing)
        and str(getattr(thing, "__module__", "")).partition(".")[0] == "ceph"
    }


def _public(thing):
    if not isinstance(thing, type):
        return {"": _called(thing)}
    names = {name for name in dir(thing) if not name.startswith("_")}
    return {
        "": _called(thing),
        " is": [_name(base) for base in thing.__mro__ if base.__module__.startswith("ceph")],
        **{name: _member(inspect.getattr_static(thing, name)) for name in names},
    }


def _member(thing):
    kind = type(thing).__name__
    if isinstance(thing, property):
        return [kind, thing.fset is not None]
    if isinstance(thing, (classmethod, staticmethod)):
        return [kind, _called(thing.__func__)]
    if callable(thing):
        return [kind, _called(thing)]
    return [kind, repr(thing)]


def _called(thing):
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[p.name, str(p.kind), repr(p.default)] for p in parameters]


def answer(question):
    """`question` is [one of the functions above, its arguments]; a failure is an answer as well."""
    name, arguments = question
    try:
        return {"value": globals()[name](*arguments)}
    except Exception as error:
        return {
            "error": _name(type(error)),
            "classes": [_name(cls) for cls in type(error).__mro__],
            "text": str(error),
            "errno": getattr(error, "errno", None),
        }


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
