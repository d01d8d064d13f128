"""A CAP 1.2 message, as its standard has it. Pure.

Only what this project says: no resources, no digests, no circles. The words of a message are made
at the edge (``bot.publishing.wording``); the XML by ``cap_out``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Position = tuple[float, float]
"""WGS-84, longitude first, as GeoJSON has it. CAP itself writes the latitude first."""

Named = tuple[str, str]
"""A ``valueName`` and its ``value``."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message that this one updates or cancels."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class CapArea:
    """One ``area``: what it is called, and where it is. Each ring is closed by the writer."""

    description: str
    polygons: tuple[tuple[Position, ...], ...] = ()
    geocodes: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class CapInfo:
    """One ``info``: the warning in one language."""

    language: str
    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    responses: tuple[str, ...] = ()
    event_codes: tuple[Named, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Named, ...] = ()
    areas: tuple[CapArea, ...] = ()


@dataclass(frozen=True, slots=True)
class CapMessage:
    """One ``alert`` element. ``sender`` and ``identifier`` hold no blank, comma, ``<`` or ``&``."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str = "Public"
    restriction: str = ""
    source: str = ""
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[CapInfo, ...] = ()
