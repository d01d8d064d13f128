"""Times as agencies write them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

from alerts.sources.cap.model import Doubt

_WRITTEN = re.compile(
    r"(\d{4})[-/年]?(\d{1,2})[-/月]?(\d{1,2})日?[T\s]*"
    r"(\d{1,2})[:时](\d{2})(?:[:分](\d{2})秒?(?:[.,]\d+)?)?分?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?")


def time_of(text: str, zone: tzinfo, doubts: set[Doubt]) -> datetime | None:
    """The moment, UTC; ``None`` for nothing, or for what cannot be read (a doubt then).

    :param zone: where a time without a zone is taken to be of (a doubt, too).
    """
    text = text.strip()
    if not text:
        return None
    found = _written(text, zone, doubts)
    if found is not None and not 1990 <= found.year <= 2100:
        found = None  # a placeholder: 9999-12-31
    if found is None:
        doubts.add(Doubt.BAD_TIME)
    return found


def _written(text: str, zone: tzinfo, doubts: set[Doubt]) -> datetime | None:
    match = _WRITTEN.fullmatch(text) or _DIGITS.fullmatch(text)
    try:
        if match is None:
            at = parsedate_to_datetime(text)  # RSS: Wed, 26 Aug 2026 14:42:54 GMT
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
        at = datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=zone)
        offset = match[7] if match.re is _WRITTEN else None
        if offset is None:
            doubts.add(Doubt.NO_ZONE)
            return at.astimezone(UTC)
        if offset.upper() == "Z":
            return at.replace(tzinfo=UTC)
        written = f"{at:%Y-%m-%dT%H:%M:%S}{offset[:3]}:{offset[-2:]}"
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
