"""What recipes decide, without a cluster or a process: a fake cluster notes what it is asked."""

import json
import re
import subprocess

import pytest
from ceph.deployment.service_spec import ServiceSpec
from local_orchestrator.recipes import (
    RECIPES,
    Cluster,
    Deployment,
    Place,
    Preparation,
    osds,
    programs,
)
from orchestrator import OrchestratorError, OrchestratorValidationError


CONF = "[global]\nmon host = 10.0.0.1\nauth client required = cephx\n[client]\nlog file =\n"
HERE = Place("alpha.example.com", "127.0.0.1")
OSD = {"service_type": "osd", "service_id": "d", "data_devices": {"all": True}}
ANYWHERE = {"placement": {"host_pattern": "*"}}
MON_A = {
    "name": "a",
    "public_addrs": {"addrvec": [{"addr": "127.0.0.1:3300"}, {"addr": "127.0.0.1:3301"}]},
}
CEPH_KINDS = ("mds", "mgr", "mon", "osd", "rgw", "crash", "rbd-mirror", "cephfs-mirror")


class Answering(Cluster):
    """A cluster with one answer by command; what it has none for succeeds and says nothing."""

    def __init__(self, **answers):
        self.answers = {name.replace("_", " "): answer for name, answer in answers.items()}
        self.asked = []

    def command(self, command, inbuf=""):
        self.asked.append({**command, **({"inbuf": inbuf} if inbuf else {})})
        answer = self.answers.get(command["prefix"].replace("-", " "), "")
        if isinstance(answer, tuple):
            return answer
        return 0, answer if isinstance(answer, str) else json.dumps(answer), ""

    def conf(self):
        return CONF

    def sent(self, prefix):
        return [command for command in self.asked if command["prefix"] == prefix]


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """Every program is there, unless a test says otherwise."""
    monkeypatch.setattr(programs, "find", lambda program: f"/usr/bin/{program}")


def spec(kind, **fields):
    found = {"service_type": kind, **fields}
    if kind in {"mds", "rgw", "container", "nfs", "iscsi", "ingress"}:
        found.setdefault("service_id", "one")
    if kind == "osd":
        found = {**OSD, **ANYWHERE, **found}
    return ServiceSpec.from_json(found)


def container(**fields):
    return spec("container", **{"image": "any", "entrypoint": "/bin/true", **fields})


def made(wanted, place=HERE, cluster=None, daemon_id="x"):
    return RECIPES[wanted.service_type].deployment(wanted, daemon_id, place, cluster)


def section(text):
    """The options at the end of a ceph.conf, below the operator's own lines."""
    assert text.startswith(CONF)
    head, *lines = text[len(CONF) :].strip().splitlines()
    return head, dict(line.split(" = ", 1) if " = " in line else (line[:-2], "") for line in lines)


def refusal(wanted, cluster=None):
    with pytest.raises(OrchestratorValidationError) as raised:
        RECIPES[wanted.service_type].check(wanted, cluster)
    return str(raised.value)


def test_every_type_of_service_has_a_recipe():
    assert set(RECIPES) == set(ServiceSpec.KNOWN_SERVICE_TYPES)


def test_a_container_is_a_plain_command():
    """entrypoint, args, envs, files and dirs are used; image and ports are only told."""
    wanted = container(
        image="docker.io/thing:1",
        args=["--config", "{folder}/etc/thing.conf"],
        extra_entrypoint_args=["--level 'very high'"],
        envs=["MODE=fast", "EMPTY="],
        files={"/etc/thing.conf": ["first", "second"], "plain": "text"},
        dirs=["/var/cache"],
        ports=[8080, 8443],
    )
    RECIPES["container"].check(wanted, None)
    found = made(wanted, daemon_id="one.alpha")
    assert found.name == "container.one.alpha"
    assert found.command == (
        "/bin/true",
        "--config",
        "{folder}/etc/thing.conf",
        "--level",
        "very high",
    )
    assert found.environment == {"MODE": "fast", "EMPTY": ""}
    assert {name: file.text for name, file in found.files.items()} == {
        "etc/thing.conf": "first\nsecond",
        "plain": "text",
    }
    assert {file.mode for file in found.files.values()} == {0o600}
    assert found.prepare == [Preparation(("mkdir", "-p", "--", "{folder}/var/cache"))]
    assert found.labels == {
        "service_name": "container.one",
        "daemon_type": "container",
        "daemon_id": "one.alpha",
        "hostname": "alpha.example.com",
        "image": "docker.io/thing:1",
        "ports": "8080,8443",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("entrypoint", None),
        ("entrypoint", "sleep 3"),
        ("args", "--one"),
        ("args", [1]),
        ("envs", ["no value"]),
        ("files", {"f": 3}),
        ("files", {"../f": "out"}),
        ("dirs", ["/"]),
        ("ports", [70000]),
        ("volume_mounts", {"a": "/b"}),
        ("bind_mounts", [["type=bind"]]),
        ("privileged", True),
        ("uid", 0),
        ("gid", 99),
        ("config", {"a": "b"}),
        ("networks", ["10.0.0.0/8"]),
        ("extra_entrypoint_args", ["'open"]),
    ],
)
def test_a_container_without_meaning_here_is_refused_by_field(field, value):
    assert refusal(container(**{field: value})).startswith(f"container.one: {field}: ")


def test_preparations_run_before_the_command_and_stop_it_when_they_fail(tmp_path):
    """Each is skipped where the path it makes exists; arguments reach programs as they are."""
    there = tmp_path / "it's there"
    deployed = Deployment(
        name="t",
        command=("echo", "done: $HOME"),
        prepare=[
            Preparation(("touch", str(there))),
            Preparation(("false",), unless=str(there)),
        ],
    )
    ran = subprocess.run(deployed.argv(), capture_output=True, text=True, check=True)
    assert ran.stdout == "done: $HOME\n"
    failing = Deployment(name="t", command=("echo", "done"), prepare=[Preparation(("false",))])
    ended = subprocess.run(failing.argv(), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert Deployment(name="t", command=("echo", "a b")).argv() == ["echo", "a b"]


def test_ids_are_those_of_cephadm():
    """Host, without its domain; before it the service's id, behind it six letters where needed."""
    mds = RECIPES["mds"].daemon_id(spec("mds", service_id="fs"), HERE, [], None)
    assert re.fullmatch(r"fs\.alpha\.[a-z]{6}", mds)
    assert re.fullmatch(r"alpha\.[a-z]{6}", RECIPES["mgr"].daemon_id(spec("mgr"), HERE, [], None))
    assert RECIPES["crash"].daemon_id(spec("crash"), HERE, [], None) == "alpha"
    assert RECIPES["container"].daemon_id(container(), HERE, [], None) == "one.alpha"
    named = Place("alpha", name="mine")
    assert RECIPES["mds"].daemon_id(spec("mds"), named, [], None) == "mine"
    with pytest.raises(OrchestratorValidationError, match=r"name mds\.mine already in use"):
        RECIPES["mds"].daemon_id(spec("mds"), named, ["mine"], None)


@pytest.mark.parametrize("kind", [*CEPH_KINDS, "prometheus"])
def test_without_a_cluster_daemons_of_ceph_are_refused(kind):
    assert "set ceph_conf under [cluster]" in refusal(spec(kind))


@pytest.mark.parametrize(
    ("kind", "program", "package"),
    [
        ("mds", "ceph-mds", "ceph-mds"),
        ("rgw", "radosgw", "radosgw"),
        ("crash", "ceph-crash", "ceph-base"),
        ("rbd-mirror", "rbd-mirror", "rbd-mirror"),
        ("node-exporter", "prometheus-node-exporter", "prometheus-node-exporter"),
        ("nfs", "ganesha.nfsd", "nfs-ganesha-ceph"),
    ],
)
def test_a_program_that_is_not_installed_is_named_with_its_package(
    monkeypatch, kind, program, package
):
    monkeypatch.setattr(programs, "find", lambda _: "")
    said = refusal(spec(kind), Answering())
    assert f"{kind} needs the program {program}, which is not installed" in said
    assert said.endswith(f"its Debian package is {package}")


@pytest.mark.parametrize("kind", ["nfs", "grafana", "cephadm-exporter"])
def test_kinds_that_are_not_deployed_say_why(kind):
    assert refusal(spec(kind)).startswith(f"{kind} is not deployed here: ")
    with pytest.raises(OrchestratorValidationError):
        made(spec(kind))


def test_the_search_for_programs_covers_the_administrators_folders(monkeypatch):
    monkeypatch.undo()
    assert programs.find("sh").endswith("/sh")
    assert programs.find("no-such-program-anywhere") == ""


def test_a_daemon_of_ceph_lives_in_its_own_folder():
    """The operator's ceph.conf with a section behind it; a key; the daemon in the foreground."""
    cluster = Answering(auth_get_or_create="[mds.x]\n\tkey = K\n")
    wanted = spec("mds", service_id="fs", extra_entrypoint_args=["--debug-mds 20"])
    RECIPES["mds"].check(wanted, cluster)
    found = made(wanted, Place("alpha", "127.0.0.3"), cluster)
    assert found.name == "mds.x"
    assert found.command == (
        *("/usr/bin/ceph-mds", "-f", "-i", "x", "-c", "{folder}/ceph.conf"),
        *("--debug-mds", "20"),
    )
    head, options = section(found.files["ceph.conf"].text)
    assert head == "[mds.x]"
    assert options["public addr"] == "127.0.0.3"
    assert (options["pid file"], options["log file"], options["log to stderr"]) == ("", "", "true")
    kept = ("keyring", "run dir", "admin socket", "mds data")
    assert all(options[name].startswith("{folder}") for name in kept)
    assert found.files["keyring"].text == "[mds.x]\n\tkey = K\n"
    assert found.files["keyring"].mode == 0o600
    assert found.labels["ip"] == "127.0.0.3"
    (asked,) = cluster.sent("auth get-or-create")
    assert asked["caps"] == list(RECIPES["mds"].caps)


def test_a_host_without_an_ip_address_takes_the_operators():
    found = made(spec("mds"), Place("alpha", "alpha"), Answering())
    assert "public addr" not in section(found.files["ceph.conf"].text)[1]


def test_a_key_with_other_capabilities_gets_those_of_its_kind():
    cluster = Answering(
        auth_get_or_create=(-22, "", "cap mds does not match"), auth_get="[mds.x]\n"
    )
    assert made(spec("mds"), cluster=cluster).files["keyring"].text == "[mds.x]\n"
    assert cluster.sent("auth caps")[0]["caps"] == list(RECIPES["mds"].caps)


def test_networks_leave_hosts_out_by_name():
    inside = spec("mgr", networks=["127.0.0.0/8"])
    assert made(inside, cluster=Answering()).name == "mgr.x"
    outside = spec("mgr", networks=["10.0.0.0/8"])
    with pytest.raises(
        OrchestratorValidationError, match=r"networks: .*alpha.* none of 10\.0\.0\.0/8"
    ):
        made(outside, cluster=Answering())


@pytest.mark.parametrize("field", ["extra_container_args", "custom_configs"])
def test_fields_of_containers_are_refused_for_daemons(field):
    value = [{"mount_path": "/m", "content": "c"}] if field == "custom_configs" else ["--x"]
    assert f"mds.one: {field}: " in refusal(spec("mds", **{field: value}), Answering())


def test_an_mds_service_tells_its_file_system_and_takes_it_back():
    cluster = Answering()
    wanted = spec("mds", service_id="fs", config={"mds cache memory limit": "1Gi"})
    RECIPES["mds"].service_setup(wanted, cluster)
    assert [(c["who"], c["name"], c["value"]) for c in cluster.sent("config set")] == [
        ("mds.fs", "mds_cache_memory_limit", "1Gi"),
        ("mds.fs", "mds_join_fs", "fs"),
    ]
    RECIPES["mds"].service_gone(wanted, cluster)
    assert cluster.sent("config rm") == [
        {"prefix": "config rm", "who": "mds.fs", "name": "mds_join_fs"}
    ]
    RECIPES["mds"].removed("x", cluster)
    assert cluster.sent("auth rm") == [{"prefix": "auth rm", "entity": "mds.x"}]


def test_what_the_cluster_refuses_is_told_in_its_words():
    cluster = Answering(config_set=(-22, "", "unrecognized config option 'nonsense'"))
    with pytest.raises(OrchestratorError, match="unrecognized config option 'nonsense'") as raised:
        RECIPES["mgr"].service_setup(spec("mgr", config={"nonsense": "1"}), cluster)
    assert raised.value.errno == -22


@pytest.mark.parametrize(
    ("standbys", "ids", "said"),
    [
        (["y"], ["y"], ""),
        (["y"], ["x"], "mgr.x is active: `mgr fail` lets another take over first"),
        ([], ["x"], "mgr.x is active and no other manager stands by"),
        (["y"], ["x", "y"], "mgr.x is active and no other manager stands by"),
    ],
)
def test_the_active_manager_is_not_ok_to_stop(standbys, ids, said):
    dump = {"active_name": "x", "standbys": [{"name": name} for name in standbys]}
    assert RECIPES["mgr"].ok_to_stop(ids, Answering(mgr_dump=dump)) == said


def tree(*destroyed):
    nodes = [{"id": -2, "name": "alpha", "type": "host", "children": list(destroyed)}]
    return {"nodes": nodes if destroyed else [], "stray": []}


@pytest.mark.parametrize(
    ("destroyed", "taken", "name", "sent"),
    [((), [], "", None), ((4, 7), [], "", 4), ((4, 7), ["4"], "", 7), ((4,), [], "9", 9)],
)
def test_an_osds_id_is_one_that_waits_for_it_or_a_new_one(destroyed, taken, name, sent):
    cluster = Answering(osd_tree=tree(*destroyed), osd_new="5\n")
    wanted = spec("osd", crush_device_class="nvme")
    place = Place("alpha.example.com", name=name)
    assert RECIPES["osd"].daemon_id(wanted, place, taken, cluster) == "5"
    (asked,) = cluster.sent("osd new")
    assert asked.get("id") == sent
    assert json.loads(asked["inbuf"]) == {"crush_device_class": "nvme"}


def osd_dump(number=5):
    return {"osds": [{"osd": number, "uuid": "u-u-i-d"}]}


def test_an_osd_is_in_memory_or_on_its_device():
    cluster = Answering(osd_dump=osd_dump())
    wanted = spec("osd")
    memory = made(wanted, HERE, cluster, "5")
    _, options = section(memory.files["ceph.conf"].text)
    assert options["osd objectstore"] == "memstore"
    assert options["osd fast shutdown"] == "false"
    assert options["crush location"] == "root=default host=alpha"
    made_first = memory.prepare[-1]
    assert made_first.unless == "{folder}/data/ready"
    assert made_first.argv[-3:] == ("--mkfs", "--osd-uuid", "u-u-i-d")
    device = made(wanted, Place("alpha", device="/dev/vdb"), cluster, "5")
    _, options = section(device.files["ceph.conf"].text)
    assert options["osd objectstore"] == "bluestore"
    assert options["bluestore block path"] == "/dev/vdb"
    assert device.labels["device"] == "/dev/vdb"
    with pytest.raises(OrchestratorError, match=r"knows no osd\.6"):
        made(wanted, HERE, cluster, "6")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("db_devices", {"paths": ["/dev/vdc"]}),
        ("encrypted", True),
        ("method", "lvm"),
        ("osds_per_device", 2),
        ("osds_per_device", "two"),
        ("data_allocate_fraction", 0.5),
    ],
)
def test_an_osd_that_is_more_than_a_device_is_refused_by_field(field, value):
    shown = spec("osd")
    setattr(shown, field, value)
    assert refusal(shown, Answering()).startswith(f"osd.d: {field}: ")


@pytest.mark.parametrize(
    ("replace", "drained", "taken"),
    [(True, "osd out", "osd destroy-actual"), (False, "osd crush reweight", "osd purge-actual")],
)
def test_an_osd_goes_for_good_or_for_a_replacement(replace, drained, taken):
    """What is to be replaced keeps its weight, number and place."""
    cluster = Answering(osd_crush_tree={"nodes": [{"id": 3, "crush_weight": 0.5}]})
    assert osds.drain(cluster, 3, replace=replace) == 0.5
    osds.take_out(cluster, 3, replace=replace)
    assert [c["prefix"] for c in cluster.asked] == ["osd crush tree", drained, "osd down", taken]
    osds.refill(cluster, 3, 0.5, replace=replace)
    assert cluster.asked[-1]["prefix"] == ("osd in" if replace else "osd crush reweight")


def listens(place, *, mons=(MON_A,)):
    cluster = Answering(mon_dump={"mons": list(mons)}, auth_get="[mon.]\n")
    _, options = section(made(spec("mon"), place, cluster, "alpha").files["ceph.conf"].text)
    return options["public addrv"]


def test_a_monitor_gets_an_address_that_none_has():
    assert listens(HERE) == "[v2:127.0.0.1:3302,v1:127.0.0.1:3303]"
    assert listens(Place("alpha", "127.0.0.2")) == "[v2:127.0.0.2:3300,v1:127.0.0.2:3301]"
    assert listens(Place("alpha", "127.0.0.1", ports=(5, 6))) == "[v2:127.0.0.1:5,v1:127.0.0.1:6]"
    given = "[v2:127.0.0.1:40,v1:127.0.0.1:41]"
    assert listens(Place("alpha", network=given)) == given
    assert listens(Place("alpha", "127.0.0.1", network="127.0.0.0/8")) == listens(HERE)


def test_a_monitor_keeps_its_address():
    own = {
        "name": "alpha",
        "public_addrs": {"addrvec": [{"addr": "127.0.0.1:7"}, {"addr": "127.0.0.1:8"}]},
    }
    assert listens(HERE, mons=(MON_A, own)) == "[v2:127.0.0.1:7,v1:127.0.0.1:8]"


def test_a_monitor_that_the_others_could_not_reach_is_refused():
    far = {"name": "b", "public_addrs": {"addrvec": [{"addr": "10.1.1.1:3300"}]}}
    for place, mons, said in (
        (HERE, (MON_A, far), "could not be reached by the monitor on 10.1.1.1:3300"),
        (Place("alpha", "alpha"), (MON_A,), "mon needs an IP address: give host alpha one"),
        (Place("alpha", network="[v2:nonsense]"), (MON_A,), "[v2:nonsense] is not [v2:ADDRESS"),
    ):
        with pytest.raises(OrchestratorValidationError) as raised:
            listens(place, mons=mons)
        assert said in str(raised.value)


def test_a_monitor_that_must_stay_stays():
    cluster = Answering(mon_dump={"mons": [MON_A]}, mon_ok_to_rm=(-16, "", "would break quorum"))
    with pytest.raises(OrchestratorError, match=r"mon\.a must stay: would break quorum"):
        RECIPES["mon"].leaving("a", cluster)
    assert not cluster.sent("mon rm")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "beast port=80"),
        ({"rgw_frontend_port": 81, "networks": ["127.0.0.0/8"]}, "beast endpoint=127.0.0.1:81"),
        (
            {"ssl": True, "rgw_frontend_ssl_certificate": ["PEM"]},
            "beast ssl_port=443 ssl_certificate=config://rgw/cert/rgw.one",
        ),
        ({"rgw_frontend_type": "civetweb"}, "civetweb port=80"),
    ],
)
def test_a_gateway_listens_where_its_spec_says(fields, said):
    cluster = Answering()
    wanted = spec("rgw", **fields)
    RECIPES["rgw"].check(wanted, cluster)
    found = made(wanted, HERE, cluster)
    assert "-n client.rgw.x" in " ".join(found.command)
    assert section(found.files["ceph.conf"].text)[1]["rgw frontends"] == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ssl": True}, "rgw_frontend_ssl_certificate: needed for ssl"),
        ({"rgw_frontend_type": "apache"}, "rgw_frontend_type: 'apache' is none of beast, civetweb"),
        ({"rgw_frontend_port": "high"}, "'high' is no port number"),
    ],
)
def test_a_gateway_that_could_not_listen_is_refused(fields, said):
    assert refusal(spec("rgw", **fields), Answering()) == f"rgw.one: {said}"


def test_the_crash_collector_needs_no_file():
    """Its key and its monitors are in its environment, which only its own user reads."""
    cluster = Answering(
        config_generate_minimal_conf="[global]\n\tmon_host = [v2:1.1.1.1:3300] [v2:1.1.1.2:3300]\n",
        auth_get_or_create="[client.crash.alpha]\n\tkey = SECRET\n",
    )
    found = made(spec("crash"), HERE, cluster, "alpha")
    assert found.environment == {
        "CEPH_CONF": "/dev/null",
        "CEPH_ARGS": "--mon-host=[v2:1.1.1.1:3300],[v2:1.1.1.2:3300] --key=SECRET",
    }
    assert found.files == {}
    assert found.command[1:] == ("-n", "client.crash.alpha", "-p", "/var/lib/ceph/crash")


def test_prometheus_reads_where_the_managers_module_is_served():
    cluster = Answering(
        mgr_module_ls={"enabled_modules": []}, mgr_services={"prometheus": "http://10.0.0.1:9283/"}
    )
    wanted = spec("prometheus", port=9999, retention_time="3d")
    RECIPES["prometheus"].service_setup(wanted, cluster)
    assert cluster.sent("mgr module enable")[0]["module"] == "prometheus"
    found = made(wanted, HERE, cluster)
    assert "10.0.0.1:9283" in found.files["prometheus.yml"].text
    assert found.command[1] == "--web.listen-address=:9999"
    assert "--storage.tsdb.retention.time=3d" in found.command
    assert found.labels["ports"] == "9999"


def test_alerts_go_to_the_webhooks_of_the_spec():
    wanted = spec("alertmanager", user_data={"default_webhook_urls": ["http://hook"]})
    assert "url: http://hook" in made(wanted).files["alertmanager.yml"].text
