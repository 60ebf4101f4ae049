"""run(): one module, constructed in this process as a host constructs it."""

import logging
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from module_host import loader
from module_host.testing.faults import Faults
from module_host.testing.paths import activated
from module_host.testing.running import Running
from module_host.testing.state import with_ceph_options
from module_host.testing.world import World
from proto.v1.module_pb2 import Loaded


class CannotRun(RuntimeError):  # noqa: N818  reads as what is the case
    """The class cannot be loaded, or its can_run() said no; the text is what an operator reads."""


def examine(cls: Any, name: str = "") -> Loaded:
    """What the supervisor learns of a class: options, commands, notify_types, can_run, error.

    Nothing is constructed. A declaration that nobody can use is in `error`, as in production.
    """
    report = Loaded()
    with _as_declared(cls):
        loader.question(cls, name or _package(cls), report, standby=_is_standby(cls))
    return report


@contextmanager
def run(
    cls: Any,
    *,
    name: str = "",
    options: Mapping[str, Any] | None = None,
    store: Mapping[str, str] | None = None,
    state: Mapping[str, Any] | None = None,
    ceph_options: Mapping[str, Any] | None = None,
    ceph_version: str = "16.2.15",
    timeout: float = 10.0,
    grace: float = 5.0,
) -> Iterator[Running]:
    """An instance of module class `cls`, active or standby, in this process; shut down at the end.

    `name` is the module's, by default that of its package. `options` are its own, checked as
    `config set` does ("x/KEY" for this manager alone, "mgr/MODULE/KEY" of another module), `store`
    is its keys, `state` the documents of get(), `ceph_options` those of get_ceph_option().
    `timeout` seconds are allowed for each command and call, `grace` for shutdown().

    Raises CannotRun, ValueError for a refused option, and whatever `__init__` raises. At the end
    raises Overdue where shutdown() or serve() does not return, and ModuleFault where something
    failed that production only logs; `faults.clear()` takes note of it.
    """
    name = name or _package(cls)
    standby = _is_standby(cls)
    report = Loaded()
    with (
        _as_declared(cls),
        _root_logger_as_before(),
        tempfile.TemporaryDirectory(prefix=f"{name}-") as folder,
    ):
        usable = loader.question(cls, name, report, standby=standby)
        if not usable or not report.can_run:
            raise CannotRun(report.error or "can_run refused without a reason")
        world = World(
            name,
            report,
            packages=loader.packages(map(str, activated())) | {_package(cls)},
            folder=Path(folder),
            ceph_version=ceph_version,
            timeout=timeout,
            state=with_ceph_options(state or {}, ceph_options or {}),
        )
        world.fill(options or {}, store or {})
        with Faults(world.faults):
            running = Running(world, world.construct(cls, standby=standby))
            try:
                yield running
            except BaseException:
                running.stop(grace, judge=False)
                raise
            running.stop(grace, judge=True)


def _package(cls: Any) -> str:
    return str(cls.__module__).partition(".")[0]


def _is_standby(cls: Any) -> bool:
    base = sys.modules.get("mgr_module")
    if base is None:
        raise RuntimeError(
            "mgr_module was never imported: call module_host.testing.activate() in conftest.py and"
            " import the module's class after it"
        )
    if issubclass(cls, base.MgrStandbyModule):
        return True
    if issubclass(cls, base.MgrModule):
        return False
    raise CannotRun(f"{cls.__qualname__} is no subclass of MgrModule or MgrStandbyModule")


@contextmanager
def _as_declared(cls: Any) -> Iterator[None]:
    """Undo what loading adds to the class: a host does it once, a test process many times."""
    names = ("COMMANDS", "MODULE_OPTIONS")
    before = {name: vars(cls)[name] for name in names if name in vars(cls)}
    try:
        yield
    finally:
        for name in names:
            if name in before:
                setattr(cls, name, before[name])
            elif name in vars(cls):
                delattr(cls, name)


@contextmanager
def _root_logger_as_before() -> Iterator[None]:
    """Take the module's handlers off again; pytest's own come and go meanwhile."""
    root = logging.getLogger()
    level = root.level
    try:
        yield
    finally:
        root.setLevel(level)
        for handler in list(root.handlers):
            if type(handler).__module__ in ("module_host.mgr.logs", "mgr_module"):
                root.removeHandler(handler)
                handler.close()
