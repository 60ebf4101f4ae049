"""Who lives how long: the agent's two processes, its daemons, whoever uses it."""

import contextlib
import os
import resource
import signal
import socket

import pytest

from tests.agent.hostagent import TOKEN, HostAgent, alive, ask, host_agent
from tests.conditions import poll_for


pytestmark = pytest.mark.fault


def _family(agent: HostAgent) -> dict[str, int]:
    """The pids of two daemons, each with a child."""
    for name in ("a", "b"):
        agent.deploy(name, "sh", "-c", "sleep 1000 & exec sleep 2000")
    poll_for(lambda: sum("sleep" in p for p in agent.processes.values()) == 4, 5, "children")
    return {name: row["pid"] for name, row in agent.list().items()}


def test_daemons_outlive_the_worker_and_are_not_doubled(agent):
    """The next worker finds the same processes, also after a death that nobody saw."""
    pids = _family(agent)
    before = set(agent.processes) - {agent.worker}
    agent.ask("stop", name="b")
    worker = agent.worker
    os.kill(worker, signal.SIGSTOP)  # it sees nothing of what follows
    os.kill(worker, signal.SIGKILL)
    poll_for(lambda: not alive(worker), 5, "its end")
    poll_for(agent.answers, 5, "the next worker")
    rows = agent.list()
    assert (rows["a"]["state"], rows["a"]["pid"]) == ("running", pids["a"])
    assert rows["b"]["state"] == "stopped"
    assert set(agent.processes) - {agent.worker} < before
    assert sum("sleep" in line for line in agent.processes.values()) == 2
    assert "the worker ended: killed by signal 9" in agent.log
    assert f"a, process {pids['a']}, runs and is taken over" in agent.log
    os.kill(pids["a"], signal.SIGKILL)
    agent.wait("a", "running", restarts=1)


def test_an_end_that_the_worker_did_not_live_to_see_is_told_to_the_next(agent):
    """The reason and the policy count as if it had."""
    agent.deploy("again", "sleep", "1000")
    agent.deploy("once", "sleep", "1000", restart="no")
    worker = agent.worker
    os.kill(worker, signal.SIGSTOP)
    pids = [int(pid) for pid, line in agent.processes.items() if "sleep" in line]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    poll_for(lambda: not any(map(alive, pids)), 5, "daemons to end")
    os.kill(worker, signal.SIGKILL)
    poll_for(lambda: not alive(worker) and agent.answers(), 5, "the next worker")
    row = agent.wait("again", "running", restarts=1)
    assert row["why"].startswith("killed by SIGKILL")
    row = agent.list()["once"]
    assert (row["state"], row["restarts"]) == ("error", 0)
    assert row["why"].startswith("killed by SIGKILL")


def test_a_worker_that_is_stuck_is_replaced(home):
    """One that gives no sign of life is killed; daemons notice nothing."""
    patch = "from supervisor.agent import monitor, worker; monitor.SILENCE, worker.ALIVE = 1.5, 0.1"
    with host_agent(home, "--engine", "process", patch=patch) as agent:
        agent.deploy("a", "sleep", "1000")
        pid, stuck = agent.list()["a"]["pid"], agent.worker
        os.kill(stuck, signal.SIGSTOP)
        poll_for(lambda: not alive(stuck), 10, "its end")
        poll_for(agent.answers, 5, "the next worker")
        assert agent.list()["a"]["pid"] == pid
        assert "the worker ended: it was silent for 1.5 s and was killed" in agent.log


def test_a_worker_that_is_killed_again_and_again_costs_no_daemon(agent):
    """Whatever it was doing when it died."""
    pids = _family(agent)
    for _ in range(3):
        worker = agent.worker
        os.kill(worker, signal.SIGKILL)
        poll_for(lambda old=worker: not alive(old), 5, "its end")
        poll_for(agent.answers, 5, "the next worker")
    assert {name: row["pid"] for name, row in agent.list().items()} == pids
    assert {row["restarts"] for row in agent.list().values()} == {0}


def test_everything_ends_with_the_monitor(agent):
    """Daemons, what they started, the worker; and the next agent starts what is wanted, once."""
    _family(agent)
    agent.ask("stop", name="b")
    os.kill(agent.pid, signal.SIGKILL)
    poll_for(lambda: not agent.processes, 5, "everything to end")
    assert "the monitor was killed: everything below it ends" in agent.log
    assert agent.start("--engine", "process").startswith("up ")
    agent.wait("a", "running")
    rows = agent.list()
    assert rows["b"]["state"] == "stopped"
    assert rows["b"]["why"].startswith("stopped as asked")
    poll_for(lambda: sum("sleep" in p for p in agent.processes.values()) == 2, 5, "one family")


def test_what_a_killed_agent_left_is_ended_by_the_next(agent):
    """Both processes killed at once: children of daemons survive, until the next agent sees them."""
    _family(agent)
    worker, monitor = agent.worker, agent.pid
    os.kill(worker, signal.SIGSTOP)
    os.kill(monitor, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    poll_for(lambda: len(agent.processes) == 2, 5, "daemons to end")
    left = set(agent.processes)
    assert agent.start("--engine", "process").startswith("up ")
    assert not left & set(agent.processes)
    assert agent.log.count("ended what it left: process") == 2


def test_asked_to_end_it_ends_daemons_in_order(agent):
    """SIGTERM first, each with its own patience; what was to run runs again with the next agent."""
    agent.deploy(
        "polite", "sh", "-c",
        "trap 'echo goodbye; exit 0' TERM; echo there; while :; do sleep 0.05; done",
    )  # fmt: skip
    output = agent.folder / "daemons" / "polite" / "output.log"
    poll_for(lambda: "there" in output.read_text(), 5, "its trap")
    os.kill(agent.pid, signal.SIGTERM)
    poll_for(lambda: not agent.processes, 5, "everything to end")
    assert output.read_text().splitlines()[-1] == "goodbye"
    assert not agent.socket.exists()
    assert agent.start("--engine", "process").startswith("up ")
    agent.wait("polite", "running")


def test_who_was_done_is_not_started_again(agent):
    """Neither by the next worker nor by the next agent: its policy says no."""
    agent.deploy("once", "sh", "-c", "echo run; exit 3", restart="no")
    agent.wait("once", "error")
    os.kill(agent.worker, signal.SIGKILL)
    poll_for(lambda: "the worker ended" in agent.log and agent.answers(), 5, "the next worker")
    assert agent.list()["once"]["state"] == "error"
    os.kill(agent.pid, signal.SIGTERM)
    poll_for(lambda: not agent.processes, 5, "it to end")
    assert agent.start("--engine", "process").startswith("up ")
    row = agent.list()["once"]
    assert row["state"] == "error"
    assert row["why"].startswith("exited with code 3")
    output = agent.folder / "daemons" / "once" / "output.log"
    assert output.read_text() == "run\n"


def test_a_folder_has_one_agent(agent):
    """The second one says who the first is."""
    word = HostAgent(agent.home).start("--engine", "process")
    assert word == f"another agent (process {agent.pid}) keeps {agent.folder}"


def test_it_leaves_when_it_is_of_no_use(home):
    """No daemon is to run and no supervisor is there; either keeps it."""
    agent = HostAgent(home)
    agent.folder.mkdir()
    agent.be_present()
    try:
        assert agent.start("--engine", "process", "--linger", "0.1").startswith("up ")
        agent.deploy("a", "sleep", "1000")
        agent.leave()
        os.kill(agent.list()["a"]["pid"], signal.SIGKILL)
        agent.wait("a", "running", restarts=1)  # a second later, in which it could have left
        agent.be_present()
        agent.ask("stop", name="a")
        agent.deploy("b", "sh", "-c", "test -e again && exec sleep 1000; touch again; exit 1")
        agent.wait("b", "running", restarts=1)
        agent.ask("remove", name="b")
        agent.leave()
        poll_for(lambda: not agent.processes, 5, "it to leave")
        assert "no daemon to keep and no supervisor" in agent.log
        assert agent.start("--engine", "process").startswith("up ")
        assert agent.list()["a"]["state"] == "stopped"
    finally:
        agent.end()


def test_it_follows_its_socket(agent):
    """One that was removed is made again; another place is taken when access.json says so."""
    agent.socket.unlink()
    poll_for(agent.answers, 5, "a new socket")
    other = agent.home / "other"
    file = agent.folder / "access.json"
    file.write_text(file.read_text().replace(str(agent.socket), str(other)))
    poll_for(other.exists, 5, "the other socket")
    assert ask(other, TOKEN, "list")["ok"]
    poll_for(lambda: not agent.socket.exists(), 5, "the old one to go")


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("lock", "cannot use {folder}: No such file or directory"),
        ("daemons", "{folder}/daemons: File exists"),
    ],
)
def test_an_unusable_folder_is_a_sentence(home, file, sentence):
    """The word of the start names the path and the reason; nothing is left running."""
    agent = HostAgent(home)
    agent.folder.mkdir()
    (agent.folder / file).symlink_to(home / "nowhere" / "at" / "all")
    assert agent.start("--engine", "process") == sentence.format(folder=agent.folder)
    poll_for(lambda: not agent.processes, 5, "it to end")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("x" * 120, "AF_UNIX path too long"), ("no/s", "No such file or directory")],
)
def test_a_socket_that_cannot_be_is_a_sentence(home, path, sentence):
    """Too long a path, and a folder that is not there."""
    agent = HostAgent(home, path)
    assert agent.start("--engine", "process") == f"cannot listen at {agent.socket}: {sentence}"
    poll_for(lambda: not agent.processes, 5, "it to end")


def test_what_cannot_be_written_is_a_sentence_and_costs_nothing(agent):
    """A deployment whose files find no room is refused; what runs goes on."""
    agent.deploy("a", "sleep", "1000")
    before = agent.list()["a"]
    limit = 64 << 10
    resource.prlimit(agent.worker, resource.RLIMIT_FSIZE, (limit, limit))
    number, sentence = agent.refusal(
        "deploy", name="a", command=["sleep", "2"], files={"big": {"text": "x" * limit * 2}}
    )
    assert number == 27
    assert sentence.endswith("File too large")
    assert agent.list()["a"] == before | {"cpu": agent.list()["a"]["cpu"]}


def test_slow_and_many_clients_block_nobody(agent):
    """Half a request, no request, answers that nobody takes, more clients than there is room for."""
    idle = []
    try:
        for number in range(100):
            connection = socket.socket(socket.AF_UNIX)
            idle.append(connection)
            connection.connect(str(agent.socket))
            if number % 2:
                with contextlib.suppress(BrokenPipeError):  # sent away for who came since
                    connection.sendall(b'{"op": "list", ')
        agent.deploy("a", "sleep", "1000")
        assert list(agent.list()) == ["a"]
    finally:
        for connection in idle:
            connection.close()


def test_who_waits_for_a_program_delays_nobody(agent):
    """Requests of others are answered meanwhile."""
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(agent.socket))
        slow.sendall(f'{{"op": "run", "token": "{TOKEN}", "command": ["sleep", "0.5"]}}\n'.encode())
        agent.deploy("a", "sleep", "1000")
        assert agent.list()["a"]["state"] == "running"
        slow.setblocking(False)
        with pytest.raises(BlockingIOError):
            slow.recv(1)
        slow.settimeout(10)
        assert b'"code": 0' in slow.recv(1000)
