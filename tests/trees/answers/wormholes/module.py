import errno
import functools
from typing import Dict, List, Optional, Tuple

from mgr_module import CLICommand, CLIReadCommand, MgrModule
from module_host.evaluation import EvalMixin
from object_format import (
    EmptyResponder,
    ErrorResponse,
    ErrorResponseHandler,
    ObjectFormatAdapter,
    Responder,
)


class Wormhole:
    def __init__(self, name, age):
        self.name, self.age = name, age

    def to_simplified(self):
        return {"name": self.name, "age": self.age}


class Drawn(ObjectFormatAdapter):
    def format_plain(self):
        return f"({self.obj.name})" if self.obj else ""

    def format_xml(self):
        return f"<wormhole>{self.obj.name}</wormhole>" if self.obj else ""


def counted(handler):
    @functools.wraps(handler)
    def count(self, *args, **kwargs):
        self.calls += 1
        return handler(self, *args, **kwargs)

    return count


class Module(EvalMixin, MgrModule):
    calls = 0

    @CLIReadCommand("wormhole ls")
    @counted
    @Responder()
    def ls(self, oid: str, details: bool = False) -> List[Dict[str, object]]:
        """List wormholes"""
        return [{"name": oid, "age": 3} if details else {"name": oid}]

    @CLIReadCommand("wormhole show")
    @Responder(Drawn)
    def show(self, name: str) -> Wormhole:
        """Show a wormhole"""
        if name == "none":
            raise ErrorResponse(f"no wormhole {name}", -errno.ENOENT)
        return Wormhole(name, 5)

    @CLICommand("wormhole open")
    @EmptyResponder()
    def open(self, name: str) -> None:
        """Open a wormhole"""
        try:
            raise OSError(errno.EBUSY, "too narrow")
        except OSError as error:
            if name == "narrow":
                raise ErrorResponse.wrap(error)

    @CLIReadCommand("wormhole dump")
    @ErrorResponseHandler()
    def dump(self, name: str, inbuf: Optional[str] = None) -> Tuple[int, str, str]:
        """Dump a wormhole"""
        return 0, f"{name}:{inbuf}", ""

    @CLIReadCommand("wormhole watch", poll=True)
    def watch(self, width: int = 80, print_header: bool = False) -> Tuple[int, str, str]:
        """Watch the wormholes"""
        self.calls += 1
        if self.calls > 1000:
            return -errno.EIO, "", "worn out"
        return 0, ("header\n" if print_header else "") + f"row {width}\n", ""

    @CLIReadCommand("wormhole calls")
    def count(self) -> Tuple[int, str, str]:
        """Count the calls"""
        return 0, str(self.calls), ""
