"""Addresses, URLs and names of daemons."""

import contextlib
import ipaddress
import socket
from functools import cache
from urllib.parse import urlunparse


_OWN_SECTIONS = ("mon", "osd", "mds", "mgr", "client")
_CLIENT_SECTIONS = ("rgw", "rbd-mirror", "nfs", "crash", "iscsi")


@cache
def get_default_addr() -> str:
    """The address that means every interface: "::" where the host has IPv6, else "0.0.0.0"."""
    try:
        with contextlib.closing(socket.socket(socket.AF_INET6)) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return "0.0.0.0"  # noqa: S104  what was asked for
    return "::"


def build_url(host: str, scheme: str | None = None, port: int | None = None, path: str = "") -> str:
    """A URL; an IPv6 address is put in brackets."""
    place = f"{_bracketed(host)}:{port}" if port else _bracketed(host)
    return urlunparse((scheme or "", place, path, "", "", ""))


def _bracketed(host: str) -> str:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return host
    return f"[{host}]"


def name_to_config_section(name: str) -> str:
    """Section of the config database that holds the options of daemon `name` ("rgw.a")."""
    kind = name.partition(".")[0]
    if kind in _CLIENT_SECTIONS:
        return f"client.{name}"
    return name if kind in _OWN_SECTIONS else "mon"
