"""What a backend answers, and how its errors reach a caller."""

import copy
import os

import orchestrator as o
from ceph.deployment.drive_group import DriveGroupSpec
from ceph.deployment.hostspec import SpecValidationError
from ceph.deployment.service_spec import PlacementSpec, ServiceSpec
from mgr_module import MgrModule
from orchestrator import _interface as inside

from tests.orchestrator.facts.telling import outcome, plain, signature, state


def fail(error):
    raise error


def raising(error):
    def command(self):
        raise error

    return command


def errors():
    made = {
        "plain": o.OrchestratorError("bad"),
        "errno": o.OrchestratorError("bad", errno=-2),
        "subject": o.OrchestratorError("bad", event_kind_subject=("daemon", "mds.a")),
        "none": o.NoOrchestrator(),
        "none with text": o.NoOrchestrator("nobody"),
        "validation": o.OrchestratorValidationError("not valid"),
        "spec": SpecValidationError("no", -5),
        "bug": ZeroDivisionError("division by zero"),
        "key": KeyError("x"),
        "not implemented": NotImplementedError(),
        "import": ImportError("not enabled"),
    }
    for label, error in made.items():
        yield label, [plain(error), [cls.__name__ for cls in type(error).__mro__]]
        result = o.OrchResult(None, error)
        yield f"{label} held", plain(state(result))
        yield f"{label} raised", outcome(o.raise_if_exception, result)
        yield f"{label} handled", outcome(o.raise_if_exception, o.handle_orch_error(fail)(error))
        command = inside._cli_write_command("orch do")(raising(error))
        yield f"{label} answered", outcome(command, None)
        for overwrite in (False, True):

            def subject(error=error, overwrite=overwrite):
                with o.set_exception_subject("service", "mgr", overwrite):
                    raise copy.copy(error)

            yield f"{label} about {overwrite}", outcome(subject)
    for label, value in {
        "list": [1, "a"],
        "none": None,
        "text": "x",
        "empty": [],
        "zero": 0,
    }.items():
        result = o.OrchResult(value)
        yield f"result {label}", [plain(state(result)), result.result_str()]
        yield f"result {label} raised", outcome(o.raise_if_exception, result)
    result = o.OrchResult("x", made["plain"])
    result.set_exception(None)
    yield "reset", plain(state(result))
    yield "wrapped", [o.handle_orch_error(fail).__name__, signature(o.handle_orch_error(fail))]
    os.environ["UNITTEST"] = "1"
    yield "unittest", outcome(o.handle_orch_error(fail), made["bug"])
    del os.environ["UNITTEST"]


class Backend(MgrModule, o.Orchestrator):
    def __init__(self):
        self.asked = []

    @o.handle_orch_error
    def get_hosts(self):
        return [o.HostSpec("h")]

    @o.handle_orch_error
    def apply_drivegroups(self, specs):
        self.asked += specs
        return ["osds"]

    @o.handle_orch_error
    def add_host(self, host_spec):
        self.asked.append(host_spec)
        return f"host {host_spec.hostname}"

    @o.handle_orch_error
    def apply_mgr(self, spec):
        raise o.OrchestratorValidationError("no managers")

    @o.handle_orch_error
    def apply_node_exporter(self, spec):
        self.asked.append(spec)
        return spec.service_name()


def backend():
    one = Backend()
    hidden = ("is_orchestrator_module", "available", "get_feature_set", "upgrade_available")
    features = one.get_feature_set()
    for name, kind in features.items():
        yield f"feature {name}", kind
    yield "hidden", [name in features for name in hidden]
    yield "is one", one.is_orchestrator_module()
    for name in sorted({*features, "available", "upgrade_available"} - {"apply", "get_hosts"}):
        method = getattr(o.Orchestrator, name)
        yield f"default of {name}", outcome(method, one, *[None] * (len(signature(method)) - 1))
    drives = DriveGroupSpec(placement=PlacementSpec(host_pattern="*"), service_id="d")
    good = [drives, o.HostSpec("h"), ServiceSpec("node-exporter")]
    yield "apply", outcome(lambda: o.raise_if_exception(one.apply(good)))
    yield "applied", [plain(type(spec).__name__) for spec in one.asked]
    one.asked.clear()
    wrong = [ServiceSpec("mgr"), o.HostSpec("h")]
    yield "apply wrong", outcome(lambda: o.raise_if_exception(one.apply(wrong)))
    yield "applied beside", [plain(type(spec).__name__) for spec in one.asked]
    yield "apply nothing", outcome(lambda: o.raise_if_exception(one.apply([])))
    unable = [ServiceSpec("mon")]
    yield "apply missing", outcome(lambda: o.raise_if_exception(one.apply(unable)))
    yield "apply kept", outcome(lambda: o.raise_if_exception(one.apply(good, no_overwrite=True)))
