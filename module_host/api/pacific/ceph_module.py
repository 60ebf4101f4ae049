"""The module that ceph-mgr's C++ provides: what `mgr_module`, ours or upstream's own, stands on."""

from module_host.ceph.map_classes import BasePyCRUSH, BasePyOSDMap, BasePyOSDMapIncremental
from module_host.ceph.primitives import BaseMgrModule, BaseMgrStandbyModule


__all__ = [
    "BaseMgrModule",
    "BaseMgrStandbyModule",
    "BasePyCRUSH",
    "BasePyOSDMap",
    "BasePyOSDMapIncremental",
]

for _cls in (
    BaseMgrModule, BaseMgrStandbyModule, BasePyCRUSH, BasePyOSDMap, BasePyOSDMapIncremental,
):  # fmt: skip
    _cls.__module__ = __name__
