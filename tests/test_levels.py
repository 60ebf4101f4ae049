"""Two API levels in one supervisor: modules of pacific's interface and of the newest side by side."""

import json

import pytest

from tests.conditions import poll_for
from tests.daemon import ROOT, supervisor


TREES = ROOT / "tests" / "trees"
PACIFIC, NEWEST = TREES / "pacific", TREES / "newest"
ARGUMENTS = ("--module-path", str(PACIFIC), "--module-path", f"{NEWEST}=main")
MODULES = ("elder", "prober", "ledger")


@pytest.fixture(scope="module")
def daemon():
    enabled = [word for name in MODULES for word in ("--enable", name)]
    with supervisor(*ARGUMENTS, *enabled) as running:
        for name in MODULES:
            running.wait_state(name, "running")
        yield running


@pytest.fixture(scope="module")
def newest(daemon):
    return daemon.mgrctl("prober facts").json


@pytest.fixture(scope="module")
def pacific(daemon):
    return daemon.mgrctl("elder facts").json


def test_a_bad_option_value_is_silent_at_pacific_and_a_valueerror_at_main(newest, pacific):
    """Both keep the old value; only the newest interface hears the cluster's sentence."""
    assert pacific["bad value"] == "None"
    assert newest["bad value"] == ("ValueError: error parsing value: Value '99' exceeds maximum 10")
    assert newest["bad value elsewhere"].startswith("ValueError: error parsing value")
    assert pacific["kept"] == newest["kept"] == "3"


def test_an_undeclared_option_is_refused_at_both_levels(newest, pacific):
    """The sentence is upstream's, the same in every release."""
    sentence = "RuntimeError: Config option 'height' is not in Module.MODULE_OPTIONS"
    assert newest["undeclared"] == pacific["undeclared"] == sentence


def test_documents_are_copies_at_pacific_and_shared_at_main(newest, pacific):
    """What is shared cannot be changed, at any depth; `mutable` and deepcopy give what can be."""
    assert (pacific["change"], pacific["shared"]) == ("None", "False")
    assert newest["shared"] == newest["own"] == newest["copy"] == "True"
    assert newest["change"].startswith("TypeError: this object is shared by all who read it")
    assert "unexpected keyword argument 'mutable'" in pacific["mutable"]


def test_counters_are_read_by_path_at_pacific_and_by_labels_at_main(daemon, newest, pacific):
    """get_latest_counter means one thing at each level; what one level has not is not there."""
    assert pacific["by path"] == newest["by path"] == "{'osd.numpg': "
    assert newest["labelled"] == "{'osd': [1"
    assert pacific["newest counters"] == newest["pacific's counters"] == "False"
    (group,) = daemon.mgrctl("prober counters osd.0").json["osd"]
    assert group["labels"] == {}
    assert group["counters"]["numpg"]["value"] > 0


def test_a_progress_event_is_shown_where_it_is_asked_for(daemon, newest, pacific):
    """At main `add_to_ceph_s` may be left out, and then is false; pacific wants it said."""
    assert newest["progress"] == newest["shown progress"] == "None"
    assert "missing 1 required positional argument: 'add_to_ceph_s'" in pacific["progress"]
    status = poll_for(
        lambda: (out := daemon.ok("status")) and "for all to see" in out and out, 10, "a bar"
    )
    assert "by the newest" not in status


def test_a_module_logs_under_its_own_name_at_main(newest, pacific):
    """At pacific every module's logger is the root."""
    assert (newest["logger"], pacific["logger"]) == ("prober", "root")


@pytest.mark.parametrize(("asker", "asked"), [("prober", "elder"), ("elder", "prober")])
def test_modules_of_both_levels_call_each_other(daemon, asker, asked):
    """remote() does not ask for a level; each keeps its own behaviour."""
    answer = daemon.mgrctl(f"{asker} ask {asked}").json
    assert answer["bad value"].startswith("ValueError" if asked == "prober" else "None")


def test_a_shared_document_reaches_another_module_as_a_plain_copy(daemon):
    """The callee may change what it is given."""
    assert daemon.mgrctl("prober hand over elder").json[-1] == "one more"


def test_one_shot_ends_with_epipe(daemon):
    """A command to a daemon that is gone: ENXIO, and EPIPE for who wants one shot."""
    assert "16.2.15" in daemon.ok("prober tell 5")
    daemon.ok("osd down 5")
    assert daemon.mgrctl("prober tell 5").code == 6
    gone = daemon.mgrctl("prober tell 5 --one-shot")
    assert (gone.code, gone.err.strip()) == (32, "Error EPIPE: osd.5 is down and answers nothing")


def test_the_managers_pool_is_made(daemon):
    """By monitor commands, and seen in the map by the time they have answered."""
    assert daemon.mgrctl("prober pool").json == [False, True]
    assert daemon.mgrctl("prober pool").json == [True, True]
    pools = daemon.mgrctl("osd pool ls --format json").json
    assert ".mgr" in pools
    assert "device_health_metrics" not in pools


def test_arguments_follow_the_newest_rules(daemon):
    """Sizes with units; from `_end_positional_` on, arguments need their names; no -i where the
    handler takes none.
    """
    assert daemon.ok("prober size 5K") == "5120 bytes"
    assert daemon.ok("prober size 2MB --unit b") == "2097152 b"
    assert "unused arguments" in daemon.mgrctl("prober size 5K b").err
    given = daemon.mgrctl("prober size 5K -i", str(daemon.state / "screen"))
    assert given.code == 22
    assert "Invalid command: Input file data (-i) not supported" in given.err


def test_the_newest_notifications_reach_modules_of_level_main_alone(daemon):
    """`mgr_map` when the manager map changes, `audit` with each entry of that channel."""
    daemon.ok("prober audit who-did-what")

    def heard():
        return [tuple(entry) for entry in daemon.mgrctl("prober heard").json]

    poll_for(lambda: ("audit", "who-did-what") in heard(), 10, "the audit entry")
    poll_for(lambda: ("mgr_map", "") in heard(), 10, "the manager map")
    assert daemon.mgrctl("elder heard").json == []


def test_a_module_may_notify_all_but_not_in_the_clusters_name(daemon):
    """Entries of the cluster's log come from the cluster."""
    daemon.ok("prober announce mgr_map")
    poll_for(
        lambda: ["mgr_map", "from prober"] in daemon.mgrctl("prober heard").json, 10, "its own word"
    )
    refused = daemon.mgrctl("prober announce audit")
    assert "only the cluster's log itself notifies of 'audit'" in refused.err


def test_options_show_their_level(daemon):
    """OptionLevel of the newest interface is what `mgr module ls` shows; each module of that level
    has the option `sqlite3_killpoint`.
    """
    assert "basic" in daemon.ok("config help mgr/prober/depth")
    daemon.ok("config set mgr mgr/prober/sqlite3_killpoint 0")
    assert daemon.mgrctl("config set mgr mgr/elder/sqlite3_killpoint 0").code != 0


def test_a_package_of_another_tree_can_be_imported(daemon):
    """It stands on the importer's level; its commands stay its own module's."""
    where = daemon.ok("prober neighbour elder")
    assert where == str(PACIFIC / "elder" / "__init__.py")
    assert daemon.mgrctl("elder facts").json["logger"] == "root"


def test_a_tree_of_level_main_may_bring_its_own_mgr_module():
    """It stands on the ceph_module of that level; pacific's primitives are not what it gets."""
    own = TREES / "newest_own"
    enabled = ("--enable", "native", "--enable", "prober")
    with supervisor(*ARGUMENTS, "--module-path", f"{own}=main", *enabled) as running:
        for name in ("prober", "native"):  # the options of the first are known then
            running.wait_state(name, "running")
        facts = running.mgrctl("native facts").json
        assert facts == {
            "where": str(own / "mgr_module.py"),
            "refusal": "error parsing value: Value '99' exceeds maximum 10",
            "shared": True,
            "mutable": False,
            "erased": [True, False],
            "labelled": ["osd"],
            "unlabelled": ["osd.numpg"],
            "context": True,
        }
        log = (running.state / "log" / "ceph-mgr.x.log").read_text()
        assert "a word of native's root logger" in log


@pytest.mark.ceph
def test_upstreams_orchestrator_serves_a_module_of_level_main():
    """Debian's packages, of pacific: imported at level main, and called in their own processes."""
    debian = ("--module-path", "/usr/share/ceph/mgr")
    enabled = [w for n in ("prober", "orchestrator", "test_orchestrator") for w in ("--enable", n)]
    with supervisor(*ARGUMENTS, *debian, *enabled) as running:
        for name in ("prober", "orchestrator", "test_orchestrator"):
            running.wait_state(name, "running")
        refused = running.mgrctl("prober hosts")
        assert "No orchestrator configured" in refused.err
        running.ok("orch set backend test_orchestrator")
        assert json.loads(running.ok("prober hosts")) == ["localhost"]


def test_ceph_exit_ends_one_process(daemon):
    """The module is started again; nobody else notices."""
    others = {name: daemon.ps()[name]["pid"] for name in ("elder", "ledger")}
    ended = daemon.mgrctl("prober end")
    assert ended.code == 5
    assert "exited with code 120" in ended.err
    daemon.wait_state("prober", "running")
    assert {name: daemon.ps()[name]["pid"] for name in others} == others


def test_the_configuration_file_gives_a_tree_its_level():
    """[[tree]] level = "main", and a sentence for any other word on the command line."""
    config = f'[supervisor]\nenable = ["ledger"]\n[[tree]]\npath = "{NEWEST}"\nlevel = "main"\n'
    with supervisor(config=config) as running:
        running.wait_state("ledger", "running")
        running.ok("ledger note key value")
        assert json.loads(running.ok("ledger list")) == []
        assert running.stop() == 0
