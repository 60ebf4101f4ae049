import json

from tests.conditions import poll_for


KEYS = "'key_descriptor': [{'type': 'client_id', 'regex': '^(.+)$'}]"
COUNTERS = "'performance_counter_descriptors': ['ops', 'bytes']"
OSD_QUERY = f"{{{KEYS}, {COUNTERS}}}"
MDS_QUERY = (
    "{'key_descriptor': [{'type': 'mds_rank', 'regex': '^(.*)$'},"
    " {'type': 'client_id', 'regex': '^(client.+)$'}],"
    " 'performance_counter_descriptors': ['cap_hit']}"
)


def refused(subject, *queries):
    """Whether each of these OSD queries is answered with None."""
    return subject.eval(f"[mgr.add_osd_perf_query(q) for q in [{', '.join(queries)}]]") == (
        [None] * len(queries)
    )


def progress_events(subject):
    """What `status` tells."""
    code, out, err = subject.raw({"prefix": "status", "format": "json"}, to="mon")
    assert code == 0, err
    return json.loads(out)["progress_events"]


def clients(subject):
    """The addresses that the manager map has of this module's clients."""
    return subject.eval(
        "[a for c in mgr.get('mgr_map')['active_clients'] if c['name'] == 'probe'"
        " for a in c['addrvec']]"
    )


def test_osd_query_ids(subject):
    """add_osd_perf_query() answers an int id; each query has the next one."""
    assert subject.eval(
        f"a, b = mgr.add_osd_perf_query({OSD_QUERY}), mgr.add_osd_perf_query({OSD_QUERY})\n"
        "mgr.remove_osd_perf_query(a); mgr.remove_osd_perf_query(b)\n"
        "type(a).__name__, b - a"
    ) == ("int", 1)


def test_osd_query_ids_once(subject):
    """An id is not used again after its query was removed."""
    assert (
        subject.eval(
            f"a = mgr.add_osd_perf_query({OSD_QUERY}); mgr.remove_osd_perf_query(a)\n"
            f"b = mgr.add_osd_perf_query({OSD_QUERY}); mgr.remove_osd_perf_query(b)\n"
            "a != b"
        )
        is True
    )


def test_osd_query_limited(subject):
    """A query may limit its keys by one of its counters."""
    limit = "'limit': {'order_by': 'ops', 'max_count': 3}"
    assert (
        subject.eval(
            f"q = mgr.add_osd_perf_query({{{KEYS}, {COUNTERS}, {limit}}})\n"
            "mgr.remove_osd_perf_query(q); type(q).__name__"
        )
        == "int"
    )


def test_osd_query_empty(subject):
    """A query without keys or without counters is None."""
    assert refused(subject, "{}", f"{{{KEYS}}}", f"{{{COUNTERS}}}")


def test_osd_query_no_keys(subject):
    """So is one with empty lists."""
    empty = "'performance_counter_descriptors': []"
    assert refused(subject, f"{{'key_descriptor': [], {COUNTERS}}}", f"{{{KEYS}, {empty}}}")


def test_osd_query_subkeys(subject):
    """So is one with an unknown subkey, without a regex, or with a bad one."""
    keys = (
        "{'type': 'nothing', 'regex': '(.*)'}", "{'type': 'pool_id'}",
        "{'type': 'pool_id', 'regex': '('}",
    )  # fmt: skip
    assert refused(subject, *(f"{{'key_descriptor': [{key}], {COUNTERS}}}" for key in keys))


def test_osd_query_regex(subject):
    """So is one whose regex has no group to capture with."""
    key = "{'type': 'pool_id', 'regex': 'x'}"
    assert refused(subject, f"{{'key_descriptor': [{key}], {COUNTERS}}}")


def test_osd_query_counters(subject):
    """So is one with an unknown counter."""
    assert refused(subject, f"{{{KEYS}, 'performance_counter_descriptors': ['nothing']}}")


def test_osd_query_order(subject):
    """So is one that is limited by a counter which is not its own."""
    limit = "'limit': {'order_by': 'latency', 'max_count': 3}"
    assert refused(subject, f"{{{KEYS}, {COUNTERS}, {limit}}}")


def test_osd_query_unknown_part(subject):
    """So is one with a part that is unknown."""
    assert refused(subject, f"{{{KEYS}, {COUNTERS}, 'nothing': 5}}")


def test_osd_query_no_dict(subject):
    """So is what is no dict."""
    assert refused(subject, "5", "'x'", "b'x'", "1.5")


def test_osd_counters(subject):
    """get_osd_perf_counters() of a new query: a list of counters, empty before OSDs report."""
    assert subject.eval(
        f"q = mgr.add_osd_perf_query({OSD_QUERY}); c = mgr.get_osd_perf_counters(q)\n"
        "mgr.remove_osd_perf_query(q); c"
    ) == {"counters": []}


def test_osd_counters_removed(subject):
    """The counters of a removed query are None."""
    assert (
        subject.eval(
            f"q = mgr.add_osd_perf_query({OSD_QUERY}); mgr.remove_osd_perf_query(q)\n"
            "mgr.get_osd_perf_counters(q)"
        )
        is None
    )


def test_osd_counters_unknown(subject):
    """So are those of an unknown query, and removing that is no error."""
    found = subject.eval("mgr.get_osd_perf_counters(9999), mgr.remove_osd_perf_query(9999)")
    assert found == (None, None)


def test_osd_counters_type(subject):
    """Ids are ints."""
    raised = str(subject.eval("mgr.get_osd_perf_counters('0')"))
    assert raised == "TypeError: 'str' object cannot be interpreted as an integer"


def test_osd_remove_type(subject):
    """None is no id: what add_osd_perf_query() refused cannot be removed."""
    raised = str(subject.eval("mgr.remove_osd_perf_query(None)"))
    assert raised == "TypeError: 'NoneType' object cannot be interpreted as an integer"


def test_mds_query_ids(subject):
    """add_mds_perf_query() counts ids of its own, one by one."""
    assert subject.eval(
        f"a, b = mgr.add_mds_perf_query({MDS_QUERY}), mgr.add_mds_perf_query({MDS_QUERY})\n"
        "mgr.remove_mds_perf_query(a); mgr.remove_mds_perf_query(b)\n"
        "type(a).__name__, b - a"
    ) == ("int", 1)


def test_mds_query_malformed(subject):
    """A malformed query is None: empty, with an OSD's counters, limited by none of its own."""
    limit = "'limit': {'order_by': 'nothing', 'max_count': 3}"
    queries = ("{}", OSD_QUERY, f"{{**{MDS_QUERY}, {limit}}}", "5")
    source = f"[mgr.add_mds_perf_query(q) for q in [{', '.join(queries)}]]"
    assert subject.eval(source) == [None] * 4


def test_mds_counters(subject):
    """get_mds_perf_counters(): metrics hold late ranks, counters, and the time of the last report."""
    assert subject.eval(
        f"q = mgr.add_mds_perf_query({MDS_QUERY}); m = mgr.get_mds_perf_counters(q)\n"
        "mgr.remove_mds_perf_query(q)\n"
        "{k: [[type(e).__name__ for e in part] for part in v] for k, v in m.items()}"
    ) == {"metrics": [["str"], [], ["float"]]}


def test_mds_counters_unknown(subject):
    """The counters of an unknown or removed query are None."""
    assert subject.eval(
        f"q = mgr.add_mds_perf_query({MDS_QUERY}); mgr.remove_mds_perf_query(q)\n"
        "mgr.get_mds_perf_counters(q), mgr.get_mds_perf_counters(9999)"
    ) == (None, None)


def test_mds_remove_unknown(subject):
    """Removing an unknown query is no error; registering all again is possible at any time."""
    source = "mgr.remove_mds_perf_query(9999), mgr.reregister_mds_perf_queries()"
    assert subject.eval(source) == (None, None)


def test_wear_level(subject):
    """set_device_wear_level() answers nothing; an unknown device stays unlisted."""
    assert subject.eval(
        "a = mgr.set_device_wear_level('dev', .5), mgr.get('devices'), mgr.get('device dev')\n"
        "mgr.mon_command({'prefix': 'config-key rm', 'key': 'device/dev'}); a"
    ) == (None, {"devices": []}, {})


def test_wear_level_type(subject):
    """A wear level is a number."""
    raised = str(subject.eval("mgr.set_device_wear_level('dev', 'x')"))
    assert raised == "TypeError: must be real number, not str"


def test_wear_level_device_type(subject):
    """A device's id is text."""
    raised = str(subject.eval("mgr.set_device_wear_level(5, .5)"))
    assert raised == "TypeError: ceph_set_wear_level() argument 1 must be str, not int"


def test_progress_event(subject):
    """update_progress_event(): `status` tells the message, how far it is, whether it is shown."""
    subject.eval("mgr.update_progress_event('ev', 'working', .25, True)")
    found = poll_for(lambda: progress_events(subject).get("ev"), 20, "the event")
    subject.eval("mgr.clear_all_progress_events()")
    assert subject.shows(found) == {"message": "working", "progress": 0.25, "add_to_ceph_s": True}


def test_progress_event_complete(subject):
    """complete_progress_event() takes it away; completing an unknown one is no error."""
    subject.eval("mgr.update_progress_event('ev', 'working', .25, False)")
    poll_for(lambda: progress_events(subject).get("ev"), 20, "the event")
    subject.eval("mgr.complete_progress_event('ev'), mgr.complete_progress_event('nothing')")
    poll_for(lambda: "ev" not in progress_events(subject), 20, "the event's end")
    subject.shows("gone")


def test_progress_event_clear(subject):
    """clear_all_progress_events() takes every event away."""
    subject.eval("[mgr.update_progress_event(e, 'working', .5, True) for e in 'ab']")
    poll_for(lambda: {"a", "b"} <= progress_events(subject).keys(), 20, "the events")
    subject.eval("mgr.clear_all_progress_events()")
    poll_for(lambda: not {"a", "b"} & progress_events(subject).keys(), 20, "their end")
    subject.shows("gone")


def test_progress_event_arguments(subject):
    """update_progress_event() wants to be told whether `status` shows the event."""
    raised = subject.eval("mgr.update_progress_event('a', 'b', .5)")
    assert subject.shows(raised.kind) == "TypeError"
    assert "add_to_ceph_s" in raised.text


def test_progress_event_types(subject):
    """The id of an event is text, its progress a number."""
    found = [
        str(subject.eval("mgr.update_progress_event(5, 'b', .5, True)")),
        str(subject.eval("mgr.update_progress_event('a', 'b', 'c', True)")),
    ]
    assert subject.shows(found) == [
        "TypeError: ceph_update_progress_event() argument 1 must be str, not int",
        "TypeError: must be real number, not str",
    ]


def test_complete_type(subject):
    """complete_progress_event() wants the id as text."""
    raised = str(subject.eval("mgr.complete_progress_event(5)"))
    assert raised == "TypeError: ceph_complete_progress_event() argument 1 must be str, not int"


def test_register_client(subject):
    """A client that a module registers is in the manager map, under the module's name."""
    subject.eval("mgr._ceph_register_client('v1:127.0.0.1:0/77')")
    found = poll_for(lambda: clients(subject), 20, "the client in the map")
    subject.eval("mgr._ceph_unregister_client('v1:127.0.0.1:0/77')")
    poll_for(lambda: not clients(subject), 20, "the client's end")
    assert subject.shows(found) == [{"type": "v1", "addr": "127.0.0.1:0", "nonce": 77}]


def test_unregister_unknown(subject):
    """Unregistering an unknown client is no error."""
    assert subject.eval("mgr._ceph_unregister_client('v1:127.0.0.1:0/78')") is None


def test_register_client_type(subject):
    """A client's addresses are text."""
    raised = str(subject.eval("mgr._ceph_register_client(5)"))
    assert raised == "TypeError: ceph_register_client() argument 1 must be str, not int"


def test_set_uri_type(subject):
    """A URI is text."""
    raised = str(subject.eval("mgr.set_uri(5)"))
    assert raised == "TypeError: ceph_advertize_service() argument 1 must be str, not int"
