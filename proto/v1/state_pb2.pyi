from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class StatePageHead(_message.Message):
    __slots__ = ("protocol", "capacity")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    capacity: int
    def __init__(self, protocol: _Optional[int] = ..., capacity: _Optional[int] = ...) -> None: ...

class SnapshotOrigin(_message.Message):
    __slots__ = ("ceph_version", "captured_at", "tool", "osds", "pools")
    CEPH_VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPTURED_AT_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    OSDS_FIELD_NUMBER: _ClassVar[int]
    POOLS_FIELD_NUMBER: _ClassVar[int]
    ceph_version: str
    captured_at: str
    tool: str
    osds: int
    pools: int
    def __init__(self, ceph_version: _Optional[str] = ..., captured_at: _Optional[str] = ..., tool: _Optional[str] = ..., osds: _Optional[int] = ..., pools: _Optional[int] = ...) -> None: ...
