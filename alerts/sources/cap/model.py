"""A warning as another agency sent it, in the words of CAP 1.2 (ITU-T X.1303 bis). Pure.

Nothing here is trusted or translated yet: what it means for us is worked out in ``meaning``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

Point = tuple[float, float]
"""lon, lat in degrees, WGS-84, if the agency kept CAP's order (lat,lon in the text)."""


class CapType(Enum):
    """msgType: what a message does."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class CapStatus(Enum):
    """status: whether it is meant."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class Flaw(Enum):
    """Why a message, or a feed, could not be read."""

    NOT_XML = "not_xml"
    NOT_JSON = "not_json"
    ENTITIES = "entities"  # a DTD or entities: what an XML bomb is made of
    TOO_LARGE = "too_large"
    ENCODING = "encoding"  # in none of the encodings that agencies use
    NOT_CAP = "not_cap"  # XML of something else
    NO_IDENTIFIER = "no_identifier"
    NO_TIME = "no_time"  # neither sent nor effective
    BAD_TIME = "bad_time"  # sent at what nobody can read
    FUTURE = "future"  # sent at a time that is far ahead
    NO_INFO = "no_info"  # says nothing, and refers to nothing
    UNKNOWN_TYPE = "unknown_type"  # a msgType or status that CAP does not have
    PAGE = "page"  # a web page for people: an error, a login
    NO_MESSAGE = "no_message"  # an entry with neither a message nor a link to one


class Doubt(Enum):
    """What was read otherwise than the standard has it; it is said beside the draft."""

    OTHER_ENCODING = "other_encoding"  # than its first line says
    NO_ZONE = "no_zone"  # a time without a zone: taken as local
    NO_SENDER = "no_sender"
    BAD_TIME = "bad_time"  # one of its times cannot be read
    BAD_RING = "bad_ring"  # a polygon or circle that is none
    BAD_HOLE = "bad_hole"  # what is cut out of a polygon cannot be: the whole polygon holds
    METRES = "metres"  # a radius that can only be metres
    SIGNED = "signed"  # with an XML signature, which is kept and not trusted
    SEVERAL_LANGUAGES = "several_languages"
    LOOSE_REFERENCES = "loose_references"  # not as sender,identifier,sent
    VERSION = "version"  # CAP 1.0 or no version at all
    MENDED = "mended"  # with characters that XML forbids, or ampersands that stand for themselves


class Unreadable(ValueError):
    """A message or a feed that cannot be read: why, and the words of whoever found out."""

    def __init__(self, flaw: Flaw, text: str = "") -> None:
        super().__init__(flaw.value)
        self.flaw = flaw
        self.text = text[:200]


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message; agencies often give the identifier alone."""

    identifier: str
    sender: str = ""
    sent: datetime | None = None


@dataclass(frozen=True, slots=True)
class CapCircle:
    """A circle around a spot, radius in kilometres."""

    lon: float
    lat: float
    km: float


@dataclass(frozen=True, slots=True)
class CapArea:
    """Where: in words, polygons, circles and codes (scheme, value); ``holes`` do not belong."""

    name: str = ""
    rings: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[CapCircle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()
    holes: tuple[tuple[Point, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class CapInfo:
    """What is said in one language, or for one part of the area."""

    language: str = ""
    event: str = ""
    event_codes: tuple[tuple[str, str], ...] = ()
    severity: str = ""
    urgency: str = ""
    certainty: str = ""
    responses: tuple[str, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[CapArea, ...] = ()


@dataclass(frozen=True, slots=True)
class CapAlert:
    """One message."""

    identifier: str
    sender: str
    sent: datetime
    type: CapType = CapType.ALERT
    status: CapStatus = CapStatus.ACTUAL
    references: tuple[Reference, ...] = ()
    infos: tuple[CapInfo, ...] = ()
    note: str = ""
    sender_code: str = ""  # of GB/T 35965.1: the unit's 14 digits
    doubts: frozenset[Doubt] = frozenset()

    @property
    def identity(self) -> str:
        """What makes it one message: CAP's identifier, sender and sent together."""
        return f"{self.sender},{self.identifier},{self.sent.isoformat()}"
