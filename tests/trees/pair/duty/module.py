"""A module with a standby class, and a witness for each: what it saw, and that it was alone."""

import fcntl
import json
import os
import tempfile
import threading
from pathlib import Path

from mgr_module import MgrModule, MgrStandbyModule


HERE = Path(tempfile.gettempdir()).parent  # the module's own folder, shared by all managers

COMMANDS = {
    "who": "",
    "keep": "name=key,type=CephString name=value,type=CephString",
    "kept": "name=key,type=CephString",
    "alarm": "",
    "calm": "",
}


def hold(name):
    """Take this manager's place, as a port would be; only the end of the process gives it back."""
    fd = os.open(HERE / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def record(name, event):
    with (HERE / f"{name}.journal").open("a") as journal:
        journal.write(f"{event} {os.getpid()}\n")


class Module(MgrModule):
    MODULE_OPTIONS = [{"name": "colour", "default": "none"}]
    COMMANDS = [
        {"cmd": f"duty {verb} {arguments}".strip(), "desc": verb, "perm": "rw"}
        for verb, arguments in COMMANDS.items()
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._end = threading.Event()
        hold(self.get_mgr_id())
        record(self.get_mgr_id(), "active")

    def serve(self):
        self.set_uri(f"http://{self.get_mgr_id()}.example/")
        self._end.wait()

    def shutdown(self):
        record(self.get_mgr_id(), "active-shutdown")
        self._end.set()

    def handle_command(self, inbuf, command):
        return getattr(self, command["prefix"].split()[1])(command)

    def who(self, command):
        return 0, self.get_mgr_id(), ""

    def keep(self, command):
        self.set_store(command["key"], command["value"])
        return 0, str(self.get_store(command["key"])), ""

    def kept(self, command):
        return 0, str(self.get_store(command["key"])), ""

    def alarm(self, command):
        self.set_health_checks(
            {"DUTY": {"severity": "warning", "summary": "alarm", "count": 1, "detail": []}}
        )
        return 0, "", ""

    def calm(self, command):
        self.set_health_checks({})
        return 0, "", ""


class StandbyModule(MgrStandbyModule):
    MODULE_OPTIONS = [{"name": "own", "type": "int", "default": 7}]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._end = threading.Event()
        hold(self.get_mgr_id())
        record(self.get_mgr_id(), "standby")

    def serve(self):
        refusals = [str(self.attempt(deed)) for deed in ("set_store", "remote")]
        while not self._end.wait(0.05):
            seen = {
                "uri": self.get_active_uri(),
                "colour": self.get_module_option("colour"),
                "localized": self.get_localized_module_option("colour", "mine"),
                "own": self.get_module_option("own"),
                "undeclared": self.get_module_option("undeclared", "default"),
                "key": self.get_store("key"),
                "ips": self.get("mgr_ips")["ips"],
                "osd_map": self.get("osd_map"),
                "size": self.get_ceph_option("osd_pool_default_size"),
                "nothing": self.get_ceph_option("no_such_option"),
                "writes": hasattr(self, "set_store"),
                "refusals": refusals,
            }
            new = HERE / f".{self.get_mgr_id()}.new"
            new.write_text(json.dumps(seen))
            new.rename(HERE / f"{self.get_mgr_id()}.seen")

    def attempt(self, deed):
        """What a standby module must not do, below the API that keeps it from it."""
        try:
            if deed == "set_store":
                self._supervisor_session.set_store("stolen", "value")
            else:
                self._supervisor_session.remote("status", "self_test", (), {})
        except RuntimeError as error:
            return error
        return "done"

    def shutdown(self):
        record(self.get_mgr_id(), "standby-shutdown")
        self._end.set()
