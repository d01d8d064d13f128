"""What is said about the task of a hotspot. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.outbox.codec import stored_as
from alerts.outbox.messages import Message, MessageKind
from alerts.patrol.hotspots.model import TaskStep


@dataclass(frozen=True, slots=True)
class AboutHotspot(Message):
    """A message about the task of a hotspot; the base of those below."""

    hotspot_id: int = field(metadata=stored_as("hotspot"))


@dataclass(frozen=True, slots=True)
class HotspotTask(AboutHotspot):
    """Asks a patroller to go and look."""

    kind = MessageKind.HOTSPOT_TASK


@dataclass(frozen=True, slots=True)
class HotspotSpot(AboutHotspot):
    """The place on the map, to who accepted."""

    kind = MessageKind.HOTSPOT_SPOT


@dataclass(frozen=True, slots=True)
class HotspotTaken(AboutHotspot):
    """Somebody else goes, or it is over."""

    kind = MessageKind.HOTSPOT_TAKEN


@dataclass(frozen=True, slots=True)
class HotspotDue(AboutHotspot):
    """The verdict is overdue, to who accepted."""

    kind = MessageKind.HOTSPOT_DUE


@dataclass(frozen=True, slots=True)
class HotspotList(AboutHotspot):
    """The tasks of its county that have no verdict, to the officers there."""

    kind = MessageKind.HOTSPOT_LIST


@dataclass(frozen=True, slots=True)
class HotspotAlarm(AboutHotspot):
    """A forest fire, or many pixels (``why``): to the county."""

    kind = MessageKind.HOTSPOT_ALARM
    why: TaskStep


@dataclass(frozen=True, slots=True)
class HotspotVerdict(AboutHotspot):
    """What it was, to those who had heard of it."""

    kind = MessageKind.HOTSPOT_VERDICT
