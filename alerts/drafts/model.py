"""A proposed warning: what a machine would have released, and what an office lets it do. Pure.

A machine never speaks to a village by itself unless a policy names its sender: what it proposes is
a draft for the commander in charge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from alerts.model import Draft, Family, Hazard, Level
from alerts.rules import Rules
from contacts.divisions.codes import contains
from contacts.people import Person, Role


class ProposalKind(Enum):
    """What is proposed: a warning, a change of one that is in force, or its end."""

    NEW = "new"
    UPDATE = "update"
    LIFT = "lift"


class ProposalState(Enum):
    """What became of it; everything but ``OPEN`` is its end."""

    OPEN = "open"
    RELEASED = "released"  # by somebody, or by itself: ``alert_id``
    DISMISSED = "dismissed"  # somebody decided that it does not go out
    EXPIRED = "expired"  # nobody decided while it held
    SUPERSEDED = "superseded"  # its source has said something newer, or took it back
    IGNORED = "ignored"  # a policy says that nobody is to be asked


class Act(Enum):
    """What a policy does with what it fits."""

    DRAFT = "draft"  # ask the commander in charge
    RELEASE = "release"
    IGNORE = "ignore"  # keep it, and ask nobody


class WhyAsked(Enum):
    """Why somebody is asked though a policy says that it goes out by itself."""

    NOBODY_RELEASES = "nobody_releases"  # the person of the policy is not in the roster, or may not
    SAME_IN_FORCE = "same_in_force"  # a warning of that hazard holds there already
    TOO_MANY = "too_many"  # the source has released its share of this hour
    NOT_POSSIBLE = "not_possible"  # nobody would be called, or the draft cannot go out as it is
    DRAFT_ONLY = "draft_only"  # its source says too little for that: no end, no cancelling


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a machine proposes.

    ``identifier`` is unique in its ``source``: proposed twice it is one. ``sender`` is who issued
    it, in the source's words (policies fit by it). ``changes``: the warning of ours that an update
    or a lifting is about. ``replaces``: identifiers in the same source that are out of date with
    it. ``notes`` are lines for whoever decides, in Chinese: figures, and what was doubtful.
    ``draft_only``: no policy lets it go out by itself. ``picture``: what is drawn for whoever is
    asked, ``water:60512345:level`` for the curve of a gauge.
    """

    source: str
    identifier: str
    draft: Draft
    valid_until: datetime
    kind: ProposalKind = ProposalKind.NEW
    sender: str = ""
    changes: int | None = None
    replaces: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    draft_only: bool = False
    picture: str = ""


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal as it is kept."""

    id: int
    proposal: Proposal
    state: ProposalState
    created_at: datetime
    why_asked: WhyAsked | None = None
    asked_depth: int | None = None  # the tier asked last: 4 villages to 0 the province
    next_at: datetime | None = None  # when the sweep has to look
    decided_by: int | None = None
    decided_at: datetime | None = None
    alert_id: int | None = None

    @property
    def open(self) -> bool:
        """Whether somebody can still decide."""
        return self.state is ProposalState.OPEN


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done with proposals that fit it; an empty field fits everything.

    :param sender: as the source writes it: its name or its identifier.
    :param by: the telephone number of the person in whose name it is released.
    """

    act: Act
    source: str = ""
    sender: str = ""
    hazards: frozenset[Hazard] = frozenset()
    levels: frozenset[Level] = frozenset()
    areas: tuple[str, ...] = ()
    by: str = ""

    def fits(self, proposal: Proposal) -> bool:
        """Whether it is about this proposal: all of its areas must lie within those named."""
        draft = proposal.draft
        return (
            self.source in ("", proposal.source)
            and self.sender in ("", proposal.sender)
            and (not self.hazards or draft.hazard in self.hazards)
            and (not self.levels or draft.level in self.levels)
            and (
                not self.areas
                or all(any(contains(code, area) for code in self.areas) for area in draft.areas)
            )
        )


@dataclass(frozen=True, slots=True)
class ProposalRules:
    """Policies, the first that fits decides; and when the next tier is asked (minutes, by level).

    ``most_released``: warnings that a source may release by itself in an hour (ours): a feed that
    has gone mad is stopped by a person.
    """

    warnings: Rules
    policies: tuple[Policy, ...] = ()
    again_minutes: Mapping[Level, float] = field(default_factory=lambda: AGAIN_MINUTES)
    most_released: int = 20

    def policy_for(self, proposal: Proposal) -> Policy | None:
        """The policy that decides about it; ``None``: the commander in charge is asked."""
        return next((policy for policy in self.policies if policy.fits(proposal)), None)

    def again(self, level: Level) -> timedelta:
        """How long somebody is given to decide before the next tier is asked, too."""
        return timedelta(minutes=self.again_minutes[level])


AGAIN_MINUTES: Mapping[Level, float] = {
    Level.RED: 5,
    Level.ORANGE: 10,
    Level.YELLOW: 20,
    Level.BLUE: 30,
}
"""Minutes (ours): whoever is asked and does not decide must not be the end of it."""

_OTHER_COMMAND = {Family.FLOOD: Role.FIRE_OFFICE_HEAD, Family.FIRE: Role.FLOOD_OFFICE_HEAD}


def in_charge(
    commanders: Iterable[Person],
    on_duty: Sequence[Person],
    family: Family,
    above: int | None,
) -> tuple[list[Person], int | None]:
    """Who is asked next, and of which tier: the nearest with somebody who commands there.

    :param commanders: everybody who may release it and can be reached.
    :param on_duty: duty officers beside them, who ring a commander up.
    :param above: the depth of the tier asked before; only those above it are asked now.
    """
    ours = [
        person
        for person in commanders
        if person.role is not _OTHER_COMMAND[family]
        and (above is None or person.tier.depth < above)
    ]
    if not ours:
        return [], None
    depth = max(person.tier.depth for person in ours)
    asked = [person for person in ours if person.tier.depth == depth]
    asked += [person for person in on_duty if person.tier.depth == depth]
    return list({person.id: person for person in asked}.values()), depth


def draft_as_json(draft: Draft) -> dict[str, Any]:
    """A draft as it is kept in a row."""
    return {
        "level": draft.level.value,
        "hazard": draft.hazard.value,
        "areas": list(draft.areas),
        "text": draft.text,
        "exercise": draft.exercise,
        "lead_minutes": draft.lead_minutes,
        "headline": draft.headline,
        "issued_by": draft.issued_by,
        "places": list(draft.places),
        "besides": list(draft.besides),
        "shape": draft.shape,
    }


def draft_from_json(stored: Mapping[str, Any]) -> Draft:
    """Back from the row."""
    return Draft(
        Level(stored["level"]),
        Hazard(stored["hazard"]),
        tuple(stored["areas"]),
        stored["text"],
        stored.get("exercise", False),
        stored.get("lead_minutes"),
        stored.get("headline", ""),
        stored.get("issued_by", ""),
        tuple(stored.get("places", ())),
        tuple(stored.get("besides", ())),
        stored.get("shape", ""),
    )
