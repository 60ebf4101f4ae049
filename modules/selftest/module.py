"""`ceph mgr self-test`: tries the interface between modules and manager from the inside."""

import errno
import json
import platform
import random
import threading
from typing import Any, Optional

from mgr_module import CLICommand, CLIReadCommand, HandleCommandResult, MgrModule, Option

from module_host.evaluation import EvalMixin
from selftest import checks


COMMAND_SPAM, THROW_EXCEPTION = "command_spam", "throw_exception"
WORKLOADS = (COMMAND_SPAM, THROW_EXCEPTION)
PRIORITIES = {"info": "INFO", "security": "SEC", "warning": "WARN", "error": "ERROR"}


class Module(EvalMixin, MgrModule):
    """Upstream's tests rely on these options; the module itself only writes and reads them."""

    EVAL_PREFIX = "mgr self-test eval"
    MODULE_OPTIONS = [
        {"name": "testkey"},
        {"name": "testlkey"},
        {"name": "testnewline"},
        {"name": "roption1"},
        Option("roption2", default="xyz"),
        {"name": "rwoption1"},
        Option("rwoption2", type="int"),
        Option("rwoption3", type="float"),
        Option("rwoption4", type="str"),
        Option("rwoption5", type="bool"),
        Option("rwoption6", type="bool", default=True),
        Option("rwoption7", type="int", min=1, max=42),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._changed = threading.Event()
        self._workload: str | None = None
        self._stopping = False
        self._health: dict[str, dict[str, Any]] = {}

    @CLICommand("mgr self-test run")
    def run(self) -> HandleCommandResult:
        """Run mgr python interface tests"""
        checks.run(self)
        return HandleCommandResult(stderr="Self-test succeeded")

    @CLICommand("mgr self-test module")
    def test_module(self, module: str) -> HandleCommandResult:
        """Run another module's self_test() method"""
        try:
            result = self.remote(module, "self_test")
        except (RuntimeError, ImportError, NameError) as error:
            return HandleCommandResult(-1, "", f"Test failed: {error}")
        return HandleCommandResult(stdout=str(result), stderr="Self-test OK")

    @CLICommand("mgr self-test remote")
    def test_remote(self) -> HandleCommandResult:
        """Test inter-module calls"""
        checks.remote(self)
        return HandleCommandResult(stderr="Successfully called")

    @CLICommand("mgr self-test background start")
    def start(self, workload: str) -> HandleCommandResult:
        """Activate a background workload (one of command_spam, throw_exception)"""
        if workload not in WORKLOADS:
            return HandleCommandResult(-errno.EINVAL, "", f"Workload not found '{workload}'")
        self._workload = workload
        self._changed.set()
        return HandleCommandResult(stderr=f"Running `{workload}` in background")

    @CLICommand("mgr self-test background stop")
    def stop(self) -> HandleCommandResult:
        """Stop background workload if any is running"""
        workload, self._workload = self._workload, None
        if workload is None:
            return HandleCommandResult(stderr="No background workload was running")
        self._changed.set()
        return HandleCommandResult(stderr=f"Stopping background workload `{workload}`")

    @CLICommand("mgr self-test config get")
    def config_get(self, key: str) -> HandleCommandResult:
        """Peek at a configuration value"""
        return HandleCommandResult(stdout=str(self.get_module_option(key)))

    @CLICommand("mgr self-test config get_localized")
    def config_get_localized(self, key: str) -> HandleCommandResult:
        """Peek at a configuration value (localized variant)"""
        return HandleCommandResult(stdout=str(self.get_localized_module_option(key)))

    @CLICommand("mgr self-test health set")
    def health_set(self, checks: str) -> HandleCommandResult:
        """Set a health check from a JSON-formatted description."""
        try:
            stated = json.loads(checks)
        except ValueError as error:
            return HandleCommandResult(-1, "", f"Failed to decode JSON input: {error}")
        try:
            stated = {code: _health_check(parts) for code, parts in stated.items()}
        except (AttributeError, KeyError, TypeError) as error:
            return HandleCommandResult(-1, "", f"Invalid health check format: {error!r}")
        self._health |= stated
        self.set_health_checks(self._health)
        return HandleCommandResult()

    @CLICommand("mgr self-test health clear")
    def health_clear(self, checks: Optional[list[str]] = None) -> HandleCommandResult:
        """Clear health checks by name. If no names provided, clear all."""
        gone = self._health.keys() if checks is None else checks
        self._health = {code: kept for code, kept in self._health.items() if code not in gone}
        self.set_health_checks(self._health)
        return HandleCommandResult()

    @CLICommand("mgr self-test insights_set_now_offset")
    def insights_set_now_offset(self, hours: str) -> HandleCommandResult:
        """Set the now time for the insights module."""
        try:
            offset = int(hours)
        except ValueError as error:
            return HandleCommandResult(-1, "", f"Timestamp must be numeric: {error}")
        self.remote("insights", "testing_set_now_time_offset", offset)
        return HandleCommandResult()

    @CLICommand("mgr self-test cluster-log")
    def log_to_cluster_channel(
        self, channel: str, priority: str, message: str
    ) -> HandleCommandResult:
        """Create an audit log record."""
        if priority not in PRIORITIES:
            allowed = ", ".join(PRIORITIES)
            sentence = f"priority '{priority}' is none of {allowed}"
            return HandleCommandResult(-errno.EINVAL, "", sentence)
        self.cluster_log(channel, self.ClusterLogPrio[PRIORITIES[priority]], message)
        return HandleCommandResult(stderr="Successfully called")

    @CLIReadCommand("mgr self-test python-version")
    def python_version(self) -> HandleCommandResult:
        """Query the version of the embedded Python runtime"""
        return HandleCommandResult(stdout=platform.python_version())

    def serve(self) -> None:
        """Run the workloads."""
        while not self._stopping:
            if self._workload == THROW_EXCEPTION:
                raise RuntimeError("Synthetic exception in serve")
            if self._workload == COMMAND_SPAM:
                self._spam()
            else:
                self._changed.wait()
                self._changed.clear()

    def shutdown(self) -> None:
        """Make serve() return."""
        self._stopping = True
        self._changed.set()
        super().shutdown()

    def _spam(self) -> None:
        """Reweight one OSD after another at random, as fast as the cluster answers."""
        while self._workload == COMMAND_SPAM and not self._stopping:
            osds = self.get_osdmap().dump()["osds"]
            osd = random.choice(osds)["osd"]  # noqa: S311  not a secret
            self.mon_command({"prefix": "osd reweight", "id": osd, "weight": random.random()})  # noqa: S311

    def remote_from_orchestrator_cli_self_test(self, what: str) -> Any:
        """Give the orchestrator module a result that holds an exception, to be raised there."""
        import orchestrator

        exceptions = {
            "OrchestratorError": orchestrator.OrchestratorError,
            "ZeroDivisionError": ZeroDivisionError,
        }
        return orchestrator.OrchResult(result=None, exception=exceptions[what]("hello, world"))


def _health_check(parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "severity": str(parts["severity"]),
        "summary": str(parts["summary"]),
        "count": 123,
        "detail": [str(line) for line in parts["detail"]],
    }
