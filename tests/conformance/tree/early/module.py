"""Calls back from its constructor, which the guide forbids and upstream's own modules do."""

from mgr_module import CLICommand, MgrModule, Option
from probe_evaluation import evaluate


CALLS = {
    "get_mgr_id": lambda mgr: mgr.get_mgr_id(),
    "version": lambda mgr: mgr.version,
    "release_name": lambda mgr: mgr.release_name,
    "lookup_release_name": lambda mgr: mgr.lookup_release_name(16),
    "get_module_option": lambda mgr: mgr.get_module_option("size"),
    "get_localized_module_option": lambda mgr: mgr.get_localized_module_option("size"),
    "get_module_option_ex": lambda mgr: mgr.get_module_option_ex("nobody", "x", 1),
    "undeclared option": lambda mgr: mgr.get_module_option("nothing"),
    "get_ceph_option": lambda mgr: type(mgr.get_ceph_option("fsid")).__name__,
    "get_foreign_ceph_option": lambda mgr: mgr.get_foreign_ceph_option(
        "osd.0", "osd_recovery_max_chunk"
    ),
    "get_store": lambda mgr: mgr.get_store("nothing"),
    "get_store_prefix": lambda mgr: mgr.get_store_prefix("nothing"),
    "set_store": lambda mgr: (
        mgr.set_store("early", "1"),
        mgr.get_store("early"),
        mgr.set_store("early", None),
    ),
    "set_module_option": lambda mgr: (
        mgr.set_module_option("size", 5),
        mgr.get_module_option("size"),
        mgr.set_module_option("size", None),
    ),
    "get osd_map": lambda mgr: type(mgr.get("osd_map")).__name__,
    "get unknown": lambda mgr: mgr.get("nothing"),
    "get_osdmap": lambda mgr: type(mgr.get_osdmap()).__name__,
    "list_servers": lambda mgr: type(mgr.list_servers()).__name__,
    "get_metadata": lambda mgr: type(mgr.get_metadata("osd", "0")).__name__,
    "get_perf_schema": lambda mgr: type(mgr.get_perf_schema("osd", "0")).__name__,
    "set_health_checks": lambda mgr: mgr.set_health_checks(
        {"EARLY": {"severity": "warning", "summary": "early", "count": 1, "detail": []}}
    ),
    "cluster_log": lambda mgr: mgr.cluster_log("cluster", mgr.ClusterLogPrio.INFO, "early words"),
    "log": lambda mgr: mgr.log.info("early"),
    "get_context": lambda mgr: type(mgr.get_context()).__name__,
    "have_mon_connection": lambda mgr: mgr.have_mon_connection(),
    "get_mgr_ip": lambda mgr: type(mgr.get_mgr_ip()).__name__,
    "remote to nobody": lambda mgr: mgr.remote("nobody", "x"),
}


class Module(MgrModule):
    MODULE_OPTIONS = [Option(name="size", type="int", default=3)]
    NOTIFY_TYPES = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcomes = {}
        for name, call in CALLS.items():
            try:
                self.outcomes[name] = call(self)
            except Exception as error:
                self.outcomes[name] = f"{type(error).__name__}: {error}"

    @CLICommand("early eval")
    def evaluate(self, inbuf: str):
        """Run the given Python here"""
        return 0, evaluate(inbuf, {"mgr": self}), ""
