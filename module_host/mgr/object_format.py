"""What `object_format` offers at every API level: answers of commands in several formats."""

from module_host.mgr.adapters import (
    DEFAULT_JSON_INDENT,
    CommonFormatter,
    Format,
    JSONDataProvider,
    JSONFormatter,
    ObjectFormatAdapter,
    ReturnValueAdapter,
    ReturnValueProvider,
    SimpleData,
    SimpleDataProvider,
    StatusValueAdapter,
    StatusValueProvider,
    YAMLDataProvider,
    YAMLFormatter,
)
from module_host.mgr.cli import HandlerFuncType
from module_host.mgr.responder import (
    ConstantResponderBase,
    EmptyResponder,
    ErrorResponseHandler,
    Responder,
)
from module_host.mgr.responses import (
    ErrorResponse,
    ErrorResponseBase,
    UnknownFormat,
    UnsupportedFormat,
)


__all__ = [
    "DEFAULT_JSON_INDENT",
    "CommonFormatter",
    "ConstantResponderBase",
    "EmptyResponder",
    "ErrorResponse",
    "ErrorResponseBase",
    "ErrorResponseHandler",
    "Format",
    "HandlerFuncType",
    "JSONDataProvider",
    "JSONFormatter",
    "ObjectFormatAdapter",
    "Responder",
    "ReturnValueAdapter",
    "ReturnValueProvider",
    "SimpleData",
    "SimpleDataProvider",
    "StatusValueAdapter",
    "StatusValueProvider",
    "UnknownFormat",
    "UnsupportedFormat",
    "YAMLDataProvider",
    "YAMLFormatter",
]

# Tracebacks and values that cross to another module name these classes by where they are imported
# from; the other module may stand on upstream's own object_format.
for _cls in (ErrorResponse, ErrorResponseBase, Format, UnknownFormat, UnsupportedFormat):
    _cls.__module__ = "object_format"
