"""Tells what pacific's interface is like where it stands, and asks others."""

import json

from mgr_module import CLIReadCommand, MgrModule, Option


def outcome(function, *args, **kwargs):
    try:
        return repr(function(*args, **kwargs))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Module(MgrModule):
    NOTIFY_TYPES = ["mgr_map", "audit"]
    MODULE_OPTIONS = [Option(name="depth", type="int", default=3, min=0, max=10)]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.heard = []

    def facts(self):
        osd_map = self.get("osd_map")
        self.set_module_option("depth", 3)
        return {
            "undeclared": outcome(self.get_module_option, "height"),
            "bad value": outcome(self.set_module_option, "depth", 99),
            "kept": repr(self.get_module_option("depth")),
            "change": outcome(osd_map["osds"][0].update, up=0),
            "shared": repr(self.get("osd_map") is self.get("osd_map")),
            "mutable": outcome(self.get, "osd_map", mutable=True),
            "progress": outcome(self.update_progress_event, "p", "by pacific", 0.5),
            "by path": outcome(self.get_latest_counter, "osd", "0", "osd.numpg")[:14],
            "newest counters": repr(hasattr(self, "get_perf_counters")),
            "logger": self.log.name,
        }

    def names(self, pools):
        pools.append({"pool_name": "one more"})
        return [pool["pool_name"] for pool in pools]

    @CLIReadCommand("elder facts")
    def do_facts(self):
        """Tell what the interface is like"""
        return 0, json.dumps(self.facts()), ""

    @CLIReadCommand("elder ask")
    def do_ask(self, module: str):
        """Have another module tell"""
        return 0, json.dumps(self.remote(module, "facts")), ""

    @CLIReadCommand("elder heard")
    def do_heard(self):
        """Show what notifications came"""
        return 0, json.dumps(self.heard), ""

    def notify(self, notify_type, notify_id):
        self.heard.append(notify_type)
