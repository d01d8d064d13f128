"""A source of satellite or radar pictures: whom they concern, and which of them is new. Pure.

A picture has a time of its own, which is printed with it; one of the same time, or of the same
bytes, as the last is no new one. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum

from alerts.model import Hazard
from contacts.divisions.codes import Tier, contains, tier_of
from contacts.groups import Group, hears_of, purposes_for

MOST_BEFORE = 20
"""Pictures before the newest that are still known when they come again (ours): some hours."""


class TimeFrom(Enum):
    """Where a picture's own time is read; the value is the word of the settings."""

    URL = "url"  # the address holds it: {time:%Y%m%d%H%M}
    HEADER = "last_modified"  # the server says when the file was made
    INDEX = "index"  # a JSON list of pictures says it
    NONE = "none"  # nowhere but in the picture itself: told apart by its bytes


@dataclass(frozen=True, slots=True)
class SkySource:
    """A source of pictures, as configured.

    :ivar url: of the picture; it may hold a key. ``{time:FORMAT}`` stands for its time, and
        ``{picture}`` for what the index says.
    :ivar step: its times are multiples of it, since midnight UTC.
    :ivar delay: no picture is there sooner than so long after its time.
    :ivar zone: of the times in addresses and in the index.
    :ivar index: the address of the JSON list, with the path to the list and the names in it.
    :ivar old: an older picture is not sent, and without a newer one the source counts as stopped.
    :ivar areas: divisions that it shows; none: everywhere.
    :ivar hazards: of the warnings that it is sent for; none: all.
    """

    name: str
    title: str
    url: str
    time_from: TimeFrom = TimeFrom.URL
    step: timedelta = timedelta(minutes=10)
    delay: timedelta = timedelta(0)
    zone: tzinfo = UTC
    index: str = ""
    index_list: str = ""
    index_time: str = "time"
    index_picture: str = "path"
    every: timedelta = timedelta(minutes=10)
    old: timedelta = timedelta(hours=2)
    max_bytes: int = 10_000_000
    areas: tuple[str, ...] = ()
    hazards: frozenset[Hazard] = frozenset()
    tiers: frozenset[Tier] = frozenset({Tier.PROVINCE, Tier.CITY, Tier.COUNTY})

    def shows(self, warning: OpenWarning) -> bool:
        """Whether its pictures are about a warning: the hazard, and an area that they show."""
        if self.hazards and warning.hazard not in self.hazards:
            return False
        return not self.areas or any(
            contains(shown, area) or contains(area, shown)
            for shown in self.areas
            for area in warning.areas
        )

    def for_group(self, group: Group, warning: OpenWarning) -> bool:
        """Whether a group gets its pictures for a warning: a command group that hears of it."""
        return (
            tier_of(group.division_code) in self.tiers
            and group.purpose in purposes_for(warning.hazard.family.value)
            and hears_of(group, warning.areas)
            and self.shows(warning)
        )


@dataclass(frozen=True, slots=True)
class OpenWarning:
    """What of a warning in force matters here."""

    id: int
    hazard: Hazard
    areas: tuple[str, ...]
    exercise: bool
    released_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest picture of a source ever fetched; ``taken_at``: its own time, if known."""

    source: str
    taken_at: datetime | None
    fetched_at: datetime
    digest: str  # of its bytes
    kind: str  # an ``images.ImageKind``
    as_photo: bool
    before: tuple[str, ...] = ()  # digests of those before it, the newest first

    @property
    def known_at(self) -> datetime:
        """Its own time, else when it was first seen."""
        return self.taken_at or self.fetched_at

    def fresh(self, source: SkySource, now: datetime) -> bool:
        """Whether it may be shown as how things are."""
        return now - self.known_at <= source.old


def is_new(kept: Kept | None, digest: str, taken_at: datetime | None) -> bool:
    """Whether a picture just fetched is another one than the newest known: not its bytes under a
    later time, nor other bytes of the same time, nor an older one. Where no time is known, not the
    bytes of an earlier one either: a cache may give old and new by turns."""
    if kept is None:
        return True
    if digest == kept.digest or (taken_at is None and digest in kept.before):
        return False
    return taken_at is None or kept.taken_at is None or taken_at > kept.taken_at


@dataclass(frozen=True, slots=True)
class Sent:
    """What a group got of a source: the bytes last sent, and of which it heard that none follow."""

    digest: str = ""
    stopped_after: str = ""  # the digest of the newest picture then


class Step(Enum):
    """What a group is owed of a source."""

    PICTURE = "picture"
    STOPPED = "stopped"  # that no new one has come for long


def owed(
    source: SkySource, kept: Kept | None, sent: Sent, since: datetime, now: datetime
) -> Step | None:
    """What to send to a group for which a warning is in force since then.

    That the source has stopped is said once for each picture after which it did, and only when it
    was old for as long again as it may be while the warning was in force: who joins late is not
    told of what nobody waited for.
    """
    if kept is None:
        return None
    if kept.fresh(source, now):
        return None if sent.digest == kept.digest else Step.PICTURE
    told = sent.stopped_after == kept.digest
    # The first look at a source that nobody asked since the last warning needs a moment.
    waited = now - since >= min(source.old, source.every * 2)
    return Step.STOPPED if waited and not told else None


def muted(muted_at: datetime | None, warnings: Collection[OpenWarning]) -> bool:
    """Whether a group wants no pictures: it said so after every warning that is open there."""
    return muted_at is not None and all(warning.released_at <= muted_at for warning in warnings)


def warnings_for(
    source: SkySource, group: Group, warnings: Sequence[OpenWarning]
) -> list[OpenWarning]:
    """The warnings for which a group gets the pictures of a source."""
    return [warning for warning in warnings if source.for_group(group, warning)]
