from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Versions(_message.Message):
    __slots__ = ("protocol", "api")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    API_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    api: int
    def __init__(self, protocol: _Optional[int] = ..., api: _Optional[int] = ...) -> None: ...
