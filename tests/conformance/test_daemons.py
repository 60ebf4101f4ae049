from tests.conformance.shapes import shape, words


HOST = "mgr.list_servers()[0]['hostname']"


def test_list_servers(subject):
    """list_servers(): each host with its services and their version."""
    found = shape(subject, "mgr.list_servers()")
    assert "[].services[].ceph_version: str" in found.splitlines()


def test_list_servers_kinds(subject):
    """Every kind of daemon is on some host: monitors, managers, OSDs, MDSs."""
    found = subject.eval("sorted({s['type'] for h in mgr.list_servers() for s in h['services']})")
    assert found == ["mds", "mgr", "mon", "osd"]


def test_list_servers_osds(subject):
    """The OSDs on all hosts are those of the OSD map, their ids as text."""
    assert (
        subject.eval(
            "sorted(s['id'] for h in mgr.list_servers() for s in h['services'] if s['type'] == 'osd')"
            " == [str(o['osd']) for o in mgr.get('osd_map')['osds']]"
        )
        is True
    )


def test_get_server(subject):
    """get_server() of a known host is its entry in list_servers()."""
    assert subject.eval(f"mgr.get_server({HOST}) == mgr.list_servers()[0]") is True


def test_get_server_unknown(subject):
    """get_server() of an unknown host answers the name without services or version."""
    assert subject.eval("mgr.get_server('nowhere')") == {
        "hostname": "nowhere", "services": [], "ceph_version": "",
    }  # fmt: skip


def test_get_server_empty(subject):
    """get_server('') is an unknown host as any other."""
    assert subject.eval("mgr.get_server('')")["services"] == []


def test_get_server_none(subject):
    """get_server(None) is list_servers()."""
    assert subject.eval("mgr.get_server(None) == mgr.list_servers()") is True


def test_get_server_type(subject):
    """get_server() of what is no text raises TypeError."""
    raised = str(subject.eval("mgr.get_server(5)"))
    assert raised == "TypeError: ceph_get_server() argument 1 must be str or None, not int"


def test_servers_fresh(subject):
    """Each list_servers() makes fresh objects."""
    assert (
        subject.eval(
            "mgr.list_servers()[0]['services'].clear(); len(mgr.list_servers()[0]['services']) > 0"
        )
        is True
    )


def test_metadata_osd(subject):
    """get_metadata('osd', id): 32 texts about the daemon's host, disks and build."""
    found = subject.eval("sorted(mgr.get_metadata('osd', '0'))")
    assert len(found) == 32
    assert {"hostname", "ceph_version", "devices", "osd_objectstore"} <= set(found)


def test_metadata_mon(subject):
    """get_metadata('mon', name) has its addresses, and what its host is."""
    found = subject.eval("sorted(mgr.get_metadata('mon', 'a'))")
    assert {"addrs", "hostname", "device_ids", "ceph_release"} <= set(found)


def test_metadata_mgr(subject):
    """get_metadata('mgr', name) knows the manager itself."""
    found = subject.eval("sorted(mgr.get_metadata('mgr', mgr.get_mgr_id()))")
    assert {"addr", "addrs", "hostname"} <= set(found)


def test_metadata_mds(subject):
    """get_metadata('mds', name) knows file system daemons."""
    found = subject.eval("sorted(mgr.get_metadata('mds', 'a'))")
    assert {"addr", "hostname"} <= set(found)


def test_metadata_values(subject):
    """Every value in metadata is text."""
    assert subject.eval(
        "{type(v).__name__ for k, i in (('osd', '0'), ('mon', 'a'), ('mgr', 'x'), ('mds', 'a'))"
        " for v in mgr.get_metadata(k, i).values()}"
    ) == {"str"}


def test_metadata_unknown(subject):
    """get_metadata() of an unknown daemon or an unknown kind is None."""
    asked = "('osd', '99'), ('nothing', '0'), ('', ''), ('osd', '')"
    assert subject.eval(f"[mgr.get_metadata(*a) for a in ({asked})]") == [None] * 4


def test_metadata_default(subject):
    """get_metadata() of an unknown daemon answers the default, where one is given."""
    assert subject.eval("mgr.get_metadata('osd', '99', {'a': 'b'})") == {"a": "b"}


def test_metadata_default_unused(subject):
    """The default is not used for a known daemon."""
    assert subject.eval("'hostname' in mgr.get_metadata('osd', '0', {})") is True


def test_metadata_id_type(subject):
    """An id that is no text raises TypeError: ids of OSDs are to be given as text."""
    raised = str(subject.eval("mgr.get_metadata('osd', 0)"))
    assert raised == "TypeError: get_metadata() argument 2 must be str, not int"


def test_metadata_kind_type(subject):
    """A kind that is no text raises TypeError."""
    raised = str(subject.eval("mgr.get_metadata(None, '0')"))
    assert raised == "TypeError: get_metadata() argument 1 must be str, not None"


def test_metadata_in_get(subject):
    """get_metadata() says the same as get('osd_metadata') and get('mds_metadata')."""
    assert subject.eval(
        "mgr.get_metadata('osd', '0') == mgr.get('osd_metadata')['0'],"
        " mgr.get_metadata('mds', 'a') == mgr.get('mds_metadata')['a']"
    ) == (True, True)


def test_metadata_host(subject):
    """The host in an OSD's metadata is one of list_servers()."""
    assert (
        subject.eval(
            "mgr.get_metadata('osd', '0')['hostname'] in {h['hostname'] for h in mgr.list_servers()}"
        )
        is True
    )


def test_status_empty(subject):
    """get_daemon_status() of a daemon that reported nothing about itself is an empty dict."""
    asked = "('osd', '0'), ('mon', 'a'), ('mgr', 'x'), ('mds', 'a')"
    assert subject.eval(f"[mgr.get_daemon_status(*a) for a in ({asked})]") == [{}] * 4


def test_status_unknown(subject):
    """get_daemon_status() of an unknown daemon is None."""
    asked = "('osd', '99'), ('nothing', 'x')"
    assert subject.eval(f"[mgr.get_daemon_status(*a) for a in ({asked})]") == [None, None]


def test_status_type(subject):
    """get_daemon_status() wants the id as text."""
    raised = str(subject.eval("mgr.get_daemon_status('osd', 0)"))
    assert raised == "TypeError: get_daemon_status() argument 2 must be str, not int"


def test_mgr_id(subject):
    """get_mgr_id() is the name after `mgr.`, and the active one's in the manager map."""
    assert subject.eval("mgr.get_mgr_id(), mgr.get('mgr_map')['active_name']") == ("x", "x")


def test_mgr_ip(subject):
    """get_mgr_ip() is the first address of get('mgr_ips')."""
    found = subject.eval("mgr.get_mgr_ip(), mgr.get_mgr_ip() == mgr.get('mgr_ips')['ips'][0]")
    assert found == ("127.0.0.1", True)


def test_conf_path(subject):
    """get_ceph_conf_path() is text."""
    assert subject.eval("type(mgr.get_ceph_conf_path()).__name__") == "str"


def test_version(subject):
    """version is the sentence that `ceph version` prints for the manager."""
    found = subject.eval("mgr.version")
    assert found.startswith("ceph version 16.2.15 (")
    assert found.endswith(") pacific (stable)")


def test_version_property(subject):
    """version, release_name and log are properties, not methods."""
    assert (
        subject.eval(
            "[isinstance(getattr(type(mgr), n), property) for n in ('version', 'release_name', 'log')]"
        )
        == [True] * 3
    )


def test_release_name(subject):
    """release_name is in lower case."""
    assert subject.eval("mgr.release_name") == "pacific"


def test_lookup_release_name(subject):
    """lookup_release_name() knows every release up to its own by major version."""
    assert subject.eval("[mgr.lookup_release_name(n) for n in range(1, 17)]") == [
        "argonaut",
        "bobtail",
        "cuttlefish",
        "dumpling",
        "emperor",
        "firefly",
        "giant",
        "hammer",
        "infernalis",
        "jewel",
        "kraken",
        "luminous",
        "mimic",
        "nautilus",
        "octopus",
        "pacific",
    ]


def test_lookup_release_unknown(subject):
    """Later releases and 0 are 'unknown'."""
    assert subject.eval("{mgr.lookup_release_name(n) for n in (0, 17, 18, 20, 99)}") == {"unknown"}


def test_lookup_release_negative(subject):
    """Negative numbers are 'unspecified'."""
    assert subject.eval("[mgr.lookup_release_name(n) for n in (-1, -2)]") == ["unspecified"] * 2


def test_lookup_release_type(subject):
    """lookup_release_name() wants an int, not text."""
    raised = str(subject.eval("mgr.lookup_release_name('16')"))
    assert raised == "TypeError: 'str' object cannot be interpreted as an integer"


def test_lookup_release_float(subject):
    """Nor does it round a float."""
    raised = str(subject.eval("mgr.lookup_release_name(16.0)"))
    assert raised == "TypeError: 'float' object cannot be interpreted as an integer"


def test_lookup_release_range(subject):
    """An int beyond 32 bits raises OverflowError."""
    raised = str(subject.eval("mgr.lookup_release_name(2 ** 31)"))
    assert raised == "OverflowError: signed integer is greater than maximum"


def test_health_metrics(subject):
    """get_daemon_health_metrics(): by daemon a list of types and values."""
    found = subject.eval(
        "m = mgr.get_daemon_health_metrics()\n"
        "{k: sorted(e['type'] for e in m[k]) for k in ('osd.0', 'mon.a', 'mgr.x', 'mds.a')}"
    )
    assert found == {
        "osd.0": ["PENDING_CREATING_PGS", "SLOW_OPS"], "mon.a": ["SLOW_OPS"],
        "mgr.x": [], "mds.a": [],
    }  # fmt: skip


def test_health_metrics_shape(subject):
    """Each metric is a dict of type and value, a text and an int."""
    assert subject.eval(
        "{tuple(sorted((k, type(v).__name__) for k, v in e.items()))"
        " for m in mgr.get_daemon_health_metrics().values() for e in m}"
    ) == {(("type", "str"), ("value", "int"))}


def test_have_mon_connection(subject):
    """have_mon_connection() is True while the monitors answer."""
    assert subject.eval("mgr.have_mon_connection()") is True


def test_is_authorized(subject):
    """is_authorized() is True for a caller who may do all, while a command is served."""
    assert subject.eval("[mgr.is_authorized(a) for a in ({}, {'pool': 'x'})]") == [True, True]


def test_is_authorized_thread(subject):
    """It is so on other threads of the module as well, as long as the command is served."""
    assert subject.eval("mgr.in_serve(lambda: mgr.is_authorized({}))") is True


def test_is_authorized_no_dict(subject):
    """is_authorized() of what is no dict is False."""
    asked = "(5, None, 'x', [])"
    assert subject.eval(f"[mgr.is_authorized(a) for a in {asked}]") == [False] * 4


def test_is_authorized_values(subject):
    """is_authorized() of a dict whose values are no text raises SystemError."""
    raised = subject.eval("mgr.is_authorized({'a': 5})")
    assert subject.shows(raised.kind) == "SystemError"


def test_documents_agree(subject):
    """The daemon registry and the maps name the same monitors and managers."""
    assert subject.eval(
        "s = [(e['type'], e['id']) for h in mgr.list_servers() for e in h['services']]\n"
        "sorted(i for t, i in s if t == 'mon') == [m['name'] for m in mgr.get('mon_map')['mons']],"
        " [i for t, i in s if t == 'mgr'] == [mgr.get('mgr_map')['active_name']]"
    ) == (True, True)


def test_server_keys(subject):
    """An entry of list_servers() has exactly hostname, services, ceph_version."""
    keys = words("hostname services ceph_version")
    assert subject.eval("set(mgr.list_servers()[0])") == keys
