"""What cannot be followed is refused by the name of the field, as an operator can read it."""

import re
from errno import EINVAL

import pytest
from ceph.deployment.drive_group import (
    DeviceSelection,
    DriveGroupSpec,
    DriveGroupValidationError,
)
from ceph.deployment.drive_selection import DriveSelection
from ceph.deployment.hostspec import HostSpec, SpecValidationError
from ceph.deployment.inventory import Device
from ceph.deployment.service_spec import (
    CustomContainerSpec,
    HostPlacementSpec,
    PlacementSpec,
    RGWSpec,
    ServiceSpec,
    SNMPGatewaySpec,
    service_spec_allow_invalid_from_json,
)
from ceph.deployment.translate import to_ceph_volume
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deployment import described


def _refused(call, *arguments):
    with pytest.raises(SpecValidationError) as caught:
        call(*arguments)
    assert caught.value.errno == -EINVAL
    return str(caught.value)


@settings(max_examples=100, deadline=None)
@given(described.good_specs(), st.booleans())
def test_an_unknown_field_is_refused_by_its_name(service, nested):
    """For every type of service, beside the others or below `spec`."""
    spec = service.get("spec", {})
    if nested:
        service = {**service, "spec": {**spec, "colour": "red"}}
    else:
        service = {**service, "colour": "red"}
    assert "colour" in _refused(ServiceSpec.from_json, service)


@settings(max_examples=100, deadline=None)
@given(described.good_specs(), st.data())
def test_a_field_that_is_given_twice_and_differs_is_refused_by_its_name(service, data):
    """Which of the two was meant cannot be known; twice the same is no contradiction."""
    beside = [name for name in service if name not in ("spec", "placement", "custom_configs")]
    name = data.draw(st.sampled_from(beside))
    spec = {**service.get("spec", {}), name: service[name]}
    ServiceSpec.from_json({**service, "spec": spec})
    spec[name] = ["another"]
    said = _refused(ServiceSpec.from_json, {**service, "spec": spec})
    assert said.startswith(f"{name} is given twice")


PYTHONS = re.compile(
    r"object|unhashable|not iterable|unsupported op|indices|argument of|after \*\*"
)


@settings(max_examples=100, deadline=None)
@given(described.any_specs())
def test_a_refusal_is_in_an_operators_words(service):
    """Nothing that Python says of a wrong type gets through, whatever field has it."""
    try:
        ServiceSpec.from_json(service)
    except SpecValidationError as error:
        said = re.sub(r"must be an object|\(JSON or YAML\) object", "", str(error))
        assert not PYTHONS.search(said)


MON = {"service_type": "mon"}
NFS = {"service_type": "nfs", "service_id": "a"}
OSD = {"service_type": "osd", "service_id": "a", "placement": {"host_pattern": "*"}}


SERVICES = (
    ("mon", 'Service Spec is not an (JSON or YAML) object. got "mon"'),
    ({}, 'Spec needs a "service_type" key.'),
    ({"service_type": "nothing"}, "ServiceSpec: service_type cannot be 'nothing'"),
    ({"service_type": "nfs"}, "Cannot add Service: id required"),
    ({**NFS, "service_id": 5}, "service_id must be a string, not 5"),
    ({**NFS, "service_id": "a\n"}, "Service id contains invalid characters, only [a-zA-Z0-9_.-] allowed"),
    ({"service_name": 5}, "service_name must be a string, not 5"),
    ({**MON, "spec": "text"}, "spec must be an object, not 'text'"),
    ({**MON, "spec": None}, "spec must be an object, not None"),
    ({**MON, "config": "debug"}, "config must be an object, not 'debug'"),
    ({**MON, "placement": None}, "placement must be an object, not None"),
    ({**MON, "placement": {"hosts": "host1"}}, "hosts must be a list, not 'host1'"),
    ({**MON, "placement": {"hosts": [5]}}, "host must be an object, not 5"),
    ({**MON, "placement": {"hosts": ["a:b"]}}, "host a:b: 'b' does not appear to be an IPv4 or IPv6 address"),
    ({**MON, "placement": {"hosts": ["a:v1"]}}, "host a:v1: '' does not appear to be an IPv4 or IPv6 address"),
    ({**MON, "placement": {"hots": []}}, "PlacementSpec: PlacementSpec.__init__() got an unexpected keyword argument 'hots'"),
    ({**MON, "placement": {"count": float("inf")}}, "num/count must be a numeric value"),
    ({**MON, "spec": {"placement": {}}}, "placement must stand beside spec, not below it"),
    ({**MON, "custom_configs": ["a"]}, "CustomConfig must be an object, not 'a'"),
    ({"service_type": "container", "service_id": "a"}, "Cannot add container: No image specified"),
    ({**OSD, "spec": {"data_devices": {"paths": "/dev/sda"}}}, "Failed to validate OSD spec \"a.data_devices\": paths must be a list, not '/dev/sda'"),
    ({**OSD, "spec": {"data_devices": {"rotational": 1, "limit": "2"}}}, "Failed to validate OSD spec \"a.data_devices\": limit must be an integer, not '2'"),
    ({**MON, "extra_container_args": "-v"}, "extra_container_args must be a list, not '-v'"),
    ({"service_type": "prometheus", "retention_time": 15}, "retention_time must be a string, not 15"),
    ({"service_type": ["mon"]}, "service_type must be a string, not ['mon']"),
    ({**MON, "config": {5: 1}}, "config must hold options by their names, not {5: 1}"),
    ({**OSD, "spec": {"data_devices": "all"}}, "Failed to validate OSD spec \"a.data_devices\": must be an object, not 'all'"),
    ({**OSD, "spec": {"data_devices": {"all": True}, "objectstore": "blue"}}, "Failed to validate OSD spec \"a\": blue is not supported. Must be one of ('bluestore')"),
)  # fmt: skip


def test_a_service_is_refused_in_a_sentence():
    """Each kind of mistake for which Debian's package has no words, or Python's."""
    for service, sentence in SERVICES:
        assert _refused(ServiceSpec.from_json, service) == sentence


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("a", "Host (a) must be an object"),
        ({}, 'Host must have "hostname" field'),
        ({"hostname": "a", "adr": "1.2.3.4"}, "Host got unknown field adr"),
        ({"hostname": "a", "service_type": "mon"}, "service_type of a host must be host"),
    ],
)
def test_a_host_is_refused_in_a_sentence(host, sentence):
    """A mistyped field is not passed over."""
    assert _refused(HostSpec.from_json, host) == sentence


def test_a_hosts_name_must_be_text():
    """YAML makes numbers of some."""
    assert _refused(HostSpec(5).validate) == "hostname must be a string, not 5"


def test_a_class_refuses_another_ones_type():
    """By its own name and that of the type."""
    assert _refused(lambda: RGWSpec("mds")) == "RGWSpec: service_type cannot be 'mds'"
    said = _refused(lambda: CustomContainerSpec(image="i"))
    assert said == "Cannot add container: No service_id specified"


def test_a_version_that_snmp_has_not_is_refused():
    """Also where it does not come from JSON."""
    spec = SNMPGatewaySpec(snmp_version="V1", credentials={"snmp_community": "a"})
    assert _refused(spec.validate) == "snmp_version unsupported. Must be one of V2c, V3"


@pytest.mark.parametrize("text", ["a:v1", "a:v1:x:1", "a:1.2.3", "a:10.0.0.1/8"])
def test_a_network_that_is_none_is_a_value_error_for_who_parses_a_host(text):
    """As modules expect that call parse() themselves."""
    with pytest.raises(ValueError, match=r"does not appear|has host bits"):
        HostPlacementSpec.parse(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (["a"], "invalid placement ['a']"),
        ("a*,b", "cannot combine host patterns and hosts"),
        ("data[1-3],b", "cannot combine host patterns and hosts"),
        ("3 count-per-host:2 a", "cannot combine count and count-per-host"),
        ("label:a label:b", "more than one label provided: ['label:a', 'label:b']"),
    ],
)
def test_words_that_contradict_each_other_are_refused(text, sentence):
    """On the command line as in JSON."""
    assert _refused(PlacementSpec.from_string, text) == sentence


def test_invalid_services_can_be_read_where_that_is_wanted_and_nowhere_else():
    """The permission ends with its block, also when it ends in an error."""
    with service_spec_allow_invalid_from_json():
        assert ServiceSpec.from_json({"service_type": "nfs"}).service_id is None
    with pytest.raises(ZeroDivisionError), service_spec_allow_invalid_from_json():
        _ = 1 / 0
    assert _refused(ServiceSpec.from_json, {"service_type": "nfs"})


def _select(selection, device):
    spec = DriveGroupSpec(
        service_id="a", placement=PlacementSpec(host_pattern="*"), data_devices=selection
    )
    return DriveSelection(spec, [device])


def test_a_selection_that_cannot_be_answered_is_refused_with_its_spec_and_field():
    """The device does not report what is asked for, or the size is none."""
    device = Device("/dev/sda", sys_api={"human_readable_size": "10.00 GB"}, available=True)
    for selection, why in (
        (DeviceSelection(vendor="x"), "No value found for vendor or None"),
        (DeviceSelection(size="big"), "No filters applied"),
        (DeviceSelection(size="5PX:"), "Unit 'PX' not supported"),
    ):
        with pytest.raises(DriveGroupValidationError) as caught:
            _select(selection, device)
        assert str(caught.value) == f'Failed to validate OSD spec "a.data_devices": {why}'


def test_a_size_in_bytes_is_compared_where_there_is_no_other():
    """And a size without a fraction."""
    for report in ({"size": 10e9}, {"human_readable_size": "10 GB"}):
        device = Device("/dev/sda", sys_api=report, available=True)
        assert _select(DeviceSelection(size="5G:10G"), device).data_devices() == [device]
        assert not _select(DeviceSelection(size="11G:"), device).data_devices()


def test_devices_that_must_come_in_pairs_and_do_not_are_refused():
    """For `raw`, ceph-volume takes one of each kind for an OSD."""
    spec = DriveGroupSpec(
        service_id="a",
        placement=PlacementSpec(host_pattern="*"),
        data_devices=DeviceSelection(rotational=True),
        db_devices=DeviceSelection(rotational=False),
        method="raw",
    )
    devices = [
        Device(f"/dev/sd{letter}", sys_api={"rotational": kind}, available=True)
        for letter, kind in zip("abc", "110", strict=True)
    ]
    with pytest.raises(ValueError, match="must match number of db devices for raw mode osds"):
        to_ceph_volume(DriveSelection(spec, devices)).run()
    spec.objectstore = "filestore"
    with pytest.raises(ValueError, match="method raw only supports bluestore"):
        to_ceph_volume(DriveSelection(spec, devices)).run()
