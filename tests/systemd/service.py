"""The installed service, inside of a booted systemd."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conditions import poll_for
from tests.daemon import ROOT
from tests.systemdlab import Lab


UNIT = "mgr-supervisor.service"
INSTALL = ROOT / "tools" / "systemd" / "install"
MODULES = {"crash", "iostat", "orchestrator", "status"}  # that run with the installed configuration
CONFIG = Path("etc/mgr-supervisor/mgr-supervisor.toml")


class Service:
    """Commands run inside; files are reached from out here."""

    def __init__(self, inside: Lab) -> None:
        self.inside = inside

    @property
    def config(self) -> Path:
        return self.inside.root / CONFIG

    @property
    def socket(self) -> Path:
        """mgrctl's, as it is called out here."""
        return self.inside.root / "run/mgr-supervisor/control.sock"

    def install(self, *options: str) -> str:
        """Install with the environment of these tests."""
        return self.inside.run(*self.installation(*options))

    def installation(self, *options: str) -> list[str]:
        """The command for that."""
        return [str(INSTALL), "--venv", sys.prefix, *options]

    def uninstall(self) -> str:
        """What that says."""
        return self.inside.run("sh", "-c", f"{INSTALL} --uninstall 2>&1")

    def systemctl(self, verb: str) -> str:
        return self.inside.run("systemctl", verb, UNIT)

    def show(self, name: str) -> str:
        """A property of the unit."""
        return self.inside.run("systemctl", "show", "--value", f"--property={name}", UNIT)

    @property
    def pid(self) -> int:
        """Of the supervisor; inside."""
        return int(self.show("MainPID"))

    def mgrctl(self, *words: str) -> str:
        return self.inside.run("mgrctl", *words)

    def epoch(self) -> int:
        """As whose turn it is active."""
        return int(json.loads(self.mgrctl("mgr", "role", "-f", "json"))["epoch"])

    def ps(self) -> dict[str, dict[str, Any]]:
        """`module ps` by name."""
        rows = json.loads(self.mgrctl("module", "ps", "--format", "json"))
        return {row["name"]: row for row in rows}

    def ready(self, *modules: str) -> dict[str, int]:
        """The pids of `modules` once they run."""
        wanted = set(modules) or MODULES

        def reached() -> dict[str, int] | None:
            # First what costs little: the daemon is to have the processor.
            if self.show("ActiveState") != "active" or "(" in self.show("StatusText"):
                return None
            try:
                rows = self.ps()
            except subprocess.CalledProcessError:  # it was killed; systemd does not know it yet
                return None
            running = {n: row["pid"] for n, row in rows.items() if row["state"] == "running"}
            return running if wanted <= set(running) else None

        return poll_for(reached, 20, f"{sorted(wanted)} to run:\n{self.journal()}")

    def names(self) -> list[str]:
        """How the processes of the service's user are called, in order."""
        shown = self.inside.run("sh", "-c", "ps -o comm= -u mgr-supervisor || true")
        return sorted(shown.split())

    def journal(self) -> str:
        """All that the unit said, and what systemd said of it."""
        return self.inside.run("journalctl", "--no-pager", "--output=cat", f"--unit={UNIT}")

    def override(self, name: str, text: str) -> None:
        """A drop-in; empty: none."""
        file = self.inside.root / f"etc/systemd/system/{UNIT}.d" / f"{name}.conf"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text) if text else file.unlink()
        self.inside.run("systemctl", "daemon-reload")
