"""`mgr-supervisor`: wiring only."""

import argparse
import contextlib
import faulthandler
import gc
import os
import shlex
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import structlog
import zmq

from proto.version import VERSION
from supervisor.cluster.embedded.candidate import Candidate
from supervisor.cluster.interface import ClusterError
from supervisor.config import LEVELS, Config, ConfigError, Tree, load
from supervisor.control.families import builtins
from supervisor.control.sandbox import SandboxFamily
from supervisor.core.election import End, Respawn
from supervisor.edge import records
from supervisor.edge.control_socket import ControlSocket
from supervisor.edge.descriptors import raise_limit
from supervisor.edge.discovery import Found, discover
from supervisor.edge.folders import Folders
from supervisor.edge.loop import Loop, Signals
from supervisor.edge.notify import ServiceNotifier, summary
from supervisor.edge.outcome import Outcome
from supervisor.edge.supervisor import Supervisor
from supervisor.edge.watchdog import Watchdog
from supervisor.edge.worker import Worker


log = structlog.get_logger("daemon")

DEFAULT_FILE = Path("/etc/mgr-supervisor/mgr-supervisor.toml")
SHIPPED = (
    Path(__file__).resolve().parent.parent / "modules",  # a checkout
    Path(sys.prefix) / "share" / "mgr-supervisor" / "modules",  # an installation
)
UNEXPECTED = 70  # exit code (EX_SOFTWARE)
WITHHELD = 0o027  # what the daemon makes is nothing to other users


def parser() -> argparse.ArgumentParser:
    """The daemon's options."""
    options = argparse.ArgumentParser(
        prog="mgr-supervisor",
        description="Runs Ceph manager modules, each in a sandboxed process of its own.",
    )
    options.add_argument("--config", type=Path, metavar="FILE", help=f"default: {DEFAULT_FILE}")
    options.add_argument(
        "--state", type=Path, metavar="DIR", help="keep data, run and log folders below DIR"
    )
    options.add_argument(
        "--module-path", metavar="DIR[=LEVEL]", action="append", default=[],
        help="add a module tree, before the shipped one; may be repeated. LEVEL says to which "
        f"interface its modules are written: {' or '.join(LEVELS)} (default: {LEVELS[0]})",
    )  # fmt: skip
    options.add_argument(
        "--enable", metavar="NAME", action="append", default=[],
        help="enable a module at the first start; may be repeated",
    )  # fmt: skip
    options.add_argument(
        "--log-format", choices=("auto", "console", "json", "journal"), default="auto"
    )
    options.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    return options


def configuration(arguments: argparse.Namespace) -> Config:
    """The file's settings with the command line's on top. Raises ConfigError."""
    file = arguments.config
    if file is None and DEFAULT_FILE.exists() and arguments.state is None:
        file = DEFAULT_FILE
    config = load(file) if file is not None else Config()
    if arguments.state is not None:
        config = config.under(arguments.state)
    given = [Tree.from_argument(text) for text in arguments.module_path]
    shipped = [Tree(path, shipped=True) for path in SHIPPED if path.is_dir()][:1]
    return replace(
        config,
        trees=(*given, *config.trees, *shipped),
        enable=(*config.enable, *arguments.enable),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run until asked to stop. Exit code 1: the configuration, a folder or the data is wrong; 70: a
    fault of ours; 75: another manager became active beside us, and this one must be started again.
    """
    environment = dict(os.environ)
    arguments = parser().parse_args(argv)
    try:
        config = configuration(arguments)
        found = discover(config.trees)
        unknown = sorted(set(arguments.enable) - set(found))
        if unknown:
            raise ConfigError(
                f"--enable {unknown[0]}: no such module in "
                + ", ".join(str(tree.path) for tree in config.trees)
            )
        with contextlib.closing(Folders(config)):
            ended = _serve(arguments, config, found)
    except (ConfigError, ClusterError) as error:
        sentence = str(error)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sentence = f"cannot start: {where}{error.strerror}"
    except Exception:
        traceback.print_exc()  # the log may be what is at fault
        return UNEXPECTED
    else:
        if isinstance(ended, End):
            return ended.code
        # Upstream's respawn. Every descriptor is closed on exec, the locks among them.
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606
    print(f"mgr-supervisor: {sentence}", file=sys.stderr)  # noqa: T201  # for the operator, not the log
    return 1


def _serve(arguments: argparse.Namespace, config: Config, found: dict[str, Found]) -> End | Respawn:
    """Raises ClusterError or OSError where it cannot start; once it serves, it ends in order."""
    by_hand = arguments.state is not None or sys.stderr.isatty()
    _prepare(config, arguments.log_format, by_hand)

    def stop() -> None:
        notifier.send("STOPPING=1")
        supervisor.stop()

    def reload() -> None:
        notifier.reloading()
        supervisor.logs.reopen(lambda _problem: sandbox.reload(reloaded))

    def reloaded(_outcome: Outcome) -> None:
        notifier.send("READY=1")

    def tell() -> None:
        states = ((host.name, host.lifecycle.state) for host in supervisor.hosts)
        notifier.status(summary(supervisor.election.role, states))

    with contextlib.ExitStack() as stack:
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        stack.callback(context.destroy, linger=0)
        notifier = ServiceNotifier()
        stack.callback(notifier.close)
        loop = Loop()
        stack.callback(loop.close)
        signals = Signals(loop, stop, reload)
        stack.callback(signals.restore)
        socket = config.run_dir / "control.sock"
        cluster = Candidate(config.data_dir, config.mgr_id, socket, config.snapshot, config.tick)
        supervisor = Supervisor(config, found, loop, context, cluster)
        stack.callback(supervisor.close)
        worker = Worker(loop)
        stack.callback(worker.close)
        sandbox = SandboxFamily(supervisor, worker, lambda: configuration(arguments))
        supervisor.start(builtins(supervisor, worker, sandbox), config.enable)
        control = ControlSocket(
            context, socket, loop, supervisor.commands, config.operators, supervisor.gate,
            VERSION, config.mgr_id,
        )  # fmt: skip
        stack.callback(control.close)
        stack.callback(Watchdog(loop, notifier).close)
        if arguments.enable and not supervisor.standby and not supervisor.desired.first_start:
            log.warning("--enable counts at the first start only; use mgrctl mgr module enable")
        notifier.send("READY=1")
        supervisor.on_change = tell
        tell()
        log.info("serving", modules=len(found), control=str(socket))
        if by_hand:
            _hint(config)
        gc.freeze()  # all of it lives as long as we do: no collection need look at it again
        gc.enable()
        loop.run()
    log.info("stopped")
    return supervisor.ended


def _prepare(config: Config, form: str, by_hand: bool) -> None:
    """Make this process what the daemon is to run in."""
    raise_limit()
    os.umask(os.umask(WITHHELD) | WITHHELD)
    faulthandler.enable()  # systemd's watchdog ends us by SIGABRT: where we hung is on stderr
    if form == "auto":
        form = "console" if by_hand else records.form_of_stderr()
    records.configure(config.log_file, config.log_level, form)


def _hint(config: Config) -> None:
    """What to try next, for whoever started the daemon by hand."""
    mgrctl = shlex.quote(str(Path(sys.executable).parent / "mgrctl"))
    socket = config.run_dir / "control.sock"
    lines = [
        "",
        f"  export MGRCTL_SOCKET={shlex.quote(str(socket))}",
        f"  {mgrctl} status",
        f"  {mgrctl} module ps",
        f"  {mgrctl} osd tree",
        f"  {mgrctl} --help",
        "",
        "Ctrl-C stops it and its modules.",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201  # talk to the terminal, not to the log
