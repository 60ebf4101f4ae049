"""Something worth telling that happened to a service or a daemon."""

from __future__ import annotations

import re
from datetime import datetime
from typing import ClassVar

from ceph.utils import datetime_to_str, str_to_datetime

from orchestrator.errors import handle_type_error


KINDS = ("service", "daemon")


class OrchestratorEvent:
    """`created`: when; `kind` and `subject`: of what; `level`: INFO or ERROR; `message`."""

    INFO = "INFO"
    ERROR = "ERROR"
    # `TIME KIND:SUBJECT [LEVEL] "MESSAGE"`; the message may have several lines.
    regex_v1: ClassVar[re.Pattern[str]] = re.compile(
        r'^([^ ]+) ([^:]+):([^ ]+) \[([^\]]+)\] "(.*)"$', re.MULTILINE | re.DOTALL
    )

    __slots__ = ("created", "kind", "level", "message", "subject")

    def __init__(
        self, created: str | datetime, kind: str, subject: str, level: str, message: str
    ) -> None:
        assert kind in KINDS, f"an event of a {kind!r}: it must be one of {KINDS}"
        assert level in (self.INFO, self.ERROR), f"an event of level {level!r}"
        self.created = str_to_datetime(created) if isinstance(created, str) else created
        self.kind = kind
        self.subject = subject
        self.level = level
        self.message = message

    def kind_subject(self) -> str:
        """What it happened to, as "daemon:mds.a"."""
        return f"{self.kind}:{self.subject}"

    def to_json(self) -> str:
        """One line (or more, if the message has), as in a list of events."""
        return (
            f'{datetime_to_str(self.created)} {self.kind_subject()} [{self.level}] "{self.message}"'
        )

    def to_dict(self) -> dict[str, str]:
        """The same in parts."""
        return {
            "created": datetime_to_str(self.created),
            "subject": self.kind_subject(),
            "level": self.level,
            "message": self.message,
        }

    @classmethod
    @handle_type_error
    def from_json(cls, data: str) -> OrchestratorEvent:
        """Read what `to_json` wrote; raises ValueError."""
        match = cls.regex_v1.match(data)
        if match is None:
            raise ValueError(f'Unable to match: "{data}"')
        return cls(*match.groups())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OrchestratorEvent):
            return False
        same = ("created", "kind", "subject", "message")
        return all(getattr(self, name) == getattr(other, name) for name in same)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"OrchestratorEvent.from_json({self.to_json()!r})"
