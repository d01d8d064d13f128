"""Who can be called: persons and the posts they hold, in divisions and at places. Pure.

A post is a role in a division, or at a place of it (a reservoir, a school), with a rank there. Most
persons hold one. Of several, the one with most rights leads: by it a person is named, and their
keyboard and their part of the board are chosen. Rights come from each post for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum

from contacts.divisions.codes import Tier, tier_of
from contacts.organisations import Organisation, organisation_of
from contacts.phones import is_former


class Role(Enum):
    """The posts of the field; the value is the word of the people file."""

    COMMANDER = "commander"
    DIRECTOR = "director"
    DEPUTY_DIRECTOR = "deputy_director"
    FLOOD_OFFICE_HEAD = "flood_office_head"
    FIRE_OFFICE_HEAD = "fire_office_head"
    DUTY_OFFICER = "duty_officer"
    STAFF = "staff"
    VILLAGE_RESPONSIBLE = "village_responsible"
    RANGER = "ranger"
    LOOKOUT = "lookout"
    CHECKPOINT = "checkpoint"
    # Published for each village, for flash floods above all.
    MONITORING = "monitoring_responsible"
    WARNING = "warning_responsible"
    EVACUATION = "evacuation_responsible"
    INSPECTION = "inspection_responsible"
    VILLAGE_CADRE = "village_cadre"
    GRID_WORKER = "grid_worker"
    DISASTER_INFORMANT = "disaster_informant"
    HAZARD_OBSERVER = "hazard_observer"
    # Published for places.
    RESERVOIR_HEAD = "reservoir_head"
    RESERVOIR_ENGINEER = "reservoir_engineer"
    RESERVOIR_INSPECTOR = "reservoir_inspector"
    DYKE_RESPONSIBLE = "dyke_responsible"
    HAZARD_POINT_RESPONSIBLE = "hazard_point_responsible"
    PLACE_RESPONSIBLE = "place_responsible"
    # Of a department (水利, 气象): called by the mechanism of a hazard (``alerts.loop.mechanism``).
    DEPARTMENT = "department"


COMMANDING = frozenset(
    {
        Role.COMMANDER,
        Role.DIRECTOR,
        Role.DEPUTY_DIRECTOR,
        Role.FLOOD_OFFICE_HEAD,
        Role.FIRE_OFFICE_HEAD,
    }
)
"""Those who may release a warning to their division and below (the issue's scope rule)."""

RIGHTS = COMMANDING | {Role.DUTY_OFFICER}
"""Posts that let their holder release, or act for others: no code alone makes anybody one."""

OF_OFFICES = RIGHTS | {Role.STAFF, Role.DEPARTMENT}
"""Posts of commands and their offices: a village has none."""

CODE_FOR = timedelta(days=30)
"""How long an invite code opens something, unless the configuration says otherwise (ours)."""

PATROLLING = frozenset({Role.RANGER, Role.LOOKOUT, Role.CHECKPOINT})
"""三员: rangers, lookouts, checkpoint staff."""

MOVING_PEOPLE = frozenset(
    {
        Role.VILLAGE_RESPONSIBLE,
        Role.EVACUATION,
        Role.WARNING,
        Role.VILLAGE_CADRE,
        Role.GRID_WORKER,
        Role.DISASTER_INFORMANT,
        Role.HAZARD_POINT_RESPONSIBLE,
    }
)
"""Roles of a village whose holders go from house to house when its people are moved (ours)."""

OF_PLACES = frozenset(
    {
        Role.RESERVOIR_HEAD,
        Role.RESERVOIR_ENGINEER,
        Role.RESERVOIR_INSPECTOR,
        Role.DYKE_RESPONSIBLE,
        Role.HAZARD_POINT_RESPONSIBLE,
        Role.PLACE_RESPONSIBLE,
    }
)
"""Roles that are held at a place: a reservoir, a dyke, a hazard point, a school."""


class Contact(Enum):
    """What the last send to a person (or group) taught us about reaching them."""

    OK = "ok"
    NEVER_STARTED = "never_started"
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    REMOVED = "removed"  # groups: the bot was thrown out
    REFUSED = "refused"  # groups: the bot may not write there; it is asked about again
    BOT_DOWN = "bot_down"  # their bot cannot speak now (contacts.bots.Down)


MAY_BE_BACK = frozenset({Contact.NEVER_STARTED, Contact.BLOCKED, Contact.DEACTIVATED})
"""Believed of a person until a word of theirs, or a message that arrives, says otherwise."""


@dataclass(frozen=True, slots=True)
class Post:
    """One office that a person holds.

    ``title`` is a word to show (村书记, 副镇长) and gives no rights. ``place_code`` is empty for
    the division as a whole. ``hazards`` are those it answers for (words of
    ``alerts.model.Hazard``); none named: whatever its role is called for. ``held_from``: the tier
    that sends its holder, if anybody said: of the three who answer for a village one is the
    county's, one the township's.
    """

    division_code: str
    role: Role
    rank: int = 1
    title: str = ""
    place_code: str = ""
    hazards: frozenset[str] = frozenset()
    held_from: Tier | None = None

    @property
    def office(self) -> Office:
        """What it is told from every other post of a person by."""
        return self.division_code, self.role, self.place_code

    def answers_for(self, hazard: str) -> bool:
        """Whether it is called for a hazard, if its role is."""
        return not self.hazards or hazard in self.hazards

    @property
    def organisation(self) -> Organisation | None:
        """The department that a liaison is of; ``None`` of any other post."""
        return organisation_of(self.place_code)


Office = tuple[str, Role, str]
"""Division, role and place: the thing a rank is counted in."""


def _weight(post: Post) -> tuple[int, int]:
    if post.role in COMMANDING:
        rights = 0
    elif post.role is Role.DUTY_OFFICER:
        rights = 1
    elif post.role is Role.STAFF:
        rights = 2
    else:
        rights = 4 if post.role in PATROLLING else 3
    return rights, tier_of(post.division_code).depth


def leading_first(posts: Iterable[Post]) -> tuple[Post, ...]:
    """The posts of a person, the one that leads first: most rights, then the highest tier.

    Of equals the one that was held first leads.
    """
    return tuple(sorted(posts, key=_weight))


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the roster. ``phone`` is in international form (``+86139…``).

    ``division_code``, ``role``, ``rank``, ``title``, ``place_code``, ``hazards`` and
    ``held_from`` are those of one post: of the one that leads, or of the one in question (``at``).
    ``others`` are the rest.
    ``unproven``: the account was linked before the posts with rights came, and these wait.
    ``other_phones``: further numbers to ring, each as ``phone``, with 、 between.
    """

    id: int
    name: str
    phone: str = field(repr=False)
    division_code: str
    role: Role
    rank: int
    language: str = "zh"
    telegram_id: int | None = None
    contact: Contact = Contact.OK
    invite_code: str = field(default="", repr=False)
    active: bool = True
    title: str = ""
    place_code: str = ""
    hazards: frozenset[str] = frozenset()
    others: tuple[Post, ...] = ()
    unproven: bool = False
    other_phones: str = field(default="", repr=False)
    held_from: Tier | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """All numbers to ring, the one they are known by first.

        None of whoever was erased, or whose number is somebody else's by now.
        """
        more = self.other_phones.split("、") if self.other_phones else ()
        first = () if is_former(self.phone) else (self.phone,)
        return (*first, *(number for number in more if number != self.phone))

    @property
    def post(self) -> Post:
        """The post in question."""
        return Post(
            self.division_code,
            self.role,
            self.rank,
            self.title,
            self.place_code,
            self.hazards,
            self.held_from,
        )

    @property
    def posts(self) -> tuple[Post, ...]:
        """All posts, the one in question first."""
        return (self.post, *self.others)

    def at(self, post: Post) -> Person:
        """The same person, with this post of theirs in question."""
        if post == self.post:
            return self
        rest = tuple(other for other in self.posts if other.office != post.office)
        return self.with_posts((post, *rest))

    def with_posts(self, posts: Collection[Post]) -> Person:
        """The person with these posts instead, the first of them in question."""
        post, *others = posts
        return replace(
            self,
            division_code=post.division_code,
            role=post.role,
            rank=post.rank,
            title=post.title,
            place_code=post.place_code,
            hazards=post.hazards,
            held_from=post.held_from,
            others=tuple(others),
        )

    def holds(self, roles: Collection[Role]) -> bool:
        """Whether one of the posts bears one of these roles."""
        return self.role in roles or any(post.role in roles for post in self.others)

    def seen_as(self, wanted: Callable[[Post], bool]) -> Person:
        """With the first post that is ``wanted`` in question; as they are where none is."""
        return self.at(next((post for post in self.posts if wanted(post)), self.post))

    @property
    def tier(self) -> Tier:
        """The tier of the person's division."""
        return tier_of(self.division_code)

    @property
    def reachable(self) -> bool:
        """Linked to Telegram, and the last send did not say otherwise."""
        return self.telegram_id is not None and self.contact is Contact.OK
