"""Daemons as units of a real systemd."""

import json
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.agent.ownership import instance_of
from tests.agent.hostagent import TOKEN, HostAgent
from tests.conditions import poll_for
from tests.systemdlab import Lab, lab


pytestmark = pytest.mark.systemd

HOME = Path("/var/lib/deploying")
INSTANCE = instance_of(HOME / "agent")
HOSTILE = "a 'b' \"c\" \\ \\n $HOME ${HOME} %n %% ; \t\n- {x} ü"


class Agent(HostAgent):
    """One that runs inside; files and socket are reached from out here."""

    def __init__(self, inside: Lab) -> None:
        super().__init__(inside.root / HOME.relative_to("/"))
        self.inside = inside

    def start(self, *arguments: str) -> str:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.let_in(TOKEN)
        access = json.loads((self.folder / "access.json").read_text())
        file = self.folder / "access.json"
        file.write_text(json.dumps(access | {"socket": str(HOME / self.place)}))
        return self.inside.run(
            sys.executable, "-I", "-m", "supervisor.agent",
            "--folder", str(HOME / "agent"), "--socket", str(HOME / self.place), *arguments,
        )  # fmt: skip

    def kill(self, number: int) -> None:
        """Both of its processes at once."""
        self.inside.run("pkill", f"-{number}", "-f", "supervisor.agent")
        poll_for(lambda: not self.answers(), 10, "its end")
        poll_for(
            lambda: not self.inside.run("sh", "-c", "pgrep -f supervisor.agen[t] || true"),
            10,
            "its end",
        )

    def unit(self, name: str) -> str:
        return f"mgr-agent-{INSTANCE}-{name}.service"

    def show(self, name: str, *properties: str) -> list[str]:
        """Properties of a unit, in alphabetical order of their names."""
        asked = f"--property={','.join(properties)}"
        lines = self.inside.run("systemctl", "show", asked, self.unit(name)).splitlines()
        return [line.partition("=")[2] for line in sorted(lines)]


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    """One booted systemd for all tests; each leaves no daemon."""
    with lab() as inside:
        running = Agent(inside)
        assert running.start().startswith("up ")
        yield running


def test_a_daemon_is_a_unit(agent):
    """Deployed, listed by what systemd says, stopped, started, removed without a trace."""
    assert agent.ask("facts")["engine"] == "systemd"
    agent.deploy("mds.a", "sleep", "1000", labels={"x": "y"}, stop_seconds=3)
    row = agent.list()["mds.a"]
    assert (row["engine"], row["state"], row["labels"]) == ("systemd", "running", {"x": "y"})
    assert abs(row["started"] - row["created"]) < 5
    assert row["memory"] == 0 or row["pid"] > 0
    assert agent.show("mds.a", "MainPID") == [str(row["pid"])]
    assert agent.show("mds.a", "ActiveState", "UnitFileState") == ["active", "enabled"]
    file = agent.inside.root / "etc/systemd/system" / agent.unit("mds.a")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    agent.ask("stop", name="mds.a")
    row = agent.list()["mds.a"]
    assert (row["state"], row["pid"]) == ("stopped", 0)
    assert row["why"].startswith("killed by SIGTERM, at 20")
    assert agent.show("mds.a", "UnitFileState") == ["disabled"]
    agent.ask("start", name="mds.a")
    first = agent.list()["mds.a"]["pid"]
    agent.ask("restart", name="mds.a")
    assert agent.list()["mds.a"]["pid"] not in (0, first)
    agent.ask("remove", name="mds.a")
    assert agent.list() == {}
    assert not file.exists()
    assert agent.show("mds.a", "LoadState") == ["not-found"]


def test_commands_and_variables_arrive_as_they_are(agent):
    """Whatever systemd would make of them."""
    script = 'printf "%s|" "$@" "$HOSTILE" > out; exec sleep 1000'
    agent.deploy("a", "sh", "-c", script, "sh", HOSTILE, "", environment={"HOSTILE": HOSTILE})
    out = agent.folder / "daemons" / "a" / "files" / "out"
    poll_for(lambda: out.exists() and out.read_text(), 5, "its output")
    assert out.read_text() == f"{HOSTILE}||{HOSTILE}|"
    agent.ask("remove", name="a")


def test_ends_are_told(agent):
    """One that waits to be started again is in error; so is one that failed for good."""
    agent.deploy("again", "sleep", "1000")
    agent.inside.run("kill", "-9", str(agent.list()["again"]["pid"]))
    row = agent.wait("again", "error")
    assert row["why"].startswith("killed by SIGKILL: by another process, or by the kernel")
    assert agent.show("again", "SubState") == ["auto-restart"]
    agent.deploy("never", "sh", "-c", "exit 3", restart="no")
    assert agent.wait("never", "error")["why"].startswith("exited with code 3, at ")
    for name in ("again", "never"):
        agent.ask("remove", name=name)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_units_need_no_agent(agent, number):
    """It ends or is killed, they run on; the next one ends those that nobody wants any more."""
    agent.deploy("kept", "sleep", "1000")
    agent.deploy("forgotten", "sleep", "1000")
    agent.deploy("once", "sh", "-c", "echo run >> runs", restart="no")
    agent.wait("once", "stopped")
    pid = agent.list()["kept"]["pid"]
    agent.kill(number)
    assert agent.show("kept", "ActiveState", "MainPID") == ["active", str(pid)]
    (agent.folder / "daemons" / "forgotten" / "definition.json").unlink()
    assert agent.start().startswith("up ")
    assert agent.list()["kept"]["pid"] == pid
    assert agent.show("forgotten", "LoadState") == ["not-found"]
    runs = agent.folder / "daemons" / "once" / "files" / "runs"
    assert runs.read_text() == "run\n"
    for name in ("kept", "once"):
        agent.ask("remove", name=name)
