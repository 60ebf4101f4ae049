from proto.v1 import control_pb2 as _control_pb2
from proto.v1 import module_pb2 as _module_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Codec(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODEC_UNSPECIFIED: _ClassVar[Codec]
    CODEC_VALUE: _ClassVar[Codec]
CODEC_UNSPECIFIED: Codec
CODEC_VALUE: Codec

class Envelope(_message.Message):
    __slots__ = ("id", "source", "deadline_ms", "chain", "codec", "payload", "detached", "after", "hello", "welcome", "loaded", "start", "ready", "failed", "ping", "pulse", "shutdown", "stopped", "command", "notify", "options_changed", "store_changed", "call", "serve_calls", "set_option", "set_store", "set_health", "send_command", "cluster_log", "log", "set_uri", "progress", "register_client", "set_wear_level", "done", "command_result", "result", "error", "greeting", "greeting_answer", "execute", "describe", "descriptions")
    ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_MS_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    DETACHED_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    LOADED_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    PULSE_FIELD_NUMBER: _ClassVar[int]
    SHUTDOWN_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_CHANGED_FIELD_NUMBER: _ClassVar[int]
    STORE_CHANGED_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    SERVE_CALLS_FIELD_NUMBER: _ClassVar[int]
    SET_OPTION_FIELD_NUMBER: _ClassVar[int]
    SET_STORE_FIELD_NUMBER: _ClassVar[int]
    SET_HEALTH_FIELD_NUMBER: _ClassVar[int]
    SEND_COMMAND_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_LOG_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    SET_URI_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REGISTER_CLIENT_FIELD_NUMBER: _ClassVar[int]
    SET_WEAR_LEVEL_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_RESULT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    GREETING_FIELD_NUMBER: _ClassVar[int]
    GREETING_ANSWER_FIELD_NUMBER: _ClassVar[int]
    EXECUTE_FIELD_NUMBER: _ClassVar[int]
    DESCRIBE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    id: int
    source: str
    deadline_ms: int
    chain: _containers.RepeatedScalarFieldContainer[str]
    codec: Codec
    payload: bytes
    detached: bool
    after: int
    hello: _module_pb2.Hello
    welcome: _module_pb2.Welcome
    loaded: _module_pb2.Loaded
    start: _module_pb2.Start
    ready: _module_pb2.Ready
    failed: _module_pb2.Failed
    ping: _module_pb2.Ping
    pulse: _module_pb2.Pulse
    shutdown: _module_pb2.Shutdown
    stopped: _module_pb2.Stopped
    command: _module_pb2.Command
    notify: _module_pb2.Notify
    options_changed: _module_pb2.OptionsChanged
    store_changed: _module_pb2.StoreChanged
    call: _module_pb2.Call
    serve_calls: ServeCalls
    set_option: _module_pb2.SetOption
    set_store: _module_pb2.SetStore
    set_health: _module_pb2.SetHealth
    send_command: _module_pb2.SendCommand
    cluster_log: _module_pb2.ClusterLog
    log: _module_pb2.Log
    set_uri: _module_pb2.SetUri
    progress: _module_pb2.Progress
    register_client: _module_pb2.RegisterClient
    set_wear_level: _module_pb2.SetWearLevel
    done: Done
    command_result: _control_pb2.CommandResult
    result: Result
    error: Error
    greeting: _control_pb2.Greeting
    greeting_answer: _control_pb2.GreetingAnswer
    execute: _control_pb2.Execute
    describe: _control_pb2.Describe
    descriptions: _control_pb2.Descriptions
    def __init__(self, id: _Optional[int] = ..., source: _Optional[str] = ..., deadline_ms: _Optional[int] = ..., chain: _Optional[_Iterable[str]] = ..., codec: _Optional[_Union[Codec, str]] = ..., payload: _Optional[bytes] = ..., detached: _Optional[bool] = ..., after: _Optional[int] = ..., hello: _Optional[_Union[_module_pb2.Hello, _Mapping]] = ..., welcome: _Optional[_Union[_module_pb2.Welcome, _Mapping]] = ..., loaded: _Optional[_Union[_module_pb2.Loaded, _Mapping]] = ..., start: _Optional[_Union[_module_pb2.Start, _Mapping]] = ..., ready: _Optional[_Union[_module_pb2.Ready, _Mapping]] = ..., failed: _Optional[_Union[_module_pb2.Failed, _Mapping]] = ..., ping: _Optional[_Union[_module_pb2.Ping, _Mapping]] = ..., pulse: _Optional[_Union[_module_pb2.Pulse, _Mapping]] = ..., shutdown: _Optional[_Union[_module_pb2.Shutdown, _Mapping]] = ..., stopped: _Optional[_Union[_module_pb2.Stopped, _Mapping]] = ..., command: _Optional[_Union[_module_pb2.Command, _Mapping]] = ..., notify: _Optional[_Union[_module_pb2.Notify, _Mapping]] = ..., options_changed: _Optional[_Union[_module_pb2.OptionsChanged, _Mapping]] = ..., store_changed: _Optional[_Union[_module_pb2.StoreChanged, _Mapping]] = ..., call: _Optional[_Union[_module_pb2.Call, _Mapping]] = ..., serve_calls: _Optional[_Union[ServeCalls, _Mapping]] = ..., set_option: _Optional[_Union[_module_pb2.SetOption, _Mapping]] = ..., set_store: _Optional[_Union[_module_pb2.SetStore, _Mapping]] = ..., set_health: _Optional[_Union[_module_pb2.SetHealth, _Mapping]] = ..., send_command: _Optional[_Union[_module_pb2.SendCommand, _Mapping]] = ..., cluster_log: _Optional[_Union[_module_pb2.ClusterLog, _Mapping]] = ..., log: _Optional[_Union[_module_pb2.Log, _Mapping]] = ..., set_uri: _Optional[_Union[_module_pb2.SetUri, _Mapping]] = ..., progress: _Optional[_Union[_module_pb2.Progress, _Mapping]] = ..., register_client: _Optional[_Union[_module_pb2.RegisterClient, _Mapping]] = ..., set_wear_level: _Optional[_Union[_module_pb2.SetWearLevel, _Mapping]] = ..., done: _Optional[_Union[Done, _Mapping]] = ..., command_result: _Optional[_Union[_control_pb2.CommandResult, _Mapping]] = ..., result: _Optional[_Union[Result, _Mapping]] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., greeting: _Optional[_Union[_control_pb2.Greeting, _Mapping]] = ..., greeting_answer: _Optional[_Union[_control_pb2.GreetingAnswer, _Mapping]] = ..., execute: _Optional[_Union[_control_pb2.Execute, _Mapping]] = ..., describe: _Optional[_Union[_control_pb2.Describe, _Mapping]] = ..., descriptions: _Optional[_Union[_control_pb2.Descriptions, _Mapping]] = ...) -> None: ...

class Done(_message.Message):
    __slots__ = ("options", "store")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    options: _module_pb2.OptionsChanged
    store: _module_pb2.StoreChanged
    def __init__(self, options: _Optional[_Union[_module_pb2.OptionsChanged, _Mapping]] = ..., store: _Optional[_Union[_module_pb2.StoreChanged, _Mapping]] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ServeCalls(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Error(_message.Message):
    __slots__ = ("kind", "message", "traceback", "errno")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Error.Kind]
        NO_MODULE: _ClassVar[Error.Kind]
        NO_METHOD: _ClassVar[Error.Kind]
        RAISED: _ClassVar[Error.Kind]
        DIED: _ClassVar[Error.Kind]
        TIMED_OUT: _ClassVar[Error.Kind]
        REFUSED: _ClassVar[Error.Kind]
        INVALID: _ClassVar[Error.Kind]
        PROTOCOL: _ClassVar[Error.Kind]
    KIND_UNSPECIFIED: Error.Kind
    NO_MODULE: Error.Kind
    NO_METHOD: Error.Kind
    RAISED: Error.Kind
    DIED: Error.Kind
    TIMED_OUT: Error.Kind
    REFUSED: Error.Kind
    INVALID: Error.Kind
    PROTOCOL: Error.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TRACEBACK_FIELD_NUMBER: _ClassVar[int]
    ERRNO_FIELD_NUMBER: _ClassVar[int]
    kind: Error.Kind
    message: str
    traceback: str
    errno: int
    def __init__(self, kind: _Optional[_Union[Error.Kind, str]] = ..., message: _Optional[str] = ..., traceback: _Optional[str] = ..., errno: _Optional[int] = ...) -> None: ...
