"""Where our package does better than Debian's."""

import pickle
import threading

import orchestrator as o
from ceph.deployment.drive_group import DriveGroupValidationError
from mgr_module import MgrModule

from tests.orchestrator.facts.callers import Commanded, Remote
from tests.orchestrator.facts.telling import outcome, plain


class Hostile:
    def __reduce__(self):
        return exec, ("import orchestrator; orchestrator.OWNED = True",)


class Backend(MgrModule, o.Orchestrator):
    def __init__(self):
        self.asked = []

    @o.handle_orch_error
    def add_host(self, host_spec):
        self.asked.append(host_spec)
        return "added"

    @o.handle_orch_error
    def apply_container(self, spec):
        return f"container {spec.service_id}"


class Spec:
    service_id = "c"

    def __init__(self, service_type):
        self.service_type = service_type


class FailedError(RuntimeError):
    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


def holding(error, **attributes):
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


def alone():
    one = Backend()
    specs = [o.HostSpec("h"), Spec("what")]
    yield "no method", [outcome(lambda: o.raise_if_exception(one.apply(specs))), len(one.asked)]
    yield "container", outcome(lambda: o.raise_if_exception(one.apply([Spec("container")])))
    for label, error in {
        "composed": DriveGroupValidationError("d", "no devices"),
        "held lock": holding(KeyError("x"), lock=threading.Lock()),
        "lock": ValueError("is locked", threading.Lock()),
    }.items():
        yield label, outcome(lambda e=error: o.raise_if_exception(o.OrchResult(None, e)))
    answer = o.OrchResult(None, Exception("it"))
    for label, held in {
        "junk": b"junk",
        "number": pickle.dumps(5),
        "exit": pickle.dumps(SystemExit()),
    }.items():
        answer.serialized_exception = held
        yield label, outcome(o.raise_if_exception, answer)
    lookalike = Spec("mgr")
    lookalike.serialized_exception = pickle.dumps(Hostile())
    yield "lookalike", [outcome(o.raise_if_exception, lookalike), hasattr(o, "OWNED")]
    yield "undeclared", outcome(Commanded().handle_command, "", {"prefix": "orch what"})
    client = o.OrchestratorClientMixin()
    for kind in ("died", "timed out", "refused", "raised"):
        mgr = Remote("b", pause=FailedError(kind), get_feature_set={"pause": {"available": False}})
        client.set_mgr(mgr)
        called = outcome(client.pause)
        yield f"call {kind}", [called["raised"][:2], [method for _, method, *_ in mgr.asked]]
    yield "event", outcome(o.OrchestratorEvent, "2024-01-02T03:04:05.6", "host", "h", "INFO", "m")
    yield "inventory", outcome(o.InventoryHost.from_json, 5)
    yield "unlike", plain(o.InventoryHost("h") == 5)
