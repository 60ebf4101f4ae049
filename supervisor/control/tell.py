"""`tell TARGET COMMAND...`: a command for one daemon of the cluster, or for this manager.

ceph's client takes `tell` apart itself; here the words travel as they are and are matched against
what the daemon answers.
"""

import errno
from collections.abc import Mapping
from typing import Any

from supervisor.core.facts import CommandDeclaration
from supervisor.edge.commands import BuiltIn
from supervisor.edge.outcome import Answer, Outcome, refusal
from supervisor.edge.supervisor import Supervisor


# Positional arguments of the commands that daemons answer, by prefix.
DAEMON_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "config get": ("var",),
    "config set": ("var", "val"),
    "config show": (),
    "config diff": (),
    "perf dump": ("logger", "counter"),
    "perf schema": (),
    "version": (),
    "status": (),
    "mon_status": (),
    "smart": ("devid",),
}
KINDS = ("mon", "mgr", "osd", "mds")


class TellFamily:
    """Sends words to daemons."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def commands(self) -> list[BuiltIn]:
        """What this family answers."""
        cmd = "tell name=target,type=CephName name=args,type=CephString,n=N"
        return [BuiltIn(CommandDeclaration(cmd, "Send a command to a daemon", "rw"), self.tell)]

    def tell(self, args: Mapping[str, Any], inbuf: bytes, answer: Answer) -> None:
        """Refused for a kind of daemon that is never told anything."""
        target, words = str(args.get("target", "")), [str(word) for word in args.get("args", [])]
        kind, _, name = target.partition(".")
        if kind not in KINDS:
            answer(
                refusal(
                    errno.EINVAL, f"cannot tell {target!r}: name one of mon, mgr, osd.N, mds.NAME"
                )
            )
            return
        command = command_from(words)
        if "format" in args:
            command["format"] = args["format"]
        if kind == "mgr" and not name:
            name = self._supervisor.config.mgr_id
        if kind == "mgr" and name != self._supervisor.config.mgr_id:
            answer(
                refusal(
                    errno.ENOENT, f"there is no mgr.{name}; this one is {self._supervisor.entity}"
                )
            )
            return
        if kind == "mgr" and words == ["log", "reopen"]:
            self._reopen(answer)
            return
        self._supervisor.commands.to_cluster((kind, name), command, inbuf, answer)

    def _reopen(self, answer: Answer) -> None:
        def done(problem: str) -> None:
            answer(refusal(errno.EIO, problem) if problem else Outcome(0, b"{}"))

        self._supervisor.logs.reopen(done)


def command_from(words: list[str]) -> dict[str, Any]:
    """The command that `words` spell: the longest known prefix, then its arguments in order.

    Raises ValueError for words that are left over.
    """
    for length in range(len(words), 0, -1):
        prefix = " ".join(words[:length])
        names = DAEMON_COMMANDS.get(prefix)
        if names is not None:
            if unused := words[length + len(names) :]:
                raise ValueError(f"unused arguments: {unused}")
            return {"prefix": prefix, **dict(zip(names, words[length:], strict=False))}
    return {"prefix": " ".join(words)}
