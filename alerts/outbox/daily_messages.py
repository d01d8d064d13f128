"""What is said about a day: its report, a file of it, a remark of the tier above. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.outbox.codec import stored_as
from alerts.outbox.messages import Message, MessageKind


@dataclass(frozen=True, slots=True)
class DailyNews(Message):
    """The report of a ``division``'s ``day`` (as 2026-11-29).

    ``missed``: how many days before it were not told, as nobody was there to make them.
    """

    kind = MessageKind.DAILY_REPORT
    division: str
    day: str
    missed: int = 0


@dataclass(frozen=True, slots=True)
class DailyFile(Message):
    """A division's day, week or month as a file; ``pdf``, else a workbook."""

    kind = MessageKind.DAILY_FILE
    division: str
    day: str
    period: str
    pdf: bool = False


@dataclass(frozen=True, slots=True)
class RemarkNews(Message):
    """What the tier above says about a division's day."""

    kind = MessageKind.DAILY_REMARK
    remark_id: int = field(metadata=stored_as("remark"))
