"""Addresses of hosts: names, IPv4 and IPv6, with and without a port."""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit


def unwrap_ipv6(address: str) -> str:
    """`address` without the brackets around it, if there are any."""
    return address[1:-1] if address.startswith("[") and address.endswith("]") else address


def wrap_ipv6(address: str) -> str:
    """`address` in brackets if it is an IPv6 address without them."""
    return f"[{address}]" if _version(address) == 6 else address


def is_ipv6(address: str) -> bool:
    """Whether this is an IPv6 address, in brackets or not."""
    return _version(unwrap_ipv6(address)) == 6


def valid_addr(addr: str) -> tuple[bool, str]:
    """Whether a daemon could be reached at `addr`, and its kind (Name, IPv4 or IPv6, each with
    :Port where it has one), or why not. A name counts as such if it has a dot, and is looked up.
    """
    host, port, problem = _host_and_port(addr)
    if problem:
        return False, problem
    dots = addr.count(".")
    if dots and host.startswith("["):
        return False, "IPv4 address wrapped in brackets is invalid"
    if dots not in (0, 3) and host[:1].isdigit():
        return False, "Invalid partial IPv4 address"
    suffix = ":Port" if port else ""
    if host[:1].isalpha() and "." in host:
        return (True, f"Name{suffix}") if _resolves(host) else (False, "DNS lookup failed")
    version = _version(unwrap_ipv6(host))
    if version is None:
        return False, "Invalid IP v4 or v6 address format"
    return True, f"IPv{version}{suffix}"


def _host_and_port(addr: str) -> tuple[str, int | None, str]:
    """The two parts of `addr`, and what is wrong with it."""
    url = f"http://{addr}"
    try:
        parts = urlsplit(url)
    except ValueError as error:
        if str(error) == "Invalid IPv6 URL":
            return "", None, "Address has incorrect/incomplete use of enclosing brackets"
        if str(error) == "An IPv4 address cannot be in brackets":  # newer Pythons say so
            return "", None, "IPv4 address wrapped in brackets is invalid"
        return "", None, f"Unknown urlparse error {error} for {url}"
    try:
        port = parts.port
    except ValueError:
        # An IPv6 address without brackets ends like a port, and is none.
        bad = addr.count(":") == 1 or "]:" in parts.netloc
        return parts.netloc, None, "Port must be numeric" if bad else ""
    host = parts.netloc.removesuffix(f":{port}") if port else parts.netloc
    return host, port, ""


def _version(address: str) -> int | None:
    try:
        return ip_address(address).version
    except ValueError:
        return None


def _resolves(name: str) -> bool:
    try:
        socket.getaddrinfo(name, None)
    except (socket.gaierror, UnicodeError):
        return False
    return True
