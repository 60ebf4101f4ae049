"""A backend: raises what it is asked to raise, and hands out one of everything."""

import os
import pickle
import subprocess

import orchestrator
from ceph.deployment.drive_group import DriveGroupValidationError
from ceph.deployment.hostspec import SpecValidationError
from mgr_module import MgrModule
from orchestrator import handle_orch_error

from . import goods


class Hostile:
    """Its pickle, where it is read, marks the reader's own package."""

    def __reduce__(self):
        return exec, ("import orchestrator; orchestrator.OWNED = True",)


class Own(Exception):
    """Known to this module alone, and not to be made from what it keeps."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")
        self.first = first


ERRORS = {
    "error": lambda: orchestrator.OrchestratorError("host is empty", errno=-2),
    "subject": lambda: orchestrator.OrchestratorError("bad", event_kind_subject=("daemon", "a")),
    "none": lambda: orchestrator.NoOrchestrator(),
    "validation": lambda: orchestrator.OrchestratorValidationError("count must be 1, 3 or 5"),
    "not_implemented": lambda: NotImplementedError(),
    "import": lambda: ImportError("backend is not enabled"),
    "bug": lambda: ZeroDivisionError("division by zero"),
    "key": lambda: KeyError("mgr"),
    "spec": lambda: SpecValidationError("no such field", -5),
    "drives": lambda: DriveGroupValidationError("d", "no devices"),
    "own": lambda: Own(1, 2),
    "foreign": lambda: subprocess.CalledProcessError(3, "ls"),
}


class Module(MgrModule, orchestrator.Orchestrator):
    def available(self):
        return True, "", {}

    @handle_orch_error
    def add_host(self, host_spec):
        raise ERRORS[host_spec.hostname]()

    @handle_orch_error
    def plan(self, spec):
        return [goods.shape(one) for one in spec]

    @handle_orch_error
    def blink_device_light(self, ident_fault, on, locations):
        return locations

    def rescan_host(self):
        """Answers with a pickle that does something."""
        answer = orchestrator.OrchResult(None, Exception("it"))
        answer.serialized_exception = pickle.dumps(Hostile())
        return answer

    def get_facts(self):
        """Answers with an object that is no OrchResult, and looks like one."""
        host = orchestrator.HostSpec("h")
        host.serialized_exception = pickle.dumps(Hostile())
        return host

    def resume(self):
        raise ValueError("raised, not answered")

    def cancel_completions(self):
        os.abort()


for name, make in goods.ALL.items():
    if name not in vars(Module):
        setattr(Module, name, handle_orch_error(lambda self, make=make: make()))
