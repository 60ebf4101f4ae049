"""Our `orchestrator` beside Debian's: one backend, one command line, and what is printed, compared."""

import datetime as dt
import functools

import pytest

from tests.orchestrator_cli.findings import DEBIANS, OURS, Case, Findings, find


pytestmark = pytest.mark.ceph

FORMATS = ("plain", "json", "json-pretty", "yaml", "xml", "xml-pretty")
ERRORS = (
    "OrchestratorError",
    "OrchestratorValidationError",
    "NoOrchestrator",
    "SpecValidationError",
    "NotImplementedError",
    "ImportError",
)
LISTINGS = ("host ls", "device ls", "ls", "ps", "osd rm status")

MDS = """
service_type: mds
service_id: a
placement:
  hosts: [h1, h2]
---
---
service_type: crash
placement: {host_pattern: '*'}
config: {mon_host: '1'}
"""
OLD_STYLE = "{service_type: iscsi, service_id: i, pool: p, api_user: u, api_password: p}"
OSDS = (
    "{service_type: osd, service_id: x, placement: {host_pattern: '*'}, data_devices: {all: true}}"
)
HOST = "{service_type: host, hostname: h9, addr: 10.0.0.9, labels: [a, b]}"

WORDS = """
orch host ls --host_pattern h[12]
orch host ls --label osd --host_pattern h2
orch host ls --label osd
orch host ls --host_status offline
orch host ls --label nobody
orch host add h4
orch host add h4 [fd00::1] a,b
orch host add h4 10.0.0.4 a b --maintenance
orch host rm h1
orch host rm h1 --force --offline
orch host drain h1
orch host set-addr h1 10.0.0.7
orch host label add h1 x
orch host label rm h1 x --force
orch host ok-to-stop h1
orch host maintenance enter h1 --force
orch host maintenance exit h1
orch host rescan h1
orch host rescan h1 --with_summary
orch device ls --wide
orch device ls h1 h2 --refresh
orch device zap h1 /dev/sdb
orch device zap h1 /dev/sdb --force
orch ls mds
orch ls --service_name mds.a --refresh
orch ls --export
orch ls --export --format json
orch ls --export --format json-pretty
orch ps h1
orch ps --service_name mds.a --daemon_type mds --daemon_id x --refresh
orch apply osd
orch apply osd --all-available-devices
orch apply osd --all-available-devices --dry-run
orch apply osd --all-available-devices --unmanaged=true --no-overwrite
orch daemon add osd
orch daemon add osd h1:/dev/sdb
orch daemon add osd h1:/dev/sdb,/dev/sdc raw
orch daemon add osd h1:data_devices=/dev/sdb,/dev/sdc,db_devices=/dev/sdd,osds_per_device=2
orch osd rm 1 2 --replace --zap
orch osd rm 1 --force --no-destroy
orch osd rm stop 1 2
orch daemon add
orch daemon add mon h1
orch daemon add mds a
orch daemon add mds a h1 h2
orch daemon add rgw r h1 --port 80 --ssl
orch daemon add nfs n 2
orch daemon add iscsi pool user secret 10.0.0.1,10.0.0.2 h1
orch stop mds.a
orch redeploy mds.a
orch dance mds.a
orch daemon stop mds.a.h1
orch daemon stop mds
orch daemon redeploy mds.a.h1
orch daemon redeploy mds.a.h1 image:1
orch daemon redeploy mds
orch daemon rm mds.a osd.1
orch daemon rm mds.a osd.1 --force
orch daemon rm mds
orch rm mon
orch rm mon --force
orch rm mds.a
orch apply
orch apply mon 3
orch apply crash * --unmanaged
orch apply mgr --dry-run 2
orch apply nosuch
orch apply mds a 2
orch apply mds a label:x --dry-run
orch apply mds a count:0
orch apply rgw r 2 --realm=e
orch apply rgw r 2 --zone=z
orch apply rgw r 2 e z --port=80 --ssl --networks 10.0.0.0/8
orch apply nfs n 2 --port 2049
orch apply nfs n 2 --dry-run --format json
orch apply iscsi pool user secret
orch apply snmp-gateway V2c 10.0.0.1:162
orch set backend
orch set backend good
orch set backend off
orch set backend other
orch set backend nosuch
orch pause
orch resume
orch cancel
orch status --detail
orch upgrade check --image ceph:v17
orch upgrade check v17.2.0
orch upgrade start 17.2.0
orch upgrade check --ceph_version 17.2.0
orch upgrade ls
orch upgrade ls ceph --tags
orch upgrade status
orch upgrade start --ceph-version 17.2.0 --daemon-types mgr,mon --services a,b --limit 2
orch upgrade start ceph:v17 --hosts h1,h2
orch upgrade pause
orch upgrade resume
orch upgrade stop
device ls-lights
device light on ACME_1
device ls-lights
device light off ACME_1 ident
device light on ACME_1 fault
device light off ACME_1 fault --force
device light on ACME_1 both
"""
FILES = [
    ("orch apply", MDS),
    ("orch apply --dry-run", MDS),
    ("orch apply --dry-run --format yaml", MDS),
    ("orch apply mon", MDS),
    ("orch apply", HOST),
    ("orch apply", OLD_STYLE),
    ("orch apply", "{service_type: mds, service_id: 'a b'}"),
    ("orch apply", "{service_type: mds, service_id: a, placement: {count: x}}"),
    ("orch apply", "{service_type: mds, service_id: a, no_such_field: 1}"),
    ("orch apply", "{service_type: crash, config: {no_such_option: 1}}"),
    ("orch apply osd", OSDS),
    ("orch apply osd --dry-run", OSDS),
    ("orch apply osd --unmanaged=true", OSDS),
    ("orch apply osd", "a: b: c"),
    ("orch apply osd", "{service_type: osd, service_id: x, placement: {host_pattern: '*'}}"),
    ("orch daemon add", "{service_type: mds, service_id: a}"),
    ("orch daemon add mon", "{service_type: mds, service_id: a}"),
    ("orch daemon add mds a", "x"),
    ("orch apply nfs a", "x"),
    ("orch apply snmp-gateway V2c 10.0.0.1:162", "snmp_community: public"),
    ("orch apply snmp-gateway V2c 10.0.0.1:162", "{a: b: c}"),
    ("orch apply snmp-gateway V3 10.0.0.1:162", "snmp_community: public"),
]


def cases() -> list[Case]:
    """Everything that is compared."""
    found = [(words, "", "full") for words in WORDS.strip().splitlines()]
    found += [(words, text, "full") for words, text in FILES]
    for listing in LISTINGS:
        found += [(f"orch {listing} --format {each}", "", "full") for each in FORMATS]
        found.append((f"orch {listing}", "", "empty"))
        found.append((f"orch {listing} --format json", "", "empty"))
        found += [(f"orch {listing}", "", f"raise:{error}") for error in ERRORS]
    for mood in ("full", "empty", "unavailable", "unset"):
        found += [(f"orch status --format {each}", "", mood) for each in FORMATS]
    one_of_each = ("host add h", "rm mds.a", "apply mon 3", "upgrade status", "osd rm 1", "pause")
    for words in one_of_each:
        found += [(f"orch {words}", "", f"raise:{error}") for error in ERRORS]
        found.append((f"orch {words}", "", "unset"))
    return found


CASES = cases()
# Where ours answers otherwise on purpose; test_answers.py has what Debian's has no answer for.
BETTER = {
    ("orch apply osd", "", "full"),  # the refusal is on stdout there
    # "SNMPVersion.V3" there
    ("orch apply snmp-gateway V3 10.0.0.1:162", "snmp_community: public", "full"),
}


@functools.cache
def both(container: str = "") -> tuple[Findings, Findings]:
    """Ours, and Debian's."""
    moment = dt.datetime.now(dt.UTC)
    ours, theirs = (find(package, CASES, moment, container) for package in (OURS, DEBIANS))
    return ours, theirs


def test_commands_have_the_same_descriptors_and_permissions():
    """Help texts apart: those are ours, and there is one for each."""
    ours, theirs = both()

    def described(found):
        return {each["cmd"]: (each["perm"], each["poll"]) for each in found.commands}

    assert described(ours) == described(theirs)
    assert len(ours.commands) == len(described(ours))
    said = {each["cmd"]: each["desc"] for each in theirs.commands}
    for each in ours.commands:
        assert len(each["desc"]) > 10
        assert each["desc"] != said[each["cmd"]]


@pytest.mark.parametrize("case", range(len(CASES)), ids=[f"{w} {m}" for w, _, m in CASES])
def test_a_command_line_asks_and_prints_the_same(case):
    """Return value, both outputs, and every call of the backend with its arguments."""
    ours, theirs = both()
    same = ours.answers[case] == theirs.answers[case]
    assert same == (CASES[case] not in BETTER), (ours.answers[case], theirs.answers[case])


def test_the_column_of_containers_is_there_where_one_daemon_has_one():
    """As with Debian's, it is left out only where it would be empty."""
    ours, theirs = both("8a7b")
    listing = CASES.index(("orch ps --format plain", "", "full"))
    assert "CONTAINER ID" in ours.answers[listing][1]
    assert ours.answers[listing] == theirs.answers[listing]
