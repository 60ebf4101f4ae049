"""The other side of remote(), and a module with a standby class."""

import json
import threading

from mgr_module import CLICommand, MgrModule, MgrStandbyModule, Option
from probe_evaluation import evaluate


class Module(MgrModule):
    MODULE_OPTIONS = [
        Option(name="port", type="int", default=9),
        Option(name="own", type="str", default="declared"),
    ]
    NOTIFY_TYPES = []
    attribute = 5

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.held = {"list": [1]}
        self.log.error("active begins")

    def echo(self, *args, **kwargs):
        return [list(args), kwargs]

    def same(self, value):
        return value

    def hold(self):
        return self.held

    def fail(self, kind, text):
        raise {
            "KeyError": KeyError,
            "ImportError": ImportError,
            "SystemExit": SystemExit,
            "NotImplementedError": NotImplementedError,
            "ValueError": ValueError,
        }[kind](text)

    def call_back(self, module, method, *args):
        return self.remote(module, method, *args)

    def thread_name(self):
        return threading.current_thread().name

    def _private(self):
        return "private"

    @CLICommand("second eval")
    def evaluate(self, inbuf: str):
        """Run the given Python here"""
        return 0, evaluate(inbuf, {"mgr": self}), ""


STANDBY_CALLS = {
    "get_mgr_id": lambda mgr: mgr.get_mgr_id(),
    "get_mgr_ip": lambda mgr: type(mgr.get_mgr_ip()).__name__,
    "get mgr_ips": lambda mgr: sorted(mgr.get("mgr_ips")),
    "get osd_map": lambda mgr: mgr.get("osd_map"),
    "get unknown": lambda mgr: mgr.get("nothing"),
    "get_module_option": lambda mgr: mgr.get_module_option("port"),
    "get_module_option undeclared": lambda mgr: mgr.get_module_option("nothing"),
    "get_module_option undeclared, default": lambda mgr: mgr.get_module_option("nothing", 5),
    "get_localized_module_option": lambda mgr: mgr.get_localized_module_option("own"),
    "get_ceph_option": lambda mgr: mgr.get_ceph_option("osd_recovery_max_chunk"),
    "get_ceph_option unknown": lambda mgr: mgr.get_ceph_option("no_such_option"),
    "get_store": lambda mgr: mgr.get_store("key"),
    "get_store unset": lambda mgr: mgr.get_store("never"),
    "get_localized_store": lambda mgr: mgr.get_localized_store("key"),
    "get_active_uri": lambda mgr: mgr.get_active_uri(),
    "module_name": lambda mgr: mgr.module_name,
    "set_store": lambda mgr: hasattr(mgr, "set_store"),
}


class StandbyModule(MgrStandbyModule):
    MODULE_OPTIONS = [
        Option(name="port", type="int", default=9),
        Option(name="own", type="str", default="declared"),
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._end = threading.Event()

    def _look(self):
        seen = {}
        for name, call in STANDBY_CALLS.items():
            try:
                seen[name] = call(self)
            except Exception as error:
                seen[name] = f"{type(error).__name__}: {error}"
        return json.dumps(seen)

    def serve(self):
        self.log.error("standby begins")
        last = None
        while not self._end.wait(0.2):
            port = self.get_module_option("port")
            if port != last:
                last = port
                self.log.error("standby sees %s", self._look())

    def shutdown(self):
        self.log.error("standby ends")
        self._end.set()
