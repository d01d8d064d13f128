"""The zone in which times are shown, on the day on which they are read. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo


class LocalDay(tzinfo):
    """A zone, on the day on which something is read there."""

    def __init__(self, zone: tzinfo, now: datetime) -> None:
        self.zone = zone
        self.today = now.astimezone(zone).date()

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        """As in the zone."""
        return self.zone.utcoffset(at)

    def dst(self, at: datetime | None) -> timedelta | None:
        """As in the zone."""
        return self.zone.dst(at)

    def tzname(self, at: datetime | None) -> str | None:
        """As in the zone."""
        return self.zone.tzname(at)

    def fromutc(self, at: datetime) -> datetime:
        """As in the zone."""
        return self.zone.fromutc(at.replace(tzinfo=self.zone)).replace(tzinfo=self)
