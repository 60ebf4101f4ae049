"""A client: asks whatever backend is chosen, and tells what it was answered."""

import json

import orchestrator
from mgr_module import CLICommand, MgrModule

from . import goods


NAME = __name__.partition(".")[0]


def told(error):
    """What a caller can tell of an exception."""
    cls = type(error)
    return {
        "class": f"{cls.__module__}.{cls.__qualname__}",
        "text": str(error),
        "attributes": {
            name: value
            for name, value in sorted(vars(error).items())
            if name not in ("traceback", "__notes__")
        },
        "orchestrator's": isinstance(error, orchestrator.OrchestratorError),
    }


class Module(orchestrator.OrchestratorClientMixin, MgrModule):
    def answer(self, call):
        """What a call answers, or raises."""
        try:
            found = {"result": orchestrator.raise_if_exception(call())}
        except Exception as error:
            found = {"raised": told(error)}
        return found | {"owned": hasattr(orchestrator, "OWNED")}

    @CLICommand(f"{NAME} add", perm="r")
    def add(self, kinds: str):
        spec = orchestrator.HostSpec
        answers = {k: self.answer(lambda k=k: self.add_host(spec(k))) for k in kinds.split(",")}
        return 0, json.dumps(answers), ""

    @CLICommand(f"{NAME} call", perm="r")
    def call(self, method: str):
        return 0, json.dumps(self.answer(lambda: getattr(self, method)())), ""

    @CLICommand(f"{NAME} goods", perm="r")
    def goods(self):
        """For each kind of object: what arrived, beside what should have."""
        found = {}
        for method, make in goods.ALL.items():
            arguments = ("ident", True, make()) if method == "blink_device_light" else ()
            answer = orchestrator.raise_if_exception(getattr(self, method)(*arguments))
            found[method] = [goods.shape(answer), goods.shape(make())]
        specs = [*goods.drive_groups(), *(service.spec for service in goods.services())]
        (texts,) = [orchestrator.raise_if_exception(self.plan(specs))]
        found["plan"] = [texts, [goods.shape(spec) for spec in specs]]
        return 0, json.dumps(found), ""
