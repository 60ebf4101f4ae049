_KINDS = """
def kinds(value):
    if isinstance(value, dict):
        return {k: kinds(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, *sorted({str(kinds(v)) for v in value}))
    return type(value).__name__
"""
ALL = "[c for paths in mgr.get_all_perf_counters().values() for c in paths.values()]"


def test_schema(subject):
    """get_perf_schema(kind, id): by daemon and path, what the counter is."""
    assert subject.eval("mgr.get_perf_schema('osd', '0')['osd.0']['osd.op']") == {
        "description": "Client operations", "nick": "ops", "type": 10, "priority": 10, "units": 1,
    }  # fmt: skip


def test_schema_without_nick(subject):
    """A counter without a nick lacks the key."""
    assert subject.eval("mgr.get_perf_schema('osd', '0')['osd.0']['osd.op_r_latency']") == {
        "description": "Latency of read operation (including queue time)",
        "type": 5, "priority": 5, "units": 1,
    }  # fmt: skip


def test_schema_osd(subject):
    """An OSD reports 37 counters, with these names."""
    found = subject.eval("sorted(mgr.get_perf_schema('osd', '0')['osd.0'])")
    assert len(found) == 37
    assert {"osd.op", "osd.op_r", "osd.op_w", "osd.op_latency", "osd.numpg"} <= set(found)


def test_schema_mon(subject):
    """A monitor reports counters of elections, sessions and Paxos, with these names."""
    found = subject.eval("sorted(mgr.get_perf_schema('mon', 'a')['mon.a'])")
    assert {"mon.num_sessions", "paxos.commit", "mon.election_win"} <= set(found)


def test_schema_all(subject):
    """Two empty texts mean every daemon."""
    found = subject.eval("sorted({k.split('.')[0] for k in mgr.get_perf_schema('', '')})")
    assert found == ["mds", "mgr", "mon", "osd"]


def test_schema_kind(subject):
    """An empty id means every daemon of the kind."""
    found = subject.eval("sorted({k.split('.')[0] for k in mgr.get_perf_schema('osd', '')})")
    assert found == ["osd"]


def test_schema_id_alone(subject):
    """An empty kind means every daemon, whatever the id."""
    assert subject.eval("mgr.get_perf_schema('', '0') == mgr.get_perf_schema('', '')") is True


def test_schema_unknown(subject):
    """The schema of an unknown daemon or kind is an empty dict."""
    asked = "('osd', '99'), ('nothing', ''), ('nothing', 'x')"
    assert subject.eval(f"[mgr.get_perf_schema(*a) for a in ({asked})]") == [{}] * 3


def test_schema_keys(subject):
    """Every counter has description, type, priority and units; a nick is optional."""
    assert subject.eval(
        "{tuple(sorted(c)) for p in mgr.get_perf_schema('', '').values() for c in p.values()}"
    ) == {
        ("description", "priority", "type", "units"),
        ("description", "nick", "priority", "type", "units"),
    }


def test_schema_type(subject):
    """get_perf_schema() wants the id as text."""
    raised = str(subject.eval("mgr.get_perf_schema('osd', 0)"))
    assert raised == "TypeError: get_perf_schema() argument 2 must be str, not int"


def test_counter(subject):
    """get_counter(): by path a list of [time, value] lists."""
    found = subject.eval(f"{_KINDS}kinds(mgr.get_counter('osd', '0', 'osd.op'))")
    assert found == {"osd.op": ("list", "('list', 'float', 'int')")}


def test_counter_average(subject):
    """The samples of an average are [time, sum, count]."""
    source = "{len(s) for s in mgr.get_counter('osd', '0', 'osd.op_latency')['osd.op_latency']}"
    assert subject.eval(source) == {3}


def test_counter_history(subject):
    """At most 20 samples are kept, the oldest first."""
    assert subject.eval(
        "s = mgr.get_counter('osd', '0', 'osd.op')['osd.op']\n0 < len(s) <= 20, s == sorted(s)"
    ) == (True, True)


def test_counter_time(subject):
    """A sample's time is in seconds since 1970; the newest is some seconds old at most."""
    assert (
        subject.eval(
            "import time\n"
            "abs(time.time() - mgr.get_latest_counter('osd', '0', 'osd.op')['osd.op'][0]) < 60"
        )
        is True
    )


def test_counter_unknown_path(subject):
    """An unknown path has no samples: an empty list under its name."""
    assert subject.eval("mgr.get_counter('osd', '0', 'osd.nothing')") == {"osd.nothing": []}


def test_counter_unknown_daemon(subject):
    """Nor has an unknown daemon, nor an unknown kind."""
    assert (
        subject.eval(
            "[mgr.get_counter('osd', '99', 'osd.op'), mgr.get_counter('no', 'x', 'osd.op')]"
        )
        == [{"osd.op": []}] * 2
    )


def test_counter_type(subject):
    """get_counter() wants texts."""
    raised = str(subject.eval("mgr.get_counter('osd', '0', 5)"))
    assert raised == "TypeError: get_counter() argument 3 must be str, not int"


def test_latest_counter(subject):
    """get_latest_counter(): the newest sample alone."""
    found = subject.eval(f"{_KINDS}kinds(mgr.get_latest_counter('osd', '0', 'osd.op'))")
    assert found == {"osd.op": ("list", "float", "int")}


def test_latest_counter_unknown(subject):
    """get_latest_counter() of what is unknown is an empty list."""
    assert (
        subject.eval(
            "[mgr.get_latest_counter('osd', '0', 'no'), mgr.get_latest_counter('osd', '99', 'no')]"
        )
        == [{"no": []}] * 2
    )


def test_latest_counter_type(subject):
    """get_latest_counter() complains under the name of get_counter()."""
    raised = str(subject.eval("mgr.get_latest_counter('osd', 0, 'osd.op')"))
    assert raised == "TypeError: get_counter() argument 2 must be str, not int"


def test_latest(subject):
    """get_latest() is the value of the newest sample in get_counter(), an int."""
    assert subject.eval(
        "mgr.get_counter('osd', '0', 'osd.numpg')['osd.numpg'][-1][1]"
        " == mgr.get_latest('osd', '0', 'osd.numpg'),"
        " type(mgr.get_latest('osd', '0', 'osd.numpg')).__name__"
    ) == (True, "int")


def test_latest_unknown(subject):
    """get_latest() of what is unknown is 0."""
    assert subject.eval(
        "mgr.get_latest('osd', '0', 'no'), mgr.get_latest('osd', '99', 'osd.op')"
    ) == (0, 0)


def test_latest_avg(subject):
    """get_latest_avg(): the sum and the count of an average."""
    found = subject.eval(f"{_KINDS}kinds(mgr.get_latest_avg('osd', '0', 'osd.op_latency'))")
    assert found == ("tuple", "int")


def test_latest_avg_unknown(subject):
    """get_latest_avg() of what is unknown is (0, 0)."""
    assert subject.eval(
        "mgr.get_latest_avg('osd', '0', 'no'), mgr.get_latest_avg('osd', '99', 'no')"
    ) == ((0, 0), (0, 0))


def test_latest_avg_of_no_average(subject):
    """get_latest_avg() of a counter that is no average raises ValueError."""
    raised = str(subject.eval("mgr.get_latest_avg('osd', '0', 'osd.op')"))
    assert raised == "ValueError: not enough values to unpack (expected 3, got 2)"


def test_all_counters(subject):
    """get_all_perf_counters(): the schema of each counter with its value, and count if average."""
    assert subject.eval(f"{{tuple(sorted(c.keys() - {{'nick'}})) for c in {ALL}}}") == {
        ("description", "priority", "type", "units", "value"),
        ("count", "description", "priority", "type", "units", "value"),
    }


def test_all_counters_averages(subject):
    """Exactly the averages have a count."""
    source = f"{{(bool(c['type'] & mgr.PERFCOUNTER_LONGRUNAVG), 'count' in c) for c in {ALL}}}"
    assert subject.eval(source) == {(True, True), (False, False)}


def test_all_counters_values(subject):
    """Values and counts are ints, times in nanoseconds as well."""
    source = f"{{type(c[k]).__name__ for c in {ALL} for k in ('value', 'count') if k in c}}"
    assert subject.eval(source) == {"int"}


def test_all_counters_services(subject):
    """By default: those of MDSs, monitors, OSDs, gateways and mirrors; the manager's are not."""
    found = subject.eval("sorted({k.split('.')[0] for k in mgr.get_all_perf_counters()})")
    assert found == ["mds", "mon", "osd"]


def test_all_counters_some_services(subject):
    """`services` chooses kinds of daemons."""
    found = subject.eval(
        "sorted({k.split('.')[0] for k in mgr.get_all_perf_counters(services=('osd', 'mgr'))})"
    )
    assert found == ["mgr", "osd"]


def test_all_counters_no_service(subject):
    """An unknown service has no counters, and no service none."""
    assert subject.eval(
        "[dict(mgr.get_all_perf_counters(services=s)) for s in ((), ('nothing',))]"
    ) == [{}, {}]


def test_all_counters_mapping(subject):
    """The answer is a defaultdict of dicts: asking for an unknown daemon gives an empty one."""
    assert subject.eval("mgr.get_all_perf_counters(services=())['osd.99']") == {}


def test_all_counters_default_limit(subject):
    """Counters of a priority below PRIO_USEFUL are left out unless asked for."""
    assert subject.eval(f"min(c['priority'] for c in {ALL})") == 5


def test_all_counters_limit(subject):
    """`prio_limit` is the least priority."""
    source = "mgr.get_all_perf_counters(prio_limit=mgr.PRIO_CRITICAL)"
    assert subject.eval(f"{{c['priority'] for p in {source}.values() for c in p.values()}}") == {10}


def test_all_counters_beyond(subject):
    """No daemon is left where no counter has such a priority."""
    assert subject.eval("dict(mgr.get_all_perf_counters(prio_limit=11))") == {}


def test_all_counters_everything(subject):
    """PRIO_DEBUGONLY brings every counter of the schema that OSDs report."""
    assert (
        subject.eval(
            "mgr.get_all_perf_counters(mgr.PRIO_DEBUGONLY)['osd.0'].keys()"
            " == mgr.get_perf_schema('osd', '0')['osd.0'].keys()"
        )
        is True
    )


def test_priorities(subject):
    """The named priorities."""
    names = "PRIO_CRITICAL PRIO_INTERESTING PRIO_USEFUL PRIO_UNINTERESTING PRIO_DEBUGONLY"
    found = subject.eval(f"[getattr(mgr, n) for n in {names.split()!r}]")
    assert found == [10, 8, 5, 2, 0]


def test_type_bits(subject):
    """The bits of a counter's type, and its units."""
    names = (
        "PERFCOUNTER_TIME PERFCOUNTER_U64 PERFCOUNTER_LONGRUNAVG PERFCOUNTER_COUNTER"
        " PERFCOUNTER_HISTOGRAM PERFCOUNTER_TYPE_MASK BYTES NONE"
    )
    found = subject.eval(f"[getattr(mgr, n) for n in {names.split()!r}]")
    assert found == [1, 2, 4, 8, 16, ~3, 0, 1]


def test_stattype(subject):
    """_stattype_to_str(): gauge, counter (averages too), histogram; nothing for other bits."""
    found = subject.eval("[mgr._stattype_to_str(n) for n in (0, 2, 5, 8, 10, 16, 12)]")
    assert found == ["gauge", "gauge", "counter", "counter", "counter", "histogram", ""]


def test_perfvalue(subject):
    """_perfvalue_to_value(): times become seconds, others stay."""
    assert subject.eval(
        "mgr._perfvalue_to_value(5, 1500000000), mgr._perfvalue_to_value(2, 7)"
    ) == (1.5, 7)


def test_unit(subject):
    """_unit_to_str(): bytes and numbers a second."""
    assert subject.eval("mgr._unit_to_str(mgr.BYTES), mgr._unit_to_str(mgr.NONE)") == ("B/s", "/s")


def test_unit_unknown(subject):
    """An unknown unit raises ValueError."""
    assert str(subject.eval("mgr._unit_to_str(2)")) == 'ValueError: bad unit "2"'


def test_pretty_iec(subject):
    """to_pretty_iec(): the largest unit of which there are more than ten, a blank in any case."""
    found = subject.eval("[mgr.to_pretty_iec(n) for n in (0, 10240, 10241, 11 << 20, 1 << 80)]")
    assert found == ["0 ", "10240 ", "10 Ki", "11 Mi", "1048576 Ei"]


def test_pretty_row(subject):
    """get_pretty_row(): cells of equal width, aligned to the right."""
    assert subject.eval("mgr.get_pretty_row(['a', 'bb'], 20)") == "|       a |      bb |"


def test_pretty_header(subject):
    """get_pretty_header(): the same between lines."""
    line = "+---------+---------+\n"
    assert subject.eval("mgr.get_pretty_header(['a', 'bb'], 20)") == (
        f"{line}|       a |      bb |\n{line}"
    )


def test_pretty_row_empty(subject):
    """A row without cells raises ZeroDivisionError."""
    raised = str(subject.eval("mgr.get_pretty_row([], 20)"))
    assert raised == "ZeroDivisionError: division by zero"


def test_path_labels(subject):
    """_perfpath_to_path_labels(): a daemon's counters are labelled with its name."""
    found = subject.eval("mgr._perfpath_to_path_labels('osd.0', 'osd.op')")
    assert found == ("osd.op", ("ceph_daemon",), ("osd.0",))


def test_path_labels_gateway(subject):
    """A gateway's counters are labelled with its instance, without the kind."""
    found = subject.eval("mgr._perfpath_to_path_labels('rgw.x', 'rgw.get')")
    assert found == ("rgw.get", ("instance_id",), ("x",))


def test_path_labels_mirror(subject):
    """The counters of mirrored images are labelled with pool, namespace and image."""
    path = "rbd_mirror_image_pool/ns/image.replay_bytes"
    found = subject.eval(f"mgr._perfpath_to_path_labels('rbd-mirror.x', '{path}')")
    assert found == (
        "rbd_mirror_image_replay_bytes",
        ("ceph_daemon", "pool", "namespace", "image"),
        ("rbd-mirror.x", "pool", "ns", "image"),
    )
