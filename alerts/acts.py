"""How long after it was done an act still counts, without asking its person again. Pure.

What a person did counts from when they did it. What tells a fact (收到, a position, a report) is
stored with that time, however late it is handled; a call for help is sent at once, and says so.
What sends, ends or orders something is not done as if it were new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class ActKind(Enum):
    """Acts that are asked about again when they come late."""

    RELEASE = "release"  # 确认发布, by whoever wrote it or the second person; sending anew
    END = "end"  # cancel, close, discharge, refuse, clear
    ORDER = "order"  # what calls or sends many: a roll call
    OTHER = "other"  # whatever else failed and is tried again


@dataclass(frozen=True, slots=True)
class ActRules:
    """Minutes for which an act of each kind counts; how old a preview, a proposal may be (ours)."""

    release_minutes: float = 10.0
    end_minutes: float = 10.0
    order_minutes: float = 10.0
    other_minutes: float = 60.0
    preview_minutes: float = 30.0
    proposal_minutes: float = 60.0

    def late(self, kind: ActKind, done_at: datetime, now: datetime) -> bool:
        """Whether what was done then is not to be done now unasked."""
        minutes: float = getattr(self, f"{kind.value}_minutes")
        return now - done_at > timedelta(minutes=minutes)

    def old_preview(self, shown_at: datetime, done_at: datetime) -> bool:
        """Whether what was looked at then was too old when it was agreed to."""
        return done_at - shown_at > timedelta(minutes=self.preview_minutes)

    def old_proposal(self, proposed_at: datetime, done_at: datetime) -> bool:
        """Whether what was proposed then is to be looked at again before it is agreed to."""
        return done_at - proposed_at > timedelta(minutes=self.proposal_minutes)
