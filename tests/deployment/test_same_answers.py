"""What modules and operators get of our `ceph.deployment` is what Debian's gives them."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deployment import described
from tests.deployment.agreement import disagreement


pytestmark = pytest.mark.ceph


@settings(max_examples=300, deadline=None)
@given(described.any_specs())
def test_a_service_is_read_alike(debians, spec):
    """From either style: attributes, JSON and YAML, ports, names, and the words of a refusal."""
    assert not disagreement(debians, "spec", spec)


@settings(max_examples=150, deadline=None)
@given(described.any_specs())
def test_a_service_that_need_not_be_valid_is_read_alike(debians, spec):
    """Also within service_spec_allow_invalid_from_json()."""
    assert not disagreement(debians, "unchecked", spec)


@settings(max_examples=150, deadline=None)
@given(described.PLACEMENTS)
def test_a_placement_is_read_alike_from_json(debians, placement):
    """And names the same hosts, as many of them, in the same words."""
    assert not disagreement(debians, "placement", placement)


@settings(max_examples=300, deadline=None)
@given(described.SPLIT_ALIKE)
def test_a_placement_is_read_alike_from_text(debians, text):
    """In the words of the command line."""
    assert not disagreement(debians, "placement_text", text)


@settings(max_examples=150, deadline=None)
@given(described.HOSTS)
def test_a_host_is_read_alike(debians, host):
    """Labels, address, status and place."""
    assert not disagreement(debians, "host", host)


@settings(max_examples=150, deadline=None)
@given(described.DEVICES)
def test_devices_are_read_alike(debians, reports):
    """In the order of their paths, and written again."""
    assert not disagreement(debians, "devices", reports)


@settings(max_examples=300, deadline=None)
@given(
    described.good_specs(types=("osd",)),
    described.DEVICES,
    st.none() | st.integers(0, 3),
    st.none() | st.just(["3", "5"]),
)
def test_the_same_devices_become_osds_by_the_same_commands(
    debians, group, reports, existing, claims
):
    """What is chosen, for which purpose, what is left, and the lines for ceph-volume."""
    assert not disagreement(debians, "selection", group, reports, existing, claims)


def _disagreements(debians, name, *questions):
    found = [disagreement(debians, name, *arguments) for arguments in questions]
    return [one for one in found if one]


def test_constructors_agree(debians):
    """Defaults, what they make of their arguments, and what they refuse."""
    assert not _disagreements(
        debians,
        "constructed",
        ("DriveGroupSpec", {"service_id": "a", "objectstore": "filestore", "journal_size": "5G"}),
        ("ServiceSpec", {"service_type": "grafana", "port": 1}),
        ("MonitoringSpec", {"service_type": "grafana"}),
        ("MonitoringSpec", {"service_type": "mon"}),
        ("RGWSpec", {"service_id": "a", "ssl": True}),
        ("RGWSpec", {"service_type": "mds", "service_id": "a"}),
        ("ServiceSpec", {"service_type": "mds", "service_id": "1a"}),
        ("MDSSpec", {}),
        ("IscsiServiceSpec", {"service_id": "a", "pool": "p", "api_port": None, "api_secure": 0}),
        ("IngressSpec", {"service_id": "a", "virtual_interface_networks": None}),
        ("CustomContainerSpec", {"service_id": "a", "image": "i", "args": None, "ports": [1, 2]}),
        ("CustomContainerSpec", {"service_id": "a"}),
        ("PrometheusSpec", {"retention_time": " 15d ", "retention_size": ""}),
        ("SNMPGatewaySpec", {"snmp_version": "V3", "credentials": {"snmp_community": "a"}}),
        ("SNMPGatewaySpec", {"snmp_version": "V1", "credentials": {"snmp_community": "a"}}),
        ("ServiceSpec", {"service_type": "mon", "service_id": "a", "count": 3}),
        ("ServiceSpec", {"service_type": "nothing"}),
        ("ServiceSpec", {}),
    )


def test_what_is_equal_is_told_alike(debians):
    """Whatever a host's status is, and whenever a device was looked at."""
    host = {"hostname": "a", "addr": "1.2.3.4", "labels": ["a", "b"]}
    device = {"path": "/dev/sda", "created": "2021-02-11T18:53:55.636000Z"}
    mon = {"service_type": "mon", "placement": {"count": 3}}
    assert not _disagreements(
        debians,
        "equal",
        ("device", device, device | {"created": "2020-02-11T18:53:55.636000Z"}),
        ("device", device, device | {"available": True}),
        ("spec", mon, mon | {"spec": {"config": {"a": "b"}}}),
        ("spec", mon, {"service_type": "mgr", "placement": {"count": 3}}),
        ("spec", mon, mon | {"placement": {"count": 2}}),
        *(
            ("host", host, host | change)
            for change in (
                {"status": "offline"},
                {"labels": ["b", "a"]},
                {"labels": ["a"]},
                {"addr": "a"},
                {"hostname": "b"},
                {"location": {"rack": "r"}},
            )
        ),
    )


def test_a_placed_host_is_read_alike(debians):
    """Its name, network and daemon's name, and what is no network."""
    texts = (
        "a", "a=b", "a:1.2.3.4", "a:1.2.3.0/24=b", "a:[v2:1.2.3.4:3300,v1:1.2.3.4:6789]=n",
        "a:fd00::1", "a:[fd00::1]", "a:[v2:[fd00::1]:3300/0]", "a=b:c", "a:1.2.3.4/33",
        "a:x,1.2.3.4", "", "=n",
    )  # fmt: skip
    questions = itertools.product(texts, (True, False))
    assert not _disagreements(debians, "placed_host", *questions)


def test_an_address_is_looked_at_alike(debians):
    """Its kind, or what is wrong with it; nothing that would be looked up."""
    texts = (
        "", "1.2.3.4", "1.2.3.4:5", "1.2.3.4:0", "1.2.3.4:0080", "1.2.3.4:x", "1.2.3.4:99999",
        "1.2.3", "1.2.3.4.5", "::1", "[::1]", "[::1]:80", "[::1]:x", "[::1", "::1]",
        "fe80::1%eth0", "host", "host:80", ":162", "1.2.3.4/24", "[::]", "[host]", "x..y",
        "a" * 70 + ".b",
    )  # fmt: skip
    assert not _disagreements(debians, "address", *((text,) for text in texts))


def test_a_hosts_name_is_looked_at_alike(debians):
    """The length and the letters of each part."""
    names = ("", "a", "a.b", "a..b", "a_b", "-a", "x" * 63, "x" * 64, "a." * 124 + "aa", "a." * 130)
    assert not _disagreements(debians, "host_name", *((name,) for name in names))


@settings(max_examples=200, deadline=None)
@given(
    st.from_regex(r"\A:?\d{1,3}(\.\d{1,2})?[KMGTPB]{0,2}:?(\d{1,2}[KMGT]B?)?\Z"),
    st.sampled_from(
        [
            {"human_readable_size": "10.00 GB"},
            {"human_readable_size": "1.82 TB"},
            {"human_readable_size": ""},
            {"human_readable_size": "5.00 PB"},
            {},
        ]
    ),
)
def test_a_size_is_compared_alike(debians, text, report):
    """What is read of it, and whether a device has it."""
    assert not disagreement(debians, "size", text, report)


def test_a_time_is_read_alike(debians):
    """To the microsecond, in UTC."""
    texts = (
        "2020-03-03T09:21:43.636153304Z", "2020-03-03T15:52:30.136257504-0600",
        "2020-03-03T15:52:30.1", "2020-03-03T15:52:30.136257504+05:30", "2020-03-03T15:52:30",
        "2020-03-03", "", "never",
    )  # fmt: skip
    assert not _disagreements(debians, "time", *((text,) for text in texts))


def test_a_span_of_time_is_read_alike(debians):
    """One number and its unit."""
    texts = ("", "x", "5", "5s", "-5S", "10m", "3h", "2d", "2D", "4w", "4w ", "5s ago", "4weeks")
    assert not _disagreements(debians, "span", *((text,) for text in texts))


def test_hexadecimal_text_is_told_alike(debians):
    """With and without what Python takes before a number."""
    texts = ("", "0a", "0x1f", "+1", "-a", " 1", "1_0", "g", "0" * 64)
    assert not _disagreements(debians, "hexadecimal", *itertools.product(texts, (True, False)))


def test_the_matchers_of_a_selection_are_the_same(debians):
    """In the same order, since the first that cannot be answered is the refusal."""
    selected = {"size": "1G:", "model": "m", "vendor": "v", "rotational": False, "all": True}
    assert not disagreement(debians, "filters", selected)


def test_a_custom_config_is_read_alike(debians):
    """With the name of its file."""
    assert not disagreement(debians, "custom_config", {"content": "a", "mount_path": "/b/c"})
