"""Who may use the host agent, from inside real modules below a real supervisor."""

import json
import os
import signal
import stat
from collections.abc import Iterator

import pytest

from tests.agent.hostagent import HostAgent, alive, ask
from tests.conditions import poll_for
from tests.daemon import ROOT, Daemon, supervisor


TREE = ROOT / "tests" / "trees" / "deploying"
CONFIG = """
[module.keeper]
deploy = true
"""


class Agent(HostAgent):
    """The one that a supervisor starts."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__(daemon.state / "data")
        self.daemon = daemon

    def ask(self, op, **request):
        """Through the module that has the grant."""
        answer = json.loads(self.daemon.ok("keeper ask", json.dumps({"op": op, **request})))
        assert answer.pop("ok"), answer
        return answer


def _daemon(config: str = CONFIG) -> Iterator[Daemon]:
    """A supervisor whose module `keeper` has the grant, and the agent's end."""
    arguments = ("--module-path", str(TREE), "--enable", "keeper", "--enable", "intruder")
    with supervisor(*arguments, config=config) as running:
        try:
            yield running
        finally:
            running.kill()
            Agent(running).end()


daemon = pytest.fixture(_daemon, name="daemon")
unharmed = pytest.fixture(_daemon, name="unharmed", scope="module")


@pytest.fixture
def in_sight() -> Iterator[Daemon]:
    """One whose modules see what they may not use, all of one user."""
    yield from _daemon(f'{CONFIG}\n[sandbox]\nwithout = ["paths", "uid"]\n')


@pytest.fixture
def apart() -> Iterator[Daemon]:
    """One whose modules see what they may not use, each a user of its own."""
    yield from _daemon(f'{CONFIG}\n[sandbox]\nwithout = ["paths"]\n')


@pytest.mark.views
def test_only_the_module_that_has_the_grant_sees_the_agent(unharmed):
    """For the other one there is neither the file nor the socket."""
    unharmed.wait_state("keeper", "running")
    agent = Agent(unharmed)
    agent.deploy("a", "sleep", "1000")
    unharmed.wait_state("intruder", "running")
    file = agent.home / "modules" / "keeper" / "agent.json"
    assert unharmed.ok("intruder read", str(file)) == "ENOENT"
    assert unharmed.ok("intruder read", json.loads(file.read_text())["socket"]) == "ENOENT"
    agent.ask("remove", name="a")


def test_only_the_module_that_has_the_grant_gets_in(in_sight):
    """The other one can neither read the file nor ask, where it can reach the socket."""
    unharmed = in_sight
    unharmed.wait_state("keeper", "running")
    agent = Agent(unharmed)
    agent.deploy("a", "sleep", "1000")
    file = agent.home / "modules" / "keeper" / "agent.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    unharmed.wait_state("intruder", "running")
    for secret in (file, agent.folder / "access.json"):
        assert secret.exists()
        assert unharmed.ok("intruder read", str(secret)) == "EACCES"
    socket = json.loads(file.read_text())["socket"]
    assert socket == str(unharmed.state / "run" / "agent" / "socket")
    seen, *answers = json.loads(unharmed.ok("intruder connect", socket))
    assert seen == "no grant"
    assert [(answer["ok"], answer["errno"]) for answer in answers] == [(False, 13)] * 2
    agent.ask("remove", name="a")


@pytest.mark.skipif(os.getuid() != 0, reason="takes root, to have users of their own")
def test_only_the_user_that_has_the_grant_gets_in(apart):
    """A module with it is let in by the agent; another one, if it gets as far, is hung up on."""
    apart.wait_state("keeper", "running")
    agent = Agent(apart)
    agent.deploy("a", "sleep", "1000")
    file = agent.home / "modules" / "keeper" / "agent.json"
    assert (file.stat().st_uid, stat.S_IMODE(file.stat().st_mode)) == (
        file.parent.stat().st_uid, 0o600,
    )  # fmt: skip
    apart.wait_state("intruder", "running")
    intruder = (agent.home / "modules" / "intruder").stat().st_uid
    assert len({0, file.stat().st_uid, intruder}) == 3
    assert apart.ok("intruder read", str(agent.folder / "access.json")) == "EACCES"
    assert apart.mgrctl("intruder connect", json.loads(file.read_text())["socket"]).code != 0
    log = agent.folder / "agent.log"
    poll_for(lambda: f"refused a client of uid {intruder}" in log.read_text(), 10)
    agent.ask("remove", name="a")


def test_a_token_is_good_for_one_grant(unharmed):
    """The next process of the module has another one, and the old one is refused."""
    unharmed.wait_state("keeper", "running")
    agent = Agent(unharmed)
    file = agent.home / "modules" / "keeper" / "agent.json"
    old = json.loads(file.read_text())
    unharmed.ok("module restart keeper")
    poll_for(lambda: json.loads(file.read_text()) != old, 10, "a new token")
    unharmed.wait_state("keeper", "running")
    assert agent.list() == {}
    agent.place = "../run/agent/socket"
    assert ask(agent.socket, old["token"], "list")["errno"] == 13


@pytest.mark.fault
def test_daemons_and_agent_outlive_the_supervisor(daemon):
    """Stopped or killed: the next one finds the same agent with the same daemons."""
    daemon.wait_state("keeper", "running")
    agent = Agent(daemon)
    agent.deploy("a", "sleep", "1000")
    before = agent.processes
    assert len(before) == 3
    pid = agent.pid
    for end in (daemon.stop, daemon.kill):
        end()
        assert agent.processes == before
        daemon.start()
        daemon.wait_state("keeper", "running")
        assert agent.pid == pid
        assert agent.list()["a"]["state"] == "running"
        assert agent.processes == before


@pytest.mark.fault
def test_a_killed_agent_is_started_again(daemon):
    """Its log says so; the module's grant stays good, daemons run again."""
    daemon.wait_state("keeper", "running")
    agent = Agent(daemon)
    agent.deploy("a", "sleep", "1000")
    first = agent.pid
    os.kill(first, signal.SIGKILL)
    poll_for(lambda: not alive(first), 5, "its end")
    poll_for(lambda: agent.pid != first and alive(agent.pid), 10, "another agent")
    poll_for(lambda: daemon.mgrctl("keeper ask", '{"op": "list"}').code == 0, 10, "it to answer")
    assert agent.wait("a", "running")["pid"]
    assert "the host agent ended" in daemon.screen


@pytest.mark.fault
def test_without_an_agent_the_module_runs_without_a_grant_until_there_can_be_one():
    """The supervisor's log says why; the module's process is kept."""
    arguments = ("--module-path", str(TREE), "--enable", "keeper")
    with supervisor(*arguments, config=CONFIG, start=False) as daemon:
        try:
            (daemon.state / "data").mkdir()
            in_the_way = daemon.state / "data" / "agent"
            in_the_way.write_text("in the way")
            daemon.start()
            pid = daemon.wait_state("keeper", "running")["pid"]
            assert daemon.mgrctl("keeper ask", "{}").err.strip() == "Error ENOENT: no grant"
            sentence = "the host agent cannot be started, keeper runs without it: "
            assert sentence in daemon.screen
            in_the_way.unlink()
            request = '{"op": "list"}'
            poll_for(lambda: daemon.mgrctl("keeper ask", request).code == 0, 20, "the grant")
            assert daemon.ps()["keeper"]["pid"] == pid
        finally:
            daemon.kill()
            Agent(daemon).end()


def test_no_grant_no_agent():
    """Where no module with a grant is to run, no agent is; enabling one brings it."""
    with supervisor("--module-path", str(TREE), "--enable", "intruder", config=CONFIG) as daemon:
        try:
            daemon.wait_state("intruder", "running")
            poll_for(lambda: daemon.ps()["keeper"]["state"] == "disabled", 10, "a look at keeper")
            agent = Agent(daemon)
            assert not agent.folder.exists()
            daemon.ok("mgr module enable keeper")
            daemon.wait_state("keeper", "running")
            assert agent.list() == {}
        finally:
            daemon.kill()
            Agent(daemon).end()


def test_a_module_that_was_only_looked_at_gets_its_grant_when_it_is_to_run():
    """Its process is kept: it finds the file where its environment says."""
    config = "[module.late]\ndeploy = true\n"
    with supervisor("--module-path", str(TREE), config=config) as daemon:
        try:
            own = daemon.state / "data" / "modules" / "late"
            poll_for(own.exists, 10, "a look at late")
            assert not (own / "agent.json").exists()
            daemon.ok("mgr module enable late --force")
            poll_for((own / "agent.json").exists, 10, "its grant")
            pid = daemon.ps()["late"]["pid"]
            (own / "go").touch()
            daemon.wait_state("late", "running")
            assert daemon.ps()["late"]["pid"] == pid
            assert json.loads(daemon.ok("late ask", '{"op": "list"}')) == {
                "ok": True,
                "daemons": [],
            }
        finally:
            daemon.kill()
            Agent(daemon).end()
