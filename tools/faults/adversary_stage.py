"""A supervisor with the adversary and its sibling, behind walls of which some may be missing."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from faults.adversary_victims import Facts
from faults.adversary_world import ADVERSARY, GUARDED, VICTIM, World
from faults.client import Client, Refused, Unreachable
from faults.stage import MODULES, START_SECONDS, STOP_SECONDS, StageError, wait_for
from module_host.sandbox.layers import SWITCHES


PACKAGES = (ADVERSARY, "adversary_attempts", VICTIM)
NOTICE_SECONDS = 0.5  # for what was done to show
FAIL_SECONDS = 3.0  # for a start that was sabotaged
STEP_SECONDS = 0.02
# Of the adversary: what `modules/adversary_attempts/exhaustion.py` takes is more.
LIMITS = {
    "memory": '"192M"', "processes": "48", "open_files": "512", "file_size": '"192M"',
    "log_rate": '"64K"', "connections": "640", "data_size": '"16M"', "store_size": '"64K"',
}  # fmt: skip

ATTEMPTS: dict[str, Any] = import_module("faults.modules.adversary_attempts.registry").ATTEMPTS


@dataclass(frozen=True)
class Walls:
    """How the adversary is held: keys of `[sandbox]`, its limits, its grants."""

    mode: str = "require"
    without: tuple[str, ...] = ()
    bus: str = "enforce"
    limits: bool = True
    grants: str = "none"
    more: tuple[str, ...] = field(default=())  # lines of [module.adversary]

    def configuration(self, tree: Path, secret: str) -> str:
        """The file for the supervisor."""
        without = ", ".join(f'"{layer}"' for layer in self.without)
        limits = LIMITS if self.limits else dict.fromkeys(LIMITS, "0")
        victims = "".join(
            f'[module.{name}]\nenvironment = {{ VICTIM_SECRET = "{secret}" }}\n'
            for name in (VICTIM, GUARDED)
        )
        return "\n".join(
            (
                "[supervisor]\nalways_on = []",
                f'enable = ["{VICTIM}", "{GUARDED}", "{ADVERSARY}"]',
                f'[[tree]]\npath = "{tree}"',
                f'[sandbox]\nmode = "{self.mode}"\nbus = "{self.bus}"\nwithout = [{without}]',
                victims,
                f'[module.{ADVERSARY}]\ngrants = "{self.grants}"',
                *self.more,
                f"[module.{ADVERSARY}.limits]",
                *(f"{name} = {value}" for name, value in limits.items()),
                "",
            )
        )


@dataclass(frozen=True)
class Tried:
    """What came of one attempt: "got out" or "denied"."""

    name: str
    outcome: str
    errno: str = ""
    detail: str = ""

    @property
    def got_out(self) -> bool:
        """Whether it did."""
        return self.outcome == "got out"


class Stage:
    """One supervisor, from `stage`."""

    def __init__(self, folder: Path, walls: Walls) -> None:
        self.world = World(folder)
        tree = folder / "tree"
        for package in PACKAGES:
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(MODULES / package, tree / package, ignore=ignore)
        shutil.copytree(tree / VICTIM, tree / GUARDED)
        config = self.world.state / "mgr.toml"
        self._configure(walls)
        self.socket = self.world.state / "run" / "control.sock"
        program = Path(sys.executable).parent / "mgr-supervisor"
        command = [str(program), "--state", str(self.world.state), "--config", str(config)]
        with (self.world.state / "screen").open("ab") as screen:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen,
                env={**os.environ, "NOTIFY_SOCKET": self.world.ears.notify},
            )  # fmt: skip
        self._client: Client | None = None

    def serve(self) -> None:
        """Wait until all of it can be tried."""
        self._all_run()
        self.world.plant()

    def layers(self) -> dict[str, str]:
        """The adversary's sandbox: each layer's state."""
        view = json.loads(self.run("module sandbox", name=ADVERSARY, format="json"))
        return {layer["name"]: layer["status"] for layer in view["layers"]}

    def attempt(self, name: str) -> Tried:
        """Have it tried, and look at what came of it."""
        attempt = ATTEMPTS[name]
        wait_for(lambda: self.pid(VICTIM), START_SECONDS, "the victim to run again")
        before = self.facts()
        beside = self._lingering() if attempt.beside else None
        answer = self._ordered(name)
        if attempt.restart:
            self._restart()
        # What it believes to have done may take a moment to show.
        claims = not (answer["errno"] or answer["detail"] or answer["loot"] or attempt.own_word)
        changed = self._changed(before, NOTICE_SECONDS if claims else 0)
        if beside and beside() != "the victim's own":
            changed.append("the victim's answer")
        if attempt.restart:
            changed += ["a process that outlived it"] * bool(self.world.survivors())
            self._mend()
        if changed:
            self._restore(changed)
            return Tried(name, "got out", detail=f"changed: {', '.join(changed)[:150]}")
        if self.world.knows(answer["loot"]):
            return Tried(name, "got out", detail="the secret was read")
        if attempt.own_word and answer["loot"]:
            return Tried(name, "got out", detail=answer["loot"][:100].strip())
        return Tried(name, "denied", answer["errno"], answer["detail"][:150])

    def rebuild(self, walls: Walls) -> bool:
        """Have these walls instead; False where that takes another supervisor."""
        self._configure(walls)
        self.run("module grants reload")
        self._all_run()
        layers = self.layers()
        off = SWITCHES if walls.mode == "off" else walls.without
        return all((layers.get(name) != "enforced") == (name in off) for name in SWITCHES)

    def facts(self) -> Facts:
        """What an attempt must not change."""
        pid = self.pid(VICTIM)
        sibling: Facts = {"sibling": pid}
        with contextlib.suppress(psutil.NoSuchProcess, OSError, Refused, ValueError):
            own = psutil.Process(pid)
            self.world.victim = json.loads(self.run(f"{VICTIM} show"))
            sibling |= {
                "sibling's memory, key and option": self.world.victim,
                "sibling's turns": (own.nice(), own.ionice().ioclass, own.cpu_affinity()),
                "sibling's scheduling": os.sched_getscheduler(pid),
                "sibling's end": Path(f"/proc/{pid}/oom_score_adj").read_text(),
                # Not by prlimit, for which root may lack CAP_SYS_RESOURCE.
                "sibling's limits": Path(f"/proc/{pid}/limits").read_text(),
            }
        return {**self.world.facts(), **sibling, "keys": self._marked_keys()}

    def pid(self, name: str) -> int:
        """Of the module's process; 0 where it does not run."""
        try:
            rows = json.loads(self.run("module ps", format="json"))
        except (Refused, Unreachable):
            return 0
        return next(
            (r["pid"] or 0 for r in rows if r["name"] == name and r["state"] == "running"), 0
        )

    def run(self, prefix: str, **arguments: object) -> str:
        """Output of a command; raises Refused, Unreachable."""
        if self.process.poll() is not None:
            raise StageError(f"the supervisor ended: {self.screen()[-500:]}")
        try:
            self._client = self._client or Client(self.socket, 30.0)
            return self._client.run(prefix, **arguments)
        except Unreachable:
            self._hang_up()
            raise

    def screen(self) -> str:
        """What it printed."""
        return (self.world.state / "screen").read_text(errors="replace")

    def close(self) -> None:
        """End everything."""
        self._hang_up()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.kill(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.world.close()

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _ordered(self, name: str) -> dict[str, str]:
        """The adversary's own account; where its process ends meanwhile, the supervisor's."""
        pids = {"supervisor": self.process.pid, VICTIM: self.pid(VICTIM)}
        target = json.dumps(self.world.target(pids))
        try:
            said = self.run(f"{ADVERSARY} try", attempt=name, target=target)
        except Refused as refusal:
            self._mend()
            return {"loot": "", "errno": "", "detail": str(refusal)}
        if said == self.world.mark:
            return {"loot": "", "errno": "", "detail": "it answered what itself was asked"}
        found: dict[str, str] = json.loads(said)
        return found

    def _restart(self) -> None:
        """Let the next start find what the adversary prepared for it: it may fail over that."""
        before = self.pid(ADVERSARY)
        self.run("module restart", name=ADVERSARY)
        with contextlib.suppress(StageError):
            wait_for(lambda: self.pid(ADVERSARY) not in (0, before), FAIL_SECONDS, "a new process")

    def _mend(self) -> None:
        """The adversary in another process, its own folder and log as they were at first."""
        own, log = self.world.own
        for path in (own, log):
            moved = path.with_name(f"{path.name}.{self.world.mark}")
            if moved.exists():
                path.unlink(missing_ok=True)
                moved.rename(path)
        for path in own.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        before = self.pid(ADVERSARY)
        self.run("module restart", name=ADVERSARY)
        wait_for(lambda: self.pid(ADVERSARY) not in (0, before), START_SECONDS, "the adversary")

    def _restore(self, changed: list[str]) -> None:
        self.world.restore()
        if any(name.startswith("sibling") for name in changed):
            self.run("module restart", name=VICTIM)
        for key in self._marked_keys():
            self.run("config-key rm", key=key)
        self._all_run()

    def _marked_keys(self) -> list[str]:
        keys = self.run("config-key dump", format="json")
        return sorted(key for key in json.loads(keys) if self.world.mark in key)

    def _all_run(self) -> None:
        for name in (VICTIM, GUARDED, ADVERSARY):
            try:
                wait_for(partial(self.pid, name), START_SECONDS, f"{name} to run")
            except StageError as error:
                raise StageError(f"{error}: {self.screen()[-500:]}") from None

    def _configure(self, walls: Walls) -> None:
        text = walls.configuration(self.world.folder / "tree", self.world.secret)
        (self.world.state / "mgr.toml").write_text(text)

    def _changed(self, before: Facts, seconds: float) -> list[str]:
        deadline = time.monotonic() + seconds
        while True:
            now = self.facts()
            # What was heard is told once.
            changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
            if changed or time.monotonic() > deadline:
                return changed
            time.sleep(STEP_SECONDS)

    def _lingering(self) -> Any:
        """Ask the victim something that takes a while; a function that answers what it said."""
        said: list[str] = []

        def ask() -> None:
            with Client(self.socket, 30.0) as client, contextlib.suppress(Refused):
                said.append(client.run(f"{VICTIM} linger"))

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(STEP_SECONDS)

        def answer() -> str:
            asking.join()
            return said[0] if said else ""

        return answer


@contextmanager
def stage(walls: Walls) -> Iterator[Stage]:
    """A running one, gone at the end with all that it started."""
    with tempfile.TemporaryDirectory(prefix="adv-", dir="/tmp") as folder:
        made = Stage(Path(folder), walls)
        try:
            made.serve()
            yield made
        finally:
            made.close()
