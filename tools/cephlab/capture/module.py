"""A module for a real ceph-mgr: writes all that this manager knows into one file."""

import json
from pathlib import Path
from typing import Any

from mgr_module import CLIReadCommand, HandleCommandResult, MgrModule


NAMES = (
    "active_clean_pgs",
    "config",
    "config_options",
    "devices",
    "df",
    "fs_map",
    "have_local_config_map",
    "health",
    "io_rate",
    "mds_metadata",
    "mgr_ips",
    "mgr_map",
    "modified_config_options",
    "mon_map",
    "mon_status",
    "osd_map",
    "osd_map_crush",
    "osd_map_tree",
    "osd_metadata",
    "osd_ping_times",
    "osd_pool_stats",
    "osd_stats",
    "osdmap_crush_map_text",
    "pg_dump",
    "pg_progress",
    "pg_ready",
    "pg_stats",
    "pg_status",
    "pg_summary",
    "pool_stats",
    "service_map",
)
LOG_ENTRIES = 100


class Module(MgrModule):
    """Answers `capture save`; keeps nothing."""

    @CLIReadCommand("capture save")
    def save(self, name: str) -> HandleCommandResult:
        """Write every document to a file on the manager's host."""
        Path(name).write_text(json.dumps(self._documents()))
        return HandleCommandResult()

    def _documents(self) -> dict[str, Any]:
        servers = self.list_servers()
        services = sorted({(s["type"], s["id"]) for host in servers for s in host["services"]})
        found: dict[str, Any] = {name: self.get(name) for name in NAMES}
        found["_servers"] = servers
        found["_metadata"] = self._by_type(services, self.get_metadata)
        found["_daemon_status"] = self._by_type(services, self.get_daemon_status)
        found["_perf_schema"] = self.get_perf_schema("", "")
        found["_perf_counters"] = self._counters(found["_perf_schema"])
        found["_daemon_health_metrics"] = self.get_daemon_health_metrics()
        found["_config_dump"] = self._ask("config dump")
        found["_config_key"] = self._ask("config-key dump")
        found["_versions"] = self._ask("versions")
        found["_log_last"] = self._ask("log last", num=LOG_ENTRIES, level="debug", channel="*")
        found["_mon_commands"] = self._descriptors()
        found["_version"] = self.version
        return found

    def _by_type(self, services: Any, ask: Any) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for kind, identity in services:
            found.setdefault(kind, {})[identity] = ask(kind, identity)
        return found

    def _counters(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for daemon, paths in schema.items():
            kind, _, identity = daemon.partition(".")
            found[daemon] = {
                path: self.get_counter(kind, identity, path).get(path, []) for path in paths
            }
        return found

    def _ask(self, prefix: str, **arguments: Any) -> Any:
        _, out, _ = self.check_mon_command({"prefix": prefix, "format": "json", **arguments})
        return json.loads(out)

    def _descriptors(self) -> list[dict[str, Any]]:
        request = json.dumps({"prefix": "get_command_descriptions"})
        retval, out, err = self.rados.mon_command(request, b"")
        if retval:
            raise RuntimeError(f"the monitor does not describe its commands: {err}")
        return [entry for _, entry in sorted(json.loads(out).items())]
