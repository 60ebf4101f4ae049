"""Debian's ceph client library as an oracle: only run, by tests marked `ceph`."""

import contextlib
import functools
import importlib.util
import io
import json
from pathlib import Path


LIBRARY = Path("/usr/lib/python3/dist-packages/ceph_argparse.py")


@functools.cache
def library():
    """The module `ceph_argparse`."""
    spec = importlib.util.spec_from_file_location("ceph_argparse_oracle", LIBRARY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.lru_cache(maxsize=64)
def _signatures(descriptors):
    commands = {
        f"cmd{i:03}": {
            "sig": [_word(w) for w in text.split()],
            "help": f"help {i}",
            "module": "m",
            "perm": "rw",
            "flags": 0,
        }
        for i, text in enumerate(descriptors)
    }
    return library().parse_json_funcsigs(json.dumps(commands), "cli")


def _word(word):
    return dict(pair.split("=", 1) for pair in word.split(",")) if "=" in word else word


def validate(descriptors, words):
    """(the command's dict or None, what the operator reads) for a tuple of descriptors."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        found = library().validate_command(_signatures(tuple(descriptors)), list(words))
    return found or None, said.getvalue().rstrip("\n")
