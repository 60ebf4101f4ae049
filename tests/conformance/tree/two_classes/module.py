"""Two classes, of which the first in the package's namespace is taken."""

from mgr_module import MgrModule, Option


class Base(MgrModule):
    MODULE_OPTIONS = [Option(name="of_base")]


class Second(Base):
    MODULE_OPTIONS = [Option(name="of_second")]
