"""The module that ceph-mgr's C++ provides, the newest release's."""

from module_host.ceph.map_classes import BasePyCRUSH, BasePyOSDMapIncremental
from module_host.ceph.newest import BaseMgrModule, BasePyOSDMap, mgr_log
from module_host.ceph.primitives import BaseMgrStandbyModule


__all__ = [
    "BaseMgrModule",
    "BaseMgrStandbyModule",
    "BasePyCRUSH",
    "BasePyOSDMap",
    "BasePyOSDMapIncremental",
    "mgr_log",
]

for _cls in (
    BaseMgrModule, BaseMgrStandbyModule, BasePyCRUSH, BasePyOSDMap, BasePyOSDMapIncremental,
):  # fmt: skip
    _cls.__module__ = __name__
