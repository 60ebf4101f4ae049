"""The primitives as the newest release gives them: pacific's, and what differs."""

import contextlib
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from module_host import session as host
from module_host.ceph import labelled, map_classes, primitives, readonly, releases
from module_host.ceph.options import OptionValue
from module_host.ends import leave_now


# Ceph's own options that a cluster of pacific does not know, with the newest defaults.
_NEWER_OPTIONS: dict[str, OptionValue] = {"mgr_pool": True}


def mgr_log(level: int, line: str) -> None:
    """Append to the daemon's log, whatever the level, as ceph-mgr does."""
    del level
    host.current().daemon_log(line)


class BaseMgrModule(primitives.BaseMgrModule):
    """Primitives of the newest MgrModule."""

    def _ceph_get(self, what: str, mutable: bool = False) -> Any:
        if mutable:
            return super()._ceph_get(what)
        kind, blank, device = what.partition(" ")
        if blank and kind == "device":
            found = self._supervisor_session.read_only_state("devices") or {"devices": []}
            mine = [entry for entry in found["devices"] if entry["devid"] == device]
            return readonly.ReadOnlyDict({"device": mine[0]} if mine else {})
        if what == "mgr_ips":
            return readonly.frozen(self._supervisor_manager_ips())
        shared = None if what.startswith("_") else self._supervisor_session.read_only_state(what)
        # The complaint about unknown names is in one place.
        return super()._ceph_get(what) if shared is None else shared

    def _ceph_erase(self, what: str) -> bool:
        return self._supervisor_session.forget_state(what)

    def _ceph_get_option(self, name: str) -> OptionValue:
        try:
            return super()._ceph_get_option(name)
        except KeyError:
            if name in _NEWER_OPTIONS:
                return _NEWER_OPTIONS[name]
            raise

    def _ceph_set_module_option(self, module: str, key: str, value: str | None) -> None:
        """Raises ValueError with the cluster's sentence, where pacific only logs it."""
        self._supervisor_session.set_option(module, key, value)

    def _ceph_get_perf_schema(self, svc_type: str, svc_id: str) -> dict[str, Any]:
        return labelled.schema(self._supervisor_session, svc_type, svc_id)

    def _ceph_get_latest_counter(  # type: ignore[override]
        self,
        svc_type: str,
        svc_id: str,
        counter: str,
        sub_counter: str,
        labels: Iterable[tuple[str, str]],
    ) -> dict[str, Any]:
        return labelled.latest(
            self._supervisor_session, svc_type, svc_id, counter, sub_counter, labels
        )

    def _ceph_get_unlabeled_perf_schema(self, svc_type: str, svc_id: str) -> dict[str, Any]:
        return labelled.unlabelled_schema(self._supervisor_session, svc_type, svc_id)

    def _ceph_get_unlabeled_counter(self, svc_type: str, svc_id: str, path: str) -> dict[str, Any]:
        return super()._ceph_get_counter(svc_type, svc_id, path)

    def _ceph_get_latest_unlabeled_counter(
        self, svc_type: str, svc_id: str, path: str
    ) -> dict[str, Any]:
        return super()._ceph_get_latest_counter(svc_type, svc_id, path)

    def _ceph_lookup_release_name(self, major: int) -> str:
        return releases.name(major)

    def _ceph_get_rocksdb_version(self) -> str:
        return "unknown"

    def _ceph_notify_all(self, kind: str, ident: str) -> None:
        self._supervisor_session.notify_all(kind, ident)

    def _audit_log_subscribe(self, seq: int) -> None:
        """Whoever lists "audit" in NOTIFY_TYPES is told of every entry from now on."""

    def _ceph_exit(self, status: int, hard: bool = False) -> NoReturn:
        """End this module's process, at once where `hard`; no other module notices."""
        if not hard:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
        leave_now(status)


class BasePyOSDMap(map_classes.BasePyOSDMap):
    """Primitives of the newest OSDMap."""

    def _balance_primaries(self, pool_id: int, inc: map_classes.BasePyOSDMapIncremental) -> int:
        """Raises NotImplementedError: an answer of "no change" would say that all is balanced."""
        raise NotImplementedError(
            "primaries cannot be balanced: that needs the CRUSH mapping function, which runs "
            "inside Ceph and is not available to a module in a process of its own"
        )

    @classmethod
    def _build_simple(cls, epoch: int, uuid: str | None, num_osd: int) -> NoReturn:
        """Raises NotImplementedError."""
        raise NotImplementedError(
            "no OSD map can be made up: that runs inside Ceph and is not available to a module in "
            "a process of its own"
        )
