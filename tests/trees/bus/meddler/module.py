"""No row in any table of grants, and nothing in the configuration."""

from module_host.evaluation import EvalMixin
from mgr_module import MgrModule, Option


class Module(EvalMixin, MgrModule):
    MODULE_OPTIONS = [Option(name="secret", type="str", default="")]

    def echo(self, word):
        return word

    def other(self, word):
        return word
