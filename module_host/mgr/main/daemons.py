"""Part of the newest MgrModule: commands to single daemons, and libcephfs."""

import errno
import json
import socket
import time
from typing import Any

from module_host.ceph.newest import BaseMgrModule
from module_host.mgr.exposed import API
from module_host.mgr.outside import Outside
from module_host.mgr.results import CommandResult


MOST_LEADERS = 5  # that a command to the quiesce leader is sent to


class Daemons(BaseMgrModule, Outside):
    """Part of the newest MgrModule. Commands answer (0 or -errno, stdout, stderr)."""

    __cephfs: Any = None

    def send_command(
        self,
        result: CommandResult,
        svc_type: str,
        svc_id: str,
        command: str,
        tag: str,
        inbuf: str | None = None,
        *,
        one_shot: bool = False,
    ) -> None:
        """As pacific's; with `one_shot` a daemon that is gone ends the command with -EPIPE."""
        self._ceph_send_command(result, svc_type, svc_id, command, tag, inbuf, one_shot=one_shot)

    def osd_command(
        self, cmd_dict: dict[str, Any], inbuf: str | None = None
    ) -> tuple[int, str, str]:
        """Send a command to OSD `cmd_dict["id"]` and wait."""
        return self.tell_command("osd", cmd_dict["id"], cmd_dict, inbuf)

    def tell_command(
        self,
        daemon_type: str,
        daemon_id: str,
        cmd_dict: dict[str, Any],
        inbuf: str | None = None,
        one_shot: bool = False,
    ) -> tuple[int, str, str]:
        """Send a command to one daemon, as `ceph tell` does, and wait."""
        began = time.monotonic()
        completion = CommandResult()
        text = json.dumps(cmd_dict)
        self.send_command(completion, daemon_type, daemon_id, text, "", inbuf, one_shot=one_shot)
        result = completion.wait()
        self.getLogger().debug(
            "tell %s.%s: '%s' -> %s in %.3fs",
            daemon_type, daemon_id, cmd_dict["prefix"], result[0], time.monotonic() - began,
        )  # fmt: skip
        return result

    def get_quiesce_leader_gid(self, fscid: Any) -> int | None:
        """The MDS that leads the quiescing of a file system; None where the map names none."""
        for entry in self._supervisor_session.shared_state("fs_map")["filesystems"]:
            if entry["id"] == fscid:
                leader: int | None = entry["mdsmap"].get("qdb_leader")
                return leader
        return None

    def tell_quiesce_leader(self, leader: int, cmd_dict: dict[str, Any]) -> tuple[int, str, str]:
        """Send a command to MDS `leader`, or to whichever that one says is the leader now."""
        result = (-errno.ENOTTY, "", "")
        for _ in range(MOST_LEADERS):
            result = self.tell_command("mds", str(leader), cmd_dict, one_shot=True)
            if result[0] != -errno.ENOTTY:
                break
            try:
                leader = int(json.loads(result[1])["leader"])
            except (ValueError, KeyError, TypeError) as error:
                self.getLogger().error(
                    "mds.%s names no other leader: %s: %s", leader, error, result[1]
                )
                break
        return result

    @property
    def cephfs(self) -> Any:
        """One libcephfs handle for the whole module, not mounted, made at first use."""
        if self.__cephfs is None:
            # Not at the top: a machine without libcephfs still runs the modules that do without.
            import cephfs

            handle = cephfs.LibCephFS(rados_inst=self.rados)
            handle.init()
            self.__cephfs = handle
        return self.__cephfs

    def get_rocksdb_version(self) -> str:
        """Version of the RocksDB that the cluster's software is built with."""
        return self._ceph_get_rocksdb_version()

    @API.expose
    def get_hostname(self) -> str:
        """Name of this host."""
        return socket.gethostname()
