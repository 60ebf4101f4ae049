"""How far an upgrade is."""

from __future__ import annotations


class UpgradeStatusSpec:
    """What a backend tells of the upgrade that is under way, if one is.

    `which`: what it was limited to; `services_complete`: daemon types that are done; `progress`:
    how many daemons are, as text; `message`: what went wrong or is being waited for.
    """

    def __init__(self) -> None:
        self.in_progress = False
        self.target_image: str | None = None
        self.services_complete: list[str] = []
        self.which = "<unknown>"
        self.progress: str | None = None
        self.message = ""
        self.is_paused = False
