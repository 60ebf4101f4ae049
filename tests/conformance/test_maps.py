import pytest

from tests.conformance.shapes import shape, words


OPEN = """
m = mgr.get_osdmap(); c = m.get_crush(); root = c.get_rule_root('replicated_rule')
pool = {p['pool_name']: p['pool'] for p in m.dump()['pools']}
"""
REWEIGHTED = f"{OPEN}i = m.new_incremental(); i.set_osd_reweights({{0: .5, 1: 7.0, 2: -3.0}})\n"
NOT_INT = "TypeError: 'str' object cannot be interpreted as an integer"


def on(subject, source):
    """Evaluate with the map as `m`, its CRUSH map as `c`, ids of pools by name in `pool`."""
    return subject.eval(OPEN + source)


def test_classes(subject):
    """The maps are mgr_module's OSDMap, OSDMapIncremental and CRUSHMap."""
    source = "[type(x).__name__ for x in (m, m.new_incremental(), c)]"
    assert on(subject, source) == ["OSDMap", "OSDMapIncremental", "CRUSHMap"]


def test_same_as_get(subject):
    """OSDMap.dump() is get('osd_map'), epoch and CRUSH version are those in it."""
    assert on(
        subject,
        "d = mgr.get('osd_map')\n"
        "m.dump() == d, m.get_epoch() == d['epoch'], m.get_crush_version() == d['crush_version']",
    ) == (True, True, True)


def test_crush_same_as_get(subject):
    """CRUSHMap.dump() is get('osd_map_crush')."""
    assert on(subject, "c.dump() == mgr.get('osd_map_crush')") is True


def test_objects_fresh(subject):
    """Each get_osdmap() makes a map of its own, each dump() a document of its own."""
    source = "mgr.get_osdmap() is mgr.get_osdmap(), m.dump() is m.dump()"
    assert on(subject, source) == (False, False)


def test_dump_fresh(subject):
    """What is done to a dump does not change the map."""
    assert on(subject, "m.dump()['pools'].clear(); len(m.dump()['pools']) > 0") is True


def test_pools(subject):
    """get_pools(): the pools by id, an int."""
    source = "{type(k).__name__ for k in m.get_pools()}, list(m.get_pools()) == [*pool.values()]"
    assert on(subject, source) == ({"int"}, True)


def test_pools_by_name(subject):
    """get_pools_by_name(): the same by name."""
    assert on(subject, "{n: p['pool'] for n, p in m.get_pools_by_name().items()} == pool") is True


def test_ec_profile(subject):
    """get_ec_profile(): the profile's settings, all text."""
    source = "p = m.get_ec_profile('two-plus-one'); p['k'], p['m'], p['plugin'], sorted(p)"
    assert on(subject, source)[:3] == ("2", "1", "jerasure")


def test_ec_profile_unknown(subject):
    """An unknown profile is None."""
    assert on(subject, "m.get_ec_profile('nothing')") is None


def test_require_release(subject):
    """get_require_osd_release() is the name in the map."""
    assert on(subject, "m.get_require_osd_release()") == "pacific"


def test_raw_used_rate_erasure(subject):
    """pool_raw_used_rate() of an erasure-coded pool is (k + m) / k."""
    assert on(subject, "m.pool_raw_used_rate(pool['archive'])") == 1.5


def test_raw_used_rate_replicated(subject):
    """That of a replicated pool is the number of its replicas, as a float."""
    assert on(
        subject,
        "r = m.pool_raw_used_rate(pool['objects'])\n"
        "r == m.get_pools()[pool['objects']]['size'], type(r).__name__",
    ) == (True, "float")


def test_raw_used_rate_type(subject):
    """A pool's id is an int."""
    assert str(on(subject, "m.pool_raw_used_rate('x')")) == NOT_INT


def test_places(subject):
    """map_pool_pgs_up(): each PG of the pool by its id in hexadecimal, with the OSDs it is on."""
    assert on(
        subject,
        "u = m.map_pool_pgs_up(pool['objects']); n = m.get_pools()[pool['objects']]['pg_num']\n"
        "u.keys() == {f\"{pool['objects']}.{s:x}\" for s in range(n)},"
        " {type(o).__name__ for v in u.values() for o in v}",
    ) == (True, {"int"})


def test_places_as_reported(subject):
    """In a cluster at rest they are where the PGs report to be."""
    assert (
        on(
            subject,
            "u = m.map_pool_pgs_up(pool['objects'])\n"
            "u == {p['pgid']: p['up'] for p in mgr.get('pg_stats')['pg_stats'] if p['pgid'] in u}",
        )
        is True
    )


def test_places_type(subject):
    """A pool's id is an int there too."""
    assert str(on(subject, "m.map_pool_pgs_up('x')")) == NOT_INT


def test_place(subject):
    """pg_to_up_acting_osds(): both sets of one PG with their primaries."""
    assert on(
        subject,
        "p = m.pg_to_up_acting_osds(pool['objects'], 0)\n"
        "list(p), p['up_primary'] == p['up'][0], p['up'] == m.map_pool_pgs_up(pool['objects'])"
        "[f\"{pool['objects']}.0\"]",
    ) == (["up_primary", "acting_primary", "up", "acting"], True, True)


def test_place_folded(subject):
    """A number beyond the pool's PGs is folded onto one of them."""
    assert (
        on(
            subject,
            "n = m.get_pools()[pool['objects']]['pg_num']; p = pool['objects']\n"
            "[m.pg_to_up_acting_osds(p, n * k + 1) == m.pg_to_up_acting_osds(p, 1) for k in (1, 2, 9)]",
        )
        == [True] * 3
    )


def test_place_type(subject):
    """Ids of pools and numbers of PGs are ints."""
    source = "m.pg_to_up_acting_osds(pool['objects'], 'x')"
    assert str(on(subject, source)) == NOT_INT


@pytest.mark.deviates("`OSDMap.calc_pg_upmaps`")
def test_upmaps(subject):
    """calc_pg_upmaps() finds nothing to move where nothing deviates."""
    found = on(subject, "m.calc_pg_upmaps(m.new_incremental(), 5, 10, [])")
    if subject.here:
        assert found.kind == "NotImplementedError"
    else:
        assert found == 0


def test_pools_by_take(subject):
    """get_pools_by_take(): ids of the pools whose rule starts at that item."""
    assert (
        on(
            subject,
            "rules = {r['rule_id'] for r in c.dump()['rules'] if r['steps'] and any("
            "s['op'] == 'take' and s['item'] == root for s in r['steps'])}\n"
            "sorted(m.get_pools_by_take(root))"
            " == sorted(p['pool'] for p in m.dump()['pools'] if p['crush_rule'] in rules)",
        )
        is True
    )


def test_pools_by_take_unknown(subject):
    """Where no rule starts there, none."""
    assert on(subject, "m.get_pools_by_take(-999)") == []


def test_pools_by_take_type(subject):
    """Items of the CRUSH map are ints."""
    assert str(on(subject, "m.get_pools_by_take('x')")) == NOT_INT


def test_increment(subject):
    """new_incremental() leads to the next epoch and changes nothing yet."""
    found = shape(subject, "mgr.get_osdmap().new_incremental().dump()", without=("crush",))
    assert {"epoch", "new_weight", "crush", "old_pools", "fsid"} <= found.keys
    assert subject.eval(f"{OPEN}m.new_incremental().get_epoch() - m.get_epoch()") == 1
    subject.shows(found)


def test_increment_order(subject):
    """The keys of its dump come in this order."""
    found = on(subject, "list(m.new_incremental().dump())")
    assert found[:3] == ["epoch", "new_pool_max", "new_flags"]


def test_increment_unset(subject):
    """What an increment does not change has values that no map has."""
    names = "new_pool_max new_flags new_full_ratio new_max_osd new_require_osd_release new_weight"
    source = f"d = m.new_incremental().dump(); [d[n] for n in {names.split()!r}]"
    assert on(subject, source) == [-1, -1, -1.0, -1, 255, []]


def test_increment_crush(subject):
    """Its CRUSH map is that of the map it starts from."""
    assert on(subject, "m.new_incremental().dump()['crush'] == c.dump()") is True


def test_reweight(subject):
    """set_osd_reweights() clamps to 0..1 and keeps weights in 16.16 fixed point."""
    assert subject.eval(f"{REWEIGHTED}i.dump()['new_weight']") == [
        {"osd": 0, "weight": 32768}, {"osd": 1, "weight": 65536}, {"osd": 2, "weight": 0},
    ]  # fmt: skip


def test_reweight_int(subject):
    """An int will do for a weight."""
    source = "i = m.new_incremental(); i.set_osd_reweights({0: 1}); i.dump()['new_weight']"
    assert on(subject, source) == [{"osd": 0, "weight": 65536}]


def test_reweight_nothing(subject):
    """No weights change nothing, and the answer is None."""
    source = "i = m.new_incremental(); i.set_osd_reweights({}), i.dump()['new_weight']"
    assert on(subject, source) == (None, [])


def test_apply(subject):
    """apply_incremental(): a map of the next epoch, of whatever increment."""
    source = "m.apply_incremental(m.new_incremental()).get_epoch() - m.get_epoch()"
    assert on(subject, source) == 1


def test_apply_type(subject):
    """It is an OSDMap as well, and the first one stays as it was."""
    assert on(
        subject,
        "e = m.get_epoch(); n = m.apply_incremental(m.new_incremental())\n"
        "type(n).__name__, n is m, m.get_epoch() - e",
    ) == ("OSDMap", False, 0)


def test_apply_weights(subject):
    """Reweighted OSDs have their weights in it; one of weight 0 is out."""
    assert subject.eval(
        f"{REWEIGHTED}[(o['weight'], o['in']) for o in m.apply_incremental(i).dump()['osds']][:3]"
    ) == [(0.5, 1), (1.0, 1), (0.0, 0)]


def test_apply_changes(subject):
    """Nothing but the epoch, times, the CRUSH version and the OSDs is changed by that."""
    changed = subject.eval(
        f"{REWEIGHTED}d = m.dump()\n"
        "{k for k, v in m.apply_incremental(i).dump().items() if v != d[k]}"
    )
    assert {"epoch", "osds"} <= changed
    assert changed <= words("epoch modified osds crush_version last_in_change last_up_change")


def test_apply_cluster(subject):
    """The cluster's own map is not touched."""
    source = f"{REWEIGHTED}m.apply_incremental(i)\nmgr.get('osd_map')['osds'] == m.dump()['osds']"
    assert subject.eval(source) is True


def test_item_name(subject):
    """get_item_name(): names of buckets, which have negative ids, and of devices."""
    assert on(subject, "c.get_item_name(root), c.get_item_name(0)") == ("default", "osd.0")


def test_item_name_unknown(subject):
    """That of an unknown item is None."""
    assert on(subject, "c.get_item_name(-999), c.get_item_name(999)") == (None, None)


def test_item_name_type(subject):
    """An item is an int."""
    assert str(on(subject, "c.get_item_name('x')")) == NOT_INT


def test_item_weight(subject):
    """get_item_weight(): a float; that of a root is the sum of what is below."""
    assert on(
        subject,
        "w = c.get_item_weight(root)\n"
        "type(w).__name__, w == sum(c.get_item_weight(o) for o in c.get_osds_under(root))",
    ) == ("float", True)


def test_item_weight_unknown(subject):
    """That of an unknown item is None."""
    assert on(subject, "c.get_item_weight(-999), c.get_item_weight(999)") == (None, None)


def test_item_weight_type(subject):
    """None is no item."""
    raised = str(on(subject, "c.get_item_weight(None)"))
    assert raised == "TypeError: 'NoneType' object cannot be interpreted as an integer"


def test_takes(subject):
    """find_takes(): where rules start, ascending, each once."""
    assert (
        on(
            subject,
            "c.find_takes() == sorted({s['item'] for r in c.dump()['rules'] for s in r['steps']"
            " if s['op'] == 'take'})",
        )
        is True
    )


def test_roots(subject):
    """find_roots(): buckets that are in no other one, the shadows of device classes as well."""
    assert on(
        subject,
        "inner = {i['id'] for b in c.dump()['buckets'] for i in b['items']}\n"
        "c.find_roots() == sorted(b['id'] for b in c.dump()['buckets'] if b['id'] not in inner),"
        " len(c.find_roots())",
    ) == (True, 3)


def test_shadow_names(subject):
    """The shadow of a root is named after it and its device class."""
    source = "sorted(c.get_item_name(r) for r in c.find_roots())"
    assert on(subject, source) == ["default", "default~hdd", "default~ssd"]


def test_take_weights(subject):
    """get_take_weight_osd_map(): each OSD's share below an item, by its id; they sum to 1."""
    assert on(
        subject,
        "w = c.get_take_weight_osd_map(root)\n"
        "sorted(w) == sorted(c.get_osds_under(root)), abs(sum(w.values()) - 1) < 1e-6,"
        " {type(v).__name__ for v in w.values()}",
    ) == (True, True, {"float"})


def test_take_weights_primitive(subject):
    """The primitive below it has ids as text."""
    source = "{type(k).__name__ for k in c._get_take_weight_osd_map(root)['weights']}"
    assert on(subject, source) == {"str"}


def test_take_weights_type(subject):
    """An item is an int there too."""
    assert str(on(subject, "c.get_take_weight_osd_map('x')")) == NOT_INT


def test_rule(subject):
    """get_rule() and get_rule_by_id(): the rule's entry in the dump."""
    assert on(
        subject,
        "r = c.get_rule('replicated_rule')\n"
        "r == c.get_rule_by_id(0), sorted(r), [s['op'] for s in r['steps']][::2]",
    ) == (
        True,
        sorted(["rule_id", "rule_name", "ruleset", "type", "min_size", "max_size", "steps"]),
        ["take", "emit"],
    )


def test_rule_unknown(subject):
    """An unknown rule is None, and so is its root."""
    source = "c.get_rule('nothing'), c.get_rule_by_id(99), c.get_rule_root('nothing')"
    assert on(subject, source) == (None, None, None)


def test_rule_root(subject):
    """get_rule_root(): where the rule starts; the default rule starts at the first bucket."""
    assert on(subject, "root") == -1


def test_osds_under(subject):
    """get_osds_under(): every OSD below a bucket."""
    source = "sorted(c.get_osds_under(root)) == [o['osd'] for o in m.dump()['osds']]"
    assert on(subject, source) is True


def test_osds_under_unknown(subject):
    """An unknown bucket raises KeyError."""
    assert str(on(subject, "c.get_osds_under(-999)")) == "KeyError: -999"


def test_device_classes(subject):
    """device_class_counts(): how many devices of each class there are."""
    assert on(
        subject,
        "d = c.device_class_counts(); sorted(d), sum(d.values()) == len(c.dump()['devices'])",
    ) == (["hdd", "ssd"], True)


def test_choose_args(subject):
    """Without a compat weight set there are no default choose_args."""
    source = "c.have_default_choose_args(c.dump()), c.get_default_choose_args(c.dump())"
    assert on(subject, source) == (False, [])


def test_constants(subject):
    """The numbers that stand for "no item" and for the compat weight set."""
    assert on(subject, "c.ITEM_NONE, c.DEFAULT_CHOOSE_ARGS") == (0x7FFFFFFF, "-1")
