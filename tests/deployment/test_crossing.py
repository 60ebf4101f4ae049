"""Objects of our classes reach a process that has Debian's, and come back, as if there were one."""

import json

import pytest
from ceph.deployment.drive_group import DeviceSelection, DriveGroupValidationError
from ceph.deployment.hostspec import HostSpec, SpecValidationError
from ceph.deployment.inventory import Devices
from ceph.deployment.service_spec import CustomConfig, PlacementSpec, ServiceSpec
from hypothesis import given, settings

from proto.classgate import ClassGate
from proto.values import Values
from tests.deployment import described
from tests.deployment.questions import shape


pytestmark = pytest.mark.ceph

CODEC = Values(ClassGate({"ceph"}))


def _there_and_back(debians, value):
    answered = debians.answer(["carried", [CODEC.dumps(value).hex()]])
    assert "value" in answered, answered
    there, payload = answered["value"]
    mine = json.loads(json.dumps(shape(value)))
    assert there == mine
    back = CODEC.loads(bytes.fromhex(payload))
    assert json.loads(json.dumps(shape(back))) == mine
    assert type(back) is type(value)
    return back


@settings(max_examples=150, deadline=None)
@given(described.good_specs())
def test_a_service_crosses(debians, service):
    """Of every type, as the class of that name and with all that it holds."""
    spec = ServiceSpec.from_json(service)
    assert _there_and_back(debians, spec) == spec


@settings(max_examples=50, deadline=None)
@given(described.GOOD_PLACEMENTS, described.GOOD_HOSTS, described.DEVICES, described.SELECTIONS)
def test_what_services_consist_of_crosses(debians, placement, host, reports, selection):
    """Placements, hosts, devices and selections of devices."""
    for value in (
        PlacementSpec.from_json(placement),
        HostSpec.from_json(host),
        Devices.from_json(reports),
        DeviceSelection.from_json(selection),
        CustomConfig("text", "/etc/a"),
    ):
        assert _there_and_back(debians, [value]) == [value]


def test_refusals_cross(debians):
    """With their sentence and their errno."""
    for error in (SpecValidationError("no", -5), DriveGroupValidationError("a", "no")):
        back = _there_and_back(debians, error)
        assert (str(back), back.errno) == (str(error), error.errno)
