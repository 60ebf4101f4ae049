"""Addresses and UUIDs as text, in the form that the monitors store."""

import ipaddress
import re
import uuid as _uuid

from proto.quantities import BadValueError


_ADDRESS = re.compile(
    r"(?:(?P<type>v1|v2|any):)?(?P<host>\d+\.\d+\.\d+\.\d+|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)"
    r"(?::(?P<port>\d{0,5}))?(?:/(?P<nonce>\d{1,10}))?",
    re.ASCII,
)


def address(text: str) -> str:
    """One address, "v2:192.168.0.1:3300/0"; type, port and nonce may be left out; "-": none."""
    if text == "-":
        return text
    match = _ADDRESS.fullmatch(text)
    bad = BadValueError(f"'{text}' is not an address such as v2:192.168.0.1:3300/0")
    if match is None:
        raise bad
    port, nonce = int(match["port"] or 0), int(match["nonce"] or 0)
    try:
        host = ipaddress.ip_address(match["host"].strip("[]"))
    except ValueError:
        raise bad from None
    if port > 0xFFFF or nonce > 0xFFFFFFFF:
        raise bad
    shown = f"[{host}]" if host.version == 6 else str(host)
    kind = "" if match["type"] == "any" else f"{match['type'] or 'v2'}:"
    return f"{kind}{shown}:{port}/{nonce}"


def vector(text: str) -> str:
    """One address, or several in brackets: "[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]"."""
    inner = re.fullmatch(r"\[(.*)\]", text)
    several = inner is not None and ("," in text or "." in text or "[" in inner[1])
    parts = inner[1].split(",") if inner is not None and several else [text]
    shown = [address(part) for part in parts]
    return shown[0] if len(shown) == 1 else f"[{','.join(shown)}]"


def uuid(text: str) -> str:
    """A UUID with or without dashes and braces."""
    try:
        return str(_uuid.UUID(text))
    except ValueError:
        raise BadValueError(f"'{text}' is not a UUID") from None
