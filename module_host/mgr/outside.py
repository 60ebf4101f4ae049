"""Part of MgrModule: commands to the cluster, tools as child processes, librados."""

import errno
import json
import subprocess
import time
from typing import Any

from module_host.mgr.exposed import API
from module_host.mgr.logs import MgrModuleLoggingMixin
from module_host.mgr.results import CommandResult, HandleCommandResult, MonCommandFailed
from module_host.mgr.settings import Settings


RGW_ADMIN_SECONDS = 10


class Outside(Settings, MgrModuleLoggingMixin):
    """Part of MgrModule."""

    _rados: Any = None

    def send_command(
        self,
        result: CommandResult,
        svc_type: str,
        svc_id: str,
        command: str,
        tag: str,
        inbuf: str | None = None,
    ) -> None:
        """Send `command` (JSON text) to a mon, osd, mds or pg; `result` completes later.

        Then every module that asks for "command" is notified with `tag`. Raises ValueError for an
        unknown kind of service or a malformed id.
        """
        self._ceph_send_command(result, svc_type, svc_id, command, tag, inbuf)

    def mon_command(
        self, cmd_dict: dict[str, Any], inbuf: str | None = None
    ) -> tuple[int, str, str]:
        """Send a command to the monitors and wait: (0 or -errno, stdout, stderr). No timeout."""
        began = time.monotonic()
        completion = CommandResult()
        self.send_command(completion, "mon", "", json.dumps(cmd_dict), "", inbuf)
        result = completion.wait()
        took = time.monotonic() - began
        log = self.getLogger()
        log.debug("mon_command: '%s' -> %s in %.3fs", cmd_dict["prefix"], result[0], took)
        return result

    def check_mon_command(
        self, cmd_dict: dict[str, Any], inbuf: str | None = None
    ) -> HandleCommandResult:
        """As mon_command(), but raises MonCommandFailed where it fails."""
        result = HandleCommandResult(*self.mon_command(cmd_dict, inbuf))
        if result.retval:
            raise MonCommandFailed(
                f"{cmd_dict['prefix']} failed: {result.stderr} retval: {result.retval}"
            )
        return result

    def tool_exec(
        self, args: list[str], timeout: int = 10, stdin: bytes | None = None
    ) -> tuple[int, str, str]:
        """Run a Ceph tool with this daemon's key: (status, stdout, stderr), -ETIMEDOUT if late."""
        command = [args[0], "-k", self.__keyring(), "-n", self.__entity(), *args[1:]]
        try:
            done = subprocess.run(
                command, check=False, input=stdin, capture_output=True, timeout=timeout
            )
        except subprocess.TimeoutExpired as late:
            self.getLogger().error(late)
            return -errno.ETIMEDOUT, "", str(late)
        stdout, stderr = done.stdout.decode(), done.stderr.decode()
        if done.returncode:
            self.getLogger().error("Non-zero return from %s: %s", command, stderr)
        return done.returncode, stdout, stderr

    @API.expose
    def send_rgwadmin_command(
        self, args: list[str], stdout_as_json: bool = True
    ) -> tuple[int, Any, str]:
        """Run radosgw-admin: (status, stdout, stderr); raises subprocess.TimeoutExpired."""
        command = ["radosgw-admin", "-c", self._ceph_get_ceph_conf_path()]
        command += ["-k", self.__keyring(), "-n", self.__entity(), *args]
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, timeout=RGW_ADMIN_SECONDS
            )
        except subprocess.TimeoutExpired:
            self.getLogger().error("radosgw-admin took over %s s: %s", RGW_ADMIN_SECONDS, command)
            raise
        stdout, stderr = done.stdout.decode(), done.stderr.decode()
        if done.returncode:
            self.getLogger().debug("radosgw-admin: status %s: %s", done.returncode, stderr)
        parsed = json.loads(stdout) if stdout and stdout_as_json else stdout
        return done.returncode, parsed, stderr

    def __keyring(self) -> str:
        return str(self.get_ceph_option("keyring"))

    def __entity(self) -> str:
        return f"mgr.{self.get_mgr_id()}"

    def get_context(self) -> object:
        """A capsule with a CephContext for librados; a plain object where that is missing."""
        return self._ceph_get_context()

    @property
    def rados(self) -> Any:
        """One librados connection for the whole module, made at first use."""
        if not self._rados:
            # Not at the top: a machine without librados still runs the modules that do without.
            import rados

            connection = rados.Rados(context=self.get_context())
            connection.connect()
            self._rados = connection
            self._ceph_register_client(connection.get_addrs())
        return self._rados

    def _supervisor_close_rados(self) -> None:
        connection, self._rados = self._rados, None
        if connection:
            addrs = connection.get_addrs()
            connection.shutdown()
            self._ceph_unregister_client(addrs)
