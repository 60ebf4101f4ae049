import threading

from mgr_module import CLICommand, HandleCommandResult, MgrModule
from orchestrator import Orchestrator, handle_orch_error


class Slow(MgrModule, Orchestrator):
    """A backend whose inventory takes until it is told to go on."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked, self.released = threading.Event(), threading.Event()

    def available(self):
        return True, "", {}

    @handle_orch_error
    def get_inventory(self, host_filter=None, refresh=False):
        self.asked.set()
        self.released.wait()
        return []

    @CLICommand("slow asked")
    def _asked(self) -> HandleCommandResult:
        """Wait until somebody waits for the inventory"""
        self.asked.wait(10)
        return HandleCommandResult(stdout=str(self.asked.is_set()))

    @CLICommand("slow release")
    def _release(self) -> HandleCommandResult:
        """Let whoever waits go on"""
        self.released.set()
        return HandleCommandResult()

    @CLICommand("slow backend")
    def _backend(self) -> HandleCommandResult:
        """Ask the orchestrator module which backend there is, as every client does"""
        return HandleCommandResult(stdout=self.remote("orchestrator", "_select_orchestrator"))
