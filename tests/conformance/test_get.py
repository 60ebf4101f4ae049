import json

from tests.conformance.shapes import shape, words


MODULE_OPTIONS = (
    "available_modules[].module_options",
    "standbys[].available_modules[].module_options",
)


def answered(subject, command, to="mon"):
    """What a command answers in JSON."""
    code, out, err = subject.raw({**command, "format": "json"}, to=to)
    assert code == 0, err
    return json.loads(out)


def is_equal(subject, source, command, to="mon"):
    """Whether an expression is what a command answers, asked until nothing changed between."""
    for _ in range(10):
        before = subject.eval(source)
        told = answered(subject, command, to)
        if subject.eval(source) == before:
            return subject.shows(before == told)
    return subject.shows("it changes all the time")


def test_osd_map(subject):
    """get('osd_map'): 36 keys; pools, OSDs and their histories in lists."""
    found = shape(subject, "mgr.get('osd_map')", ("blocklist", "erasure_code_profiles"),
                  ("pg_upmap", "pg_upmap_items", "pg_temp", "primary_temp", "blocklist",
                   "range_blocklist", "removed_snaps_queue", "new_removed_snaps", "new_purged_snaps"))  # fmt: skip
    assert found.keys == words(
        "epoch fsid created modified flags flags_num flags_set crush_version full_ratio"
        " backfillfull_ratio nearfull_ratio cluster_snapshot pool_max max_osd"
        " require_min_compat_client min_compat_client require_osd_release pools osds osd_xinfo"
        " pg_upmap pg_upmap_items pg_temp primary_temp blocklist erasure_code_profiles"
        " removed_snaps_queue new_removed_snaps new_purged_snaps crush_node_flags"
        " device_class_flags stretch_mode last_up_change last_in_change range_blocklist"
    )


def test_osd_map_tree(subject):
    """get('osd_map_tree'): the CRUSH tree as nodes, and what is outside of it."""
    assert shape(subject, "mgr.get('osd_map_tree')").keys == words("nodes stray")


def test_osd_map_crush(subject):
    """get('osd_map_crush'): devices, types, buckets, rules, tunables, choose_args."""
    found = shape(subject, "mgr.get('osd_map_crush')")
    assert found.keys == words("devices types buckets rules tunables choose_args")


def test_osd_map_family(subject):
    """Any other name that begins with osd_map is an empty dict, not None."""
    assert subject.eval("[mgr.get('osd_map_nothing'), mgr.get('osd_map ')]") == [{}, {}]


def test_crush_map_text(subject):
    """get('osdmap_crush_map_text') is always an empty text: it is cut at its first NUL byte."""
    assert subject.eval("mgr.get('osdmap_crush_map_text')") == ""


def test_crush_map_text_documented(subject):
    """The name that the documentation gives it, osd_crush_map_text, is unknown."""
    assert subject.eval("mgr.get('osd_crush_map_text')") is None


def test_config(subject):
    """get('config'): every option of the manager, all values text, with its name and cluster."""
    assert subject.eval(
        "c = mgr.get('config')\n"
        "c['name'], c['cluster'], {type(v).__name__ for v in c.values()}, len(c) >= 1800"
    ) == ("mgr.x", "ceph", {"str"}, True)


def test_config_names(subject):
    """get('config') has exactly the options that 16.2.15 knows, each by its name."""
    assert len(shape(subject, "mgr.get('config')").keys) == 1810


def test_config_options(subject):
    """get('config_options'): a list of descriptions, 15 keys each."""
    found = shape(subject, "mgr.get('config_options')")
    assert found.keys == {"options"}
    assert "options[].can_update_at_runtime: bool" in found.splitlines()


def test_config_options_names(subject):
    """get('config_options') describes 1808 options, in the same order, each with its type."""
    found = subject.eval(
        "import hashlib\n"
        "o = [(o['name'], o['type'], o['level']) for o in mgr.get('config_options')['options']]\n"
        "len(o), hashlib.sha256(repr(o).encode()).hexdigest()[:8]"
    )
    assert found[0] == 1808


def test_modified_config_options(subject):
    """get('modified_config_options'): names of options that are not at their default."""
    assert shape(subject, "mgr.get('modified_config_options')").keys == {"options"}


def test_local_config_map(subject):
    """get('have_local_config_map') is true once the configuration has arrived."""
    assert subject.eval("mgr.get('have_local_config_map')") == {"have_local_config_map": True}


def test_mon_map(subject):
    """get('mon_map'): epoch, names of features, monitors; two keys end in a colon and a blank."""
    found = shape(subject, "mgr.get('mon_map')")
    lines = set(found.splitlines())
    assert {"disallowed_leaders: : str", "removed_ranks: : str"} <= lines
    assert {"epoch: int", "mons: list", "mons[].public_addrs.addrvec[].nonce: int"} <= lines


def test_mon_status(subject):
    """get('mon_status') holds JSON as text: the state of one monitor."""
    found = shape(subject, "__import__('json').loads(mgr.get('mon_status')['json'])",
                  without=("feature_map", "extra_probe_peers"))  # fmt: skip
    assert found.keys == words(
        "name rank state election_epoch quorum quorum_age features outside_quorum"
        " extra_probe_peers sync_provider monmap feature_map stretch_mode"
    )


def test_health(subject):
    """get('health') holds JSON as text: status, checks, mutes."""
    found = shape(subject, "__import__('json').loads(mgr.get('health')['json'])",
                  without=("checks", "mutes"))  # fmt: skip
    assert found.keys == words("status checks mutes")


def test_json_as_text(subject):
    """The values of get('health') and get('mon_status') are text to be decoded by the module."""
    assert subject.eval(
        "[{k: type(v).__name__ for k, v in mgr.get(n).items()} for n in ('health', 'mon_status')]"
    ) == [{"json": "str"}, {"json": "str"}]


def test_fs_map(subject):
    """get('fs_map'): file systems with their MDS maps, and the standby MDSs."""
    found = shape(subject, "mgr.get('fs_map')",
                  ("filesystems[].mdsmap.info", "filesystems[].mdsmap.up"))  # fmt: skip
    assert found.keys == words("epoch default_fscid compat feature_flags standbys filesystems")


def test_mgr_map(subject):
    """get('mgr_map'): who is active, which modules there are with their options, services."""
    found = shape(subject, "mgr.get('mgr_map')", (*MODULE_OPTIONS, "services"),
                  ("active_clients", "standbys", "services"))  # fmt: skip
    assert found.keys == words(
        "epoch active_gid active_name active_addrs active_addr active_change active_mgr_features"
        " available standbys modules available_modules services always_on_modules"
        " last_failure_osd_epoch active_clients"
    )


def test_mgr_ips(subject):
    """get('mgr_ips'): the addresses that this manager listens on."""
    assert subject.eval("mgr.get('mgr_ips')") == {"ips": ["127.0.0.1"]}


def test_service_map(subject):
    """get('service_map'): epoch, time, and daemons of services by kind."""
    found = shape(subject, "mgr.get('service_map')", ("services",), ("services",))
    assert found.keys == words("epoch modified services")


def test_osd_metadata(subject):
    """get('osd_metadata'): by id as text, what each OSD said about its host and build."""
    found = shape(subject, "mgr.get('osd_metadata')")
    assert "*.hostname: str" in found.splitlines()
    assert {line.rpartition(" ")[2] for line in found.splitlines()} == {"dict", "str"}


def test_mds_metadata(subject):
    """get('mds_metadata'): by name, what each MDS said about its host and build."""
    found = shape(subject, "mgr.get('mds_metadata')", ("",))
    assert "*.ceph_version: str" in found.splitlines()


def test_pg_summary(subject):
    """get('pg_summary'): how many PGs are in which state, by OSD, by pool, altogether."""
    states = ("all", "by_osd.*", "by_pool.*")
    found = shape(subject, "mgr.get('pg_summary')", states)
    assert found.keys == words("by_osd by_pool all pg_stats_sum")


def test_pg_status(subject):
    """get('pg_status'): PGs by state, space, and rates only while there are any."""
    varies = " or ".join(f"'{word}' in k" for word in ("_sec", "degraded", "misplaced", "recover"))
    found = shape(
        subject,
        f"{{k: v for k, v in mgr.get('pg_status').items() if not ({varies})}}",
    )
    assert found.keys == words(
        "pgs_by_pool_state pgs_by_state num_pgs num_pools num_objects data_bytes bytes_used"
        " bytes_avail bytes_total"
    )


def test_pg_dump(subject):
    """get('pg_dump'): all statistics of PGs, pools and OSDs, and their sums."""
    found = shape(subject, "mgr.get('pg_dump')", without=(
        "osd_stats[].alerts", "osd_stats_sum.alerts", "pg_stats[].purged_snaps"))  # fmt: skip
    assert found.keys == words(
        "version stamp last_osdmap_epoch last_pg_scan pg_stats_sum osd_stats_sum pg_stats_delta"
        " pg_stats pool_stats osd_stats pool_statfs"
    )


def test_pg_stats(subject):
    """get('pg_stats'): the same entries for PGs alone."""
    found = shape(subject, "mgr.get('pg_stats')", without=("pg_stats[].purged_snaps",))
    assert found.keys == {"pg_stats"}


def test_pool_stats(subject):
    """get('pool_stats'): the same entries for pools alone."""
    assert shape(subject, "mgr.get('pool_stats')").keys == {"pool_stats"}


def test_osd_stats(subject):
    """get('osd_stats'): space, peers and latencies of OSDs, and space by pool and OSD."""
    found = shape(subject, "mgr.get('osd_stats')", without=("osd_stats[].alerts",))
    assert found.keys == words("osd_stats pool_statfs")


def test_osd_ping_times(subject):
    """get('osd_ping_times'): for each OSD, how long its heartbeats took."""
    found = shape(subject, "mgr.get('osd_ping_times')",
                  without=("osd_ping_times[].network_ping_times",))  # fmt: skip
    assert found.keys == {"osd_ping_times"}


def test_osd_pool_stats(subject):
    """get('osd_pool_stats'): by pool its recovery and client rates, empty where nothing happens."""
    rates = ("client_io_rate", "recovery", "recovery_rate")
    found = shape(subject, "mgr.get('osd_pool_stats')",
                  without=[f"pool_stats[].{rate}" for rate in rates])  # fmt: skip
    assert "pool_stats[].client_io_rate: dict" in found.splitlines()


def test_io_rate(subject):
    """get('io_rate'): what changed in the PGs' sums within the last seconds."""
    assert shape(subject, "mgr.get('io_rate')").keys == {"pg_stats_delta"}


def test_df(subject):
    """get('df'): space of the cluster, of device classes, of pools."""
    assert shape(subject, "mgr.get('df')").keys == words("stats stats_by_class pools")


def test_devices(subject):
    """get('devices') lists the disks that daemons reported: none for OSDs in memory."""
    assert subject.eval("mgr.get('devices')") == {"devices": []}


def test_device(subject):
    """get('device ID') of an unknown disk is an empty dict."""
    assert subject.eval("mgr.get('device nothing')") == {}


def test_pg_ready(subject):
    """get('pg_ready') is true once every PG was reported."""
    assert subject.eval("mgr.get('pg_ready')") == {"pg_ready": True}


def test_pg_progress(subject):
    """get('pg_progress'): by PG its bytes, recovered bytes, epoch and state."""
    assert shape(subject, "mgr.get('pg_progress')", ("pgs",)).keys == words("pgs pg_ready")


def test_active_clean_pgs(subject):
    """get('active_clean_pgs'): the PGs in that state, and how many there are altogether."""
    found = shape(subject, "mgr.get('active_clean_pgs')")
    assert found.keys == words("pg_stats total_num_pgs")


def test_unknown(subject):
    """An unknown name gives None; names are case sensitive, and 'device' needs an id."""
    names = ("nothing", "", "OSD_MAP", "device", "device ", "_servers")
    assert subject.eval(f"[mgr.get(name) for name in {names!r}]") == [None] * 6


def test_name_type(subject):
    """A name that is no text raises TypeError."""
    raised = subject.eval("mgr.get(5)")
    assert str(raised) == "TypeError: ceph_state_get() argument 1 must be str, not int"


def test_name_none(subject):
    """None is no name either."""
    raised = subject.eval("mgr.get(None)")
    assert str(raised) == "TypeError: ceph_state_get() argument 1 must be str, not None"


def test_fresh(subject):
    """Each get() makes fresh objects: what one caller changes, no other sees."""
    assert subject.eval(
        "a = mgr.get('osd_map'); a['pools'].clear(); a['osds'][0]['osd'] = 'changed'\n"
        "b = mgr.get('osd_map')\n"
        "a is b, len(b['pools']) > 0, b['osds'][0]['osd']"
    ) == (False, True, 0)


def test_mapping_keys(subject):
    """Keys of mappings are text, ids as well."""
    assert subject.eval(
        "{type(k).__name__ for n in ('osd_metadata', 'pg_summary') for k in mgr.get(n)}"
        " | {type(k).__name__ for k in mgr.get('pg_summary')['by_osd']}"
    ) == {"str"}


def test_plain_types(subject):
    """Documents are plain dicts and lists, as JSON has them."""
    assert (
        subject.eval(
            "names = 'osd_map osd_map_crush mon_map fs_map mgr_map df pg_dump'.split()\n"
            "import json\n"
            "all(json.loads(json.dumps(d)) == d for d in map(mgr.get, names))"
        )
        is True
    )


def test_osd_map_command(subject):
    """get('osd_map') is what `osd dump` answers."""
    assert is_equal(subject, "mgr.get('osd_map')", {"prefix": "osd dump"}) is True


def test_osd_map_tree_command(subject):
    """get('osd_map_tree') is what `osd tree` answers."""
    assert is_equal(subject, "mgr.get('osd_map_tree')", {"prefix": "osd tree"}) is True


def test_osd_map_crush_command(subject):
    """get('osd_map_crush') is what `osd crush dump` answers."""
    assert is_equal(subject, "mgr.get('osd_map_crush')", {"prefix": "osd crush dump"}) is True


def test_mon_map_command(subject):
    """get('mon_map') is what `mon dump` answers, less the quorum."""
    told = answered(subject, {"prefix": "mon dump"})
    quorum = told.pop("quorum")
    assert subject.shows((quorum, subject.eval("mgr.get('mon_map')") == told)) == ([0], True)


def test_health_command(subject):
    """The JSON in get('health') is what `health detail` answers."""
    source = "__import__('json').loads(mgr.get('health')['json'])"
    assert is_equal(subject, source, {"prefix": "health", "detail": "detail"}) is True


def test_fs_map_command(subject):
    """get('fs_map') is what `fs dump` answers."""
    assert is_equal(subject, "mgr.get('fs_map')", {"prefix": "fs dump"}) is True


def test_mgr_map_command(subject):
    """get('mgr_map') is what `mgr dump` answers."""
    assert is_equal(subject, "mgr.get('mgr_map')", {"prefix": "mgr dump"}) is True


def test_service_map_command(subject):
    """get('service_map') is what `service dump` answers."""
    told = {"prefix": "service dump"}
    assert is_equal(subject, "mgr.get('service_map')", told, to="mgr") is True


def test_osd_metadata_command(subject):
    """`osd metadata` answers a list, with the id in each entry."""
    source = "[{'id': int(i), **m} for i, m in mgr.get('osd_metadata').items()]"
    assert is_equal(subject, source, {"prefix": "osd metadata"}) is True


def test_mds_metadata_command(subject):
    """`mds metadata` answers a list, with the name in each entry."""
    source = "[{'name': i, **m} for i, m in mgr.get('mds_metadata').items()]"
    assert is_equal(subject, source, {"prefix": "mds metadata"}) is True


def test_pg_stats_command(subject):
    """`pg dump pgs` answers get('pg_stats') and pg_ready."""
    source = "{'pg_ready': True, **mgr.get('pg_stats')}"
    command = {"prefix": "pg dump", "dumpcontents": ["pgs"]}
    assert is_equal(subject, source, command, to="mgr") is True


def test_pool_stats_command(subject):
    """`pg dump pools` answers get('pool_stats') and pg_ready."""
    source = "{'pg_ready': True, **mgr.get('pool_stats')}"
    command = {"prefix": "pg dump", "dumpcontents": ["pools"]}
    assert is_equal(subject, source, command, to="mgr") is True


def test_pg_dump_command(subject):
    """`pg dump` nests get('pg_dump') under pg_map, and adds ping times to each OSD."""
    told = answered(subject, {"prefix": "pg dump"}, to="mgr")
    more = {key for entry in told["pg_map"]["osd_stats"] for key in entry}
    known = subject.eval("{key for entry in mgr.get('pg_dump')['osd_stats'] for key in entry}")
    same = subject.eval("set(mgr.get('pg_dump'))") == set(told["pg_map"])
    assert subject.shows((sorted(told), more - known, same)) == (
        ["pg_map", "pg_ready"], {"network_ping_times"}, True,
    )  # fmt: skip


def test_osd_pool_stats_command(subject):
    """`osd pool stats` answers the bare list."""
    source = "mgr.get('osd_pool_stats')['pool_stats']"
    assert is_equal(subject, source, {"prefix": "osd pool stats"}, to="mgr") is True


def test_df_command(subject):
    """get('df') is what `df detail` answers."""
    assert is_equal(subject, "mgr.get('df')", {"prefix": "df", "detail": "detail"}) is True


def test_df_plain_command(subject):
    """`df` without `detail` has fewer figures of each pool."""
    told = answered(subject, {"prefix": "df"})
    less = set(told["pools"][0]["stats"])
    more = subject.eval("set(mgr.get('df')['pools'][0]['stats'])")
    assert less < more
    assert subject.shows((sorted(less), len(more)))[1] == 21


def test_devices_command(subject):
    """`device ls` answers the bare list."""
    source = "mgr.get('devices')['devices']"
    assert is_equal(subject, source, {"prefix": "device ls"}, to="mgr") is True


def test_pg_status_command(subject):
    """`status` shows get('pg_status') as pgmap, without the pools' states."""
    source = "{k: v for k, v in mgr.get('pg_status').items() if k[-4:] != '_sec'}"
    told = answered(subject, {"prefix": "status"})["pgmap"]
    known = subject.eval(f"set({source})")
    shown = {key for key in told if not key.endswith("_sec")}
    assert subject.shows(known - shown) == {"pgs_by_pool_state"}
