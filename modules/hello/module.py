"""The smallest module that shows every kind of thing a module does."""

import threading
from typing import Any, Optional

from mgr_module import (
    CLICommand,
    CLIReadCommand,
    HandleCommandResult,
    MgrModule,
    NotifyType,
    Option,
)


class Module(MgrModule):
    """Greets people, counts the greetings, and looks at the OSD map now and then."""

    # `ceph config set mgr mgr/hello/place Berlin` changes one while the module runs.
    MODULE_OPTIONS = [
        Option("place", default="world", desc="whom to greet", runtime=True),
        Option("interval", type="secs", default=60, min=1, desc="pause in serve()", runtime=True),
    ]
    # Only what is listed here comes to notify().
    NOTIFY_TYPES = [NotifyType.osd_map]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wake = threading.Event()
        self._stopping = False
        self.osds_up = 0

    # The command line's descriptor comes from the signature, its help from the docstring.
    @CLICommand("hello", perm="rw")
    def hello(self, name: Optional[str] = None) -> HandleCommandResult:
        """Say hello, and remember how often"""
        # Commands are served one at a time, so nobody else counts in between.
        count = int(self.get_store("greetings", "0") or 0) + 1
        self.set_store("greetings", str(count))  # returns once it is on disk
        return HandleCommandResult(stdout=f"Hello, {name or self.get_module_option('place')}!")

    @CLIReadCommand("hello count")
    def count(self) -> HandleCommandResult:
        """Count the greetings so far"""
        return HandleCommandResult(stdout=self.get_store("greetings", "0") or "0")

    def serve(self) -> None:
        """Run on a thread of its own until shutdown()."""
        while not self._stopping:
            self.look()
            self._wake.wait(float(self.get_module_option("interval")))
            self._wake.clear()
        self.log.info("goodbye")

    def notify(self, notify_type: str, notify_id: Any) -> None:
        """Leave the work to serve(): commands wait while this runs."""
        self._wake.set()

    def config_notify(self) -> None:
        """An option may have changed."""
        self._wake.set()

    def shutdown(self) -> None:
        """Make serve() return."""
        self._stopping = True
        self._wake.set()
        super().shutdown()

    def look(self) -> None:
        """Read something of the cluster; get() gives an object of one's own."""
        self.osds_up = sum(osd["up"] for osd in self.get("osd_map")["osds"])
        self.log.debug("%d OSDs are up", self.osds_up)
