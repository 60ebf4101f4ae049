from proto.v1 import versions_pb2 as _versions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Hello(_message.Message):
    __slots__ = ("versions", "nonce", "module", "layers")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    versions: _versions_pb2.Versions
    nonce: bytes
    module: str
    layers: _containers.RepeatedCompositeFieldContainer[Layer]
    def __init__(self, versions: _Optional[_Union[_versions_pb2.Versions, _Mapping]] = ..., nonce: _Optional[bytes] = ..., module: _Optional[str] = ..., layers: _Optional[_Iterable[_Union[Layer, _Mapping]]] = ...) -> None: ...

class Layer(_message.Message):
    __slots__ = ("name", "status", "why")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    name: str
    status: str
    why: str
    def __init__(self, name: _Optional[str] = ..., status: _Optional[str] = ..., why: _Optional[str] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("versions", "options", "store", "seq", "mgr_id", "version", "release_name", "mgr_ip", "log_file", "foreign")
    class OptionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class StoreEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    MGR_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RELEASE_NAME_FIELD_NUMBER: _ClassVar[int]
    MGR_IP_FIELD_NUMBER: _ClassVar[int]
    LOG_FILE_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_FIELD_NUMBER: _ClassVar[int]
    versions: _versions_pb2.Versions
    options: _containers.ScalarMap[str, str]
    store: _containers.ScalarMap[str, str]
    seq: int
    mgr_id: str
    version: str
    release_name: str
    mgr_ip: str
    log_file: str
    foreign: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, versions: _Optional[_Union[_versions_pb2.Versions, _Mapping]] = ..., options: _Optional[_Mapping[str, str]] = ..., store: _Optional[_Mapping[str, str]] = ..., seq: _Optional[int] = ..., mgr_id: _Optional[str] = ..., version: _Optional[str] = ..., release_name: _Optional[str] = ..., mgr_ip: _Optional[str] = ..., log_file: _Optional[str] = ..., foreign: _Optional[_Iterable[str]] = ...) -> None: ...

class Loaded(_message.Message):
    __slots__ = ("can_run", "error", "options", "commands", "notify_types", "has_active", "has_standby", "origin")
    CAN_RUN_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_TYPES_FIELD_NUMBER: _ClassVar[int]
    HAS_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    HAS_STANDBY_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    can_run: bool
    error: str
    options: _containers.RepeatedCompositeFieldContainer[ModuleOption]
    commands: _containers.RepeatedCompositeFieldContainer[CommandDescriptor]
    notify_types: _containers.RepeatedScalarFieldContainer[str]
    has_active: bool
    has_standby: bool
    origin: str
    def __init__(self, can_run: _Optional[bool] = ..., error: _Optional[str] = ..., options: _Optional[_Iterable[_Union[ModuleOption, _Mapping]]] = ..., commands: _Optional[_Iterable[_Union[CommandDescriptor, _Mapping]]] = ..., notify_types: _Optional[_Iterable[str]] = ..., has_active: _Optional[bool] = ..., has_standby: _Optional[bool] = ..., origin: _Optional[str] = ...) -> None: ...

class ModuleOption(_message.Message):
    __slots__ = ("name", "type", "default", "desc", "long_desc", "min", "max", "enum_allowed", "tags", "see_also", "runtime", "level")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    DESC_FIELD_NUMBER: _ClassVar[int]
    LONG_DESC_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    ENUM_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    SEE_ALSO_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    default: str
    desc: str
    long_desc: str
    min: str
    max: str
    enum_allowed: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.RepeatedScalarFieldContainer[str]
    see_also: _containers.RepeatedScalarFieldContainer[str]
    runtime: bool
    level: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., default: _Optional[str] = ..., desc: _Optional[str] = ..., long_desc: _Optional[str] = ..., min: _Optional[str] = ..., max: _Optional[str] = ..., enum_allowed: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ..., see_also: _Optional[_Iterable[str]] = ..., runtime: _Optional[bool] = ..., level: _Optional[str] = ...) -> None: ...

class CommandDescriptor(_message.Message):
    __slots__ = ("cmd", "desc", "perm", "poll")
    CMD_FIELD_NUMBER: _ClassVar[int]
    DESC_FIELD_NUMBER: _ClassVar[int]
    PERM_FIELD_NUMBER: _ClassVar[int]
    POLL_FIELD_NUMBER: _ClassVar[int]
    cmd: str
    desc: str
    perm: str
    poll: bool
    def __init__(self, cmd: _Optional[str] = ..., desc: _Optional[str] = ..., perm: _Optional[str] = ..., poll: _Optional[bool] = ...) -> None: ...

class Start(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Ready(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Failed(_message.Message):
    __slots__ = ("phase", "error", "traceback")
    class Phase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PHASE_UNSPECIFIED: _ClassVar[Failed.Phase]
        INIT: _ClassVar[Failed.Phase]
        SERVE: _ClassVar[Failed.Phase]
    PHASE_UNSPECIFIED: Failed.Phase
    INIT: Failed.Phase
    SERVE: Failed.Phase
    PHASE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    TRACEBACK_FIELD_NUMBER: _ClassVar[int]
    phase: Failed.Phase
    error: str
    traceback: str
    def __init__(self, phase: _Optional[_Union[Failed.Phase, str]] = ..., error: _Optional[str] = ..., traceback: _Optional[str] = ...) -> None: ...

class Ping(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class Pulse(_message.Message):
    __slots__ = ("seq", "command_age_ms", "notify_age_ms", "call_age_ms", "queue_depth")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    COMMAND_AGE_MS_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_AGE_MS_FIELD_NUMBER: _ClassVar[int]
    CALL_AGE_MS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    seq: int
    command_age_ms: int
    notify_age_ms: int
    call_age_ms: int
    queue_depth: int
    def __init__(self, seq: _Optional[int] = ..., command_age_ms: _Optional[int] = ..., notify_age_ms: _Optional[int] = ..., call_age_ms: _Optional[int] = ..., queue_depth: _Optional[int] = ...) -> None: ...

class Shutdown(_message.Message):
    __slots__ = ("grace_ms",)
    GRACE_MS_FIELD_NUMBER: _ClassVar[int]
    grace_ms: int
    def __init__(self, grace_ms: _Optional[int] = ...) -> None: ...

class Stopped(_message.Message):
    __slots__ = ("clean",)
    CLEAN_FIELD_NUMBER: _ClassVar[int]
    clean: bool
    def __init__(self, clean: _Optional[bool] = ...) -> None: ...

class Command(_message.Message):
    __slots__ = ("json", "inbuf", "prefix")
    JSON_FIELD_NUMBER: _ClassVar[int]
    INBUF_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    json: bytes
    inbuf: bytes
    prefix: str
    def __init__(self, json: _Optional[bytes] = ..., inbuf: _Optional[bytes] = ..., prefix: _Optional[str] = ...) -> None: ...

class Notify(_message.Message):
    __slots__ = ("type", "id", "id_json")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    ID_JSON_FIELD_NUMBER: _ClassVar[int]
    type: str
    id: str
    id_json: bytes
    def __init__(self, type: _Optional[str] = ..., id: _Optional[str] = ..., id_json: _Optional[bytes] = ...) -> None: ...

class OptionsChanged(_message.Message):
    __slots__ = ("changes", "config_notify")
    class Change(_message.Message):
        __slots__ = ("key", "value", "seq")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        SEQ_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        seq: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ..., seq: _Optional[int] = ...) -> None: ...
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CONFIG_NOTIFY_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[OptionsChanged.Change]
    config_notify: bool
    def __init__(self, changes: _Optional[_Iterable[_Union[OptionsChanged.Change, _Mapping]]] = ..., config_notify: _Optional[bool] = ...) -> None: ...

class StoreChanged(_message.Message):
    __slots__ = ("changes",)
    class Change(_message.Message):
        __slots__ = ("key", "value", "seq")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        SEQ_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        seq: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ..., seq: _Optional[int] = ...) -> None: ...
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[StoreChanged.Change]
    def __init__(self, changes: _Optional[_Iterable[_Union[StoreChanged.Change, _Mapping]]] = ...) -> None: ...

class Call(_message.Message):
    __slots__ = ("module", "method")
    MODULE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    module: str
    method: str
    def __init__(self, module: _Optional[str] = ..., method: _Optional[str] = ...) -> None: ...

class SetOption(_message.Message):
    __slots__ = ("module", "key", "value")
    MODULE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    module: str
    key: str
    value: str
    def __init__(self, module: _Optional[str] = ..., key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class SetStore(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class SetHealth(_message.Message):
    __slots__ = ("checks",)
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    checks: _containers.RepeatedCompositeFieldContainer[HealthCheck]
    def __init__(self, checks: _Optional[_Iterable[_Union[HealthCheck, _Mapping]]] = ...) -> None: ...

class HealthCheck(_message.Message):
    __slots__ = ("code", "severity", "summary", "count", "detail")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    code: str
    severity: str
    summary: str
    count: int
    detail: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, code: _Optional[str] = ..., severity: _Optional[str] = ..., summary: _Optional[str] = ..., count: _Optional[int] = ..., detail: _Optional[_Iterable[str]] = ...) -> None: ...

class SendCommand(_message.Message):
    __slots__ = ("service_type", "service_id", "json", "inbuf", "tag", "one_shot")
    SERVICE_TYPE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_ID_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    INBUF_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    ONE_SHOT_FIELD_NUMBER: _ClassVar[int]
    service_type: str
    service_id: str
    json: bytes
    inbuf: bytes
    tag: str
    one_shot: bool
    def __init__(self, service_type: _Optional[str] = ..., service_id: _Optional[str] = ..., json: _Optional[bytes] = ..., inbuf: _Optional[bytes] = ..., tag: _Optional[str] = ..., one_shot: _Optional[bool] = ...) -> None: ...

class ClusterLog(_message.Message):
    __slots__ = ("channel", "priority", "message")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    channel: str
    priority: int
    message: str
    def __init__(self, channel: _Optional[str] = ..., priority: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class Log(_message.Message):
    __slots__ = ("line", "level")
    LINE_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    line: str
    level: int
    def __init__(self, line: _Optional[str] = ..., level: _Optional[int] = ...) -> None: ...

class SetUri(_message.Message):
    __slots__ = ("uri",)
    URI_FIELD_NUMBER: _ClassVar[int]
    uri: str
    def __init__(self, uri: _Optional[str] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("action", "id", "message", "progress", "add_to_ceph_s")
    class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ACTION_UNSPECIFIED: _ClassVar[Progress.Action]
        UPDATE: _ClassVar[Progress.Action]
        COMPLETE: _ClassVar[Progress.Action]
        CLEAR: _ClassVar[Progress.Action]
    ACTION_UNSPECIFIED: Progress.Action
    UPDATE: Progress.Action
    COMPLETE: Progress.Action
    CLEAR: Progress.Action
    ACTION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ADD_TO_CEPH_S_FIELD_NUMBER: _ClassVar[int]
    action: Progress.Action
    id: str
    message: str
    progress: float
    add_to_ceph_s: bool
    def __init__(self, action: _Optional[_Union[Progress.Action, str]] = ..., id: _Optional[str] = ..., message: _Optional[str] = ..., progress: _Optional[float] = ..., add_to_ceph_s: _Optional[bool] = ...) -> None: ...

class RegisterClient(_message.Message):
    __slots__ = ("name", "addrs", "remove", "replace")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRS_FIELD_NUMBER: _ClassVar[int]
    REMOVE_FIELD_NUMBER: _ClassVar[int]
    REPLACE_FIELD_NUMBER: _ClassVar[int]
    name: str
    addrs: str
    remove: bool
    replace: bool
    def __init__(self, name: _Optional[str] = ..., addrs: _Optional[str] = ..., remove: _Optional[bool] = ..., replace: _Optional[bool] = ...) -> None: ...

class SetWearLevel(_message.Message):
    __slots__ = ("device", "level")
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    device: str
    level: float
    def __init__(self, device: _Optional[str] = ..., level: _Optional[float] = ...) -> None: ...
