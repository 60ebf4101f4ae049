"""Debian's unmodified `orchestrator` and `ceph.deployment` drive the backend as ours do."""

import os
import signal

import pytest
import yaml

from tests.conditions import poll_for
from tests.local_orchestrator.deployed import DEBIAN, HERE, service, site


pytestmark = pytest.mark.ceph
SLEEPER = f"container.sleeper.{HERE}"


def test_a_tour_by_debians_orchestrator():
    """Preview, apply, show, export, a new spec, a killed process and module, hosts, refusals."""
    with site(*DEBIAN, backend="cephadm") as orch:
        assert "container.sleeper" in orch.orch("apply --dry-run", spec=service())
        orch.orch("apply", spec=service())
        orch.wait({SLEEPER: "running"})
        assert "1/1" in orch.orch("ls")
        assert "service_id: sleeper" in orch.orch("ls --export")
        assert orch.ps()[SLEEPER]["hostname"] == HERE
        pid = orch.pid(SLEEPER)
        os.kill(orch.daemon.ps()["cephadm"]["pid"], signal.SIGKILL)
        poll_for(lambda: orch.daemon.ps()["cephadm"]["restarts"], 10, "the module's end")
        orch.daemon.wait_state("cephadm", "running")
        orch.wait({SLEEPER: "running"})
        assert orch.pid(SLEEPER) == pid
        orch.orch("daemon stop", SLEEPER)
        orch.wait({SLEEPER: "stopped"})
        orch.orch("daemon start", SLEEPER)
        orch.wait({SLEEPER: "running"})
        assert orch.orch("host add b 127.0.0.2") == "Added host 'b' with addr '127.0.0.2'"
        orch.orch("apply", spec=service(host_pattern="*"))
        orch.wait({SLEEPER: "running", "container.sleeper.b": "running"})
        assert "container.sleeper.b" in orch.refusal("host rm b")
        orch.orch("host drain b")
        orch.wait({SLEEPER: "running"})
        orch.orch("host maintenance enter", HERE)
        orch.wait({SLEEPER: "stopped"})
        assert "Maintenance" in orch.orch("host ls")
        assert "needs a real Ceph cluster" in orch.refusal("apply mds cephfs")
        assert "PATH" in orch.orch("device ls")
        assert orch.orch("osd rm status") == "No OSD remove/replace operations reported"
        assert orch.orch("upgrade status")
        for words in ("orch ps", "orch ls", "orch host ls", "orch device ls", "orch status"):
            for format_ in ("json", "json-pretty", "yaml"):
                assert list(yaml.safe_load_all(orch.asked(words, format=format_))), words
        orch.orch("host maintenance exit", HERE)
        orch.wait({SLEEPER: "running"})
        orch.orch("rm container.sleeper")
        orch.wait({})
        poll_for(lambda: orch.orch("ls") == "No services reported", 10)
