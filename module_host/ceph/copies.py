"""Copies of pieces of shared documents: what a module is given, it may change."""

from typing import Any

import orjson


def fresh(piece: Any) -> Any:
    """Copy a piece of a document. Everything in a document is JSON, so this is the fastest way."""
    return orjson.loads(orjson.dumps(piece))
