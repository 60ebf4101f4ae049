"""What is written can be read, and says the same."""

import copy
import pickle

import pytest
import yaml
from ceph.deployment.drive_group import DeviceSelection
from ceph.deployment.hostspec import HostSpec
from ceph.deployment.inventory import Devices
from ceph.deployment.service_spec import (
    CustomConfig,
    CustomContainerSpec,
    HostPlacementSpec,
    PlacementSpec,
    ServiceSpec,
)
from hypothesis import given, settings

from tests.deployment import described


@settings(max_examples=200, deadline=None)
@given(described.good_specs())
def test_a_service_is_read_as_it_was_written(service):
    """From JSON and from YAML, with its class; what to_json() leaves out says nothing."""
    spec = ServiceSpec.from_json(service)
    read = ServiceSpec.from_json(spec.to_json())
    assert type(read) is type(spec)
    assert read.to_json() == spec.to_json()
    assert ServiceSpec.from_json(read.to_json()) == read
    assert ServiceSpec.from_json(yaml.safe_load(yaml.dump(read))) == read
    # what `orch ls` reports says the same, and how the service does
    assert ServiceSpec.from_json(read.to_json() | {"status": {"running": 1}}) == read


@settings(max_examples=150, deadline=None)
@given(described.good_specs())
def test_both_styles_say_the_same(service):
    """Fields beside the others, and below `spec`; nothing that was read is changed."""
    before = copy.deepcopy(service)
    flat = {name: value for name, value in service.items() if name != "spec"}
    flat |= service.get("spec", {})
    common = {"service_type", "service_id", "placement", "custom_configs", "networks"}
    nested = {name: value for name, value in flat.items() if name in common}
    own = {name: value for name, value in flat.items() if name not in common}
    if own:
        nested["spec"] = own
    mixed = ServiceSpec.from_json(service)
    assert _plain(ServiceSpec.from_json(flat)) == _plain(mixed)
    assert _plain(ServiceSpec.from_json(nested)) == _plain(mixed)
    assert service == before


def _plain(spec):
    return type(spec), vars(spec)


@settings(max_examples=100, deadline=None)
@given(described.good_specs())
def test_a_service_can_be_copied_and_pickled(service):
    """Its class needs a type to be made, and gets it."""
    spec = ServiceSpec.from_json(service)
    for made in (copy.copy(spec), copy.deepcopy(spec), pickle.loads(pickle.dumps(spec))):
        assert made == spec
        assert made is not spec


@settings(max_examples=300, deadline=None)
@given(described.GOOD_PLACEMENTS)
def test_a_placement_is_read_as_it_was_written(placement):
    """From JSON, and from the text that tables show of it."""
    placed = PlacementSpec.from_json(placement)
    assert PlacementSpec.from_json(placed.to_json()) == placed
    assert PlacementSpec.from_string(placed.pretty_str()) == placed


@pytest.mark.parametrize("hosts", [["3"], ["3", "4"], ["-1"], ["12:1.2.3.4"], ["xlabel:1.2.3.4"]])
def test_hosts_that_look_like_something_else_are_read_as_they_were_written(hosts):
    """A number first in the text is a count, unless it is written as a host."""
    placed = PlacementSpec(hosts=hosts)
    assert PlacementSpec.from_string(placed.pretty_str()) == placed


def test_commas_separate_beside_brackets():
    """The ones inside belong to a monitor's addresses or to a pattern."""
    read = PlacementSpec.from_string("2,a:[v2:1.2.3.4:3300,v1:1.2.3.4:6789]=n,b")
    assert [str(host) for host in read.hosts] == ["a:[v2:1.2.3.4:3300,v1:1.2.3.4:6789]=n", "b"]
    assert read.count == 2
    assert PlacementSpec.from_string("data[1,3],label:osd") == PlacementSpec(
        label="osd", host_pattern="data[1,3]"
    )


@settings(max_examples=100, deadline=None)
@given(described.PLACED_HOSTS)
def test_a_placed_host_is_read_as_it_was_written(text):
    """Name, network, daemon's name."""
    host = HostPlacementSpec.parse(text)
    assert str(host) == text
    assert HostPlacementSpec.from_json(host.to_json()) == host
    assert HostPlacementSpec.from_json(host._asdict()) == host


@settings(max_examples=100, deadline=None)
@given(described.GOOD_HOSTS)
def test_a_host_is_read_as_it_was_written(host):
    """And is equal to itself in another status."""
    read = HostSpec.from_json(host)
    again = HostSpec.from_json(read.to_json())
    assert vars(again) == vars(read)
    again.status = "offline"
    assert again == read
    assert HostSpec.from_json(yaml.safe_load(yaml.dump(read.to_json()))) == read


@settings(max_examples=100, deadline=None)
@given(described.DEVICES)
def test_devices_are_read_as_they_were_written(reports):
    """With the time at which they were looked at."""
    devices = Devices.from_json(reports)
    assert Devices.from_json(devices.to_json()).to_json() == devices.to_json()
    assert Devices.from_json(devices.to_json()) == devices


@given(described.SELECTIONS)
def test_a_selection_is_read_as_it_was_written(selection):
    """Also `rotational: false`, which says something."""
    read = DeviceSelection.from_json(selection)
    assert DeviceSelection.from_json(read.to_json()) == read
    assert read.to_json() == selection


def test_a_custom_config_is_read_as_it_was_written():
    """The text and the path."""
    config = CustomConfig("text", "/etc/a.conf")
    assert CustomConfig.from_json(config.to_json()) == config


def test_what_is_left_out_is_not_shared():
    """Filling in one service's list leaves others alone."""
    one, other = (CustomContainerSpec(service_id=name, image="i") for name in "ab")
    one.args.append("--cpus=2")
    one.files["a"] = "b"
    assert (other.args, other.files) == ([], {})
