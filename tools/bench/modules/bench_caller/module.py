"""Measures, from inside a module, what a module does: calls, reads and writes."""

# The base class and the decorators come from the supervisor at run time: they are Any here.
# mypy: disable-error-code="misc, untyped-decorator"

import json
import time
from collections.abc import Callable
from typing import ClassVar

from mgr_module import CLICommand, CLIReadCommand, MgrModule, Option

from module_host.session import current


class Module(MgrModule):
    """Each measurement is one command, so that the harness alternates them."""

    MODULE_OPTIONS: ClassVar = [Option(name="setting", type="str", default="text")]

    @CLICommand("bench measure")
    def measure(self, path: str, calls: int) -> tuple[int, str, str]:
        """Nanoseconds of each call of PATH, as a JSON list."""
        call = self._paths().get(path)
        if call is None:
            return -22, "", f"no such path; there are: {', '.join(self._paths())}"
        clock = time.perf_counter_ns
        taken = []
        for number in range(calls):
            start = clock()
            call(number)
            taken.append(clock() - start)
        return 0, json.dumps(taken), ""

    @CLIReadCommand("bench nothing")
    def nothing(self) -> tuple[int, str, str]:
        """Answer at once."""
        return 0, "", ""

    def _paths(self) -> dict[str, Callable[[int], object]]:
        return {
            "remote": lambda n: self.remote("bench_callee", "echo", n, "text"),
            "get_unchanged": lambda _: current().shared_state("osd_map"),
            "get_fresh": lambda _: self.get("osd_map"),
            "get_module_option": lambda _: self.get_module_option("setting"),
            "set_store": lambda n: self.set_store("bench", str(n)),
        }
