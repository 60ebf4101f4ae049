"""What a client can have done, by a real agent with real processes."""

import os
import signal
import stat

import pytest

from tests.agent.hostagent import alive
from tests.conditions import poll_for


def test_a_daemon_is_deployed_listed_stopped_started_and_removed(agent):
    """The life of one daemon; the list shows what is so."""
    agent.deploy("mds.a", "sleep", "1000", labels={"service": "mds"}, restart="on-failure")
    row = agent.list()["mds.a"]
    assert row["state"] == "running"
    assert row["engine"] == "process"
    assert row["command"] == ["sleep", "1000"]
    assert row["labels"] == {"service": "mds"}
    assert row["restarts"] == 0
    assert row["memory"] > 0
    assert row["started"] >= row["created"] > 1e9
    first = row["pid"]
    assert alive(first)

    agent.ask("stop", name="mds.a")
    row = agent.list()["mds.a"]
    assert (row["state"], row["pid"], row["memory"]) == ("stopped", 0, 0)
    assert row["why"].startswith("stopped as asked: killed by SIGTERM, at 20")
    assert not alive(first)

    agent.ask("start", name="mds.a")
    second = agent.list()["mds.a"]["pid"]
    agent.ask("restart", name="mds.a")
    row = agent.list()["mds.a"]
    assert row["state"] == "running"
    assert len({first, second, row["pid"]}) == 3
    assert not alive(second)

    agent.ask("remove", name="mds.a")
    assert agent.list() == {}
    assert not alive(row["pid"])
    assert not list((agent.folder / "daemons").iterdir())


def test_files_and_the_own_folder(agent):
    """Files are there before the start, with their modes, and {folder} is the daemon's own folder."""
    outside = agent.home / "sub" / "outside.conf"
    agent.deploy(
        "web.x",
        "sh", "-c", "pwd; cat {folder}/etc/x.conf $EXTRA; exec sleep 1000",
        environment={"EXTRA": "{folder}/plain"},
        files={
            "etc/x.conf": {"text": "home = {folder}\n", "mode": 0o640},
            "plain": {"text": "secret\n"},
            str(outside): {"text": "outside\n"},
        },
    )  # fmt: skip
    folder = agent.folder / "daemons" / "web.x" / "files"
    output = folder.parent / "output.log"
    poll_for(lambda: "secret" in output.read_text(), 5, "its output")
    assert output.read_text() == f"{folder}\nhome = {folder}\nsecret\n"
    assert agent.list()["web.x"]["folder"] == str(folder)
    assert stat.S_IMODE((folder / "etc/x.conf").stat().st_mode) == 0o640
    assert stat.S_IMODE((folder / "plain").stat().st_mode) == 0o600
    assert outside.read_text() == "outside\n"
    agent.ask("remove", name="web.x", keep_folder=True)
    assert (folder / "plain").read_text() == "secret\n"
    assert agent.list() == {}


def test_a_second_deployment_replaces_the_first(agent):
    """One process of a name, by the newest definition; what the daemon wrote stays."""
    agent.deploy("a", "sh", "-c", "echo kept > data; exec sleep 1000")
    first = agent.list()["a"]["pid"]
    data = agent.folder / "daemons" / "a" / "files" / "data"
    poll_for(lambda: data.exists() and data.read_text() == "kept\n", 5, "its data")
    agent.deploy("a", "sleep", "2000")
    row = agent.list()["a"]
    assert row["command"] == ["sleep", "2000"]
    assert not alive(first)
    assert data.read_text() == "kept\n"
    assert sorted(line for line in agent.processes.values() if "sleep" in line) == ["sleep 2000"]


def test_a_killed_daemon_comes_back_and_says_why(agent):
    """By what it was killed, when it was started again, how often."""
    agent.deploy("a", "sleep", "1000")
    first = agent.list()["a"]["pid"]
    os.kill(first, signal.SIGKILL)
    row = agent.wait("a", "error")
    assert row["why"].startswith("killed by SIGKILL: by another process, or by the kernel")
    row = agent.wait("a", "running", restarts=1)
    assert row["pid"] != first


def test_a_failing_daemon_tells_its_last_words(agent):
    """The exit code, and the last line that it printed."""
    agent.deploy("a", "sh", "-c", "echo starting; echo no such pool >&2; exit 3", restart="no")
    row = agent.wait("a", "error")
    assert row["why"].startswith("exited with code 3, at ")
    assert row["why"].endswith("; it had said: no such pool")


def test_what_a_daemon_starts_ends_with_it(agent):
    """Also what moved into a session of its own, and what ignores SIGTERM."""
    agent.deploy(
        "a", "sh", "-c",
        "setsid sleep 1001 & (setsid sh -c 'trap \"\" TERM; sleep 1002 & wait' &) ; exec sleep 1003",
    )  # fmt: skip
    poll_for(lambda: sum("sleep 100" in p for p in agent.processes.values()) == 4, 5, "all of it")
    os.kill(agent.list()["a"]["pid"], signal.SIGKILL)
    agent.wait("a", "error")
    _poll_gone(agent, "sleep")


def test_who_does_not_end_is_killed(agent):
    """After its stop_seconds."""
    agent.deploy(
        "a", "sh", "-c", 'trap "" TERM; echo deaf; while :; do sleep 1000; done', stop_seconds=0.2
    )
    output = agent.folder / "daemons" / "a" / "output.log"
    poll_for(lambda: "deaf" in output.read_text(), 5, "its trap")
    agent.ask("stop", name="a")
    assert "stopped as asked: killed by SIGKILL" in agent.list()["a"]["why"]


def test_programs_are_run_once(agent):
    """Input, both outputs, the exit code or signal."""
    script = 'read x; echo "$x $V"; echo bad >&2; exit 3'
    answer = agent.ask("run", command=["sh", "-c", script], stdin="one\n", environment={"V": "two"})
    assert answer == {"code": 3, "out": "one two\n", "err": "bad\n"}
    assert agent.ask("run", command=["sh", "-c", "kill -9 $$"])["code"] == -9


def test_programs_end_in_time_and_leave_nothing(agent):
    """One that takes too long is killed with its children; one that daemonizes is not waited for."""
    number, sentence = agent.refusal("run", command=["sh", "-c", "sleep 1000 & wait"], timeout=0.3)
    assert number == 110
    assert "'sh' did not end within 0.3 s and was killed" in sentence
    assert agent.ask("run", command=["sh", "-c", "sleep 1000 & echo there"])["out"] == "there\n"
    _poll_gone(agent, "sleep")
    big = agent.ask("run", command=["sh", "-c", "head -c 9000000 /dev/zero | tr '\\0' x"])["out"]
    assert len(big) < 5_000_000
    assert big.endswith("x\n[cut here]\n")


def test_facts(agent):
    """What kind of host this is."""
    facts = agent.ask("facts")
    assert facts["hostname"] == os.uname().nodename
    assert facts["engine"] == "process"
    assert facts["cpus"] >= 1
    assert facts["memory"] > 1 << 20
    assert "127.0.0.1" not in facts["addresses"]


def _poll_gone(agent, word):
    poll_for(lambda: not [p for p in agent.processes.values() if word in p], 5, f"{word} to go")


GOOD = {"name": "a", "command": ["sleep", "1"]}


@pytest.mark.parametrize(
    ("op", "request_", "number", "sentence"),
    [
        ("fly", {}, 22, "there is no operation 'fly'; there are deploy, start, stop, restart"),
        ("stop", {"name": "x"}, 2, "no daemon is called 'x'"),
        ("remove", {"name": "x"}, 2, "no daemon is called 'x'"),
        ("run", {"name": "x", "command": ["true"]}, 22, "a run request has no field 'name'"),
        ("stop", {}, 22, "field 'name' of the request must be a string without NUL characters; it is missing"),
        ("stop", {"name": "x", "force": True}, 22, "the request has no field 'force'; there are name"),
        ("list", {"name": "x"}, 22, "a list request has no field 'name'"),
        ("deploy", GOOD | {"name": "../x"}, 22, "a daemon cannot be called '../x'"),
        ("deploy", GOOD | {"name": ""}, 22, "a daemon cannot be called ''"),
        ("deploy", GOOD | {"command": []}, 22, "'command' of a deploy request must be a list of strings"),
        ("deploy", GOOD | {"command": ["a", 1]}, 22, "it is ['a', 1]"),
        ("deploy", GOOD | {"command": ["nosuchprogram"]}, 2, "there is no program 'nosuchprogram' on this host"),
        ("deploy", GOOD | {"command": ["sleep", "x" * 200_000]}, 22, "command and environment come to 2000"),
        ("deploy", GOOD | {"restart": "sometimes"}, 22, 'must be one of "always", "on-failure", "no"'),
        ("deploy", GOOD | {"stop_seconds": -1}, 22, "must be between 0 and 3600"),
        ("deploy", GOOD | {"labels": {"a": 1}}, 22, "must be an object of strings"),
        ("deploy", GOOD | {"environment": {"A=B": "x"}}, 22, "an environment variable cannot be called 'A=B'"),
        ("deploy", GOOD | {"files": {"../x": {"text": ""}}}, 22, "no file can be written as '../x'"),
        ("deploy", GOOD | {"files": {"x": {"txt": ""}}}, 22, "file 'x' has no field 'txt'"),
        ("deploy", GOOD | {"files": {"/proc/nosuch": {"text": ""}}}, 2, "/proc/"),
        ("run", {"command": ["nosuchprogram"]}, 2, "there is no program 'nosuchprogram' on this host"),
        ("run", {"command": ["/etc/passwd"]}, 2, "there is no program '/etc/passwd'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_a_sentence(shared, op, request_, number, sentence):
    """The right errno, the field or name in question, nothing left behind."""
    got, said = shared.refusal(op, **request_)
    assert sentence in said
    assert got == number
    assert shared.list() == {}


def test_output_keeps_within_its_size(agent):
    """The newest part is there, the rest has made room."""
    agent.deploy("a", "sh", "-c", "yes 123456789 | head -c 20000000; echo the end; exec sleep 1000")
    output = agent.folder / "daemons" / "a" / "output.log"
    older = output.with_name("output.log.1")
    poll_for(older.exists, 10, "the output to be turned")
    poll_for(lambda: output.stat().st_size < 1 << 20, 10, "the output to be small")
    assert older.stat().st_size <= 8 << 20
    assert "the end" in older.read_text()[-100:] + output.read_text()
