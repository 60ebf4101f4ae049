from proto.v1 import versions_pb2 as _versions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Greeting(_message.Message):
    __slots__ = ("versions", "client")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    versions: _versions_pb2.Versions
    client: str
    def __init__(self, versions: _Optional[_Union[_versions_pb2.Versions, _Mapping]] = ..., client: _Optional[str] = ...) -> None: ...

class GreetingAnswer(_message.Message):
    __slots__ = ("versions", "version", "mgr_id")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MGR_ID_FIELD_NUMBER: _ClassVar[int]
    versions: _versions_pb2.Versions
    version: str
    mgr_id: str
    def __init__(self, versions: _Optional[_Union[_versions_pb2.Versions, _Mapping]] = ..., version: _Optional[str] = ..., mgr_id: _Optional[str] = ...) -> None: ...

class Execute(_message.Message):
    __slots__ = ("json", "inbuf")
    JSON_FIELD_NUMBER: _ClassVar[int]
    INBUF_FIELD_NUMBER: _ClassVar[int]
    json: bytes
    inbuf: bytes
    def __init__(self, json: _Optional[bytes] = ..., inbuf: _Optional[bytes] = ...) -> None: ...

class CommandResult(_message.Message):
    __slots__ = ("retval", "stdout", "stderr")
    RETVAL_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    retval: int
    stdout: bytes
    stderr: bytes
    def __init__(self, retval: _Optional[int] = ..., stdout: _Optional[bytes] = ..., stderr: _Optional[bytes] = ...) -> None: ...

class Describe(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Descriptions(_message.Message):
    __slots__ = ("items",)
    class Item(_message.Message):
        __slots__ = ("cmd", "desc", "perm", "poll", "module")
        CMD_FIELD_NUMBER: _ClassVar[int]
        DESC_FIELD_NUMBER: _ClassVar[int]
        PERM_FIELD_NUMBER: _ClassVar[int]
        POLL_FIELD_NUMBER: _ClassVar[int]
        MODULE_FIELD_NUMBER: _ClassVar[int]
        cmd: str
        desc: str
        perm: str
        poll: bool
        module: str
        def __init__(self, cmd: _Optional[str] = ..., desc: _Optional[str] = ..., perm: _Optional[str] = ..., poll: _Optional[bool] = ..., module: _Optional[str] = ...) -> None: ...
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Descriptions.Item]
    def __init__(self, items: _Optional[_Iterable[_Union[Descriptions.Item, _Mapping]]] = ...) -> None: ...
