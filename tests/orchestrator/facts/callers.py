"""How a client finds the backend, and how a module declares commands."""

import logging

import orchestrator as o
from mgr_module import HandleCommandResult, MgrModule
from orchestrator import _interface as inside

from tests.orchestrator.facts.telling import outcome, signature


class Remote:
    """Stands for the module that a client sends through."""

    module_name = "client"
    log = logging.getLogger("client")

    def __init__(self, chosen, **answers):
        self.asked, self.chosen, self.answers = [], chosen, answers

    def remote(self, module, method, *args, **kwargs):
        self.asked.append([module, method, list(args), kwargs])
        if method == "_select_orchestrator":
            return self.chosen
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Selecting(Remote):
    def _select_orchestrator(self):
        return self.chosen


def client():
    features = {"get_hosts": {"available": True}, "pause": {"available": False}}
    answers = {
        "get_feature_set": features, "get_hosts": ["h"], "add_host": RuntimeError("raised"),
        "pause": RuntimeError("raised"), "list_daemons": NameError("Method not found"),
    }  # fmt: skip
    for cls in (Remote, Selecting):
        for chosen in ("backend", None):
            for method in ("get_hosts", "pause", "add_host", "list_daemons", "get_feature_set"):
                mgr = cls(chosen, **answers)
                one = o.OrchestratorClientMixin()
                one.set_mgr(mgr)
                call = getattr(one, method)
                label = f"{cls.__name__} {chosen} {method}"
                yield label, [outcome(call, "a", key="b"), mgr.asked]
    failing = Remote("backend", **answers | {"get_hosts": RuntimeError("it")})
    one = o.OrchestratorClientMixin()
    one.set_mgr(failing)
    yield "failing", outcome(one.get_hosts)
    away = Remote("backend", get_hosts=ImportError("x"), get_feature_set=ImportError("y"))
    one.set_mgr(away)
    yield "away", outcome(one.get_hosts)

    class Module(o.OrchestratorClientMixin, Remote):
        pass

    own = Module("backend", get_hosts=["own"])
    yield "own", [outcome(own.get_hosts), own.asked, own.is_orchestrator_module()]
    for name in ("get_hosts", "apply", "upgrade_available"):
        shim = getattr(o.OrchestratorClientMixin, name)
        yield f"shim {name}", [shim.__name__, signature(shim)]


class Commanded(MgrModule, metaclass=o.CLICommandMeta):
    def __init__(self):
        pass

    @inside._cli_read_command("orch show")
    def _show(self, what: str, number: int = 5, inbuf: str | None = None):
        """Show it."""
        if what == "none":
            raise NotImplementedError
        if what == "bug":
            return 1 / 0
        return HandleCommandResult(stdout=f"{what} {number} {inbuf}")

    @inside._cli_write_command("orch change")
    def _change(self):
        """Change it."""
        raise o.OrchestratorValidationError("not so")


def commands():
    yield "declared", list(Commanded.COMMANDS)
    one = Commanded()
    for command in (
        {"prefix": "orch show", "what": "x"},
        {"prefix": "orch show", "what": "x", "number": 7},
        {"prefix": "orch show", "what": "none"},
        {"prefix": "orch show", "what": "bug"},
        {"prefix": "orch change"},
    ):
        yield f"{command}", outcome(one.handle_command, "in", command)
    yield "direct", outcome(one._show, "none")
