"""A session in memory: documents captured from a real cluster, everything else in dicts and lists."""

import copy
import gzip
import json
import threading
from pathlib import Path
from typing import Any

from module_host.session import Check, Identity, Session


CAPTURED = Path(__file__).with_name("cluster.json.gz")


def captured() -> dict[str, Any]:
    """Documents of a cluster of 16.2.15 with three OSDs on two hosts and three pools."""
    return json.loads(gzip.decompress(CAPTURED.read_bytes()))


class MemorySession(Session):
    """Answers commands with `answers[prefix]` = (retval, stdout, stderr), else with -EINVAL."""

    def __init__(self, module: str, log_dir: Path, conf_path: str = "") -> None:
        self.identity = Identity(
            module=module,
            mgr_id="x",
            mgr_ip="127.0.0.1",
            version="ceph version 16.2.15 (618f440892089921c3e944a991122ddc44e60516) pacific (stable)",
            release_name="pacific",
            log_file=str(log_dir / "mgr.x.log"),
            conf_path=conf_path,
        )
        self.documents = captured()
        self.options: dict[str, str] = {}
        self.refused_options: set[str] = set()
        self.keys: dict[str, str] = {}
        self.health: list[list[Check]] = []
        self.cluster_lines: list[tuple[str, int, str]] = []
        self.daemon_lines: list[str] = []
        self.uris: list[str] = []
        self.progresses: list[tuple[Any, ...]] = []
        self.clients: list[tuple[Any, ...]] = []
        self.wear: dict[str, float] = {}
        self.answers: dict[str, tuple[int, str, str]] = {}
        self.sent: list[tuple[tuple[str, str], dict[str, Any], bytes]] = []
        self.peers: dict[str, Any] = {}
        self.command_active = False
        self._threads: list[threading.Thread] = []

    def close(self) -> None:
        for thread in self._threads:
            thread.join(5)

    def state(self, name: str) -> Any:
        return copy.deepcopy(self.documents.get(name))

    def shared_state(self, name: str) -> Any:
        return self.documents.get(name)

    def option(self, key: str) -> str | None:
        return self.options.get(key) or None

    def set_option(self, module: str, key: str, value: str | None) -> None:
        full = f"mgr/{module}/{key}"
        if full in self.refused_options:
            raise ValueError(f"error parsing value: {value!r}")
        if value is None:
            self.options.pop(full, None)
        else:
            self.options[full] = value

    def store(self, key: str) -> str | None:
        return self.keys.get(key)

    def store_prefix(self, prefix: str) -> dict[str, str]:
        return {key: value for key, value in self.keys.items() if key.startswith(prefix)}

    def set_store(self, key: str, value: str | None) -> None:
        if value is None:
            self.keys.pop(key, None)
        else:
            self.keys[key] = value

    def remote(self, module, method, args, kwargs) -> Any:
        if module not in self.peers:
            raise ImportError("Module not found")
        if not hasattr(self.peers[module], method):
            raise NameError("Method not found")
        try:
            return getattr(self.peers[module], method)(*args, **kwargs)
        except Exception as error:
            raise RuntimeError(f"Remote method threw exception: {error}") from None

    def send_command(self, service, command, inbuf, tag, done, *, one_shot=False) -> None:
        if service[0] not in ("mon", "osd", "mds", "pg"):
            raise ValueError(f"unknown service type: {service[0]}")
        parsed = json.loads(command)
        self.sent.append((service, parsed, inbuf))
        answer = self.answers.get(parsed["prefix"], (-22, "", "command not known"))
        thread = threading.Thread(target=done, args=answer)
        self._threads.append(thread)
        thread.start()

    def set_health(self, checks) -> None:
        self.health.append(list(checks))

    def cluster_log(self, channel, priority, message) -> None:
        self.cluster_lines.append((channel, priority, message))

    def daemon_log(self, line, level=20) -> None:
        self.daemon_lines.append(line)

    def set_uri(self, uri) -> None:
        self.uris.append(uri)

    def progress(self, action, event, message, share, add_to_ceph_s) -> None:
        self.progresses.append((action, event, message, share, add_to_ceph_s))

    def register_client(self, name, addrs, *, remove, replace) -> None:
        self.clients.append((name, addrs, remove, replace))

    def set_wear_level(self, device, level) -> None:
        self.wear[device] = level

    def authorized(self, arguments) -> bool:
        return self.command_active
