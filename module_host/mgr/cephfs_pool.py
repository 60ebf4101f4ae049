"""CephFS mounts that a module shares between its threads; libcephfs is imported when needed."""

import contextlib
import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from module_host.mgr.timing import RTimer


log = logging.getLogger("mgr_util")

ModuleT = TypeVar("ModuleT")


class CephfsConnectionException(Exception):
    """A file system could not be used. `errno` is negative."""

    def __init__(self, error_code: int, error_message: str) -> None:
        super().__init__(error_code, error_message)
        self.errno = error_code
        self.error_str = error_message

    def to_tuple(self) -> tuple[int, str, str]:
        """As a command handler returns it."""
        return self.errno, "", self.error_str

    def __str__(self) -> str:
        return f"{self.errno} ({self.error_str})"


class _Connection:
    """One mount and how many operations use it."""

    def __init__(self, mgr: Any, fs_name: str) -> None:
        self.mgr = mgr
        self.fs_name = fs_name
        self.fs: Any = None
        self.ops_in_progress = 0
        self.last_used = time.monotonic()
        self.fs_id = self.get_fs_id()

    def get_fs_id(self) -> int:
        """Id of the file system; raises CephfsConnectionException where there is none."""
        for found in self.mgr.get("fs_map")["filesystems"]:
            if found["mdsmap"]["fs_name"] == self.fs_name:
                return int(found["id"])
        raise CephfsConnectionException(-errno.ENOENT, f"FS '{self.fs_name}' not found")

    def get_fs_handle(self) -> Any:
        """Begin an operation."""
        self.last_used = time.monotonic()
        self.ops_in_progress += 1
        return self.fs

    def put_fs_handle(self, notify: Callable[[], None]) -> None:
        """End an operation; calls `notify` after the last one."""
        self.ops_in_progress -= 1
        if self.ops_in_progress == 0:
            notify()

    def del_fs_handle(self, waiter: Callable[[], Any] | None) -> None:
        """Unmount, after the operations have ended where `waiter` can wait for them."""
        while waiter and self.ops_in_progress:
            waiter()
        if self.is_connection_valid():
            self.disconnect()
        else:
            self.abort()

    def is_connection_valid(self) -> bool:
        """Whether the file system of this name is still the one that was mounted."""
        try:
            return self.fs_id == self.get_fs_id()
        except CephfsConnectionException:
            return False

    def is_connection_idle(self, timeout: float) -> bool:
        """Whether nobody has used it for `timeout` seconds."""
        return self.ops_in_progress == 0 and time.monotonic() - self.last_used >= timeout

    def connect(self) -> None:
        """Mount, as root and without quota."""
        import cephfs

        self.fs = cephfs.LibCephFS(rados_inst=self.mgr.rados)
        for option, value in (
            ("client_mount_uid", "0"),
            ("client_mount_gid", "0"),
            ("client_check_pool_perm", "false"),
            ("client_quota", "false"),
        ):
            self.fs.conf_set(option, value)
        self.fs.init()
        self.fs.mount(filesystem_name=self.fs_name.encode())
        self.mgr._ceph_register_client(self.fs.get_addrs())  # noqa: SLF001  the primitive
        log.debug("connected to cephfs '%s'", self.fs_name)

    def disconnect(self) -> None:
        """Unmount."""
        addrs = self.fs.get_addrs()
        self.fs.shutdown()
        self.mgr._ceph_unregister_client(addrs)  # noqa: SLF001  the primitive
        self.fs = None
        log.info("disconnected from cephfs '%s'", self.fs_name)

    def abort(self) -> None:
        """Drop the mount of a file system that is gone."""
        self.fs.abort_conn()
        self.fs = None
        log.info("aborted the connection to cephfs '%s'", self.fs_name)


class CephfsConnectionPool:
    """Up to MAX_CONCURRENT_CONNECTIONS mounts for each file system, shared beyond that."""

    Connection = _Connection
    TIMER_TASK_RUN_INTERVAL = 30.0
    CONNECTION_IDLE_INTERVAL = 60.0
    MAX_CONCURRENT_CONNECTIONS = 5

    def __init__(self, mgr: Any) -> None:
        self.mgr = mgr
        self.connections: dict[str, list[_Connection]] = {}
        self.lock = threading.Lock()
        self.cond = threading.Condition(self.lock)
        self.timer_task = RTimer(self.TIMER_TASK_RUN_INTERVAL, self.cleanup_connections)
        # A pool has no end of its own; it must not keep its process alive.
        self.timer_task.daemon = True
        self.timer_task.start()

    def cleanup_connections(self) -> None:
        """Unmount what nobody has used for a while."""
        with self.lock:
            idle = [
                (name, connection)
                for name, connections in self.connections.items()
                for connection in connections
                if connection.is_connection_idle(self.CONNECTION_IDLE_INTERVAL)
            ]
            for name, connection in idle:
                self._del_connection(name, connection)

    def get_fs_handle(self, fs_name: str) -> Any:
        """A mount of `fs_name`; give it back with put_fs_handle().

        Raises CephfsConnectionException.
        """
        import cephfs

        with self.lock:
            try:
                return self._connection(fs_name).get_fs_handle()
            except cephfs.Error as error:
                number, text = error.args[0], str(error.args[-1])
                if number == errno.ENOENT:
                    text = f"FS '{fs_name}' not found"
                raise CephfsConnectionException(-number, text) from error

    def _connection(self, fs_name: str) -> _Connection:
        connections = self.connections.setdefault(fs_name, [])
        for connection in list(connections):
            if connection.ops_in_progress == 0:
                if connection.is_connection_valid():
                    return connection
                # The file system was removed, perhaps made again under the same name.
                self._del_connection(fs_name, connection)
        if len(connections) >= self.MAX_CONCURRENT_CONNECTIONS:
            return min(connections, key=lambda connection: connection.ops_in_progress)
        connection = _Connection(self.mgr, fs_name)
        connection.connect()
        connections.append(connection)
        return connection

    def put_fs_handle(self, fs_name: str, fs_handle: Any) -> None:
        """Give a mount back."""
        with self.lock:
            for connection in self.connections.get(fs_name, []):
                if connection.fs == fs_handle:
                    connection.put_fs_handle(notify=self.cond.notify_all)

    def _del_connection(self, fs_name: str, connection: _Connection, wait: bool = False) -> None:
        self.connections[fs_name].remove(connection)
        connection.del_fs_handle(waiter=self.cond.wait if wait else None)

    def _del_connections(self, fs_name: str, wait: bool = False) -> None:
        for connection in list(self.connections.get(fs_name, [])):
            self._del_connection(fs_name, connection, wait)

    def del_connections(self, fs_name: str, wait: bool = False) -> None:
        """Unmount every mount of `fs_name`."""
        with self.lock:
            self._del_connections(fs_name, wait)

    def del_all_connections(self) -> None:
        """Unmount everything, after the operations in progress."""
        with self.lock:
            for fs_name in list(self.connections):
                self._del_connections(fs_name, wait=True)


class CephfsClient(Generic[ModuleT]):
    """What a module that works on file systems stands on."""

    def __init__(self, mgr: ModuleT) -> None:
        self.mgr: Any = mgr
        self.connection_pool = CephfsConnectionPool(mgr)

    def shutdown(self) -> None:
        """Unmount everything."""
        self.connection_pool.timer_task.cancel()
        self.connection_pool.del_all_connections()

    def get_fs(self, fs_name: str) -> Any:
        """The file system's entry in the FS map, None where there is none."""
        for found in self.mgr.get("fs_map")["filesystems"]:
            if found["mdsmap"]["fs_name"] == fs_name:
                return found
        return None

    def get_mds_names(self, fs_name: str) -> list[str]:
        """Names of the MDSs that serve it."""
        found = self.get_fs(fs_name)
        return [mds["name"] for mds in found["mdsmap"]["info"].values()] if found else []

    def get_metadata_pool(self, fs_name: str) -> Any:
        """Id of its metadata pool, None where there is no such file system."""
        found = self.get_fs(fs_name)
        return found["mdsmap"]["metadata_pool"] if found else None

    def get_all_filesystems(self) -> list[str]:
        """Names of all file systems."""
        return [found["mdsmap"]["fs_name"] for found in self.mgr.get("fs_map")["filesystems"]]


@contextlib.contextmanager
def open_filesystem(fsc: CephfsClient[Any], fs_name: str) -> Iterator[Any]:
    """A mount of `fs_name` for the body of a with statement."""
    handle = fsc.connection_pool.get_fs_handle(fs_name)
    try:
        yield handle
    finally:
        fsc.connection_pool.put_fs_handle(fs_name, handle)
