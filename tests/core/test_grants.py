"""What a module may do: the shipped table, and what an operator adds to it."""

import pytest

from supervisor.core.grants import (
    ANY_PORT,
    LEAST,
    NOTHING,
    Additions,
    Base,
    GrantError,
    Grants,
    Line,
    Origin,
    Target,
    grants_of,
    lines,
    parse_port,
)
from supervisor.core.shipped_grants import SHIPPED


UPSTREAM = (
    "alerts balancer cephadm crash dashboard devicehealth influx insights iostat localpool "
    "mirroring nfs orchestrator osd_perf_query osd_support pg_autoscaler progress prometheus "
    "rbd_support restful rook selftest snap_schedule stats status telegraf telemetry "
    "test_orchestrator volumes zabbix"
)


def test_every_module_of_ceph_has_its_shipped_grants():
    """No module that comes with Ceph 16 is treated as a stranger."""
    assert not set(UPSTREAM.split()) - set(SHIPPED)


def test_a_stranger_has_no_network_no_files_and_no_programs():
    """A module that nobody knows gets the least."""
    granted = grants_of("stranger", SHIPPED, Additions())
    assert granted is not None
    assert not granted.network
    assert (granted.read, granted.write) == ((), ())
    assert (granted.subprocess, granted.librados, granted.deploy) == (False, False, False)


def test_what_an_operator_writes_adds_to_the_shipped_grants():
    """Lists grow, in order and without doubles; a flag that is given wins."""
    own = Additions(listen=(9283,), write=("/srv",), subprocess=False, calls={"a": ("b",)})
    base = Grants(listen=(80,), write=("/srv",), subprocess=True, calls={"a": ("c",), "d": ("e",)})
    assert own.on(base) == Grants(
        listen=(80, 9283), write=("/srv",), calls={"a": ("c", "b"), "d": ("e",)}
    )


def test_an_operator_may_start_from_nothing():
    """`grants = "none"` forgets the table, for a module of Ceph and for a stranger."""
    own = Additions(base=Base.NONE, listen=(9283,))
    for name in ("dashboard", "stranger"):
        assert grants_of(name, SHIPPED, own) == Grants(listen=(9283,))
    assert grants_of("dashboard", SHIPPED, Additions(base=Base.NONE)) == NOTHING


def test_each_grant_says_where_it_comes_from():
    """A line names key, value and origin; what is granted twice is the table's."""
    shipped = {"web": Grants(listen=(80,), connect=(Target("*", 443),), librados=True)}
    own = Additions(listen=(80, ANY_PORT), librados=False, calls={"a": ("b",)})
    assert lines("web", shipped, own) == [
        Line("listen", "80", Origin.SHIPPED),
        Line("listen", "*", Origin.CONFIGURATION),
        Line("connect", "*:443", Origin.SHIPPED),
        Line("librados", "false", Origin.CONFIGURATION),
        Line("calls", "a.b", Origin.CONFIGURATION),
    ]
    assert lines("stranger", shipped, Additions())[0] == Line("calls", "*.*", Origin.LEAST)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("*", Target("*", ANY_PORT)),
        ("smtp.example.com:465", Target("smtp.example.com", 465)),
        ("*:443", Target("*", 443)),
        ("[::1]:80", Target("[::1]", 80)),
        ("db:*", Target("db", ANY_PORT)),
    ],
)
def test_a_target_reads_back_as_it_is_written(text, target):
    """Host and port, each of them any."""
    assert Target.parse(text) == target
    assert Target.parse(str(target)) == target


@pytest.mark.parametrize("text", ["", "443", ":443", "a b:1", "a/b:1", "host", "host:", "host:0"])
def test_a_target_that_is_none_is_refused(text):
    """With a sentence that says how one is written."""
    with pytest.raises(GrantError, match=r"host:port|1 to 65535"):
        Target.parse(text)


@pytest.mark.parametrize("value", [0, 65536, -1, True, "", "80x", "²", "9" * 5000, 1.5])
def test_a_port_that_is_none_is_refused(value):
    """Numbers of 1 to 65535, and "*"."""
    with pytest.raises(GrantError, match="1 to 65535"):
        parse_port(value)


def test_names_on_the_bus_are_patterns():
    """Modules, methods, command prefixes and keys."""
    some = Grants(
        calls={"progress": ("up*",), "x_*": ("*",)}, commands=("osd *",), config=("mgr/a/*",)
    )
    assert some.may_call("progress", "update")
    assert not some.may_call("progress", "complete")
    assert some.may_call("x_y", "anything")
    assert some.may_send("osd reweight")
    assert not some.may_send("config set")
    assert some.may_read_config("mgr/a/password")
    assert not some.may_read_config("mgr/b/password")
    assert LEAST.may_call("any", "thing")
    assert LEAST.may_send("osd df")
    assert not NOTHING.may_call("any", "thing")
