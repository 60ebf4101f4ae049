"""Which methods of the interface are told of in a feature set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar


Method = TypeVar("Method", bound=Callable[..., Any])


def hide_in_features(f: Method) -> Method:
    """Leave a method of the interface out: every orchestrator has it, or none is asked for it."""
    vars(f)["_hide_in_features"] = True
    return f


def is_hidden(f: Callable[..., Any]) -> bool:
    """Whether a method was left out."""
    return getattr(f, "_hide_in_features", False)
