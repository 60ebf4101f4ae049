"""Daemons that a module deploys through the host agent, where systemd runs the supervisor."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conditions import poll_for
from tests.daemon import ROOT
from tests.systemd.service import UNIT, Service


pytestmark = pytest.mark.systemd

CONFIG = f"""
[[tree]]
path = "{ROOT}/tests/trees/deploying"
[module.keeper]
deploy = true
"""


def _ask(service: Service, op: str, **request: Any) -> Any:
    """The agent's answer; it binds its socket anew within a second of a restart of the service."""

    def answered() -> str | None:
        with contextlib.suppress(subprocess.CalledProcessError):
            return service.mgrctl("keeper", "ask", json.dumps({"op": op, **request}))
        return None

    answer = json.loads(poll_for(answered, 10, f"the agent to answer {op}"))
    assert answer.pop("ok"), answer
    return answer


def _only(service: Service) -> dict[str, Any]:
    (row,) = _ask(service, "list")["daemons"]
    return row


@contextlib.contextmanager
def _deploying(service: Service, how: str) -> Iterator[None]:
    """The service as `install --deploy` has it, with one daemon deployed by a module."""
    right = service.config.read_text()
    service.config.write_text(CONFIG)
    try:
        service.install("--deploy", how, "--now")
        service.ready()
        service.mgrctl("mgr", "module", "enable", "keeper")
        service.ready("keeper")
        _ask(service, "deploy", name="web", command=["sleep", "1000"])
        yield
        _ask(service, "remove", name="web")
        service.mgrctl("mgr", "module", "disable", "keeper")
    finally:
        service.config.write_text(right)
        service.install("--deploy", "no", "--now")
        service.ready()


def test_processes_of_the_services_user_outlive_it(service):
    """They run on while the service is stopped or killed, and end when it is uninstalled."""
    with _deploying(service, "user"):
        daemon = _only(service)
        assert (daemon["engine"], daemon["state"]) == ("process", "running")
        service.systemctl("stop")
        assert service.names() == ["mgr-agent", "mgr-agent-work", "sleep"]
        service.systemctl("start")
        service.ready("keeper")
        service.inside.run("kill", "-KILL", str(service.pid))
        service.ready("keeper")
        assert _only(service)["pid"] == daemon["pid"]
        service.uninstall()
        assert service.names() == []
        service.install("--deploy", "user", "--now")
        service.ready("keeper")
        assert _only(service)["pid"] != daemon["pid"]


def test_as_root_they_are_units(service):
    """The service has the walls that are left, and can do what the agent needs it for; it does not
    go back to another way while there are any.
    """
    with _deploying(service, "root"):
        daemon = _only(service)
        assert (daemon["engine"], daemon["state"]) == ("systemd", "running")
        group = Path(f"/proc/{daemon['pid']}/cgroup")
        assert UNIT not in service.inside.run("cat", str(group))
        service.systemctl("stop")
        service.inside.run("kill", "-0", str(daemon["pid"]))
        service.systemctl("start")
        service.ready("keeper")
        assert _only(service)["pid"] == daemon["pid"]
        said = service.inside.refused(*service.installation("--deploy", "no"))
        assert "remove what modules have deployed first" in said
