"""Puts the sandbox on, layer by layer, before the module's first import and before any thread.

Each layer stands by itself: one that this kernel lacks, or that the operator switched off, takes no
other along, but for no_new_privs, without which an ordinary user gets neither Landlock nor seccomp.
"""

import logging
import os
import resource
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from module_host import linux, namespaces
from module_host.ends import EndOfHost, ExitCode
from module_host.sandbox import bpf, capabilities, landlock, paths, seccomp, user, view
from proto.v1.module_pb2 import Layer
from proto.v1.zygote_pb2 import Launch, Limit


log = logging.getLogger("sandbox")

PRIVILEGED_PORTS = range(1024)  # 0: any, so these as well
_BY_LANDLOCK = ("files", "programs", "signals", "ports")
LAYERS = (
    "processes",
    "ipc",
    "paths",
    "uid",
    "capabilities",
    "no_new_privs",
    *_BY_LANDLOCK,
    "sockets",
    "syscalls",
)
SWITCHES = tuple(name for name in LAYERS if name != "no_new_privs")


class Mode(StrEnum):
    """What to do about a layer that this machine cannot enforce."""

    REQUIRE = "require"
    BEST_EFFORT = "best-effort"
    OFF = "off"


class Status(StrEnum):
    """What became of a layer."""

    ENFORCED = "enforced"
    ABSENT = "absent"
    OFF = "off"


@dataclass(frozen=True)
class LayerResult:
    """One layer as it is; `why` is empty where there is nothing to say."""

    name: str
    status: Status
    why: str = ""

    def message(self) -> Layer:
        """For the supervisor."""
        return Layer(name=self.name, status=self.status, why=self.why)


def limit(limits: list[Limit]) -> LayerResult:
    """Set resource limits; ends the host where one cannot be set."""
    for item in limits:
        number = getattr(resource, f"RLIMIT_{item.name.upper()}", None)
        if number is None:
            raise EndOfHost(
                ExitCode.BAD_LAUNCH, f"no resource limit is called {item.name!r} on this system"
            )
        try:
            resource.setrlimit(number, (_bound(item.soft), _bound(item.hard)))
        except (ValueError, OSError) as error:
            raise EndOfHost(
                ExitCode.BAD_LAUNCH,
                f"cannot limit {item.name} to {item.soft} (hard {item.hard}): {error}",
            ) from error
    return LayerResult("rlimits", Status.ENFORCED, ", ".join(i.name for i in limits) or "none set")


def enclose(launch: Launch) -> list[LayerResult]:
    """Apply every layer as `launch` says; ends the host where a required one is missing."""
    try:
        mode = Mode(launch.sandbox)
    except ValueError:
        allowed = ", ".join(Mode)
        raise EndOfHost(
            ExitCode.BAD_LAUNCH, f"sandbox mode {launch.sandbox!r} is none of {allowed}"
        ) from None
    unknown = set(launch.without) - set(SWITCHES)
    if unknown:
        raise EndOfHost(
            ExitCode.BAD_LAUNCH, f"no layer called {min(unknown)!r} can be switched off"
        )
    if mode is Mode.OFF:
        results = [LayerResult(name, Status.OFF, "sandbox mode is off") for name in LAYERS]
        results[LAYERS.index("processes")] = _processes(launch)
    else:
        results = _put_on(launch)
    if namespaces.borrowed():
        capabilities.drop(())
    for result in results:
        log.info("%s: %s%s", result.name, result.status, f" ({result.why})" * bool(result.why))
    absent = [r for r in results if r.status is Status.ABSENT]
    if mode is Mode.REQUIRE and absent:
        gaps = "; ".join(f"{r.name}: {r.why}" for r in absent)
        raise EndOfHost(
            ExitCode.NO_SANDBOX,
            f"a required sandbox layer is missing ({gaps}); use a kernel that has it, "
            'name it in [sandbox] without, or use sandbox mode "best-effort"',
        )
    return results


def enforced(results: Iterable[LayerResult]) -> set[str]:
    """Names of the layers that stand."""
    return {result.name for result in results if result.status is Status.ENFORCED}


def _put_on(launch: Launch) -> list[LayerResult]:
    wanted = [name for name in LAYERS if name not in launch.without]
    results = {
        name: LayerResult(name, Status.OFF, "switched off by [sandbox] without")
        for name in launch.without
    }
    results["processes"] = _processes(launch)
    if "ipc" in wanted:
        results["ipc"] = _attempt("ipc", _ipc)
    if "paths" in wanted:
        results["paths"] = _attempt("paths", lambda: _paths(launch))
    if "uid" in wanted:
        results["uid"] = _uid(launch)
    if "capabilities" in wanted:
        results["capabilities"] = _attempt("capabilities", lambda: _capabilities(launch))
    elif results["uid"].status is Status.ENFORCED:
        _capabilities(launch)  # which are root's, and no other user's
    results["no_new_privs"] = _attempt("no_new_privs", _no_new_privs)
    results |= _landlock(launch, [name for name in wanted if name in _BY_LANDLOCK])
    if "sockets" in wanted:
        internet = bool(launch.listen_ports or launch.connect_ports)
        kinds = "unix and internet" if internet else "unix only"
        results["sockets"] = _filter("sockets", partial(seccomp.sockets, internet=internet), kinds)
    if "programs" in wanted and not launch.subprocess:
        results["programs"] = _filter("programs", seccomp.programs, "none may be run")
    if "syscalls" in wanted:
        own = "ipc" in enforced(results.values())
        results["syscalls"] = _filter("syscalls", partial(seccomp.doors, ipc=own), "")
    return [results[name] for name in LAYERS]


def _attempt(name: str, work: Callable[[], str]) -> LayerResult:
    try:
        return LayerResult(name, Status.ENFORCED, work())
    except OSError as error:
        return LayerResult(name, Status.ABSENT, str(error))


def _processes(launch: Launch) -> LayerResult:
    """What the zygote says: it stands around all hosts, whatever this launch would have."""
    inherited = launch.processes
    if not inherited.name:
        return LayerResult("processes", Status.ABSENT, "no zygote told of it")
    return LayerResult("processes", Status(inherited.status), inherited.why)


def _ipc() -> str:
    namespaces.unshare(namespaces.IPC)
    return ""


def _paths(launch: Launch) -> str:
    """Answers what is covered."""
    return view.narrow(paths.shown(launch), paths.closed(launch))


def _uid(launch: Launch) -> LayerResult:
    """Where the module has no user of its own, the supervisor says why."""
    if not launch.uid:
        why = launch.no_uid.why or "no user of its own was assigned"
        return LayerResult("uid", Status(launch.no_uid.status or Status.OFF), why)

    def switch() -> str:
        user.become(launch.uid, launch.modules_gid)
        return f"uid {launch.uid}"

    return _attempt("uid", switch)


def _no_new_privs() -> str:
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    return ""


def _capabilities(launch: Launch) -> str:
    """Answers what stays, and why."""
    if namespaces.borrowed() or not capabilities.held():
        return "none held"
    kept = {
        number: f"for {path}, another user's"
        for number, path in capabilities.unreachable(*paths.of_others(launch)).items()
    }
    if launch.write_paths:
        kept[capabilities.DAC_OVERRIDE] = "for what it may write"
    if launch.read_paths:
        kept[capabilities.DAC_READ_SEARCH] = "for what it may read"
    if any(port in PRIVILEGED_PORTS for port in launch.listen_ports):
        kept[capabilities.NET_BIND_SERVICE] = "for ports below 1024"
    capabilities.drop(kept)
    words = [f"{capabilities.NAMES[number]} {why}" for number, why in sorted(kept.items())]
    return f"kept {', '.join(words)}" if words else "all dropped"


def _landlock(launch: Launch, wanted: Collection[str]) -> dict[str, LayerResult]:
    """The layers of `wanted`, in one ruleset."""
    try:
        version = landlock.abi()
        if version:
            landlock.restrict(version, _rules(launch, wanted))
    except OSError as error:
        return {name: LayerResult(name, Status.ABSENT, str(error)) for name in wanted}
    return {name: _by_landlock(name, version, launch) for name in wanted}


def _rules(launch: Launch, wanted: Collection[str]) -> landlock.Rules:
    ports = "ports" in wanted
    # Clients may bind to port 0, which is: to any that is free. Who listens there is as well hidden
    # as after a listen() without bind(), which nothing can refuse.
    free = [0] if launch.connect_ports else []
    return landlock.Rules(
        readable=paths.readable(launch) if "files" in wanted else None,
        writable=paths.writable(launch) if "files" in wanted else (),
        programs=_programs(launch) if "programs" in wanted else None,
        bind=_ports(launch.listen_ports, free) if ports else None,
        connect=_ports(launch.connect_ports) if ports else None,
        scoped="signals" in wanted,
    )


def _by_landlock(name: str, version: int, launch: Launch) -> LayerResult:
    """What became of a layer that went into the ruleset."""
    any_port = 0 in launch.listen_ports and 0 in launch.connect_ports
    if name == "ports" and any_port:
        return LayerResult(name, Status.OFF, "any TCP port is granted")
    if not version:
        return LayerResult(name, Status.ABSENT, "this kernel does not offer Landlock")
    since = {"signals": landlock.SCOPES_SINCE, "ports": landlock.PORTS_SINCE}.get(name, 1)
    if version < since:
        why = f"this kernel's Landlock has ABI {version}, it takes {since}"
        return LayerResult(name, Status.ABSENT, why)
    gaps = landlock.missing(version) if name == "files" else []
    why = f"Landlock ABI {version}" + f", which cannot control {', '.join(gaps)}" * bool(gaps)
    return LayerResult(name, Status.ENFORCED, why)


def _programs(launch: Launch) -> list[str]:
    return paths.programs(launch) if launch.subprocess else []


def _ports(granted: Collection[int], beside: Collection[int] = ()) -> Collection[int] | None:
    return None if 0 in granted else [*granted, *beside]


def _filter(name: str, code: Callable[[str], bytes], why: str) -> LayerResult:
    problem = bpf.available()
    if problem:
        return LayerResult(name, Status.ABSENT, problem)

    def install() -> str:
        bpf.install(code(os.uname().machine))
        return why

    return _attempt(name, install)


def _bound(value: int) -> int:
    # RLIM_INFINITY is -1 in Python and the largest 64-bit number on the wire.
    return resource.RLIM_INFINITY if value == (1 << 64) - 1 else value
