"""Descriptions as operators write them, good ones and bad ones, for Hypothesis."""

import re

from hypothesis import strategies as st


NAMES = st.sampled_from(["a", "b", "c", "ab-1", "shop.east", "x_9"])
PORTS = st.integers(1, 65535)
TEXTS = st.sampled_from(["", "text", "two words", "-----BEGIN CERTIFICATE-----\nx\n"])
LISTS = st.lists(st.sampled_from(["--cpus=2", "-v", "A=b"]), max_size=2)
FLAGS = st.booleans()
NETWORKS = st.lists(st.sampled_from(["10.0.0.0/8", "fd00::/64"]), max_size=2)
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 9), st.just(""), st.just("junk"), st.just([1]),
    st.just({"a": 1}), st.just(2.5),
)  # fmt: skip


def optional(required=None, **fields):
    """A dictionary of some of `fields`, and all of `required`."""
    return st.fixed_dictionaries(required or {}, optional=fields)


HOST_NAMES = st.sampled_from(["a", "b", "host-3.example.org", "ab-1"])
PLACED_HOSTS = st.tuples(
    HOST_NAMES,
    st.sampled_from(
        ["", ":1.2.3.4", ":1.2.3.0/24", ":[v2:1.2.3.4:3300,v1:1.2.3.4:6789]", ":fd00::1"]
    ),
    st.sampled_from(["", "=name"]),
).map("".join)
PATTERNS = st.sampled_from(["*", "data[1-3]", "h?st*"])
NUMBERS = st.integers(1, 9)
GOOD_PLACEMENTS = st.one_of(
    optional(count=NUMBERS),
    optional({"label": NAMES}, count=NUMBERS),
    optional({"hosts": st.lists(PLACED_HOSTS, min_size=1, max_size=3)}, count=NUMBERS),
    optional({"hosts": st.lists(HOST_NAMES, min_size=1)}, count_per_host=NUMBERS),
    optional({"host_pattern": PATTERNS, "count_per_host": NUMBERS}),
    optional({"host_pattern": PATTERNS, "label": NAMES}, count=NUMBERS),
)
PLACEMENTS = st.one_of(
    GOOD_PLACEMENTS,
    optional(
        label=st.one_of(NAMES, st.none()),
        hosts=st.one_of(
            st.none(),
            st.lists(
                st.one_of(
                    PLACED_HOSTS,
                    st.sampled_from(["", "a_b", "a..b", "a:10.0.0.0/99", "a:nonsense", "x" * 70]),
                    st.fixed_dictionaries(
                        {"hostname": HOST_NAMES, "network": st.just(""), "name": st.just("")}
                    ),
                ),
                max_size=3,
            ),
        ),
        count=st.one_of(st.integers(-1, 3), st.sampled_from([1.5, "2", "many", None])),
        count_per_host=st.one_of(st.integers(-1, 3), st.sampled_from([1.5, "2", "many", None])),
        host_pattern=st.one_of(PATTERNS, st.sampled_from(["", "a", 5, None])),
        hots=st.just(["a"]),
    ),
)
WORDS = st.one_of(
    PLACED_HOSTS,
    PATTERNS,
    st.sampled_from(
        ["count:2", "count:0", "count-per-host:2", "count:x", "label:mon",
         "label:osd", "label:", "", "*x", "a=b:c", "a_b"]
    ),
)  # fmt: skip
PLACEMENT_TEXTS = st.tuples(
    st.sampled_from([[], [], [], ["3"], ["0"], ["-1"]]),
    st.one_of(
        st.lists(WORDS, max_size=3),
        st.lists(PLACED_HOSTS, max_size=3),
        st.tuples(PATTERNS, st.sampled_from(["count:2", "count-per-host:2", "label:mon"])).map(
            list
        ),
    ),
    st.sampled_from(" ;,"),
).map(lambda made: made[2].join(made[0] + made[1]))
# Debian's takes the whole for one word where there is a bracket in it; ours does not.
SPLIT_ALIKE = PLACEMENT_TEXTS.filter(
    lambda made: not ("[" in made and re.search(r",(?![^[]*\])", made))
)

COMMON = {
    "placement": GOOD_PLACEMENTS,
    "unmanaged": FLAGS,
    "preview_only": FLAGS,
    "config": st.dictionaries(st.sampled_from(["debug ms", "log_to_file"]), st.just("1")),
    "networks": NETWORKS,
    "extra_container_args": LISTS,
    "extra_entrypoint_args": LISTS,
    "custom_configs": st.lists(
        st.fixed_dictionaries({"content": TEXTS, "mount_path": st.just("/etc/a/b.conf")}),
        max_size=1,
    ),
}


def _common(*without):
    return {name: values for name, values in COMMON.items() if name not in without}


SIZES = st.one_of(st.integers(1, 10**12), st.sampled_from(["10G", "500M"]))
SELECTIONS = st.one_of(
    st.fixed_dictionaries({"all": st.just(True)}, optional={"limit": NUMBERS}),
    st.fixed_dictionaries(
        {"paths": st.lists(st.sampled_from(["/dev/sda", "/dev/sdb"]), min_size=1)},
        optional={"limit": NUMBERS},
    ),
    optional(
        {"rotational": FLAGS},
        model=st.sampled_from(["MC-55", "SSD"]),
        vendor=st.sampled_from(["Samsung", "dell"]),
        size=st.sampled_from(["10G:40G", "200GB:", ":1TB", "10G", "1.82TB"]),
        limit=NUMBERS,
    ),
)
# By type of service: fields that it must have, and fields that it may have beside those of all.
OWN = {
    "mon": ({}, {}),
    "mgr": ({}, {}),
    "crash": ({}, {}),
    "rbd-mirror": ({}, {}),
    "cephfs-mirror": ({}, {}),
    "cephadm-exporter": ({}, {}),
    "mds": ({}, {}),
    "nfs": ({}, {"port": PORTS}),
    "rgw": (
        {},
        {
            "rgw_frontend_port": PORTS,
            "rgw_frontend_type": st.sampled_from(["beast", "civetweb"]),
            "rgw_frontend_ssl_certificate": LISTS,
            "ssl": FLAGS,
            "subcluster": TEXTS,
        },
    ),
    "iscsi": (
        {"pool": NAMES},
        {
            "trusted_ip_list": st.just("1.2.3.4,5.6.7.8"),
            "api_port": PORTS,
            "api_user": NAMES,
            "api_password": NAMES,
            "api_secure": FLAGS,
            "ssl_cert": TEXTS,
            "ssl_key": TEXTS,
        },
    ),
    "ingress": (
        {
            "backend_service": st.just("rgw.a"),
            "frontend_port": PORTS,
            "monitor_port": PORTS,
            "virtual_ip": st.just("192.168.20.1/24"),
        },
        {
            "ssl_cert": TEXTS,
            "ssl_ciphers": LISTS,
            "ssl_options": LISTS,
            "ssl_dh_param": TEXTS,
            "monitor_user": TEXTS,
            "monitor_password": TEXTS,
            "enable_stats": FLAGS,
            "keepalived_password": TEXTS,
            "virtual_interface_networks": NETWORKS,
            "ssl": FLAGS,
        },
    ),
    "container": (
        {"image": st.just("quay.io/a/b:1")},
        {
            "entrypoint": TEXTS,
            "uid": PORTS,
            "gid": PORTS,
            "args": LISTS,
            "envs": LISTS,
            "volume_mounts": st.dictionaries(st.just("/a"), st.just("/b")),
            "privileged": FLAGS,
            "bind_mounts": st.lists(st.just(["type=bind", "source=/a"]), max_size=1),
            "ports": st.lists(PORTS, max_size=2),
            "dirs": LISTS,
            "files": st.dictionaries(st.just("a.conf"), st.just(["line", "line"])),
        },
    ),
    "node-exporter": ({}, {"port": PORTS}),
    "grafana": ({}, {"port": PORTS, "initial_admin_password": TEXTS}),
    "alertmanager": (
        {},
        {
            "port": st.integers(1, 9093),
            "secure": FLAGS,
            "user_data": st.just({"default_webhook_urls": ["https://foo"]}),
        },
    ),
    "prometheus": ({}, {"port": PORTS, "retention_time": TEXTS, "retention_size": TEXTS}),
    "snmp-gateway": (
        {
            "snmp_destination": st.sampled_from(["192.168.1.42:162", "10.1.2.3:1"]),
            "engine_id": st.just("8000C53F00000000"),
        },
        {
            "port": PORTS,
            "auth_protocol": st.sampled_from(["MD5", "SHA"]),
            "privacy_protocol": st.sampled_from(["DES", "AES"]),
        },
    ),
    "osd": (
        {"data_devices": SELECTIONS},
        {
            "db_devices": SELECTIONS.filter(lambda made: not made.get("all")),
            "wal_devices": SELECTIONS.filter(lambda made: not made.get("all")),
            "journal_devices": SELECTIONS.filter(lambda made: not made.get("all")),
            "data_directories": LISTS,
            "osds_per_device": NUMBERS,
            "encrypted": FLAGS,
            "db_slots": NUMBERS,
            "wal_slots": NUMBERS,
            "osd_id_claims": st.dictionaries(HOST_NAMES, st.lists(st.just("3"))),
            "block_db_size": SIZES,
            "block_wal_size": SIZES,
            "journal_size": SIZES,
            "filter_logic": st.sampled_from(["AND", "OR", "and"]),
            "data_allocate_fraction": st.just(0.5),
            "method": st.sampled_from(["raw", "lvm"]),
            "crush_device_class": NAMES,
        },
    ),
}
_LACKING = {  # fields of all services that a type does not take
    "osd": ("config", "networks", "custom_configs"),
    "container": ("extra_container_args", "custom_configs"),
    "prometheus": ("custom_configs",),
    "snmp-gateway": ("config", "networks"),
    "mds": ("networks",),
    "ingress": ("preview_only",),
}
_NAMED = ("iscsi", "mds", "nfs", "rgw", "container", "ingress", "osd")


@st.composite
def good_specs(draw, types=tuple(OWN)):
    """A valid description in one style or the other, or with some fields each way."""
    service_type = draw(st.sampled_from(types))
    required, more = OWN[service_type]
    fields = {"service_type": service_type}
    if service_type in _NAMED:
        fields["service_id"] = draw(st.sampled_from(["a", "shop.east", "x_9-1"]))
    common = draw(optional(**_common(*_LACKING.get(service_type, ()))))
    own = draw(optional(required, **more))
    if service_type == "osd":
        common.setdefault("placement", {"host_pattern": "*"})
        common["placement"] = common["placement"] or {"count": 1}
    if service_type == "snmp-gateway":
        own |= draw(st.sampled_from([_V2, _V3]))
    if service_type == "rgw" and draw(FLAGS):
        own |= {"rgw_realm": "r", "rgw_zone": "z"}
    flat = {name: own.pop(name) for name in list(own) if draw(FLAGS)}
    return fields | common | flat | ({"spec": own} if own else {})


_V2 = {"snmp_version": "V2c", "credentials": {"snmp_community": "public"}}
_V3 = {
    "snmp_version": "V3",
    "credentials": {
        "snmp_v3_auth_username": "u",
        "snmp_v3_auth_password": "p",
        "snmp_v3_priv_password": "q",
    },
}


@st.composite
def any_specs(draw):
    """One that may be wrong: one thing or two of a good one left out, or replaced, or added."""
    described = draw(good_specs())
    for _ in range(draw(st.integers(0, 2))):
        where = described
        if isinstance(described.get("spec"), dict) and draw(FLAGS):
            where = described["spec"]
        name = draw(st.sampled_from([*where, "service_name", "unheard_of", "networks", "config"]))
        change = draw(st.sampled_from(["drop", "junk", "wrong"]))
        if change == "drop":
            where.pop(name, None)
        elif change == "junk":
            where[name] = draw(JUNK)
        else:
            where[name] = draw(_WRONG.get(name, JUNK))
    return described


_WRONG = {
    "service_type": st.sampled_from(["", "rgw", "osd", "mon", "nothing"]),
    "service_id": st.sampled_from(["", "9lives", "no/slash", "a b"]),
    "service_name": st.sampled_from(["rgw.other", "mds.x.y", "mon", ""]),
    "placement": PLACEMENTS,
    "networks": st.sampled_from(["10.0.0.0/8", "10.0.0.1/8", 5, ["x"], []]),
    "config": st.sampled_from(
        [{"mds_join_fs": "a"}, {"rgw zone": "b"}, {"rgw_frontends": "c"}, {}, None]
    ),
    "custom_configs": st.sampled_from(
        [[{"content": "a"}], [{"content": "a", "mount_path": "b", "c": 1}],
         [{"content": 1, "mount_path": "b"}], [{"content": "a", "mount_path": 2}]]
    ),
    "snmp_version": st.sampled_from(["V1", "V3", "V2c"]),
    "auth_protocol": st.just("ROT13"),
    "privacy_protocol": st.just("ROT13"),
    "snmp_destination": st.sampled_from(
        ["", "1.2.3.4", "::1", "[::1]:162", "1.2.3", "1.2.3.4:port", "[::1"]
    ),
    "engine_id": st.sampled_from(["", "80", "8000C53F0000000", "8000C53F0000000g"]),
    "credentials": st.sampled_from([{}, {"snmp_community": "x"}, {"snmp_v3_auth_username": "x"}]),
    "rgw_zone": st.just("z"),
    "rgw_realm": st.just("r"),
    "port": st.just(9094),
    "virtual_ips_list": st.just(["1.2.3.4"]),
    "objectstore": st.sampled_from(["filestore", "memstore", "bluestore"]),
    "method": st.sampled_from(["none", "raw"]),
    "filter_logic": st.sampled_from(["XOR", "or"]),
    "data_devices": st.sampled_from(
        [{}, None, {"limit": 1}, {"all": True, "model": "x"}, {"paths": ["/a"], "size": "1G"},
         {"speed": 5}, {"all": True, "rotational": False, "limit": 3}]
    ),
    "db_devices": st.sampled_from([{"all": True}, {}, {"colour": "red"}]),
    "block_db_size": st.sampled_from([1.5, [1]]),
}  # fmt: skip

GOOD_HOSTS = optional(
    {"hostname": HOST_NAMES},
    addr=st.sampled_from(["1.2.3.4", "", None]),
    labels=st.lists(st.sampled_from(["mon", "osd"]), max_size=3),
    status=st.sampled_from(["", "maintenance"]),
    location=st.sampled_from([None, {"rack": "r1", "root": "default"}]),
)
HOSTS = optional(
    hostname=st.one_of(
        HOST_NAMES, st.sampled_from(["a_b", "", "a..b", "x" * 64, "a." * 130 + "a"])
    ),
    addr=st.sampled_from(["1.2.3.4", "", None, "a"]),
    labels=st.one_of(
        st.lists(st.sampled_from(["mon", "osd"]), max_size=3),
        st.sampled_from(["mon", None, 5, [5], {"a": 1}]),
    ),
    status=st.sampled_from(["", "maintenance", None]),
    location=st.sampled_from([None, {}, {"rack": "r1"}, {"rack": 1}, "rack", {1: "r"}]),
    service_type=st.just("host"),
)
DEVICES = st.lists(
    optional(
        {"path": st.sampled_from([f"/dev/sd{letter}" for letter in "abcdefgh"])},
        sys_api=optional(
            {"human_readable_size": st.sampled_from(["10.00 GB", "20.00 GB", "1.82 TB", "5.50 MB"])},
            rotational=st.sampled_from(["0", "1"]),
            model=st.sampled_from(["MC-55-44-XZ", "SSD 970"]),
            vendor=st.sampled_from(["Samsung", "dell"]),
            size=st.just(1999844147200.0),
        ),
        available=FLAGS,
        rejected_reasons=st.lists(st.sampled_from(["locked", "LVM detected"]), max_size=2),
        lvs=st.lists(
            optional(name=NAMES, osdspec_affinity=st.sampled_from(["a", "other", ""])), max_size=2
        ),
        device_id=NAMES,
        lsm_data=st.sampled_from([{}, None, {"serialNum": "S1"}]),
        created=st.just("2021-02-11T18:53:55.636000Z"),
        ceph_device=st.one_of(FLAGS, st.none()),
        unheard_of=st.just(1),
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip
