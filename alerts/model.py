"""A warning in CAP 1.2 words: level, hazard, status, state. Pure.

Levels are China's four (red/I to blue/IV, national emergency-response plans);
the identifier follows GB/T 35965.1-2018 (31 characters).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Level(Enum):
    """The colour of a warning."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


class Family(Enum):
    """Which command, flood or fire, a hazard belongs to; decides roles and groups."""

    FLOOD = "flood"
    FIRE = "fire"


class Hazard(Enum):
    """What is warned of (the words of DOMAIN: Jilin's flood and forest-fire commands)."""

    RAINSTORM = "rainstorm"
    FLASH_FLOOD = "flash_flood"
    RIVER_FLOOD = "river_flood"
    GEOLOGICAL = "geological"
    WATERLOGGING = "waterlogging"
    TYPHOON = "typhoon"
    THUNDERSTORM_GALE = "thunderstorm_gale"
    RESERVOIR = "reservoir"
    FOREST_FIRE_DANGER = "forest_fire_danger"
    FOREST_FIRE = "forest_fire"
    SNOWSTORM = "snowstorm"
    GALE = "gale"
    HAIL = "hail"
    COLD_WAVE = "cold_wave"
    ROAD_ICING = "road_icing"
    # Not warned of but raised: 应急响应, level I (red) to IV (blue); see ``alerts.responses``.
    FLOOD_RESPONSE = "flood_response"
    FIRE_RESPONSE = "fire_response"
    # Nor warned of: whoever was moved is called home, 返回 (``alerts.loop.evacuation.returning``).
    FLOOD_RETURN = "flood_return"
    FIRE_RETURN = "fire_return"

    @property
    def family(self) -> Family:
        """The command this hazard belongs to."""
        return Family.FIRE if self in _OF_FIRE else Family.FLOOD

    @property
    def response(self) -> bool:
        """Whether it is no hazard but a command's emergency response."""
        return self in RESPONSES

    @property
    def homeward(self) -> bool:
        """Whether it is no hazard but the word that whoever was moved may go home."""
        return self in RETURNS


_OF_FIRE = (
    Hazard.FOREST_FIRE_DANGER,
    Hazard.FOREST_FIRE,
    Hazard.FIRE_RESPONSE,
    Hazard.FIRE_RETURN,
)
RESPONSES = (Hazard.FLOOD_RESPONSE, Hazard.FIRE_RESPONSE)
"""What a command raises instead of warning of it: an emergency response, of flood or of fire."""

RETURNS = (Hazard.FLOOD_RETURN, Hazard.FIRE_RETURN)
"""What a command calls when the danger is over: home, after a flood or a fire."""

WARNED_OF = tuple(hazard for hazard in Hazard if hazard not in (*RESPONSES, *RETURNS))
"""The hazards a warning can be of, in the order in which they are offered."""

RELEASED_BY_NAME = (*WARNED_OF, *RESPONSES)
"""What somebody can release by naming it. A call home follows a warning, and has its own button."""


class Status(Enum):
    """CAP status. An exercise takes the same path and is marked in every message."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"


class State(Enum):
    """Where an alert is in its life; see ``alerts.lifecycle``."""

    PENDING = "pending"  # waits for the second person
    RELEASED = "released"
    CLOSED = "closed"  # 销号: every call answered or discharged; the warning stays in force
    LIFTED = "lifted"  # 解除: what was warned of is over
    CANCELLED = "cancelled"  # 取消: it should not have been issued
    EXPIRED = "expired"
    REFUSED = "refused"  # never released: withdrawn or not confirmed in time


IN_FORCE = (State.RELEASED, State.CLOSED)
"""States in which a warning holds: what it asks for is still to be done. That the calling is
complete (``CLOSED``) ends only the calling."""


ENDED = (State.LIFTED, State.CANCELLED, State.EXPIRED)
"""States in which a warning was in force and is no more."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One warning. ``areas`` are division codes; times are aware UTC."""

    id: int
    identifier: str
    status: Status
    level: Level
    hazard: Hazard
    headline: str
    description: str
    areas: tuple[str, ...]
    lead_minutes: int | None
    state: State
    sender_id: int
    created_at: datetime
    expires_at: datetime
    released_at: datetime | None = None
    confirmed_by: int | None = None
    cancelled_by: int | None = None
    cancelled_at: datetime | None = None
    lifted_by: int | None = None
    lifted_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: int | None = None
    close_reason: str | None = None
    command_line: str | None = None  # by whom it was released on a server, as user@host
    held_at: datetime | None = None  # overdue by too much: waits to be decided (alerts.holding)
    issued_by: str | None = None  # whose signal it passes on: 敦化市气象台
    places: tuple[str, ...] = ()  # codes and kinds of places: only whoever answers for these
    besides: tuple[str, ...] = ()  # codes of places outside the areas that are called in addition
    shape: str = ""  # the land it was drawn for, GeoJSON in WGS-84; empty: its areas alone
    archived_at: datetime | None = None  # its calls and cards are in the history since then
    stage: int | None = None  # planned in stages: minutes of lead of the one that runs
    version: int = 1  # how many messages it has had; see ``alerts.lifecycle``
    asked_version: int = 1  # with which of them everybody was last asked to answer
    asked_at: datetime | None = None  # when that was, if not with its release
    changed_at: datetime | None = None  # when it was last changed, while it ran

    @property
    def exercise(self) -> bool:
        """Whether every message about it must bear 【演练】."""
        return self.status is Status.EXERCISE

    @property
    def in_force(self) -> bool:
        """Whether it holds: released, and neither lifted, cancelled nor expired."""
        return self.state in IN_FORCE

    @property
    def raised(self) -> bool:
        """Whether its level rose since it was released: everybody was asked again."""
        return self.asked_version > 1

    @property
    def ended_at(self) -> datetime:
        """When it ceased, or will cease, to hold."""
        return self.lifted_at or self.cancelled_at or self.expires_at

    @property
    def over_since(self) -> datetime | None:
        """When it ceased to hold; ``None`` while it holds."""
        return None if self.in_force else self.ended_at

    @property
    def held(self) -> bool:
        """Whether it waits to be decided if it is still to be sent (``alerts.holding``)."""
        return self.state is State.RELEASED and self.held_at is not None

    @property
    def chasing(self) -> bool:
        """Whether its open calls are still chased."""
        return self.state is State.RELEASED and not self.held


@dataclass(frozen=True, slots=True)
class Draft:
    """What a commander wants released, before anything is stored."""

    level: Level
    hazard: Hazard
    areas: tuple[str, ...]
    text: str
    exercise: bool = False
    lead_minutes: int | None = None
    headline: str = ""
    issued_by: str = ""  # whose signal it passes on
    places: tuple[str, ...] = ()  # codes and kinds of places: only whoever answers for these
    besides: tuple[str, ...] = ()  # codes of places outside the areas that are called in addition
    shape: str = ""  # the land it was drawn for, GeoJSON in WGS-84; empty: its areas alone
    stage: int | None = None  # of a plan in stages (minutes of lead): only whom it is for


SECTOR = {Family.FLOOD: "416", Family.FIRE: "417"}


def issuing_unit(division_code: str, family: Family) -> str:
    """The first 14 of the 31 characters of a CAP identifier by GB/T 35965.1-2018: who issues it.

    6 of the division's code, 3 sector, 3 unit, 2 extension. The sector digits are ours until the
    province assigns its own. The time and a serial digit follow.
    """
    return f"{division_code[:6]}{SECTOR[family]}00100"
