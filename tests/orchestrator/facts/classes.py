"""Which names there are, and how they are called."""

import inspect

import orchestrator as o
from orchestrator import _interface as inside

from tests.orchestrator.facts.telling import signature


def exports():
    for place, space in (("orchestrator", vars(o)), ("orchestrator._interface", vars(inside))):
        for name, value in space.items():
            ours = getattr(value, "__module__", "").startswith(("orchestrator", "ceph.deployment"))
            if ours and name != "OrchestratorCli":
                yield f"{place}.{name}", True
    for cls in (v for v in vars(inside).values() if isinstance(v, type)):
        if cls.__module__ == "orchestrator._interface":
            yield f"{cls.__name__} goes by", [cls.__module__, cls.__qualname__]


def signatures():
    for cls in (v for v in vars(inside).values() if isinstance(v, type)):
        if (
            cls.__module__ == "orchestrator._interface"
            and cls.__name__ != "InnerCliCommandCallable"
        ):
            yield cls.__name__, signature(cls.__init__)
            for name in dir(cls):
                method = None if name.startswith("_") else getattr(cls, name)
                if inspect.isfunction(method) or inspect.ismethod(method):
                    yield f"{cls.__name__}.{name}", signature(method)
    for name in ("raise_if_exception", "handle_orch_error", "handle_exception",
                 "set_exception_subject", "json_to_generic_spec", "_cli_read_command"):  # fmt: skip
        yield name, signature(getattr(inside, name))
