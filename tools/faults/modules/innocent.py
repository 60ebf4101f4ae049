"""The siblings of the chaos module: they answer numbered calls and keep what they are told.

It runs under the supervisor and, for the comparison, in a real ceph-mgr: no name of ours is
imported.
"""

# The base class comes from the manager at run time: it is Any here.
# mypy: disable-error-code="misc"

import errno
import json
import threading
import time
from typing import Any, ClassVar

from mgr_module import MgrModule, Option


_ARGUMENTS = {
    "count": "name=number,type=CephInt",
    "keep": "name=key,type=CephString name=value,type=CephString",
    "kept": "name=start,type=CephString",
    "prefer": "name=value,type=CephString",
    "preferred": "",
    "pass_on": "name=module,type=CephString name=token,type=CephString",
    "fan_out": "name=module,type=CephString name=token,type=CephString name=calls,type=CephInt",
}


def commands(name: str) -> list[dict[str, str]]:
    """The descriptors of the sibling called `name`."""
    return [
        {
            "cmd": f"{name} {verb} {arguments}".strip(),
            "desc": str(getattr(Innocent, verb).__doc__),
            "perm": "rw",
        }
        for verb, arguments in _ARGUMENTS.items()
    ]


class Innocent(MgrModule):
    """Does nothing unasked."""

    MODULE_OPTIONS: ClassVar = [Option(name="liking", type="str"), Option(name="told", type="str")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._end = threading.Event()
        self._counting = threading.Lock()

    def handle_command(self, inbuf: str, cmd: dict[str, Any]) -> tuple[int, str, str]:
        """Every verb is a method of the same name; what it answers is the output."""
        verb = cmd["prefix"].split()[1]
        wanted = [word.split(",")[0].removeprefix("name=") for word in _ARGUMENTS[verb].split()]
        try:
            return 0, str(getattr(self, verb)(*(cmd[key] for key in wanted))), ""
        except Exception as error:
            return -errno.EIO, "", f"{type(error).__name__}: {error}"

    def count(self, number: int) -> int:
        """Answer the number back"""
        return number

    def keep(self, key: str, value: str) -> str:
        """Keep a value in the KV store"""
        self._store(key, value)
        return key

    def kept(self, start: str) -> str:
        """Show what is kept that begins so, as JSON"""
        return json.dumps(self.get_store_prefix(start))

    def prefer(self, value: str) -> str:
        """Set an option of its own"""
        self.set_module_option("liking", value)
        if self.get_module_option("liking") != value:
            raise OSError("the option was not stored")
        return value

    def preferred(self) -> str:
        """Show that option, and the one that operators set, as JSON"""
        return json.dumps([self.get_module_option("liking"), self.get_module_option("told")])

    def pass_on(self, module: str, token: str) -> str:
        """Have another module take the token"""
        return str(self.remote(module, "take", token))

    def fan_out(self, module: str, token: str, calls: int) -> str:
        """Have another module take tokens, all at once; answers each call's outcomes, as JSON"""
        outcomes: dict[str, list[str]] = {f"{token}.{n}": [] for n in range(calls)}

        def call(one: str) -> None:
            try:
                outcomes[one].append(f"result: {str(self.remote(module, 'take', one))[:60]}")
            except Exception as error:
                outcomes[one].append(f"{type(error).__name__}: {error}")

        threads = [threading.Thread(target=call, args=(one,)) for one in outcomes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return json.dumps(outcomes)

    def take(self, token: str) -> str:
        """Called by others. How often each token came is stored before the answer is given."""
        with self._counting:
            key = f"taken/{token}"
            self._store(key, str(int(self.get_store(key) or 0) + 1))
        return token

    def _store(self, key: str, value: str) -> None:
        # A write that was refused is only logged, by ceph-mgr as well: what is there tells.
        self.set_store(key, value)
        if self.get_store(key) != value:
            raise OSError(f"{key} was not stored")

    def linger(self, seconds: float) -> float:
        """Called by others: answer late."""
        time.sleep(seconds)
        return seconds

    def serve(self) -> None:
        """Nothing to do but to be there."""
        self._end.wait()

    def shutdown(self) -> None:
        """Let serve() return."""
        self._end.set()
