"""How a fact is told: values and exceptions as JSON."""

import datetime as dt
import inspect
import pickle


def plain(value):
    """A value as JSON, with the names of what is no plain data."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, BaseException):
        name = f"{type(value).__module__}.{type(value).__qualname__}"
        return [name, str(value), plain(vars(value))]
    if isinstance(value, dict):
        return {
            "of": type(value).__name__,
            "items": [[plain(k), plain(v)] for k, v in value.items()],
        }
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, [plain(item) for item in value]]
    if type(value).__module__.startswith(("orchestrator", "ceph.deployment")):
        name = f"{type(value).__module__}.{type(value).__qualname__}"
        return [name, repr(value).partition(" at 0x")[0], plain(state(value))]
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def state(value):
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    names = sorted({*getattr(value, "__dict__", ()), *slots})
    found = {name: getattr(value, name) for name in names if hasattr(value, name)}
    if found.get("serialized_exception"):
        found["serialized_exception"] = pickle.loads(found["serialized_exception"])
    return found


def outcome(function, *args, **kwargs):
    try:
        return plain(function(*args, **kwargs))
    except Exception as error:
        return {"raised": plain(error)}


def signature(function):
    return [
        [p.name, p.kind.name, "-" if p.default is p.empty else repr(p.default)]
        for p in inspect.signature(function).parameters.values()
    ]
