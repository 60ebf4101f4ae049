"""Ports, warnings and passwords, as the newest `mgr_util` has them."""

import contextlib
import errno
import ipaddress
import socket
from typing import Self


class PortAlreadyInUse(Exception):
    """Somebody listens on the port."""


class CLIWarning(str):
    """A text for the operator that says that it is a warning."""

    __slots__ = ()

    def __new__(cls, content: str) -> Self:
        return super().__new__(cls, f"WARNING: {content}")


def test_port_allocation(addr: str, port: int) -> None:
    """Raise PortAlreadyInUse where nobody could listen on `port` now, OSError for other reasons."""
    version = ipaddress.ip_address(addr).version
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        try:
            probe.bind((addr, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortAlreadyInUse(f"{addr} port {port} is in use") from None
            raise


def password_hash(password: str | None, salt_password: str | None = None) -> str | None:
    """The bcrypt hash of `password`, salted as the hash `salt_password` if given; None for none."""
    import bcrypt

    if not password:
        return None
    salt = salt_password.encode() if salt_password else bcrypt.gensalt()
    hashed: bytes = bcrypt.hashpw(password.encode(), salt)
    return hashed.decode()
