"""Tells what the newest interface is like where it stands, and asks others."""

import copy
import errno
import importlib
import json
from threading import Event
from typing import Annotated, Any, Dict, List, Optional, Tuple

from mgr_module import (
    CLI_ANNOTATIONS,
    CLICommandBase,
    HandleCommandResult,
    MgrModule,
    NotifyType,
    Option,
    OptionLevel,
)

ProberCLICommand = CLICommandBase.make_registry_subtype("ProberCLICommand")


def outcome(function, *args: Any, **kwargs: Any) -> str:
    try:
        return repr(function(*args, **kwargs))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Module(MgrModule):
    CLICommand = ProberCLICommand
    NOTIFY_TYPES = [NotifyType.mgr_map, NotifyType.audit]
    MODULE_OPTIONS = [
        Option(name="depth", level=OptionLevel.BASIC, type="int", default=3, min=0, max=10),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heard: List[Any] = []
        self.event = Event()

    def facts(self) -> Dict[str, str]:
        osd_map = self.get("osd_map")
        own = self.get("osd_map", mutable=True)
        own["epoch"] = -1
        own["osds"].clear()
        self.set_module_option("depth", 3)
        return {
            "undeclared": outcome(self.get_module_option, "height"),
            "bad value": outcome(self.set_module_option, "depth", 99),
            "bad value elsewhere": outcome(self.set_module_option_ex, "elder", "depth", "x"),
            "kept": repr(self.get_module_option("depth")),
            "change": outcome(osd_map["osds"][0].update, up=0),
            "shared": repr(self.get("osd_map") is self.get("osd_map")),
            "own": repr(osd_map["epoch"] > 0 and len(self.get("osd_map")["osds"]) > 0),
            "copy": repr(type(copy.deepcopy(osd_map)["osds"]) is list),
            "progress": outcome(self.update_progress_event, "e", "by the newest", 0.5),
            "shown progress": outcome(self.update_progress_event, "f", "for all to see", 0.5, True),
            "labelled": outcome(self.get_latest_counter, "osd", "0", "osd", "numpg", [])[:10],
            "by path": outcome(self.get_latest_unlabeled_counter, "osd", "0", "osd.numpg")[:14],
            "pacific's counters": repr(hasattr(self, "get_all_perf_counters")),
            "logger": self.log.name,
        }

    @ProberCLICommand.Read("prober facts")
    def do_facts(self) -> HandleCommandResult:
        """Tell what the interface is like"""
        return HandleCommandResult(stdout=json.dumps(self.facts()))

    @ProberCLICommand.Read("prober counters")
    def do_counters(self, daemon: str) -> HandleCommandResult:
        """Show a daemon's counters with labels"""
        counters = self.get_perf_counters(services=[daemon.split(".")[0]])
        return HandleCommandResult(stdout=json.dumps(counters[daemon]))

    @ProberCLICommand.Read("prober ask")
    def do_ask(self, module: str) -> HandleCommandResult:
        """Have another module tell"""
        return HandleCommandResult(stdout=json.dumps(self.remote(module, "facts")))

    @ProberCLICommand.Read("prober hand over")
    def do_hand_over(self, module: str) -> HandleCommandResult:
        """Give another module a shared document"""
        pools = self.remote(module, "names", self.get("osd_map")["pools"])
        return HandleCommandResult(stdout=json.dumps(pools))

    @ProberCLICommand.Read("prober neighbour")
    def do_neighbour(self, package: str) -> HandleCommandResult:
        """Import another module's package"""
        return HandleCommandResult(stdout=str(importlib.import_module(package).__file__))

    @ProberCLICommand.Read("prober hosts")
    def do_hosts(self) -> HandleCommandResult:
        """Ask the orchestrator for its hosts"""
        import orchestrator

        client = orchestrator.OrchestratorClientMixin()
        client.set_mgr(self)
        hosts = orchestrator.raise_if_exception(client.get_hosts())
        return HandleCommandResult(stdout=json.dumps([host.hostname for host in hosts]))

    @ProberCLICommand.Read("prober tell")
    def do_tell(self, osd: int, one_shot: bool = False) -> Tuple[int, str, str]:
        """Ask an OSD for its version"""
        return self.tell_command("osd", str(osd), {"prefix": "version"}, one_shot=one_shot)

    @ProberCLICommand.Read("prober size")
    def do_size(
        self,
        size: Annotated[int, CLI_ANNOTATIONS.MemorySize],
        _end_positional_: int = 0,
        unit: Optional[str] = None,
    ) -> HandleCommandResult:
        """Tell how many bytes that is"""
        return HandleCommandResult(stdout=f"{size} {unit or 'bytes'}")

    @ProberCLICommand("prober pool")
    def do_pool(self) -> HandleCommandResult:
        """Have the managers' pool"""
        before = self.pool_exists(self.MGR_POOL_NAME)
        if not before and self.have_enough_osds():
            self.create_mgr_pool()
        now = self.pool_exists(self.MGR_POOL_NAME)
        return HandleCommandResult(stdout=json.dumps([before, now]))

    @ProberCLICommand("prober audit")
    def do_audit(self, text: str) -> HandleCommandResult:
        """Write to the audit log"""
        self.cluster_log("audit", self.ClusterLogPrio.INFO, text)
        return HandleCommandResult()

    @ProberCLICommand("prober announce")
    def do_announce(self, kind: str) -> HandleCommandResult:
        """Notify every module"""
        self._ceph_notify_all(kind, "from prober")
        return HandleCommandResult()

    @ProberCLICommand.Read("prober heard")
    def do_heard(self) -> HandleCommandResult:
        """Show what notifications came"""
        return HandleCommandResult(stdout=json.dumps(self.heard))

    @ProberCLICommand("prober end")
    def do_end(self) -> Tuple[int, str, str]:
        """End the process as the newest release's modules may"""
        self._ceph_exit(120, hard=True)
        return -errno.EIO, "", "still here"

    def notify(self, notify_type: NotifyType, notify_id: Any) -> None:
        text = notify_id if isinstance(notify_id, str) else notify_id["message"]
        self.heard.append([str(notify_type), text])

    def serve(self) -> None:
        self.event.wait()

    def shutdown(self) -> None:
        self.event.set()
        super().shutdown()
