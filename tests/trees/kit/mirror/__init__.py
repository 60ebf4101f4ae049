from mgr_module import MgrModule

from .looks import Looks


class Module(MgrModule, Looks):
    """The other side of a call."""
