"""What an import of cards finds: what cannot be used, what is doubted, what is only said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Refused(Enum):
    """Why a row cannot be used: nothing of the file is written."""

    WHERE_UNKNOWN = "where_unknown"  # ``text``, perhaps ``near``
    NOT_A_VILLAGE = "not_a_village"  # a township or county: ``text``
    CARD_TWICE = "card_twice"  # ``other``: the row of the first
    COUNT_INVALID = "count_invalid"  # ``column``, ``text``
    NO_HEAD = "no_head"  # a household without a name
    NO_CARD = "no_card"  # households of a village that has no card
    OUTSIDE = "card_outside"  # whoever sent the list does not command there
    TEXT_TOO_LONG = "text_too_long"  # ``column``, ``length``, ``most``


class Doubt(Enum):
    """What is more likely a slip than true: written only when somebody says that it is so."""

    SHELTER_FLOODED = "shelter_flooded"  # ``shelter``, ``zone``
    OTHER_COUNTY = "other_county"  # the route: ``county``
    OUTSIDE_PROVINCE = "outside_province"  # the route
    SHELTER_ELSEWHERE = "shelter_elsewhere"  # ``shelter``, ``county``
    CAPACITY_SHORT = "capacity_short"  # ``shelter``, ``capacity``, ``persons``
    FAR_FROM_VILLAGE = "far_from_village"  # where the route begins: ``km``
    FAR_FROM_SHELTER = "far_from_shelter"  # where it ends: ``km``
    MORE_THAN_VILLAGE = "more_than_village"  # ``households``, ``most``, ``of``: persons, households
    MORE_THAN_LISTED = "more_than_listed"  # ``households``, ``listed`` by name
    NOT_BELIEVED = "not_believed"  # more than one village is believed to have
    TWO_CAPACITIES = "two_capacities"  # of one shelter: ``shelter``, ``one``, ``other``


class Note(Enum):
    """What is said and stands in nobody's way."""

    NO_SHELTER = "no_shelter"
    NO_KEY_HOLDER = "no_key_holder"  # ``shelter``
    NO_ORGANISER = "no_organiser"
    NO_PHONE = "no_phone"  # of the organiser: ``name``
    NO_ROUTE = "no_route"
    NO_SIGNAL = "no_signal"
    SIMPLIFIED = "simplified"  # ``points``, ``kept``
    TURNED_ROUND = "turned_round"  # the route was drawn from the shelter to the village
    SPOT_FROM_ROUTE = "spot_from_route"  # the shelter is where the route ends
    PHONE_UNREAD = "phone_unread"  # ``text``
    HOUSEHOLD_TWICE = "household_twice"  # ``head``, ``other``: the row of the first
    PERSONS_UNSAID = "persons_unsaid"  # of a household: counted as one
    NO_COUNT = "no_count"  # neither figures nor a list
    COUNTS_DIFFER = "counts_differ"  # ``households``, ``listed``
    ROUTE_UNMATCHED = "route_unmatched"  # ``name``: of no card
    ROUTE_UNREAD = "route_unread"  # ``name``, ``reason``: a ZoneReason


Kind = Refused | Doubt | Note


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: of which card or household, in which row (0: of none) of which sheet."""

    kind: Kind
    name: str = ""
    row: int = 0
    sheet: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
