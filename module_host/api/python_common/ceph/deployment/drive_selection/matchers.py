"""Whether a device has a property. The inventory's reports nest; a property is looked for in all of
a report, the outermost first.
"""

import re
from collections.abc import Iterator
from typing import Any

from ceph.deployment.inventory import Device


Quantity = tuple[str | None, str | None]  # a number and its unit, as they were written

_BYTES = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
_SHORT = {unit[0]: unit for unit in _BYTES}
_NONE: Quantity = (None, None)


class _MatchInvalid(Exception):
    """The device does not report what is asked for, or the wanted value is none."""


class Matcher:
    """Compares what a device reports as `key`, or else as `fallback_key`, with `value`."""

    def __init__(self, key: str, value: Any) -> None:
        self.key = key
        self.value = value
        self.fallback_key: str | None = ""

    def compare(self, disk: Device | None) -> bool:
        """Whether `disk` is as wanted; raises _MatchInvalid."""
        raise NotImplementedError

    def _get_disk_key(self, device: Device) -> Any:
        report = device.to_json()
        for key in (self.key, self.fallback_key):
            for value in _find(report, key) if key else ():
                return value
        raise _MatchInvalid(f"No value found for {self.key} or {self.fallback_key}")


class SubstringMatcher(Matcher):
    """The device's value has `value` in it."""

    def __init__(self, key: str, value: str, fallback_key: str | None = None) -> None:
        super().__init__(key, value)
        self.fallback_key = fallback_key

    def compare(self, disk: Device | None) -> bool:
        return disk is not None and str(self.value) in str(self._get_disk_key(disk))


class EqualityMatcher(Matcher):
    """The device's value is `value`."""

    def __init__(self, key: str, value: Any) -> None:
        super().__init__(key, value)

    def compare(self, disk: Device | None) -> bool:
        return disk is not None and bool(self._get_disk_key(disk) == self.value)


class AllMatcher(Matcher):
    """Any device."""

    def __init__(self, key: str, value: Any, fallback_key: str | None = None) -> None:
        super().__init__(key, value)
        self.fallback_key = fallback_key

    def compare(self, disk: Device | None) -> bool:
        return disk is not None


class SizeMatcher(Matcher):
    """The device's size is `value`, in decimal units: exactly 10G, at least 10G:, at most :60G, or
    between 10G:60G. An exact size is as the inventory writes it: 1.82TB.

    `low`, `high` and `exact` hold what was read of it.
    """

    SUFFIXES = (list(_BYTES), list(_SHORT), list(_BYTES.values()))
    supported_suffixes = SUFFIXES[0] + SUFFIXES[1]

    def __init__(self, key: str, value: str) -> None:
        super().__init__(key, value)
        self.key = "human_readable_size"
        self.fallback_key = "size"
        self.low = self.high = self.exact = _NONE
        self._parse_filter()

    def _parse_filter(self) -> None:
        text = str(self.value)
        if found := re.match(r"(\d+[A-Z]{1,2}):(\d+[A-Z]{1,2})", text):
            self.low, self.high = map(self._get_k_v, found.groups())
        elif found := re.match(r"(\d+[A-Z]{1,2}):$", text):
            self.low = self._get_k_v(found[1])
        elif found := re.match(r":(\d+[A-Z]{1,2})", text):
            self.high = self._get_k_v(found[1])
        elif re.match(r"\d+\.?\d*[A-Z]{1,2}$", text):
            self.exact = self._get_k_v(text)

    @classmethod
    def _get_k_v(cls, data: str) -> tuple[str, str]:
        number = re.search(r"\d+\.?\d*", data)
        if number is None:
            raise _MatchInvalid(f"No number in '{data}'")
        return number.group(), cls._parse_suffix(data)

    @classmethod
    def _parse_suffix(cls, obj: str) -> str:
        letters = re.search("[a-zA-Z]+", obj)
        return cls._normalize_suffix(letters.group() if letters else "")

    @classmethod
    def _normalize_suffix(cls, suffix: str) -> str:
        unit = suffix.upper()
        if unit not in cls.supported_suffixes:
            raise _MatchInvalid(f"Unit '{unit}' not supported")
        return _SHORT.get(unit, unit)

    @staticmethod
    def to_byte(tpl: Quantity) -> float:
        """A quantity in bytes; 0 where it has no number, or no unit that is known."""
        number, unit = tpl
        return float(number or 0) * _BYTES.get(str(unit), 0.0)

    @staticmethod
    def str_to_byte(input: str) -> float:
        """The size that a text such as 10G says, in bytes; raises _MatchInvalid."""
        return SizeMatcher.to_byte(SizeMatcher._get_k_v(input))

    def compare(self, disk: Device | None) -> bool:
        if disk is None:
            return False
        reported = self._get_disk_key(disk)
        if not reported:
            return False
        size = self._reported_bytes(reported)
        if self.low != _NONE or self.high != _NONE:
            low, high = self.to_byte(self.low), self.to_byte(self.high)
            return low <= size and (self.high == _NONE or size <= high)
        if self.exact != _NONE:
            return size == self.to_byte(self.exact)
        raise _MatchInvalid("No filters applied")

    def _reported_bytes(self, reported: Any) -> float:
        if isinstance(reported, int | float):  # `size`, which is in bytes
            return float(reported)
        return self.str_to_byte(str(reported))


def _find(report: Any, key: str) -> Iterator[Any]:
    if isinstance(report, dict):
        if key in report:
            yield report[key]
        report = list(report.values())
    if isinstance(report, list):
        for part in report:
            yield from _find(part, key)
