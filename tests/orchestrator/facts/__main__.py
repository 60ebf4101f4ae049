"""Tells everything about the `orchestrator` package that its importers could rely on, as JSON.

Run as `-m tests.orchestrator.facts common|alone FOLDER...`, the folders being first on sys.path:
Debian's package or ours, each with a `ceph.deployment`; `alone`: what only ours withstands. A fact is a label and what came of it, the text of
an exception included.
"""

import json
import logging
import sys


sys.path[:0] = sys.argv[2:]
logging.disable()

from tests.orchestrator.facts import alone, backends, callers, classes, daemons, reports  # noqa: E402


COMMON = (
    classes.exports, classes.signatures, daemons.daemons, daemons.names, reports.services,
    reports.inventory, reports.events, backends.errors, backends.backend, callers.client,
    callers.commands,
)  # fmt: skip
chosen = {"common": COMMON, "alone": (alone.alone,)}[sys.argv[1]]
json.dump({facts.__name__: dict(facts()) for facts in chosen}, sys.stdout, default=repr)
