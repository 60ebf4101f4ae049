"""What `MgrModule`, the base class of every manager module, is at each API level."""

import logging
import socket
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from module_host.ceph.primitives import BaseMgrModule
from module_host.mgr import option
from module_host.mgr.cli import CLICommand
from module_host.mgr.exposed import API
from module_host.mgr.maps import OSDMap
from module_host.mgr.outside import Outside
from module_host.mgr.perf import PerfCounters
from module_host.mgr.results import HandleCommandResult


HealthChecksT = Mapping[str, Mapping[str, int | str | Sequence[str]]]
ServiceInfoT = dict[str, str]  # {"type", "id", "ceph_version"}
ServerInfoT = dict[str, str | list[ServiceInfoT]]  # {"hostname", "services", "ceph_version"}
PerfCounterT = dict[str, Any]


class ModuleBase(PerfCounters, Outside):
    """Everything of MgrModule but what differs between the levels, which is in `mgr/pacific` and
    `mgr/main`. A module overrides what it needs: serve() and shutdown(), handlers, notify().

    Every accessor works from `__init__` on. All of them may be called from any thread.
    """

    # Where decorated commands are registered.
    CLICommand: type[CLICommand]
    COMMANDS: list[Any] = []
    MODULE_OPTIONS: list[Any] = []
    MODULE_OPTION_DEFAULTS: dict[str, Any] = {}
    # Commands come one after the other, each when the one before it was answered. True: each at
    # once, on a thread of its own; for a module whose handlers wait for others and keep no state
    # without a lock.
    COMMANDS_SIDE_BY_SIDE = False

    class ClusterLogPrio(IntEnum):
        """Priorities of the cluster log."""

        DEBUG = 0
        INFO = 1
        SEC = 2
        WARN = 3
        ERROR = 4

    def __init__(self, module_name: str, py_modules_ptr: object, this_ptr: object) -> None:
        self.module_name = module_name
        # By name and not by super(): a module may inherit from further classes.
        BaseMgrModule.__init__(self, py_modules_ptr, this_ptr)
        self.MODULE_OPTION_DEFAULTS = option.defaults(self.MODULE_OPTIONS)
        self._version = self._ceph_get_version()
        self._mgr_ips: str | None = None
        self._configure_logging(*self.__logging_levels(), *self.__logging_targets())
        self._logger = self.getLogger()

    @classmethod
    def _register_options(cls, module_name: str) -> None:
        """Add the options that every module has; called once, before the class is used."""
        # A new list: the base class' own would be shared by every module without options.
        cls.MODULE_OPTIONS = option.with_logging_options(cls.MODULE_OPTIONS)

    def __logging_levels(self) -> tuple[str, str, str]:
        return (
            str(self.get_ceph_option("debug_mgr")),
            str(self.get_module_option("log_level", "")),
            str(self.get_module_option("log_to_cluster_level", "info")),
        )

    def __logging_targets(self) -> tuple[bool, bool]:
        return (
            bool(self.get_module_option("log_to_file", True)),
            bool(self.get_module_option("log_to_cluster", False)),
        )

    @property
    def log(self) -> logging.Logger:
        """The root logger: one process holds one module."""
        return self._logger

    # What a module overrides

    @staticmethod
    def can_run() -> tuple[bool, str]:
        """Say whether the module can run here, and if not, why. Asked once, before `__init__`."""
        return True, ""

    def serve(self) -> None:
        """Work until shutdown(); runs on a thread of its own. Returning earlier is fine."""

    def shutdown(self) -> None:
        """Make serve() return."""
        self._supervisor_close_rados()

    def notify(self, notify_type: str, notify_id: Any) -> None:
        """Learn that something changed, of the types in the class attribute NOTIFY_TYPES."""

    def config_notify(self) -> None:
        """Learn that an option may have changed."""

    def _config_notify(self) -> None:
        self._set_log_level(*self.__logging_levels())
        self._supervisor_set_log_targets(*self.__logging_targets())
        self.config_notify()

    def handle_command(
        self, inbuf: str, cmd: dict[str, Any]
    ) -> HandleCommandResult | tuple[int, str, str]:
        """Serve a command of COMMANDS that no decorated method serves."""
        raise NotImplementedError(f"no handler for '{cmd.get('prefix')}'")

    def _handle_command(
        self, inbuf: str, cmd: dict[str, Any]
    ) -> HandleCommandResult | tuple[int, str, str]:
        command = self.CLICommand.COMMANDS.get(cmd["prefix"])
        if command is None:
            return self.handle_command(inbuf, cmd)
        return command.call(self, cmd, inbuf)

    def self_test(self) -> Any:
        """Test yourself; raise an exception where something is wrong."""

    # The cluster's state

    @API.expose
    def get_server(self, hostname: str) -> ServerInfoT:
        """One host and its daemons."""
        server: ServerInfoT = self._ceph_get_server(hostname)
        return server

    @API.expose
    def list_servers(self) -> list[ServerInfoT]:
        """Every host and its daemons."""
        servers: list[ServerInfoT] = self._ceph_get_server(None)
        return servers

    def get_metadata(
        self, svc_type: str, svc_id: str, default: dict[str, str] | None = None
    ) -> dict[str, str] | None:
        """What a daemon reported about its host and build, or `default`."""
        return self._ceph_get_metadata(svc_type, svc_id) or default

    @API.expose
    def get_daemon_status(self, svc_type: str, svc_id: str) -> dict[str, str] | None:
        """What a daemon last reported about itself; None for an unknown one."""
        return self._ceph_get_daemon_status(svc_type, svc_id)

    def get_daemon_health_metrics(self) -> dict[str, list[dict[str, Any]]]:
        """{daemon: [{"type", "value"}]}, slow requests among them."""
        return self._ceph_get_daemon_health_metrics()

    def get_osdmap(self) -> OSDMap:
        """The newest OSD map, which does not change under your hands."""
        osdmap: OSDMap = self._ceph_get_osdmap()
        return osdmap

    @property
    def version(self) -> str:
        """Ceph's full version."""
        return self._version

    @property
    def release_name(self) -> str:
        """Name of Ceph's release, "pacific"."""
        return self._ceph_get_release_name()

    @API.expose
    def lookup_release_name(self, major: int) -> str:
        """Name of a release by its major version, "unknown" outside the table."""
        return self._ceph_lookup_release_name(major)

    @API.expose
    def get_ceph_conf_path(self) -> str:
        """Path of the configuration file of Ceph."""
        return self._ceph_get_ceph_conf_path()

    @API.expose
    def get_mgr_ip(self) -> str:
        """Address of this manager; its host's name where it has none."""
        if not self._mgr_ips:
            addresses = self._ceph_get("mgr_ips").get("ips", [])
            if not addresses:
                return socket.gethostname()
            self._mgr_ips = addresses[0]
        return self._mgr_ips

    @API.expose
    def have_mon_connection(self) -> bool:
        """Whether the state is being kept current."""
        return self._ceph_have_mon_connection()

    # Effects

    def cluster_log(self, channel: str, priority: ClusterLogPrio, message: str) -> None:
        """Append to the cluster log."""
        self._ceph_cluster_log(channel, priority.value, message)

    def set_health_checks(self, checks: HealthChecksT) -> None:
        """Replace this module's checks: {code: {severity, summary, count, detail}}.

        `severity` is "warning" or "error", `detail` a list of lines.
        """
        self._ceph_set_health_checks(checks)

    @API.expose
    def set_uri(self, uri: str) -> None:
        """Publish where this module serves; "" withdraws it."""
        return self._ceph_set_uri(uri)

    @API.perm("w")
    @API.expose
    def set_device_wear_level(self, devid: str, wear_level: float) -> None:
        """Store how worn a device is, 0.0 to 1.0."""
        return self._ceph_set_device_wear_level(devid, wear_level)

    @API.perm("w")
    @API.expose
    def complete_progress_event(self, evid: str) -> None:
        """Remove a progress bar."""
        return self._ceph_complete_progress_event(evid)

    @API.perm("w")
    @API.expose
    def clear_all_progress_events(self) -> None:
        """Remove all progress bars."""
        return self._ceph_clear_all_progress_events()

    @API.expose
    def remote(self, module_name: str, method_name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of another module, in its process; arguments and result are copies.

        Raises ImportError where the module does not run, NameError where it has no such method,
        and RuntimeError for whatever the method raises.
        """
        return self._ceph_dispatch_remote(module_name, method_name, args, kwargs)

    def is_authorized(self, arguments: dict[str, str]) -> bool:
        """Whether the command being served permits `arguments`."""
        return self._ceph_is_authorized(arguments)

    # Statistics that daemons collect on request

    def add_osd_perf_query(self, query: dict[str, Any]) -> int | None:
        """Ask OSDs for per-client statistics; the query's id, None where it is malformed.

        {"key_descriptor": [{"type", "regex"}], "performance_counter_descriptors": [...],
        "limit": {"order_by", "max_count"}}; names are in `module_host.ceph.perf_queries`.
        """
        return self._ceph_add_osd_perf_query(query)

    @API.perm("w")
    @API.expose
    def remove_osd_perf_query(self, query_id: int) -> None:
        """Withdraw a query."""
        return self._ceph_remove_osd_perf_query(query_id)

    @API.expose
    def get_osd_perf_counters(self, query_id: int) -> dict[str, list[PerfCounterT]] | None:
        """{"counters": [{"k": keys, "c": [[sum, count], ...]}]}, None for an unknown query."""
        return self._ceph_get_osd_perf_counters(query_id)

    def add_mds_perf_query(self, query: dict[str, Any]) -> int | None:
        """Ask MDSs for statistics, as add_osd_perf_query() without "limit"."""
        return self._ceph_add_mds_perf_query(query)

    @API.perm("w")
    @API.expose
    def remove_mds_perf_query(self, query_id: int) -> None:
        """Withdraw a query."""
        return self._ceph_remove_mds_perf_query(query_id)

    @API.expose
    def reregister_mds_perf_queries(self) -> None:
        """Send the queries again, after MDSs changed."""
        return self._ceph_reregister_mds_perf_queries()

    def get_mds_perf_counters(self, query_id: int) -> dict[str, list[PerfCounterT]] | None:
        """{"metrics": [delayed ranks, counters, [time]]}, None for an unknown query."""
        return self._ceph_get_mds_perf_counters(query_id)
