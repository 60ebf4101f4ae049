"""Services as real processes, without any Ceph, by the `orch` commands."""

import errno
import json
import os
import signal
from pathlib import Path

import pytest
import yaml

from tests.conditions import poll_for
from tests.local_orchestrator.deployed import HERE, service, site


SLEEPER = f"container.sleeper.{HERE}"


@pytest.fixture(scope="module")
def orch():
    """One supervisor for all tests here; each leaves it without services."""
    with site() as found:
        yield found


@pytest.fixture(autouse=True)
def _leave_nothing(orch):
    yield
    for name in orch.ls():
        orch.daemon.mgrctl("orch rm", name)  # unless it is going already
    orch.wait({})
    poll_for(lambda: not orch.ls(), 10, "services to be gone")
    for line in orch.orch("host ls").splitlines()[1:-1]:
        if (name := line.split()[0]) != HERE:
            orch.orch("host rm", name)


def running(orch, name=SLEEPER):
    """Deploy the service, and wait for it."""
    orch.orch("apply", spec=service())
    orch.wait({name: "running"})
    return orch.pid(name)


def words_of(pid):
    """Nothing of a process that is gone: what the orchestrator says of it may be older."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def test_a_service_runs_as_a_real_process_and_is_shown(orch):
    preview = orch.orch("apply --dry-run", spec=service())
    assert ("container.sleeper" in preview, HERE in preview) == (True, True)
    assert orch.ls() == {}
    assert orch.orch("apply", spec=service()) == "Scheduled container.sleeper update..."
    orch.wait({SLEEPER: "running"})
    assert words_of(orch.pid(SLEEPER)) == [b"/bin/sleep", b"1000"]
    assert orch.ls()["container.sleeper"]["status"]["running"] == 1
    assert "1/1" in orch.orch("ls")
    shown = orch.ps()[SLEEPER]
    assert (shown["hostname"], shown["service_name"]) == (HERE, "container.sleeper")
    assert shown["memory_usage"] > 0
    assert "Deployed" in shown["events"][0]
    for words in ("orch ps", "orch ls", "orch host ls", "orch device ls", "orch status"):
        for format_ in ("json", "json-pretty", "yaml"):
            assert list(yaml.safe_load_all(orch.asked(words, format=format_))), words
    exported = orch.orch("ls --export")
    assert orch.orch("apply", spec=yaml.safe_load(exported)).startswith("Scheduled")
    orch.orch("rm container.sleeper")
    orch.wait({})
    assert orch.orch("ls") == "No services reported"


def test_a_killed_process_comes_back_and_a_killed_module_takes_none_along(orch):
    pid = running(orch)
    os.kill(pid, signal.SIGKILL)
    poll_for(lambda: orch.pid(SLEEPER) not in (None, pid), 10, "another process")
    orch.wait({SLEEPER: "running"})
    pid = orch.pid(SLEEPER)
    os.kill(orch.daemon.ps()[orch.backend]["pid"], signal.SIGKILL)
    poll_for(lambda: orch.daemon.ps()[orch.backend]["restarts"], 10, "the module's end")
    orch.daemon.wait_state(orch.backend, "running")
    orch.wait({SLEEPER: "running"})
    assert orch.pid(SLEEPER) == pid


def test_daemons_are_there_again_after_an_agent_was_killed(orch):
    """Those that systemd keeps never went away."""
    pid = running(orch)
    engine = json.loads(orch.asked("orch status", format="json"))["engine"]
    agent = orch.agent.pid
    os.kill(agent, signal.SIGKILL)
    poll_for(lambda: orch.agent.pid != agent and orch.answers(), 30, "another agent")
    orch.wait({SLEEPER: "running"})
    if engine == "process":
        poll_for(lambda: orch.pid(SLEEPER) not in (None, pid), 10, "another process")
    else:
        assert orch.pid(SLEEPER) == pid
    poll_for(lambda: "ORCH_" not in orch.health(), 10, "all to be well")


def test_a_stopped_daemon_stays_stopped_until_it_is_started(orch):
    first = running(orch)
    said = orch.orch("daemon stop", SLEEPER)
    assert said == f"Scheduled to stop {SLEEPER} on host '{HERE}'"
    orch.wait({SLEEPER: "stopped"})
    orch.orch("apply", spec=service("other"))
    orch.wait({SLEEPER: "stopped", f"container.other.{HERE}": "running"})
    orch.orch("start container.sleeper")
    orch.wait({SLEEPER: "running", f"container.other.{HERE}": "running"})
    again = orch.pid(SLEEPER)
    orch.orch("daemon restart", SLEEPER)
    poll_for(lambda: orch.pid(SLEEPER) not in (None, first, again), 10, "another process")


def test_a_removed_daemon_of_a_service_comes_back(orch):
    pid = running(orch)
    assert "Scheduled to remove" in orch.orch("daemon rm", SLEEPER)
    poll_for(lambda: orch.pid(SLEEPER) not in (None, pid), 10, "a new one")


def test_a_changed_spec_is_rolled_out(orch):
    running(orch)
    orch.orch("apply --no-overwrite", spec=service(args=["2000"]))
    orch.orch("apply", spec=service(args=["3000"]))
    poll_for(
        lambda: (pid := orch.pid(SLEEPER)) and words_of(pid) == [b"/bin/sleep", b"3000"],
        10,
        "the new arguments",
    )


def test_what_fails_is_said_and_mended_by_a_better_spec(orch):
    orch.orch("apply", spec=service(entrypoint="/bin/false", args=[]))
    orch.wait({SLEEPER: "error"})
    poll_for(lambda: f"daemon {SLEEPER} on {HERE} is in error state" in orch.health(), 10)
    orch.orch("apply", spec=service())
    orch.wait({SLEEPER: "running"})
    orch.orch("apply", spec=service("absent", entrypoint="/nowhere/program"))
    poll_for(lambda: "ORCH_APPLY_FAIL" in orch.health(), 10)
    assert "/nowhere/program" in orch.health()
    assert "/nowhere/program" in orch.ls()["container.absent"]["events"][0]
    orch.orch("rm container.absent")
    poll_for(lambda: "ORCH_" not in orch.health(), 10, "all to be well")


def test_services_follow_the_labels_of_hosts_and_leave_those_that_are_drained(orch):
    assert orch.orch("host add b 127.0.0.2 --labels web") == "Added host 'b' with addr '127.0.0.2'"
    assert "not an address of this machine" in orch.refusal("host add c 192.0.2.1")
    orch.orch("apply", spec=service(label="web"))
    orch.wait({"container.sleeper.b": "running"})
    orch.orch("host label add", HERE, "web")
    orch.wait({"container.sleeper.b": "running", SLEEPER: "running"})
    assert "container.sleeper.b" in orch.refusal("host rm b")
    assert "container" in orch.orch("host drain b")
    orch.wait({SLEEPER: "running"})
    orch.orch("host rm b")
    orch.orch("host label rm", HERE, "web")
    orch.wait({})


def test_a_host_in_maintenance_rests(orch):
    orch.orch("host add b 127.0.0.2")
    both = {SLEEPER: "running", "container.sleeper.b": "running"}
    orch.orch("apply", spec=service(hosts=[HERE, "b"]))
    orch.wait(both)
    assert "presumed safe" in orch.orch("host ok-to-stop b")
    orch.orch("host maintenance enter b")
    orch.wait({**both, "container.sleeper.b": "stopped"})
    assert "Maintenance" in orch.orch("host ls")
    assert "is in maintenance" in orch.refusal("daemon start container.sleeper.b")
    assert orch.orch("restart container.sleeper").splitlines() == [
        f"Scheduled to restart {SLEEPER} on host '{HERE}'"
    ]
    orch.orch("host maintenance exit b")
    orch.wait(both)


def test_a_rolling_restart_has_one_daemon_down_at_a_time(orch):
    orch.orch("host add b 127.0.0.2")
    names = (SLEEPER, "container.sleeper.b")
    orch.orch("apply", spec=service(hosts=[HERE, "b"]))
    orch.wait(dict.fromkeys(names, "running"))
    before = {name: orch.pid(name) for name in names}
    assert len(orch.orch("restart container.sleeper").splitlines()) == 2
    seen = set()

    def look():
        pids = {name: orch.pid(name) for name in names}
        seen.add(frozenset(name for name in names if pids[name] == before[name]))
        return all(pids[name] not in (None, before[name]) for name in names)

    poll_for(look, 15, "both to be others")
    assert any(len(unchanged) == 1 for unchanged in seen), seen


def test_daemons_besides_the_managed_ones(orch):
    assert "host nowhere does not exist" in orch.refusal(
        "daemon add", spec=service(hosts=["nowhere"]), code=errno.ENOENT
    )
    orch.orch("daemon add", spec=service())
    orch.wait({SLEEPER: "running"})
    assert "<unmanaged>" in orch.orch("ls")
    orch.orch("daemon rm", SLEEPER)
    orch.wait({})


def test_refusals_say_what_is_missing(orch):
    assert "needs a real Ceph cluster: set ceph_conf" in orch.refusal("apply mds cephfs")
    assert "on nowhere: Unknown hosts" in orch.refusal("apply", spec=service(hosts=["nowhere"]))
    assert "Unable to find container.nothing daemon(s)" in orch.refusal(
        "daemon stop container.nothing"
    )
    assert "not images" in orch.refusal("daemon redeploy container.nothing image")
    assert "mds.nothing" in orch.refusal("rm mds.nothing", code=errno.ENOENT)
    assert "there is no cluster to remove OSDs from" in orch.refusal("osd rm 0")


def test_pausing_leaves_everything_as_it_is(orch):
    orch.orch("pause")
    try:
        assert "Paused: Yes" in orch.orch("status")
        orch.orch("apply", spec=service())
        poll_for(lambda: "ORCH_PAUSED" in orch.health(), 10)
        assert orch.states() == {}
    finally:
        orch.orch("resume")
    orch.wait({SLEEPER: "running"})


def test_devices_are_listed_and_not_erased_where_they_are_used(orch):
    assert "PATH" in orch.orch("device ls --refresh")
    assert "has no device /dev/nothing" in orch.refusal(
        "device zap", HERE, "/dev/nothing", "--force"
    )


def test_without_a_grant_the_orchestrator_says_so():
    with site(config="[module.local_orchestrator]\ndeploy = false\n") as ungranted:
        assert "Available: No (this module may not use the host agent" in ungranted.orch("status")
        assert "deploy = true" in ungranted.refusal("ps", code=errno.EPERM)
        assert "Offline" in ungranted.orch("host ls")
        poll_for(lambda: "ORCH_AGENT_ABSENT" in ungranted.health(), 10)


def test_what_is_deployed_outlives_the_supervisor():
    """The next one finds it and goes on."""
    with site() as orch:
        pid = running(orch)
        orch.daemon.kill()
        orch.daemon.start()
        for name in ("orchestrator", "local_orchestrator"):
            orch.daemon.wait_state(name, "running")
        orch.wait({SLEEPER: "running"})
        assert orch.pid(SLEEPER) == pid
        orch.orch("rm container.sleeper")
        orch.wait({})
