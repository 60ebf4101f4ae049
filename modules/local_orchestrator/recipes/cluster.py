"""The real Ceph cluster that daemons are deployed into, as far as recipes need it."""

import errno
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator import OrchestratorError


class Cluster(ABC):
    """Monitor commands, and the ceph.conf that the operator reaches the cluster with."""

    @abstractmethod
    def command(self, command: Mapping[str, Any], inbuf: str = "") -> tuple[int, str, str]:
        """Answer of a monitor command: (0 or a negative errno, out, err)."""

    @abstractmethod
    def conf(self) -> str:
        """Text of the operator's ceph.conf, which every daemon's own one begins with.

        Raises OrchestratorError where it cannot be read.
        """

    def ask(self, prefix: str, /, inbuf: str = "", **arguments: Any) -> str:
        """Output of a monitor command; raises OrchestratorError with the monitor's own words."""
        retval, out, err = self.command({"prefix": prefix, **arguments}, inbuf)
        if retval:
            raise OrchestratorError(f"{prefix} failed: {_words(retval, out, err)}", errno=retval)
        return out

    def refusal(self, prefix: str, /, **arguments: Any) -> str:
        """Why a command that only asks for leave is refused, in its own words; empty for a yes."""
        retval, out, err = self.command({"prefix": prefix, **arguments})
        return _words(retval, out, err) if retval else ""

    def ask_json(self, prefix: str, /, **arguments: Any) -> Any:
        """The same, decoded."""
        return json.loads(self.ask(prefix, format="json", **arguments))


class RadosCluster(Cluster):
    """By a connected `rados.Rados`, a module's `self.rados`.

    Its key needs the capability `mon 'profile mgr'` and nothing else: that allows every command
    that recipes send, keys and OSDs included (observed on 16.2.15).
    """

    def __init__(self, rados: Any, conf_path: str) -> None:
        self._rados = rados
        self._conf_path = conf_path

    def command(self, command: Mapping[str, Any], inbuf: str = "") -> tuple[int, str, str]:
        retval, out, err = self._rados.mon_command(json.dumps(dict(command)), inbuf.encode())
        return retval, out.decode(errors="replace"), err

    def conf(self) -> str:
        try:
            return Path(self._conf_path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OrchestratorError(f"cannot read {self._conf_path}: {error}") from error


def _words(retval: int, out: str, err: str) -> str:
    return err.strip() or out.strip() or errno.errorcode.get(-retval, str(retval))
