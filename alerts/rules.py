"""What a province decides for itself: ladders, who is called, when two persons are needed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from alerts.channels.robots import Robot
from alerts.escalation import Policy
from alerts.lifecycle import TOLD, ChangeKind
from alerts.loop.mechanism.files import shipped_mechanisms
from alerts.loop.mechanism.model import Mechanisms
from alerts.model import WARNED_OF, Alert, Draft, Family, Hazard, Level
from alerts.outbox.lanes import Lane
from alerts.reports import Plausible
from alerts.responses.lists import DEFAULT_LISTS, ResponseLists
from alerts.stages.rules import DEFAULT_STAGES, StageRules
from contacts.address_standing import ProofRules
from contacts.channels import Channel
from contacts.divisions.codes import Tier, tier_of
from contacts.people import CODE_FOR, OF_PLACES, PATROLLING, Role

BEIJING = ZoneInfo("Asia/Shanghai")
"""The time of the whole country."""

LANES: Mapping[Level, Lane] = {
    Level.RED: Lane.RED,
    Level.ORANGE: Lane.ORANGE,
    Level.YELLOW: Lane.REST,
    Level.BLUE: Lane.REST,
}

# DOMAIN, "Default ladders": ours, built on the published five-minute rule.
DEFAULT_POLICIES: Mapping[Level, Policy] = {
    Level.RED: Policy(2, 5, 8, 15, 10, 30),
    Level.ORANGE: Policy(5, 10, 20, 30, 20, 60),
    Level.YELLOW: Policy(15, 30, 60),
    Level.BLUE: Policy(60),
}

# Ours. 0: it is sent whenever it can be.
DEFAULT_OVERDUE: Mapping[Level, float] = {
    Level.RED: 60,
    Level.ORANGE: 120,
    Level.YELLOW: 180,
    Level.BLUE: 240,
}

_COMMAND = frozenset({Role.COMMANDER, Role.DIRECTOR, Role.DEPUTY_DIRECTOR})
# Whom counties publish for each village, and for schools, care homes, camps.
_VILLAGE = frozenset(
    {
        Role.VILLAGE_RESPONSIBLE,
        Role.MONITORING,
        Role.WARNING,
        Role.EVACUATION,
        Role.INSPECTION,
        Role.VILLAGE_CADRE,
        Role.GRID_WORKER,
        Role.DISASTER_INFORMANT,
        Role.PLACE_RESPONSIBLE,
    }
)
_WEATHER = _COMMAND | _VILLAGE | {Role.FLOOD_OFFICE_HEAD}
_FLOOD = _WEATHER | OF_PLACES | {Role.HAZARD_OBSERVER}
_FIRE = _COMMAND | PATROLLING | {Role.FIRE_OFFICE_HEAD, Role.VILLAGE_RESPONSIBLE}

NO_DANGER_OF_WATER = frozenset(
    {
        Hazard.WATERLOGGING,
        Hazard.THUNDERSTORM_GALE,
        Hazard.SNOWSTORM,
        Hazard.GALE,
        Hazard.HAIL,
        Hazard.COLD_WAVE,
        Hazard.ROAD_ICING,
    }
)
"""Hazards in which reservoirs, dykes and slopes do not fail: their persons are not called."""

# Ours.
DEFAULT_AUDIENCE: Mapping[Hazard, frozenset[Role]] = {
    hazard: _FIRE
    if hazard.family is Family.FIRE
    else _WEATHER
    if hazard in NO_DANGER_OF_WATER
    else _FLOOD
    for hazard in WARNED_OF
}


@dataclass(frozen=True, slots=True)
class ChangesTold:
    """Of which changes of a warning other channels tell who goes on; the office decides.

    ``written``: by apps and e-mail. ``by_telephone``: by SMS and voice, which cost money.
    """

    written: frozenset[ChangeKind] = TOLD
    by_telephone: frozenset[ChangeKind] = TOLD

    def by(self, channel: Channel, kinds: Iterable[ChangeKind]) -> bool:
        """Whether a channel tells of a change of these kinds."""
        by_telephone = channel in (Channel.SMS, Channel.VOICE)
        return not (self.by_telephone if by_telephone else self.written).isdisjoint(kinds)


@dataclass(frozen=True, slots=True)
class Rules:
    """The configured rules, handed to every use case that needs them."""

    policies: Mapping[Level, Policy] = field(default_factory=lambda: DEFAULT_POLICIES)
    audience: Mapping[Hazard, frozenset[Role]] = field(default_factory=lambda: DEFAULT_AUDIENCE)
    second_confirmation_levels: frozenset[Level] = frozenset({Level.RED})
    second_confirmation_tiers: frozenset[Tier] = frozenset({Tier.PROVINCE, Tier.CITY})
    expires_hours: Mapping[Level, float] = field(default_factory=lambda: dict.fromkeys(Level, 24.0))
    responses: ResponseLists = field(default_factory=lambda: DEFAULT_LISTS)
    stages: StageRules = field(default_factory=lambda: DEFAULT_STAGES)
    stage_ask_minutes: float = 30  # before a stage is due somebody is asked about it
    response_hours: float = 72  # until it ends by itself, unless it is ended or prolonged
    overdue_minutes: Mapping[Level, float] = field(default_factory=lambda: DEFAULT_OVERDUE)
    max_text: int = 1000
    auto_close: bool = True
    take_back_for: timedelta = timedelta(minutes=5)  # how long an own answer can be taken back
    plausible: Plausible = field(default_factory=Plausible)
    code_for: timedelta = CODE_FOR  # how long an invite code opens something
    zone: tzinfo = BEIJING
    proofs: ProofRules = field(default_factory=ProofRules)  # what counts beside Telegram
    news_by: frozenset[Channel] = frozenset()  # channels that can tell what asks for no answer
    changes_told: ChangesTold = field(default_factory=ChangesTold)  # by other channels
    robots: tuple[Robot, ...] = ()  # of groups in other apps
    mechanisms: Mechanisms = field(default_factory=shipped_mechanisms)

    def needs_second_person(self, draft: Draft) -> bool:
        """DESIGN rule 8: the biggest words take two persons; an exercise takes one."""
        return (
            not draft.exercise
            and draft.level in self.second_confirmation_levels
            and any(tier_of(code) in self.second_confirmation_tiers for code in draft.areas)
        )

    def lasts(self, draft: Draft | Alert) -> timedelta:
        """For how long it holds from its release on, if nobody ends or prolongs it."""
        return timedelta(hours=self.hours(draft.hazard, draft.level))

    def hours(self, hazard: Hazard, level: Level) -> float:
        """The same, in hours."""
        return (
            self.response_hours if hazard.response or hazard.homeward else self.expires_hours[level]
        )

    @property
    def reporting(self) -> frozenset[Level]:
        """The levels of which whoever answers is to report what was done, too."""
        return frozenset(
            level for level, policy in self.policies.items() if policy.report is not None
        )

    @property
    def called(self) -> dict[str, dict[str, frozenset[Role]]]:
        """The roles that each hazard calls, by family: as ``contacts.coverage`` reads them."""
        found: dict[str, dict[str, frozenset[Role]]] = {family.value: {} for family in Family}
        for hazard in WARNED_OF:
            found[hazard.family.value][hazard.value] = self.audience[hazard]
        return found
