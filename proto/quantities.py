"""Numbers as text, read with the suffixes and refused with the sentences of 16.2.15's monitors."""

import math
import re


class BadValueError(ValueError):
    """The text is no value of its type; the message is what the monitor says after its prefix."""


_INT64 = (-(2**63), 2**63 - 1)
_UINT64 = (0, 2**64 - 1)
_INT32 = (-(2**31), 2**31 - 1)
_SI = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_IEC = {"B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40, "P": 2**50, "E": 2**60}
_UNITS = {
    name: seconds
    for names, seconds in (
        ("s sec second seconds", 1),
        ("m min minute minutes", 60),
        ("h hr hour hours", 3600),
        ("d day days", 86400),
        ("w wk week weeks", 7 * 86400),
        ("mo month months", 30 * 86400),
        ("y yr year years", 365 * 86400),
    )
    for name in names.split()
}
_REAL = re.compile(
    r"\s*(?P<sign>[+-]?)(?:(?P<word>inf(?:inity)?|nan)"
    r"|(?P<hex>0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?\d+)?)"
    r"|(?P<decimal>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))",
    re.IGNORECASE | re.ASCII,
)
_SPAN = re.compile(r"\s*(?P<count>\d+)\s*(?P<unit>[A-Za-z]*)\s*", re.ASCII)


def integer(text: str) -> int:
    """A signed number of 64 bits, with a decimal suffix K M G T P E."""
    number, unit = _suffix(text, "strict_sistrtoll")
    if len(unit) > 1 or unit not in {"", "B", *_SI}:
        raise BadValueError("strict_si_cast: unit prefix not recognized")
    if unit == "B":
        raise BadValueError(f"Expected option value to be integer, got '{text}'")
    value = _digits(number, _INT64) * _SI.get(unit, 1)
    if not _INT64[0] <= value <= _INT64[1]:
        raise BadValueError("strict_sistrtoll: value out of range")
    return value


def unsigned(text: str) -> int:
    """As integer(), and not negative."""
    value = integer(text)
    if value < 0:
        raise BadValueError("strict_sistrtoll: value should not be negative")
    return value


def boolean(text: str) -> bool:
    """The word true or false in any case, or a number: 0 is false."""
    word = text.lower()
    return word == "true" if word in {"true", "false"} else bool(_digits(text, _INT32))


def size(text: str) -> int:
    """Bytes, with a binary suffix B K M G T P E, which may be followed by one more letter."""
    number, unit = _suffix(text, "strict_iecstrtoll")
    if len(unit) > 2:
        raise BadValueError("strict_iecstrtoll: illegal prefix (length > 2)")
    if unit == "Bi":
        raise BadValueError('strict_iecstrtoll: illegal prefix "Bi"')
    if unit and unit[0] not in _IEC:
        raise BadValueError("strict_iecstrtoll: unit prefix not recognized")
    value = _digits(number, _INT64)
    if value < 0:
        raise BadValueError("strict_iecstrtoll: value should not be negative")
    value *= _IEC[unit[0]] if unit else 1
    if value > _UINT64[1]:
        raise BadValueError("strict_iecstrtoll: value seems to be too large")
    return value


def real(text: str) -> float:
    """What C's strtod takes: decimal, hexadecimal, inf and nan."""
    match = _REAL.match(text)
    if match is None:
        raise BadValueError(f"strict_strtod: expected double, got: '{text}'")
    if match.end() < len(text):
        raise BadValueError(f"strict_strtod: garbage at end of string. got: '{text}'")
    body = match["sign"] + (match["word"] or match["hex"] or match["decimal"])
    try:
        value = float.fromhex(body) if match["hex"] else float(body)
    except OverflowError:
        value = math.inf
    vanished = value == 0 and match["decimal"] and re.search("[1-9]", re.split("[eE]", body)[0])
    if vanished or (math.isinf(value) and not match["word"]):
        raise BadValueError(f"strict_strtod: floating point overflow or underflow parsing '{text}'")
    return value


def seconds(text: str) -> int:
    """A sum of counts with units, "1h 30m"; a count alone ends it and means seconds; "" is 0."""
    total, at = 0, 0
    while at < len(text):
        match = _SPAN.match(text, at)
        if match is None:
            raise BadValueError("expected digit")
        count = _digits(match["count"], _INT64)
        at = match.end()
        if match["unit"] and match["unit"] not in _UNITS:
            raise BadValueError(f"unrecogized unit '{match['unit']}'")
        if not match["unit"] and at < len(text):
            raise BadValueError(f"unexpected trailing '{text[at:]}'")
        total += count * _UNITS.get(match["unit"], 1)
    if total > _INT64[1]:
        raise BadValueError(f"The option value '{text}' seems to be invalid")
    return total


def milliseconds(text: str) -> int:
    """A plain number of 64 bits, without units."""
    if not re.fullmatch(r"\+?\d+", text, re.ASCII) or int(text) > _UINT64[1]:
        raise BadValueError(
            "bad lexical cast: source type value could not be interpreted as target"
        )
    return int(text)


def _suffix(text: str, who: str) -> tuple[str, str]:
    if not text:
        raise BadValueError(f"{who}: value not specified")
    number = re.match(r"[0-9+-]*", text)
    assert number is not None
    return number[0], text[number.end() :]


def _digits(text: str, limits: tuple[int, int]) -> int:
    if not re.fullmatch(r"\s*[+-]?\d+", text, re.ASCII):
        raise BadValueError(f"Expected option value to be integer, got '{text}'")
    # Python refuses to convert thousands of digits, with a sentence of its own.
    value = int(text) if len(text) <= 64 else limits[1] + 1
    if not limits[0] <= value <= limits[1]:
        raise BadValueError(f"The option value '{text}' seems to be invalid")
    return value
