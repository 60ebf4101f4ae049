"""The configuration: one TOML file, every key typed and validated.

An unknown key or a bad value is a ConfigError that names the file, the key and what is allowed.
`KEYS` is the whole grammar; docs/operations.md shows it as a table.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from supervisor import config_values as read
from supervisor.core.grants import (
    Additions,
    Base,
    Grants,
    Line,
    Target,
    grants_of,
    lines,
    parse_port,
)
from supervisor.core.limits import BOUNDS, Limits
from supervisor.core.roles import Members, Operators, Role
from supervisor.core.shipped_bus import SHIPPED
from supervisor.core.uids import DEFAULT as DEFAULT_UIDS


class ConfigError(Exception):
    """The operator's configuration is wrong; the text says where and what is allowed."""


LEVELS = ("pacific", "main")  # of the interface that modules are written to; see module_host/api
SOCKET_PATH_BYTES = 107  # of sockaddr_un, less the final NUL
DEBIAN_PACKAGES = Path("/usr/lib/python3/dist-packages")
# Upstream's list for pacific less rbd_support and volumes: both need RADOS, which no embedded
# cluster has.
ALWAYS_ON = (
    "balancer", "crash", "devicehealth", "orchestrator",
    "pg_autoscaler", "progress", "status", "telemetry",
)  # fmt: skip

# Of the sandbox, as module_host.sandbox.layers names those that can be switched off.
LAYERS = (
    "processes", "ipc", "paths", "uid", "capabilities", "files", "programs", "signals", "ports",
    "sockets", "syscalls",
)  # fmt: skip

LIVE = (
    "modules",
    "limits",
    "read",
    "write",
    "sandbox",
    "without",
    "uids",
    "bus",
)  # what may change


@dataclass(frozen=True)
class Tree:
    """One folder of modules. `api`: whose mgr_module its modules get: their own where the tree
    brings one ("auto"), always the tree's ("tree") or always ours ("supervisor"). `level`: which
    release's interface they are written to, one of LEVELS. `shipped`: it is this project's own.
    """

    path: Path
    api: str = "auto"
    level: str = LEVELS[0]
    shipped: bool = False

    @classmethod
    def from_argument(cls, text: str) -> "Tree":
        """Read PATH or PATH=LEVEL, as the command line gives it; raises ConfigError."""
        path, equals, level = text.rpartition("=")
        if not equals or Path(text).is_dir():
            return cls(Path(text).absolute())
        if level not in LEVELS:
            allowed = " or ".join(LEVELS)
            raise ConfigError(f"--module-path {text}: the level is {allowed}, not {level!r}")
        return cls(Path(path).absolute(), level=level)


@dataclass(frozen=True)
class ModuleConfig:
    """What one module has apart from the rest."""

    interpreter: str = ""
    start_timeout: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    grants: Additions = field(default_factory=Additions)
    limits: Mapping[str, int] = field(default_factory=dict)  # those that differ from all modules'


@dataclass(frozen=True)
class Config:
    """Everything that the daemon is told. Paths are absolute, times in seconds."""

    mgr_id: str = "x"
    data_dir: Path = Path("/var/lib/mgr-supervisor")
    run_dir: Path = Path("/run/mgr-supervisor")
    log_dir: Path = Path("/var/log/mgr-supervisor")
    log_level: str = "info"
    log_max_size: int = 64 << 20  # bytes; 0: never rotated
    log_keep: int = 4
    always_on: tuple[str, ...] = ALWAYS_ON
    enable: tuple[str, ...] = ("iostat",)
    python_path: tuple[Path, ...] = (DEBIAN_PACKAGES,)
    start_timeout: float = 20.0
    shutdown_grace: float = 10.0
    call_timeout: float = 300.0
    command_timeout: float = 300.0
    stall_warning: float = 60.0
    trees: tuple[Tree, ...] = ()
    snapshot: Path | None = None
    tick: float = 5.0
    ceph_conf: Path | None = None
    ceph_keyring: Path | None = None
    sandbox: str = "best-effort"
    bus: str = "enforce"
    lanes: bool = True
    operators: Operators = field(default_factory=Operators)
    without: tuple[str, ...] = ()
    uids: range = DEFAULT_UIDS
    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    modules: Mapping[str, ModuleConfig] = field(default_factory=dict)

    def under(self, state: Path) -> "Config":
        """The same configuration with its data, run and log folders below `state`."""
        state = state.absolute()
        return replace(self, data_dir=state / "data", run_dir=state / "run", log_dir=state / "log")

    @property
    def log_file(self) -> Path:
        """The daemon's log, named as ceph-mgr names its own."""
        return self.log_dir / f"ceph-mgr.{self.mgr_id}.log"

    def module_log(self, module: str) -> Path:
        """A module's log, named as upstream's file handler names it."""
        return self.log_dir / f"ceph-mgr.{self.mgr_id}.{module}.log"

    def module_data(self, module: str) -> Path:
        """The folder that a module has for itself."""
        return self.data_dir / "modules" / module

    def module(self, name: str) -> ModuleConfig:
        """What is configured for module `name`."""
        return self.modules.get(name, ModuleConfig())

    def grants(self, name: str, tree: Tree) -> Grants:
        """What module `name` of `tree` may do. Where there is no real cluster, nothing comes of the
        grant to use it.
        """
        granted = grants_of(name, _shipped(tree), self._additions(name))
        return granted if self.ceph_conf is not None else replace(granted, librados=False)

    def grant_lines(self, name: str, tree: Tree) -> list[Line]:
        """The same for people: each grant, and who gave it."""
        return lines(name, _shipped(tree), self._additions(name))

    def limits_of(self, name: str) -> Limits:
        """What module `name` may use."""
        return replace(self.limits, **self.module(name).limits)

    def may_deploy(self, name: str, tree: Tree) -> bool:
        """Whether module `name` of `tree` has the grant to use the host agent."""
        return self.grants(name, tree).deploy

    def _additions(self, name: str) -> Additions:
        own = self.module(name).grants
        return replace(
            own,
            read=(*map(str, self.read), *own.read),
            write=(*map(str, self.write), *own.write),
        )

    def check_ceph_files(self) -> None:
        """Refuse files for librados that modules could not read; raises ConfigError."""
        for key, file in (("ceph_conf", self.ceph_conf), ("ceph_keyring", self.ceph_keyring)):
            if file is not None and not os.access(file, os.R_OK):
                raise ConfigError(f"[cluster] {key}: {file} is not there or may not be read")
        if self.ceph_keyring is not None and self.ceph_conf is None:
            raise ConfigError("[cluster] ceph_keyring is of no use without ceph_conf: add that")

    def check_socket_paths(self) -> None:
        """Refuse a run folder that is too deep for unix sockets; raises ConfigError."""
        longest = self.run_dir / "control.sock"
        try:
            str(longest).encode()
        except UnicodeEncodeError:
            raise ConfigError(
                f"{os.fsencode(longest)!r} is not UTF-8: choose another run_dir, or --state folder"
            ) from None
        if len(str(longest).encode()) > SOCKET_PATH_BYTES:
            raise ConfigError(
                f"{longest} is too long for a unix socket ({SOCKET_PATH_BYTES} bytes at most): "
                "choose a shorter run_dir, or --state folder"
            )


_WITHOUT_DEPLOY = {name: replace(grants, deploy=False) for name, grants in SHIPPED.items()}


def _shipped(tree: Tree) -> Mapping[str, Grants]:
    """The table for modules of `tree`: a name alone opens no way past the walls."""
    return SHIPPED if tree.shipped else _WITHOUT_DEPLOY


_GRANT_KEYS: dict[str, read.Parse] = {
    "grants": lambda value: Base(read.choice(*Base)(value)),
    "listen": read.list_of(read.grant(parse_port)),
    "connect": read.list_of(read.grant(Target.parse)),
    "read": read.list_of(read.path),
    "write": read.list_of(read.path),
    "subprocess": read.flag,
    "librados": read.flag,
    "deploy": read.flag,
    "calls": read.calls,
    "commands": read.list_of(read.pattern),
    "config": read.list_of(read.pattern),
}
_LIMIT_KEYS: dict[str, read.Parse] = {key: read.limit(bounds) for key, bounds in BOUNDS.items()}
_MODULE_KEYS: dict[str, read.Parse] = {
    "interpreter": read.text,
    "start_timeout": read.seconds,
    "environment": read.texts,
    **_GRANT_KEYS,
}
_TREE_KEYS: dict[str, read.Parse] = {
    "path": read.folder,
    "api": read.choice("auto", "tree", "supervisor"),
    "level": read.choice(*LEVELS),
}
_OPERATOR_KEYS: dict[str, read.Parse] = {str(role): read.list_of(read.member) for role in Role}
KEYS: dict[str, dict[str, read.Parse]] = {
    "supervisor": {
        "mgr_id": read.name,
        "data_dir": read.folder,
        "run_dir": read.folder,
        "log_dir": read.folder,
        "log_level": read.choice("debug", "info", "warning", "error"),
        "log_max_size": read.size,
        "log_keep": read.keep,
        "always_on": read.list_of(read.name),
        "enable": read.list_of(read.name),
        "python_path": read.list_of(read.folder),
        "start_timeout": read.seconds,
        "shutdown_grace": read.seconds,
        "call_timeout": read.seconds,
        "command_timeout": read.seconds,
        "stall_warning": read.seconds,
        "lanes": read.flag,
    },
    "cluster": {
        "snapshot": read.folder,
        "tick": read.seconds,
        "ceph_conf": read.folder,
        "ceph_keyring": read.folder,
    },
    "sandbox": {
        "mode": read.choice("require", "best-effort", "off"),
        "bus": read.choice("enforce", "warn"),
        "without": read.list_of(read.choice(*LAYERS)),
        "uids": read.uids,
        "read": read.list_of(read.folder),
        "write": read.list_of(read.folder),
    },
}


def _table(file: Path, where: str, keys: Mapping[str, read.Parse], given: Any) -> dict[str, Any]:
    """Validate one table; every refusal names the file, the key and what is allowed."""
    if not isinstance(given, dict):
        raise ConfigError(f"{file}: {where} must be a table")
    parsed: dict[str, Any] = {}
    for key, value in given.items():
        if key not in keys:
            raise ConfigError(
                f"{file}: unknown key {key!r} in [{where}]; allowed are {', '.join(sorted(keys))}"
            )
        try:
            parsed[key] = keys[key](value)
        except read.BadValueError as bad:
            raise ConfigError(f"{file}: [{where}] {key} = {value!r}: must be {bad}") from None
    return parsed


def _trees(file: Path, given: Any) -> tuple[Tree, ...]:
    if not isinstance(given, list):
        raise ConfigError(f"{file}: module trees are written as [[tree]] tables")
    trees = []
    for number, table in enumerate(given, 1):
        parsed = _table(file, f"tree {number}", _TREE_KEYS, table)
        if "path" not in parsed:
            raise ConfigError(f"{file}: [[tree]] number {number} has no path")
        trees.append(Tree(**parsed))
    return tuple(trees)


def load(file: Path) -> Config:
    """Read `file`; raises ConfigError."""
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # also of UTF-8, of a number of 5000 digits
        raise ConfigError(f"{file}: not valid TOML: {error}") from None
    tables = (*KEYS, "limits", "operators", "tree", "module")
    unknown = set(given) - set(tables)
    if unknown:
        raise ConfigError(
            f"{file}: unknown table {min(unknown)!r}; allowed are {', '.join(tables)}"
        )
    values: dict[str, Any] = {}
    for section, keys in KEYS.items():
        values.update(_table(file, section, keys, given.get(section, {})))
    if "mode" in values:
        values["sandbox"] = values.pop("mode")
    listed = _table(file, "operators", _OPERATOR_KEYS, given.get("operators", {}))
    values["operators"] = Operators({Role(key): _members(some) for key, some in listed.items()})
    values["limits"] = Limits(**_table(file, "limits", _LIMIT_KEYS, given.get("limits", {})))
    values["trees"] = _trees(file, given.get("tree", []))
    modules = given.get("module", {})
    if not isinstance(modules, dict):
        raise ConfigError(f"{file}: [module] must be a table of modules, as [module.NAME]")
    values["modules"] = {name: _module(file, name, table) for name, table in modules.items()}
    config = Config(**values)
    _check_file_sizes(file, config)
    return config


def _check_file_sizes(file: Path, config: Config) -> None:
    """A module's log is a file that it writes: it must be able to grow until it is rotated."""
    least = 2 * config.log_max_size
    limited = [("limits", config.limits)]
    limited += [(f"module.{name}.limits", config.limits_of(name)) for name in config.modules]
    for where, limits in limited:
        if 0 < limits.file_size < least:
            raise ConfigError(
                f"{file}: [{where}] file_size = {limits.file_size}: must be at least {least}, "
                "twice log_max_size, since it counts for a module's log as well"
            )


def _members(listed: tuple[tuple[str, int], ...]) -> Members:
    return Members(
        frozenset(number for kind, number in listed if kind == "user"),
        frozenset(number for kind, number in listed if kind == "group"),
    )


def _module(file: Path, name: str, given: Any) -> ModuleConfig:
    where = f"module.{name}"
    parsed = _table(file, where, {**_MODULE_KEYS, "limits": lambda value: value}, given)
    if "limits" in parsed:
        parsed["limits"] = _table(file, f"{where}.limits", _LIMIT_KEYS, parsed["limits"])
    granted = {key: parsed.pop(key) for key in _GRANT_KEYS if key in parsed}
    base = granted.pop("grants", Base.SHIPPED)
    return ModuleConfig(**parsed, grants=Additions(base, **granted))
