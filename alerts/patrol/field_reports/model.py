"""A report from the spot (现场上报): what somebody sent from where they are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CRY_KIND = "text"
"""The kind of a report that is words alone: a cry for help or of alarm."""


@dataclass(frozen=True, slots=True)
class FieldReport:
    """A photo, video, voice or document from the spot."""

    id: int
    person_id: int
    at: datetime
    kind: str
    file_id: str | None
    caption: str | None
    media_group_id: str | None
    position_id: int | None
    division_code: str | None
    alert_id: int | None = None
    bot_id: int | None = None
    forward_at: datetime | None = None
    copy_at: datetime | None = None
    copy_tries: int = 0
    copied_as: str | None = None
