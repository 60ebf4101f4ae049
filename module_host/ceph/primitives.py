"""The primitives that ceph-mgr 16.2.15 gives its modules: BaseMgrModule, BaseMgrStandbyModule.

What a method does is in upstream's contract; here each is turned into calls of the session.

Notes
-----
    ceph-mgr keeps what is its own in C++, where no module comes across it. A module is a subclass
    of these: names of ours begin with `_supervisor_`, or are mangled.

"""

import logging
from typing import Any

from module_host import session as host
from module_host.ceph import context, counters, health, osdmap, releases, servers
from module_host.ceph.arguments import checked
from module_host.ceph.map_classes import dressed
from module_host.ceph.options import LOG_TO_FILE, CephOptions, ModuleOptions, OptionValue
from module_host.ceph.perf_queries import (
    MDS_COUNTERS,
    MDS_SUBKEYS,
    OSD_COUNTERS,
    OSD_SUBKEYS,
    PerfQueries,
)


class _Common:
    """What active and standby modules share."""

    MODULE_OPTIONS: list[Any]

    def _supervisor_open(self) -> None:
        self._supervisor_session = host.current()
        self._supervisor_identity = self._supervisor_session.identity
        self._supervisor_mgr_id = self._supervisor_identity.mgr_id
        self._supervisor_module_options = ModuleOptions(
            self._supervisor_session, getattr(self, "MODULE_OPTIONS", [])
        )
        self._supervisor_ceph_options = CephOptions(self._supervisor_session)

    def _supervisor_complain(self, sentence: str, level: int = logging.WARNING) -> None:
        self._supervisor_session.daemon_log(
            f"mgr[{self._supervisor_identity.module}] {sentence}", level
        )

    def _ceph_log(self, line: str) -> None:
        """Write to the daemon's log, unless the module has a log file of its own."""
        if not self._supervisor_module_options.get(self._supervisor_identity.module, LOG_TO_FILE):
            self._supervisor_session.daemon_log(line)

    def _ceph_get_mgr_id(self) -> str:
        return self._supervisor_mgr_id

    def _ceph_get_store(self, key: str) -> str | None:
        return self._supervisor_session.store(key)

    def _supervisor_manager_ips(self) -> Any:
        return self._supervisor_session.state("mgr_ips") or {
            "ips": [self._supervisor_identity.mgr_ip]
        }


class BaseMgrStandbyModule(_Common):
    """Primitives of MgrStandbyModule."""

    def __init__(self, capsule: object) -> None:
        del capsule
        self._supervisor_open()

    def _ceph_get(self, what: str) -> Any:
        return self._supervisor_manager_ips() if what == "mgr_ips" else None

    def _ceph_get_module_option(self, key: str, prefix: str = "") -> OptionValue | None:
        return self._supervisor_module_options.get(self._supervisor_identity.module, key, prefix)

    def _ceph_get_option(self, name: str) -> str | None:
        """Always text: ceph-mgr 16.2.15 does not look the type up for a standby."""
        return self._supervisor_ceph_options.text(name)

    def _ceph_get_active_uri(self) -> str:
        services = (self._supervisor_session.shared_state("mgr_map") or {}).get("services", {})
        return str(services.get(self._supervisor_identity.module, ""))


class _State(_Common):
    """Reading the cluster's state."""

    @checked("ceph_state_get")
    def _ceph_get(self, what: str, mutable: bool = False) -> Any:
        """Always a fresh object; newer callers say with `mutable` that they need one."""
        del mutable
        if what == "mgr_ips":
            return self._supervisor_manager_ips()
        kind, _, device = what.partition(" ")
        if device and kind == "device":
            return self._supervisor_device(device)
        found = None if what.startswith("_") else self._supervisor_session.state(what)
        if found is None and what.startswith("osd_map"):
            return {}  # ceph-mgr knows that family by its first letters
        if found is None:
            self._supervisor_complain(f"get({what!r}): the cluster has no such data")
        return found

    def _supervisor_device(self, device: str) -> dict[str, Any]:
        document = self._supervisor_session.state("devices") or {"devices": []}
        found = [entry for entry in document["devices"] if entry["devid"] == device]
        return {"device": found[0]} if found else {}

    @checked("ceph_get_server")
    def _ceph_get_server(self, hostname: str | None) -> Any:
        if hostname is None:
            return servers.servers(self._supervisor_session)
        return servers.server(self._supervisor_session, hostname)

    @checked("get_metadata")
    def _ceph_get_metadata(self, svc_type: str, svc_id: str) -> dict[str, str] | None:
        return servers.metadata(self._supervisor_session, svc_type, svc_id)

    @checked("get_daemon_status")
    def _ceph_get_daemon_status(self, svc_type: str, svc_id: str) -> dict[str, str] | None:
        return servers.status(self._supervisor_session, svc_type, svc_id)

    @checked("get_perf_schema")
    def _ceph_get_perf_schema(self, svc_type: str, svc_id: str) -> dict[str, Any]:
        return counters.schema(self._supervisor_session, svc_type, svc_id)

    @checked("get_counter")
    def _ceph_get_counter(self, svc_type: str, svc_id: str, path: str) -> dict[str, Any]:
        return counters.history(self._supervisor_session, svc_type, svc_id, path)

    @checked("get_counter")
    def _ceph_get_latest_counter(self, svc_type: str, svc_id: str, path: str) -> dict[str, Any]:
        return counters.latest(self._supervisor_session, svc_type, svc_id, path)

    def _ceph_get_daemon_health_metrics(self) -> dict[str, Any]:
        return self._supervisor_session.state("_daemon_health_metrics") or {}

    def _ceph_get_osdmap(self) -> Any:
        return dressed("OSDMap", osdmap.current(self._supervisor_session))

    def _ceph_get_ceph_conf_path(self) -> str:
        return self._supervisor_identity.conf_path

    def _ceph_get_version(self) -> str:
        return self._supervisor_identity.version

    def _ceph_get_release_name(self) -> str:
        return self._supervisor_identity.release_name

    @checked()
    def _ceph_lookup_release_name(self, major: int) -> str:
        return releases.name(major, releases.PACIFIC)

    def _ceph_get_context(self) -> object:
        return context.capsule(self._supervisor_identity)

    def _ceph_have_mon_connection(self) -> bool:
        return True


class _Settings(_Common):
    """Options and the module's own keys."""

    def _ceph_get_option(self, name: str) -> OptionValue:
        return self._supervisor_ceph_options.get(name)

    def _ceph_get_foreign_option(self, entity: str, name: str) -> OptionValue:
        return self._supervisor_ceph_options.foreign(entity, name)

    def _ceph_get_module_option(
        self, module: str, key: str, prefix: str = ""
    ) -> OptionValue | None:
        return self._supervisor_module_options.get(module, key, prefix)

    def _ceph_set_module_option(self, module: str, key: str, value: str | None) -> None:
        try:
            self._supervisor_session.set_option(module, key, value)
            self._supervisor_module_options.wrote(module, key, value)
        except ValueError as error:
            # Pacific keeps the old value and tells nobody but the log.
            self._supervisor_complain(f"mgr/{module}/{key} was not set: {error}", logging.ERROR)

    def _ceph_get_store_prefix(self, prefix: str) -> dict[str, str]:
        return self._supervisor_session.store_prefix(prefix)

    def _ceph_set_store(self, key: str, value: str | None) -> None:
        if value is not None and not isinstance(value, str):
            kind = type(value).__name__
            raise TypeError(f"ceph_store_set() argument 2 must be str or None, not {kind}")
        if "\0" in key or "\0" in (value or ""):
            raise ValueError("embedded null character")
        try:
            self._supervisor_session.set_store(key, value)
        except ValueError as error:
            self._supervisor_complain(f"key {key!r} was not stored: {error}", logging.ERROR)


class _Effects(_Common):
    """What a module does to the cluster and to other modules."""

    def _ceph_set_health_checks(self, checks: Any) -> None:
        read = health.checks(checks, self._supervisor_complain)
        if read is not None:
            self._supervisor_session.set_health(read)

    def _ceph_cluster_log(self, channel: str, priority: int, message: str) -> None:
        self._supervisor_session.cluster_log(channel, priority, message)

    @checked("ceph_advertize_service")
    def _ceph_set_uri(self, uri: str) -> None:
        self._supervisor_session.set_uri(uri)

    @checked("ceph_set_wear_level")
    def _ceph_set_device_wear_level(self, devid: str, wear_level: float) -> None:
        self._supervisor_session.set_wear_level(devid, wear_level)

    @checked("ceph_update_progress_event")
    def _ceph_update_progress_event(
        self, evid: str, desc: str, progress: float, add_to_ceph_s: bool
    ) -> None:
        self._supervisor_session.progress("update", evid, desc, progress, add_to_ceph_s)

    @checked("ceph_complete_progress_event")
    def _ceph_complete_progress_event(self, evid: str) -> None:
        self._supervisor_session.progress("complete", evid, "", 1.0, False)

    def _ceph_clear_all_progress_events(self) -> None:
        self._supervisor_session.progress("clear", "", "", 0.0, False)

    def _ceph_dispatch_remote(
        self, module: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any] | None
    ) -> Any:
        return self._supervisor_session.remote(module, method, args, kwargs or {})

    def _ceph_send_command(
        self,
        result: Any,
        svc_type: str,
        svc_id: str,
        command: str,
        tag: str,
        inbuf: str | bytes | None = None,
        one_shot: bool = False,
    ) -> None:
        """Send a command; `result.complete(r, stdout, stderr)` runs once, on another thread."""
        data = inbuf.encode() if isinstance(inbuf, str) else inbuf or b""
        self._supervisor_session.send_command(
            (svc_type, svc_id), command, data, tag, result.complete, one_shot=one_shot
        )

    def _ceph_is_authorized(self, arguments: Any) -> bool:
        if not isinstance(arguments, dict):
            return False
        if not all(isinstance(text, str) for pair in arguments.items() for text in pair):
            raise SystemError("is_authorized() takes a dict of texts")  # what ceph-mgr raises
        return self._supervisor_session.authorized(arguments)

    def _ceph_register_client(self, *args: Any) -> None:
        """Take (addrs) as pacific calls it, or (name, addrs, replace) as newer releases do."""
        name, addrs, replace = args if len(args) == 3 else (None, *args, False)
        _check_client("ceph_register_client", addrs)
        self._supervisor_session.register_client(
            name or self._supervisor_identity.module, addrs, remove=False, replace=replace
        )

    def _ceph_unregister_client(self, *args: Any) -> None:
        """Take (addrs) as pacific calls it, or (name, addrs)."""
        name, addrs = args if len(args) == 2 else (None, *args)
        _check_client("ceph_unregister_client", addrs)
        self._supervisor_session.register_client(
            name or self._supervisor_identity.module, addrs, remove=True, replace=False
        )


class _Statistics(_Common):
    """Queries for per-client statistics."""

    def _supervisor_open(self) -> None:
        super()._supervisor_open()
        self._supervisor_osd_queries = PerfQueries(OSD_SUBKEYS, OSD_COUNTERS)
        self._supervisor_mds_queries = PerfQueries(MDS_SUBKEYS, MDS_COUNTERS, may_be_empty=True)

    def _supervisor_add_query(self, queries: PerfQueries, query: Any) -> int | None:
        try:
            return queries.add(query)
        except (ValueError, AttributeError, TypeError) as error:
            self._supervisor_complain(f"perf query refused: {error}", logging.ERROR)
            return None

    def _ceph_add_osd_perf_query(self, query: Any) -> int | None:
        return self._supervisor_add_query(self._supervisor_osd_queries, query)

    @checked()
    def _ceph_remove_osd_perf_query(self, query_id: int) -> None:
        self._supervisor_osd_queries.remove(query_id)

    @checked()
    def _ceph_get_osd_perf_counters(self, query_id: int) -> dict[str, Any] | None:
        return {"counters": []} if self._supervisor_osd_queries.known(query_id) else None

    def _ceph_add_mds_perf_query(self, query: Any) -> int | None:
        return self._supervisor_add_query(self._supervisor_mds_queries, query)

    @checked()
    def _ceph_remove_mds_perf_query(self, query_id: int) -> None:
        self._supervisor_mds_queries.remove(query_id)

    def _ceph_reregister_mds_perf_queries(self) -> None:
        """Nothing is registered with daemons, so nothing is lost when they change."""

    @checked()
    def _ceph_get_mds_perf_counters(self, query_id: int) -> dict[str, Any] | None:
        if not self._supervisor_mds_queries.known(query_id):
            return None
        # Delayed ranks (none), counters, time of the last report: as before any MDS has reported.
        return {"metrics": [[""], [], [0.0]]}


class BaseMgrModule(_State, _Settings, _Effects, _Statistics):
    """Primitives of MgrModule."""

    def __init__(self, py_modules_capsule: object, this_capsule: object) -> None:
        del py_modules_capsule, this_capsule
        self._supervisor_open()


def _check_client(primitive: str, addrs: object) -> None:
    if not isinstance(addrs, str):
        given = "None" if addrs is None else type(addrs).__name__
        raise TypeError(f"{primitive}() argument 1 must be str, not {given}")
