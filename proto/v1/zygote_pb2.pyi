from proto.v1 import module_pb2 as _module_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ZygoteRequest(_message.Message):
    __slots__ = ("launch", "new_log")
    LAUNCH_FIELD_NUMBER: _ClassVar[int]
    NEW_LOG_FIELD_NUMBER: _ClassVar[int]
    launch: Launch
    new_log: NewLog
    def __init__(self, launch: _Optional[_Union[Launch, _Mapping]] = ..., new_log: _Optional[_Union[NewLog, _Mapping]] = ...) -> None: ...

class Launch(_message.Message):
    __slots__ = ("module", "nonce", "bus", "lanes", "sys_path", "extra_path", "state_dir", "data_dir", "log_file", "interpreter", "environment", "limits", "sandbox", "read_paths", "write_paths", "standby", "listen_ports", "connect_ports", "subprocess", "without", "shown_paths", "uid", "modules_gid", "no_uid", "processes")
    class EnvironmentEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    MODULE_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    BUS_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    SYS_PATH_FIELD_NUMBER: _ClassVar[int]
    EXTRA_PATH_FIELD_NUMBER: _ClassVar[int]
    STATE_DIR_FIELD_NUMBER: _ClassVar[int]
    DATA_DIR_FIELD_NUMBER: _ClassVar[int]
    LOG_FILE_FIELD_NUMBER: _ClassVar[int]
    INTERPRETER_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    SANDBOX_FIELD_NUMBER: _ClassVar[int]
    READ_PATHS_FIELD_NUMBER: _ClassVar[int]
    WRITE_PATHS_FIELD_NUMBER: _ClassVar[int]
    STANDBY_FIELD_NUMBER: _ClassVar[int]
    LISTEN_PORTS_FIELD_NUMBER: _ClassVar[int]
    CONNECT_PORTS_FIELD_NUMBER: _ClassVar[int]
    SUBPROCESS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_FIELD_NUMBER: _ClassVar[int]
    SHOWN_PATHS_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    MODULES_GID_FIELD_NUMBER: _ClassVar[int]
    NO_UID_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    module: str
    nonce: bytes
    bus: str
    lanes: str
    sys_path: _containers.RepeatedScalarFieldContainer[str]
    extra_path: _containers.RepeatedScalarFieldContainer[str]
    state_dir: str
    data_dir: str
    log_file: str
    interpreter: str
    environment: _containers.ScalarMap[str, str]
    limits: _containers.RepeatedCompositeFieldContainer[Limit]
    sandbox: str
    read_paths: _containers.RepeatedScalarFieldContainer[str]
    write_paths: _containers.RepeatedScalarFieldContainer[str]
    standby: bool
    listen_ports: _containers.RepeatedScalarFieldContainer[int]
    connect_ports: _containers.RepeatedScalarFieldContainer[int]
    subprocess: bool
    without: _containers.RepeatedScalarFieldContainer[str]
    shown_paths: _containers.RepeatedScalarFieldContainer[str]
    uid: int
    modules_gid: int
    no_uid: _module_pb2.Layer
    processes: _module_pb2.Layer
    def __init__(self, module: _Optional[str] = ..., nonce: _Optional[bytes] = ..., bus: _Optional[str] = ..., lanes: _Optional[str] = ..., sys_path: _Optional[_Iterable[str]] = ..., extra_path: _Optional[_Iterable[str]] = ..., state_dir: _Optional[str] = ..., data_dir: _Optional[str] = ..., log_file: _Optional[str] = ..., interpreter: _Optional[str] = ..., environment: _Optional[_Mapping[str, str]] = ..., limits: _Optional[_Iterable[_Union[Limit, _Mapping]]] = ..., sandbox: _Optional[str] = ..., read_paths: _Optional[_Iterable[str]] = ..., write_paths: _Optional[_Iterable[str]] = ..., standby: _Optional[bool] = ..., listen_ports: _Optional[_Iterable[int]] = ..., connect_ports: _Optional[_Iterable[int]] = ..., subprocess: _Optional[bool] = ..., without: _Optional[_Iterable[str]] = ..., shown_paths: _Optional[_Iterable[str]] = ..., uid: _Optional[int] = ..., modules_gid: _Optional[int] = ..., no_uid: _Optional[_Union[_module_pb2.Layer, _Mapping]] = ..., processes: _Optional[_Union[_module_pb2.Layer, _Mapping]] = ...) -> None: ...

class Limit(_message.Message):
    __slots__ = ("name", "soft", "hard")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOFT_FIELD_NUMBER: _ClassVar[int]
    HARD_FIELD_NUMBER: _ClassVar[int]
    name: str
    soft: int
    hard: int
    def __init__(self, name: _Optional[str] = ..., soft: _Optional[int] = ..., hard: _Optional[int] = ...) -> None: ...

class NewLog(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ZygoteReport(_message.Message):
    __slots__ = ("up", "launched", "exited", "launch_failed")
    UP_FIELD_NUMBER: _ClassVar[int]
    LAUNCHED_FIELD_NUMBER: _ClassVar[int]
    EXITED_FIELD_NUMBER: _ClassVar[int]
    LAUNCH_FAILED_FIELD_NUMBER: _ClassVar[int]
    up: Up
    launched: Launched
    exited: Exited
    launch_failed: LaunchFailed
    def __init__(self, up: _Optional[_Union[Up, _Mapping]] = ..., launched: _Optional[_Union[Launched, _Mapping]] = ..., exited: _Optional[_Union[Exited, _Mapping]] = ..., launch_failed: _Optional[_Union[LaunchFailed, _Mapping]] = ...) -> None: ...

class Up(_message.Message):
    __slots__ = ("pid", "import_seconds")
    PID_FIELD_NUMBER: _ClassVar[int]
    IMPORT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    pid: int
    import_seconds: float
    def __init__(self, pid: _Optional[int] = ..., import_seconds: _Optional[float] = ...) -> None: ...

class Launched(_message.Message):
    __slots__ = ("nonce", "pid")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    nonce: bytes
    pid: int
    def __init__(self, nonce: _Optional[bytes] = ..., pid: _Optional[int] = ...) -> None: ...

class Exited(_message.Message):
    __slots__ = ("nonce", "pid", "status", "core_dumped", "max_rss_kib")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CORE_DUMPED_FIELD_NUMBER: _ClassVar[int]
    MAX_RSS_KIB_FIELD_NUMBER: _ClassVar[int]
    nonce: bytes
    pid: int
    status: int
    core_dumped: bool
    max_rss_kib: int
    def __init__(self, nonce: _Optional[bytes] = ..., pid: _Optional[int] = ..., status: _Optional[int] = ..., core_dumped: _Optional[bool] = ..., max_rss_kib: _Optional[int] = ...) -> None: ...

class LaunchFailed(_message.Message):
    __slots__ = ("nonce", "reason")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    nonce: bytes
    reason: str
    def __init__(self, nonce: _Optional[bytes] = ..., reason: _Optional[str] = ...) -> None: ...
