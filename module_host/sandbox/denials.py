"""Says in the module's log which grant is missing, as the module runs into a wall.

The kernel is the wall and has the last word; this looks at what Python is about to do (its audit
events) and explains a refusal that is sure to come, once a target, with the line that an operator
would add. What C code does by itself is refused without a word.
"""

import contextlib
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Collection, Iterable
from typing import Any

from module_host.environment import LINE
from module_host.sandbox import paths, view
from proto.v1.zygote_pb2 import Launch


MOST = 100  # lines that a process may write of this
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_LOCAL = ("", "localhost")

Explain = Callable[[tuple[Any, ...]], None]


class Denials:
    """`enforced`: the layers that stand; `fd`: the module's log. Safe from every thread."""

    def __init__(self, launch: Launch, enforced: Collection[str], fd: int) -> None:
        self._launch = launch
        self._fd = fd
        self._said: set[str] = set()
        self._asked = threading.local()
        self._listen, self._connect = set(launch.listen_ports), set(launch.connect_ports)
        self._writable = _Roots(paths.writable(launch))
        self._readable = _Roots([*paths.readable(launch), *paths.writable(launch)])
        self._shown = _Roots(paths.shown(launch))
        self._closed = paths.closed(launch)
        self._files, self._paths = "files" in enforced, "paths" in enforced
        self._ports = "ports" in enforced
        self._explain: dict[str, Explain] = {}
        if self._files or self._paths:
            self._explain |= self._about_files()
        if self._ports or self._paths:
            self._explain["socket.connect"] = self._connects
        if self._ports:
            self._explain["socket.bind"] = self._binds
        if "sockets" in enforced and not (self._listen or self._connect):
            self._explain |= {
                "socket.getaddrinfo": self._looks_up, "socket.__new__": self._makes_socket,
            }  # fmt: skip
        if "programs" in enforced and not launch.subprocess:
            self._explain |= {
                "subprocess.Popen": self._runs, "os.exec": self._runs, "os.posix_spawn": self._runs,
                "os.system": self._runs,
            }  # fmt: skip

    def watch(self) -> None:
        """From now on, for the life of the process."""
        explain = self._explain

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in explain:
                # Whatever is wrong here, the module must get its answer from the kernel.
                with contextlib.suppress(Exception):
                    explain[event](arguments)

        sys.addaudithook(hook)

    def _about_files(self) -> dict[str, Explain]:
        def first(arguments: tuple[Any, ...]) -> None:
            self._writes(arguments[0])

        def both(arguments: tuple[Any, ...]) -> None:
            self._writes(arguments[0])
            self._writes(arguments[1])

        def second(arguments: tuple[Any, ...]) -> None:
            self._writes(arguments[1])

        changes = ("os.mkdir", "os.remove", "os.rmdir", "os.truncate", "sqlite3.connect")
        return {
            "open": self._opens,
            "os.listdir": self._lists,
            "os.scandir": self._lists,
            **dict.fromkeys(changes, first),
            "os.rename": both,
            "os.link": second,
            "os.symlink": second,
        }

    def _lists(self, arguments: tuple[Any, ...]) -> None:
        # Imports look everywhere, and pass over what they cannot see.
        if _text(arguments[0]) not in sys.path:
            self._reads(arguments[0])

    def _opens(self, arguments: tuple[Any, ...]) -> None:
        path, _mode, flags = arguments
        if flags & _WRITING:
            self._writes(path)
        else:
            self._reads(path)

    def _reads(self, path: Any) -> None:
        name = _name(path)
        if not name or self._readable.hold(name):
            return
        if (self._files and os.path.exists(name)) or self._hidden(name):  # noqa: PTH110
            self._say(f"reading {name}", f'read = ["{name}"]')

    def _writes(self, path: Any) -> None:
        name = _name(path)
        # Imports try to cache bytecode, and do well without.
        if not name or "/__pycache__" in name or self._writable.hold(name):
            return
        there = os.path.lexists(name)
        folder = os.path.dirname(name)  # noqa: PTH120
        refused = self._files and (there or os.path.isdir(folder))  # noqa: PTH112
        if refused or self._hidden(name):
            self._say(f"writing {name}", f'write = ["{name if there else folder}"]')

    def _hidden(self, name: str) -> bool:
        """Whether nothing is to be seen there, whatever there is."""
        if not self._paths or not name:
            return False
        return view.hides(name, self._closed) and not self._shown.hold(name)

    def _connects(self, arguments: tuple[Any, ...]) -> None:
        sock, address = arguments
        if sock.family == socket.AF_UNIX:
            name = _name(address)
            if self._hidden(name):
                self._say(f"connecting to {name}", f'write = ["{name}"]')
            return
        host, port = _tcp(sock, address)
        if self._ports and port is not None and not self._connect & {0, port}:
            self._say(f"connecting to {host} port {port}", f'connect = ["{host}:{port}"]')

    def _binds(self, arguments: tuple[Any, ...]) -> None:
        _host, port = _tcp(*arguments)
        if port is not None and not self._listen & {0, port} and not (self._connect and not port):
            what = f"listening on port {port}" if port else "listening on any port"
            self._say(what, f"listen = [{port}]" if port else 'listen = ["*"]')

    def _looks_up(self, arguments: tuple[Any, ...]) -> None:
        host, port = _text(arguments[0]), _text(arguments[1])
        self._asked.target = f"{host}:{port if port.isdecimal() else '*'}"
        if not _numeric(host) and host not in (*_LOCAL, socket.gethostname()):
            self._say(f"looking up {host}", f'connect = ["{self._asked.target}"]')

    def _makes_socket(self, arguments: tuple[Any, ...]) -> None:
        _socket, family, *_ = arguments
        if family in _INTERNET:
            target = getattr(self._asked, "target", None)
            self._asked.target = None
            if target:
                self._say(f"a socket to {target}", f'connect = ["{target}"]')
            else:
                self._say("an internet socket", 'connect = ["HOST:PORT"], or listen = [PORT],')

    def _runs(self, arguments: tuple[Any, ...]) -> None:
        self._say(f"running {_text(arguments[0])}", "subprocess = true")

    def _say(self, what: str, line: str) -> None:
        if what in self._said or len(self._said) >= MOST:
            return
        self._said.add(what)
        module = self._launch.module
        # Not by logging: what the module made of that may need the very thing that is denied.
        record = logging.LogRecord(
            "sandbox", logging.WARNING, "", 0,
            "denied: %s takes a grant that this module has not: an operator gives it by %s in "
            "[module.%s] of the configuration file and `mgrctl module grants reload`",
            (what, line, module), None,
        )  # fmt: skip
        text = logging.Formatter(LINE).format(record)
        os.write(self._fd, (text + "\n").encode(errors="backslashreplace"))


class _Roots:
    """What is granted, for quick looks: most paths are beneath a root by name alone."""

    def __init__(self, roots: Iterable[str]) -> None:
        self._roots = tuple(roots)
        self._beneath = tuple(f"{root}/" for root in self._roots)
        self._real: tuple[str, ...] = ()

    def hold(self, name: str) -> bool:
        if name.startswith(self._beneath) or name in self._roots:
            return True
        if not self._real:
            self._real = tuple(os.path.realpath(root) + "/" for root in self._roots)
        return f"{os.path.realpath(name)}/".startswith(self._real)


def _name(path: Any) -> str:
    """The absolute name; "" of a descriptor, of a place in memory, and of a relative name: it may
    be one in a folder that only a descriptor knows.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        return ""
    name = os.fsdecode(path)
    return os.path.normpath(name) if name.startswith("/") else ""


def _tcp(sock: socket.socket, address: Any) -> tuple[str, int | None]:
    """Host and port, where it is about TCP."""
    if sock.family not in _INTERNET or sock.type != socket.SOCK_STREAM:
        return "", None
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return host or "*", int(address[1])


def _text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, (bytes, os.PathLike)) else str(value or "")


def _numeric(host: str) -> bool:
    for family in _INTERNET:
        with contextlib.suppress(OSError):
            socket.inet_pton(family, host)
            return True
    return False
