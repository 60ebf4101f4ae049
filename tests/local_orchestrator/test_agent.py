"""The client of the host agent, and what it says where there is none."""

import errno
import json
import socket
import tempfile
import threading
from pathlib import Path

import pytest
from local_orchestrator.agent import VARIABLE, Agent, AgentAbsent, AgentError

from tests.agent.hostagent import TOKEN, host_agent


@pytest.fixture
def home():
    """A short-named folder, for sockets."""
    with tempfile.TemporaryDirectory(prefix="agent-", dir="/tmp") as folder:
        yield Path(folder)


def granted(home, path):
    file = home / "agent.json"
    file.write_text(json.dumps({"socket": str(path), "token": TOKEN}))
    return Agent({VARIABLE: str(file)})


def test_daemons_programs_and_facts_of_a_real_agent(home):
    with host_agent(home, "--engine", "process") as running:
        agent = granted(home, running.socket)
        assert agent.facts()["hostname"] == socket.gethostname()
        labels = {"service_name": "container.x"}
        agent.deploy(name="container.x", command=["/bin/sleep", "99"], labels=labels)
        running.wait("container.x", "running")
        assert [row["labels"] for row in agent.daemons()] == [labels]
        agent.act("stop", "container.x")
        running.wait("container.x", "stopped")
        agent.act("remove", "container.x")
        assert agent.daemons() == []
        assert agent.must_run(["cat"], stdin="hello") == "hello"
        assert agent.run(["sh", "-c", "exit 3"]).code == 3
        with pytest.raises(AgentError, match=r"`sh -c echo no; exit 2` ended with 2: no"):
            agent.must_run(["sh", "-c", "echo no; exit 2"])
        with pytest.raises(AgentError, match="nothing") as refused:
            agent.act("start", "nothing")
        assert refused.value.errno == -errno.ENOENT
        assert not isinstance(refused.value, AgentAbsent)


def test_without_a_grant_the_sentence_says_how_to_give_one():
    with pytest.raises(AgentAbsent, match="deploy = true"):
        Agent({}).facts()


def test_without_an_agent_the_sentence_says_where_it_should_be(home):
    with pytest.raises(AgentAbsent, match=r"does not answer on .*/s: No such file"):
        granted(home, home / "s").facts()
    with pytest.raises(AgentAbsent, match="does not say where the host agent is"):
        Agent({VARIABLE: str(home / "nowhere")}).facts()


def test_an_agent_that_hangs_up_is_absent(home):
    path = home / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def hang_up():
            connection, _ = listener.accept()
            connection.recv(1 << 16)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(AgentAbsent, match="hung up during `list`"):
            granted(home, path).daemons()
        thread.join()
