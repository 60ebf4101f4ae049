"""The cluster's published state in a test: documents by the names of get()."""

import gzip
import json
import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from module_host.ceph import readonly


# What a host publishes is NAME.VERSION; what people write is NAME.json.
_FILE = re.compile(r"(?P<name>\w+)\.(?:json|(?P<version>\d+))")


def documents(source: str | os.PathLike[str]) -> dict[str, Any]:
    """Documents for run(state=...), read from `source`.

    A file holds {name: document} as JSON, perhaps compressed (.gz). A folder holds one document a
    file, NAME.json; also the folder `state` of a running supervisor's run directory will do.
    Raises ValueError for what is neither, or holds none.
    """
    path = Path(source)
    if path.is_dir():
        return _folder(path)
    try:
        data = path.read_bytes()
        found = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} holds no documents: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(  # noqa: TRY004  the file's fault, not the caller's type
            f"{path} holds no documents: not an object {{name: document}}"
        )
    return found


def _folder(folder: Path) -> dict[str, Any]:
    newest: dict[str, tuple[int, Path]] = {}
    for path in folder.iterdir():
        if match := _FILE.fullmatch(path.name):
            version = int(match["version"] or 0)
            newest[match["name"]] = max(newest.get(match["name"], (-1, path)), (version, path))
    if not newest:
        raise ValueError(f"{folder} holds no documents: no file is called NAME.json")
    found = {}
    for name, (_, path) in newest.items():
        try:
            found[name] = json.loads(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path} is no JSON: {error}") from None
    return found


class Published:
    """An option of another module, as the manager map declares it."""

    def __init__(self, **declared: Any) -> None:
        self.type = str(declared.get("type", "str"))
        self.min = str(declared.get("min", ""))
        self.max = str(declared.get("max", ""))
        self.enum_allowed = tuple(declared.get("enum_allowed", ()))


class Documents:
    """What get() reads. Each document is kept as JSON text, as in a running supervisor."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._lock = threading.Lock()
        self._texts: dict[str, bytes] = {}
        self._shared: dict[str, Any] = {}
        self._frozen: dict[str, Any] = {}
        for name, document in state.items():
            self.publish(name, document)

    def publish(self, name: str, document: Any) -> None:
        """Set `name`; None withdraws it. Raises ValueError for what is no JSON."""
        text = None if document is None else _encode(name, document)
        with self._lock:
            self._shared.pop(name, None)
            self._frozen.pop(name, None)
            if text is None:
                self._texts.pop(name, None)
            else:
                self._texts[name] = text

    def fresh(self, name: str) -> Any:
        """As State.fresh()."""
        text = self._texts.get(name)
        return None if text is None else orjson.loads(text)

    def shared(self, name: str) -> Any:
        """As State.shared()."""
        with self._lock:
            if name in self._texts and name not in self._shared:
                self._shared[name] = orjson.loads(self._texts[name])
            return self._shared.get(name)

    def entry(self, name: str, key: str) -> Any:
        """As State.entry()."""
        document = self.shared(name)
        return None if document is None else document.get(key)

    def read_only(self, name: str) -> Any:
        """As State.read_only()."""
        with self._lock:
            if name in self._texts and name not in self._frozen:
                self._frozen[name] = readonly.frozen(orjson.loads(self._texts[name]))
            return self._frozen.get(name)

    def forget(self, name: str) -> bool:
        """As State.forget()."""
        with self._lock:
            return self._frozen.pop(name, None) is not None


def with_ceph_options(state: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """`state` with the two documents that Ceph's own options are read from.

    `given` comes first; a type follows from the value. An option that is in neither does not exist.
    """
    schema = {
        option["name"]: option for option in state.get("config_options", {}).get("options", ())
    }
    values = dict(state.get("config", {}))
    if "debug_mgr" not in schema:
        given = {"debug_mgr": "2/5"} | dict(given)
    # Its value is the daemon's own; that it exists must be declared.
    schema.setdefault("log_file", {"name": "log_file", "type": "str", "default": ""})
    for name, value in given.items():
        schema.setdefault(name, {"name": name, "type": _type(name, value), "default": value})
        values[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return {**state, "config_options": {"options": list(schema.values())}, "config": values}


def _type(name: str, value: Any) -> str:
    if not isinstance(value, bool | int | float | str):
        kind = type(value).__name__
        raise ValueError(  # noqa: TRY004  one of many values in an argument of the right type
            f"ceph_options[{name!r}]: an option is bool, int, float or str, not {kind}"
        )
    return type(value).__name__


def _encode(name: str, document: Any) -> bytes:
    try:
        return orjson.dumps(document)
    except (TypeError, ValueError) as error:
        raise ValueError(f"state[{name!r}] is no JSON, as cluster state is: {error}") from None
