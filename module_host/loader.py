"""Imports a module's package and asks its class what ceph-mgr 16.2.15 asks when it loads one."""

import functools
import importlib
import inspect
import logging
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from module_host import declarations
from proto.v1.module_pb2 import Loaded, ModuleOption


log = logging.getLogger("loader")

# Besides the packages in the module trees: data classes that modules pass to one another.
SHARED_PACKAGES = ("ceph",)


@dataclass(frozen=True)
class Found:
    """What came of loading. `cls` is None where there is nothing to construct."""

    report: Loaded
    cls: Any = None


def load(name: str, *, standby: bool) -> Found:
    """Import package `name` from sys.path and question its classes; failures are in the report,
    which is the same for a standby: what differs is the class to construct, None where there is no
    standby class.
    """
    try:
        base = importlib.import_module("mgr_module")
        _give_up_names()
        package = importlib.import_module(name)
    except BaseException as error:
        log.exception("cannot import module '%s'", name)
        return Found(Loaded(error=_sentence(error)))
    active = first_subclass(package, base.MgrModule)
    reserve = first_subclass(package, base.MgrStandbyModule)
    report = Loaded(has_active=active is not None, has_standby=reserve is not None)
    if active is None:
        # With its place: a package of Python's own wins over a module that is called like it.
        place = _place(package)
        report.error = f"package '{name}' ({place}) has no subclass of MgrModule in its namespace"
        return Found(report)
    report.origin = _origin(active, package)
    # As ceph-mgr does: whether the module can run is asked of its active class only.
    if not question(active, name, report, reserve=reserve if standby else None):
        return Found(report)
    return Found(report, reserve if standby else active)


def question(
    cls: Any, name: str, report: Loaded, *, standby: bool = False, reserve: Any = None
) -> bool:
    """Put into `report` what the class declares and whether it can run; False: it is no use.

    `standby`: it is a standby class; `reserve`: the standby class that will be constructed.
    """
    try:
        if standby:
            report.options.extend(_options(cls, name))
        else:
            _declare(cls, name, report)
        if reserve is not None:
            _options(reserve, name)
    except BaseException as error:
        log.exception("module '%s' cannot be loaded", name)
        # Not even by force: what it declares is what others would reach it by.
        report.has_active = report.has_standby = False
        report.ClearField("options")
        report.error = _sentence(error)
        return False
    report.can_run, report.error = (True, "") if standby else _can_run(cls)
    return True


def construct(cls: Any, name: str, *, standby: bool) -> Any:
    """An instance, as ceph-mgr makes one; whatever `__init__` raises."""
    # ceph-mgr hands capsules through; nothing in Python looks inside them.
    return cls(name, *((object(),) if standby else (object(), object())))


def first_subclass(package: ModuleType, base: type) -> type | None:
    """The first class in the package's namespace that derives from `base` and is another one."""
    for value in vars(package).values():
        if isinstance(value, type) and issubclass(value, base) and value is not base:
            return value
    return None


def packages(trees: Iterable[str]) -> set[str]:
    """Top-level names in the module trees: whose classes may cross to another module."""
    names = set(SHARED_PACKAGES)
    for tree in trees:
        try:
            listed = os.listdir(tree)  # noqa: PTH208  by hand: pathlib's patterns take more memory
        except OSError:
            continue
        names.update(name.removesuffix(".py") for name in listed if name.endswith(".py"))
        # Not Path.is_file(): that raises where a folder is closed to the module's user.
        names.update(name for name in listed if os.path.isfile(f"{tree}/{name}/__init__.py"))  # noqa: PTH113
    return names


def _give_up_names() -> None:
    """Let a module or its libraries import a `proto` of their own, as proto-plus brings one. What
    is ours is imported by now wherever it is needed, and lives on without a name.
    """
    for name in own_names():
        sys.modules.pop(name, None)


@functools.cache
def own_names() -> tuple[str, ...]:
    """Names of our `proto` and what is in it. Asked for the first time before the fork."""
    return tuple(name for name in sys.modules if name.partition(".")[0] == "proto")


def _options(cls: Any, name: str) -> list[ModuleOption]:
    # As the author wrote them first: what mgr_module adds must not trip over them.
    declarations.options(getattr(cls, "MODULE_OPTIONS", []))
    declarations.commands(getattr(cls, "COMMANDS", []))
    if hasattr(cls, "_register_options"):
        cls._register_options(name)
    return declarations.options(getattr(cls, "MODULE_OPTIONS", []))


def _declare(cls: Any, name: str, report: Loaded) -> None:
    report.options.extend(_options(cls, name))
    if not hasattr(cls, "NOTIFY_TYPES"):
        log.info("module '%s' has no NOTIFY_TYPES: it is never notified", name)
    report.notify_types.extend(declarations.notify_types(getattr(cls, "NOTIFY_TYPES", None)))
    if hasattr(cls, "_register_commands"):
        cls._register_commands(name)
    report.commands.extend(declarations.commands(getattr(cls, "COMMANDS", None)))


def _can_run(cls: Any) -> tuple[bool, str]:
    try:
        answer = cls.can_run()
    except BaseException as error:
        log.exception("can_run() raised")
        return False, f"can_run() raised {_sentence(error)}"
    match answer:
        case tuple((bool(can), str(why))):
            return can, "" if can else why
    return False, "wrong type returned from can_run"


def _origin(cls: Any, package: ModuleType) -> str:
    try:
        return inspect.getfile(cls)
    except (TypeError, OSError):
        return getattr(sys.modules.get(cls.__module__, package), "__file__", None) or ""


def _place(package: ModuleType) -> str:
    if file := getattr(package, "__file__", None):
        return str(file)
    folders = list(getattr(package, "__path__", ()))
    return f"{folders[0]} without __init__.py" if folders else "built into Python"


def _sentence(error: BaseException) -> str:
    return str(error) or repr(error)
