"""Logical hosts of one machine."""

import pytest
from ceph.deployment.hostspec import HostSpec
from local_orchestrator.hosts import Host, known, local_address, refuse_removal
from orchestrator import OrchestratorError, OrchestratorValidationError

from tests.local_orchestrator.made import host


ADDRESSES = ["10.1.2.3", "fe80::1"]


@pytest.mark.parametrize(
    ("addr", "taken"),
    [
        ("127.0.0.7", "127.0.0.7"),
        ("::1", "::1"),
        ("10.1.2.3", "10.1.2.3"),
        ("[fe80::1]", "fe80::1"),
        ("localhost", "127.0.0.1"),
        ("b", "b"),
        ("here", "here"),
    ],
)
def test_addresses_of_this_machine_are_taken(addr, taken):
    assert local_address("b", addr, ADDRESSES, "here") == taken


@pytest.mark.parametrize("addr", ["10.1.2.4", "elsewhere", "fe80::2", "0.0.0.0"])
def test_any_other_address_is_refused_with_the_ones_that_there_are(addr):
    with pytest.raises(OrchestratorValidationError, match=r"127\.0\.0\.0/8 or of 10\.1\.2\.3"):
        local_address("b", addr, ADDRESSES, "here")


def test_a_host_is_stored_and_shown():
    spec = HostSpec("b", "127.0.0.2", ["x", "x", "y"], location={"rack": "r1"})
    made = Host.from_spec(spec, "127.0.0.2")
    assert made.labels == ("x", "y")
    assert Host.from_json("b", made.as_json()) == made
    assert made.spec().to_json() == {
        "hostname": "b",
        "addr": "127.0.0.2",
        "labels": ["x", "y"],
        "status": "",
        "location": {"rack": "r1"},
    }
    assert made.spec(offline=True).status == "offline"
    assert host("b", maintenance=True).spec().status == "maintenance"


def test_labels_come_and_go():
    made = host("b", "x").with_label("y").with_label("y").without_label("x")
    assert made.labels == ("y",)
    assert made.schedulable
    assert not made.with_label("_no_schedule").schedulable


def test_refusals_name_what_is_wrong():
    with pytest.raises(OrchestratorValidationError, match="host z does not exist"):
        known([host("a")], "z")
    refuse_removal(host("a"), [])
    with pytest.raises(OrchestratorError, match=r"(?s)running in the host:\nmds.1\n.*drain a"):
        refuse_removal(host("a"), ["mds.1"])
