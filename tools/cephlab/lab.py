"""Starts and ends a throw-away cluster: OSDs in memory, on loopback, without authentication."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


MODULES = Path("/usr/share/ceph/mgr")
DAEMONS = ("ceph-mon", "ceph-mgr", "ceph-osd")
COMMAND_SECONDS = 30.0
SOCKET_PATH_MAX = 107


class LabError(Exception):
    """The cluster cannot be started, used or ended; the text says what to do."""


@dataclass(frozen=True)
class Plan:
    """What to start. Daemons of a kind are spread over `hosts` host names in turn."""

    folder: Path
    osds: int = 3
    hosts: int = 1
    mds: int = 0
    modules: Path = MODULES
    port: int | None = None
    settings: tuple[str, ...] = ()  # further lines of ceph.conf's [global]

    def host(self, index: int) -> str:
        """Name of the host that daemon `index` of its kind lives on."""
        return f"lab-{chr(ord('a') + index % self.hosts)}"


def missing_programs() -> list[str]:
    """Programs of Ceph that this machine lacks."""
    wanted = (*DAEMONS, "ceph", "rados", "ceph-authtool", "monmaptool")
    return [name for name in wanted if shutil.which(name) is None]


def poll(what: str, condition: Callable[[], object], seconds: float) -> None:
    """Return once `condition` holds; raises LabError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.2)


def free_port() -> int:
    """A port that is free now and whose successor is: the monitor wants one for each protocol."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port
    raise LabError("found no two neighbouring free ports on 127.0.0.1")


class Lab:
    """A cluster in a folder. Everything that it leaves behind is below the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.conf = self.folder / "ceph.conf"

    def run(self, *command: str, seconds: float = COMMAND_SECONDS, data: bytes = b"") -> bytes:
        """Output of `command`, run against this cluster; raises LabError with its complaint."""
        try:
            done = subprocess.run(
                command,
                env=self.environment(),
                input=data,
                capture_output=True,
                timeout=seconds,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise LabError(f"`{' '.join(command)}` took over {seconds:.0f} s") from None
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip()
            raise LabError(f"`{' '.join(command)}` failed: {reason}") from None
        return done.stdout

    def ceph(self, *words: str, seconds: float = COMMAND_SECONDS) -> Any:
        """Answer of a cluster command, decoded where it is JSON, else text."""
        text = self.run("ceph", *words, "--format", "json", seconds=seconds).decode()
        try:
            return json.loads(text)
        except ValueError:
            return text.strip()

    def environment(self) -> dict[str, str]:
        """Environment in which every client finds this cluster."""
        # a clean one: daemons publish some variables of containers as their metadata
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "LANG": "C.UTF-8", "CEPH_CONF": str(self.conf)}

    def start(self, plan: Plan) -> None:
        """Start everything and wait until all OSDs are up; on failure nothing is left running."""
        self._refuse(plan)
        for name in ("mon", "run", "log", "osd", "crash", "mds", "mgr/x"):
            (self.folder / name).mkdir(parents=True)
        port = plan.port or free_port()
        self.conf.write_text(_configuration(self.folder, plan, port))
        try:
            self._start_monitor(plan, port)
            self.start_manager(plan)
            for osd in range(plan.osds):
                self._start_osd(plan, osd)
            for mds in range(plan.mds):
                name = chr(ord("a") + mds)
                (self.folder / "mds" / name).mkdir()
                self._spawn(plan.host(mds), "ceph-mds", name)
            poll("the manager", lambda: self.ceph("mgr", "stat")["available"], 60)
            poll(
                "all OSDs to be up",
                lambda: self.ceph("osd", "stat")["num_up_osds"] == plan.osds,
                60,
            )
        except BaseException:
            self.end()
            raise

    def start_manager(self, plan: Plan, name: str = "x") -> None:
        """Start a manager, also in place of one that was ended."""
        (self.folder / "mgr" / name).mkdir(exist_ok=True)
        self._spawn(plan.host(0), "ceph-mgr", name)

    def end(self) -> None:
        """End every daemon of this folder, by its own pid file, and remove the folder."""
        if not self.conf.exists():
            raise LabError(f"there is no cluster in {self.folder}")
        # killed: asked to end, an OSD would first look for the monitor for some seconds
        for pid in self._pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        poll(f"the daemons of {self.folder} to end", lambda: not list(self._pids()), 10)
        shutil.rmtree(self.folder)

    def _refuse(self, plan: Plan) -> None:
        if missing := missing_programs():
            raise LabError(
                f"{', '.join(missing)} not found: apt-get install --no-install-recommends"
                " ceph-mon ceph-osd ceph-mgr ceph-mgr-modules-core ceph-mds ceph-common"
            )
        if self.folder.exists() and any(self.folder.iterdir()):
            raise LabError(
                f"{self.folder} is not empty: give a new folder, or end the cluster in it"
            )
        if len(str(self.folder / "run" / "ceph-client.admin.asok")) > SOCKET_PATH_MAX:
            raise LabError(f"{self.folder} is too long for unix sockets: give a shorter path")
        if not 1 <= plan.hosts <= plan.osds:
            raise LabError(f"{plan.osds} OSDs cannot be spread over {plan.hosts} hosts")

    def _start_monitor(self, plan: Plan, port: int) -> None:
        keyring, monmap = str(self.folder / "keyring"), str(self.folder / "monmap")
        caps = [
            word for kind in ("mon", "osd", "mds", "mgr") for word in ("--cap", kind, "allow *")
        ]
        self.run(
            "ceph-authtool", "-C", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"
        )
        self.run("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", *caps)
        fsid = self.run("ceph-conf", "--lookup", "fsid").decode().strip()
        self.run("monmaptool", "--create", "--addv", "a", _addresses(port), "--fsid", fsid, monmap)
        self.run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)
        self._spawn(plan.host(0), "ceph-mon", "a")
        poll("the monitor's quorum", lambda: self.ceph("mon", "stat")["quorum"], 60)

    def _start_osd(self, plan: Plan, osd: int) -> None:
        (self.folder / "osd" / str(osd)).mkdir()
        identity = str(uuid.uuid4())
        self.ceph("osd", "new", identity, str(osd))
        self.run("ceph-osd", "-i", str(osd), "--mkfs", "--osd-uuid", identity)
        self._spawn(plan.host(osd), "ceph-osd", str(osd))

    def _spawn(self, host: str, program: str, name: str) -> None:
        self.run(*_on_host(host), program, "-c", str(self.conf), "-i", name)

    def _pids(self) -> Iterator[int]:
        """Daemons of this folder that run; a pid that is now another program's is passed over."""
        for file in (self.folder / "run").glob("*.pid"):
            with contextlib.suppress(OSError, ValueError):
                pid = int(file.read_text())
                stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if str(self.conf).encode() in words and stat[0] != "Z":
                    yield pid


def _on_host(host: str) -> list[str]:
    """Words before a command that give it a host name of its own, where the kernel allows that."""
    namespace = ["unshare", "--uts", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    words = [*namespace, "sh", "-c", 'hostname "$0" && exec "$@"', host]
    try:
        subprocess.run([*words, "true"], check=True, capture_output=True, timeout=COMMAND_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return []
    return words


def _addresses(port: int) -> str:
    return f"[v2:127.0.0.1:{port},v1:127.0.0.1:{port + 1}]"


def _configuration(folder: Path, plan: Plan, port: int) -> str:
    several = plan.hosts >= 3
    places = "".join(
        f"[osd.{osd}]\ncrush location = root=default host={plan.host(osd)}\n"
        for osd in range(plan.osds)
    )
    return f"""[global]
fsid = {uuid.uuid4()}
mon host = {_addresses(port)}
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
auth allow insecure global id reclaim = false
run dir = {folder}/run
admin socket = {folder}/run/$cluster-$name.asok
log file = {folder}/log/$name.log
pid file = {folder}/run/$name.pid
crash dir = {folder}/crash
keyring = {folder}/keyring
mon data = {folder}/mon
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail warn = 1
osd data = {folder}/osd/$id
osd objectstore = memstore
memstore device bytes = 1073741824
osd class update on start = false
osd pool default size = {3 if several else min(2, plan.osds)}
osd pool default min size = 1
osd crush chooseleaf type = {1 if several else 0}
mds data = {folder}/mds/$id
mgr data = {folder}/mgr/$id
mgr module path = {plan.modules}
{chr(10).join(plan.settings)}
[client]
admin socket =
log file =
pid file =
{places}"""
