"""Which villages and places a warning reaches nobody of, hazard by hazard. Pure.

A warning calls some posts only: a village whose one linked person is a ranger hears of a fire and
of no flood. It is covered for a hazard when somebody whom such a warning calls there, or who stands
in for them, can be reached by the bot, or by a number or account that was proven, and has not
dropped out of the roster: left out by a newer list of the area, or no longer there by their own
word. Whoever answers for a place (a reservoir, a school) covers that place, not its village.

Only *counties in use* count, those with at least one person in the roster: a county that has not
begun is one line in a rollout plan, and not two hundred silent villages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from contacts.divisions.codes import Tier, county_of
from contacts.divisions.gazetteer import Division
from contacts.people import Contact, Office, Role
from contacts.places import Place, PlaceKind

Families = Mapping[str, Mapping[str, Collection[Role]]]
"""The hazards of each family (flood, fire), and the roles that each calls."""

ANY_HAZARD: Families = {"": {"": frozenset(Role)}}
"""One hazard that calls everybody: for whoever asks only whether anybody is there."""


class GapReason(Enum):
    """Why nobody can be reached; the nearest to being solved is told."""

    NOBODY = "nobody"  # nobody in the roster
    NOT_CALLED = "not_called"  # somebody, but in no post that this warning calls
    DOUBTED = "doubted"  # reachable, but a newer list does not name them, or they said no
    NOT_LINKED = "not_linked"  # somebody who is called, but has no link to Telegram
    UNPROVEN = "unproven"  # the same; other channels call them, where nothing is proven yet
    UNREACHABLE = "unreachable"  # linked, but blocked, deactivated, never started


class Doubt(Enum):
    """Why somebody of the roster may not be of it any more."""

    LEFT_OUT = "left_out"  # the newest list of the area does not name them
    DENIED = "denied"  # asked whether it is still them, they said no


class Proof(Enum):
    """By what somebody last proved that the bot reaches them."""

    ANSWERED = "answered"  # a warning
    DRILL = "drill"  # an exercise
    TELEPHONE = "telephone"  # an officer spoke to them, and recorded the answer
    ROLL_CALL = "roll_call"
    CONFIRMED = "confirmed"  # asked whether it is still them: the season's test call


class Proven(NamedTuple):
    """When somebody last proved it, and by what."""

    at: datetime
    how: Proof


class Holder(NamedTuple):
    """A person as coverage sees one. ``named_at``: when a list last named them, or they did.

    ``by_channel``: whether an address of theirs beside Telegram is proven; ``None``: no ladder
    names such a channel.
    """

    id: int
    name: str
    linked: bool
    contact: Contact
    named_at: datetime | None = None
    doubt: Doubt | None = None
    proven: Proven | None = None
    by_channel: bool | None = None

    @property
    def reachable(self) -> bool:
        """Whether the bot can tell them something."""
        return self.linked and self.contact is Contact.OK

    @property
    def counts(self) -> bool:
        """Whether they cover what they answer for."""
        return (self.reachable or bool(self.by_channel)) and self.doubt is None


class HeldPost(NamedTuple):
    """One post of one active person. ``hazards``: those it answers for, by commas; empty: any."""

    division_code: str
    role: Role
    rank: int
    place_code: str
    hazards: str
    holder: Holder
    held_from: Tier | None = None

    @property
    def office(self) -> Office:
        """What its rank is counted in."""
        return self.division_code, self.role, self.place_code


@dataclass(frozen=True, slots=True)
class Gap:
    """A village or place where nobody can be reached, of all hazards or of some.

    ``hazards`` is empty for all. ``division_code`` is where a place lies, a village's own code.
    """

    code: str
    name: str
    reason: GapReason
    lost: frozenset[Contact] = frozenset()  # where somebody is linked: why Telegram fails
    hazards: tuple[str, ...] = ()
    division_code: str = ""


@dataclass(frozen=True, slots=True)
class CountyCoverage:
    """The villages of one county in use, and how many are covered for every hazard."""

    code: str
    villages: int
    covered: int


class Channels(NamedTuple):
    """The persons whom a warning calls first, by how they can be told."""

    called: int
    by_bot: int
    by_telephone: int  # neither linked nor proven by another channel
    lost: int  # linked, but the bot does not reach them
    never_proven: int  # of all of them: who has answered nothing yet
    by_channel: int = 0  # not by the bot, but proven by another channel


@dataclass(frozen=True, slots=True)
class HazardCoverage:
    """The villages and places as some hazards of one family find them, which find them alike.

    ``whole``: these are all hazards of the family. ``by_stand_in``: villages, of those covered,
    where whoever is called first cannot be reached. ``by_county``: the villages covered.
    """

    family: str
    hazards: tuple[str, ...]
    whole: bool
    villages: int
    covered: int
    by_stand_in: int
    places: int
    places_covered: int
    by_county: Mapping[str, int]
    channels: Channels


@dataclass(frozen=True, slots=True)
class Coverage:
    """The villages and places of all counties in use; everything is in order of code.

    ``villages``, ``covered`` and ``counties`` say what is covered for every hazard; ``by_hazard``
    has them apart. ``counties_unused``: counties without anybody, left out of the other figures.
    """

    villages: int
    covered: int
    counties: tuple[CountyCoverage, ...]
    gaps: tuple[Gap, ...]
    counties_unused: int
    by_hazard: tuple[HazardCoverage, ...] = ()
    places: int = 0
    places_covered: int = 0
    place_gaps: tuple[Gap, ...] = ()
    details: tuple[PlaceDetails, ...] = ()

    def of(self, reason: GapReason) -> int:
        """In how many villages this is the reason, for some hazard."""
        return len({gap.code for gap in self.gaps if gap.reason is reason})

    @property
    def causes(self) -> frozenset[GapReason]:
        """Every reason there is, of villages and places."""
        return frozenset(gap.reason for gap in (*self.gaps, *self.place_gaps))

    @property
    def lost(self) -> frozenset[Contact]:
        """Why those linked cannot be reached, in any of the gaps."""
        return frozenset().union(*(gap.lost for gap in (*self.gaps, *self.place_gaps)))


class CalledCount(NamedTuple):
    """How many persons a warning calls first somewhere, and how many of them it reaches."""

    called: int
    reached: int


class PlaceDetails(NamedTuple):
    """A village or place: whom each kind of ``Coverage.by_hazard`` calls, when that was proven.

    ``named_at``: when the roster of it was last confirmed.
    """

    code: str
    name: str
    division_code: str
    called: tuple[CalledCount, ...]
    covered: tuple[bool, ...]
    proven: Proven | None
    named_at: datetime | None


def leading_posts(posts: Iterable[HeldPost]) -> list[HeldPost]:
    """Each person once, in the first of their posts, in order of code."""
    first: dict[int, HeldPost] = {}
    for post in posts:
        first.setdefault(post.holder.id, post)
    return sorted(first.values(), key=lambda post: (post.division_code, post.holder.id))


@dataclass(frozen=True, slots=True)
class _Kind:
    """Hazards of one family that call the same posts."""

    family: str
    hazards: tuple[str, ...]
    roles: frozenset[Role]

    def calls(self, post: HeldPost) -> bool:
        """Whether a post is one of those called, or standing in for one."""
        hazard = self.hazards[0]
        return post.role in self.roles and (
            not post.hazards or not hazard or hazard in post.hazards.split(",")
        )


_OF_KIND: Mapping[PlaceKind, frozenset[Role]] = {
    PlaceKind.RESERVOIR: frozenset(
        {Role.RESERVOIR_HEAD, Role.RESERVOIR_ENGINEER, Role.RESERVOIR_INSPECTOR}
    ),
    PlaceKind.DYKE: frozenset({Role.DYKE_RESPONSIBLE}),
    PlaceKind.HAZARD_POINT: frozenset({Role.HAZARD_POINT_RESPONSIBLE}),
}
_OF_OTHERS = frozenset({Role.PLACE_RESPONSIBLE})


def assess_coverage(
    divisions: Iterable[Division],
    posts: Sequence[HeldPost],
    families: Families = ANY_HAZARD,
    places: Iterable[Place] = (),
    area: str | None = None,
) -> Coverage:
    """Judge the villages among ``divisions``, and the ``places``.

    :param posts: every post of every active person of these divisions.
    :param area: what was asked about: a county, or what lies in one, counts without anybody, too.
    """
    peopled = {post.division_code for post in posts}
    if area is not None:
        peopled.add(area)
    used = {county_of(code) for code in peopled} - {None}
    counties: set[str] = set()
    villages: list[tuple[str, str, str]] = []
    for division in sorted(divisions, key=lambda division: division.code):
        county = county_of(division.code)
        if county is not None:
            counties.add(county)
            if division.tier is Tier.VILLAGE and county in used:
                villages.append((division.code, division.name, division.code))
    kinds = _kinds(families, posts)
    there: defaultdict[str, list[tuple[HeldPost, bool]]] = defaultdict(list)
    best: dict[Office, int] = {}
    for post in posts:
        best[post.office] = min(post.rank, best.get(post.office, post.rank))
    for post in posts:
        first = post.rank == best[post.office]
        there[post.place_code or post.division_code].append((post, first))
    looks = [_look(*village, there.get(village[0], ()), kinds) for village in villages]
    place_looks = [
        _look(
            place.code,
            place.name,
            place.division_code,
            there.get(place.code, ()),
            _for(kinds, place),
        )
        for place in sorted(places, key=lambda place: place.code)
    ]
    firsts = [post for post in posts if post.rank == best[post.office]]
    return _coverage(kinds, families, looks, place_looks, len(counties - used), firsts)


@dataclass(frozen=True, slots=True)
class _Look:
    """One village or place, and what each kind finds there; ``None``: it calls nobody of such."""

    details: PlaceDetails
    found: tuple[_Found | None, ...]


class _Found(NamedTuple):
    reason: GapReason | None
    stand_in: bool
    lost: frozenset[Contact]
    called: int
    reached: int


def _kinds(families: Families, posts: Iterable[HeldPost]) -> list[_Kind]:
    """The hazards that call alike: the same roles, and named alike by the posts' own lists."""
    lists = {post.hazards for post in posts if post.hazards}
    found: defaultdict[tuple[str, frozenset[Role], frozenset[str]], list[str]] = defaultdict(list)
    for family, hazards in families.items():
        for hazard, roles in hazards.items():
            named = frozenset(words for words in lists if hazard in words.split(","))
            found[family, frozenset(roles), named].append(hazard)
    return [_Kind(key[0], tuple(hazards), key[1]) for key, hazards in found.items()]


def _for(kinds: Sequence[_Kind], place: Place) -> list[_Kind | None]:
    """The kinds that concern a place; the others have nobody to call there by design."""
    wanted = _OF_KIND.get(place.kind, _OF_OTHERS)
    return [kind if kind.roles & wanted else None for kind in kinds]


def _look(
    code: str,
    name: str,
    division_code: str,
    posts: Collection[tuple[HeldPost, bool]],
    kinds: Sequence[_Kind | None],
) -> _Look:
    found = tuple(None if kind is None else _found(kind, posts) for kind in kinds)
    holders = [post.holder for post, _ in posts]
    proofs = [holder.proven for holder in holders if holder.proven is not None]
    named = [holder.named_at for holder in holders if holder.named_at is not None]
    details = PlaceDetails(
        code,
        name,
        division_code,
        tuple(CalledCount(*each[-2:]) if each else CalledCount(0, 0) for each in found),
        tuple(each is None or each.reason is None for each in found),
        max(proofs, default=None, key=lambda proven: proven.at),
        max(named, default=None),
    )
    return _Look(details, found)


def _found(kind: _Kind, posts: Collection[tuple[HeldPost, bool]]) -> _Found:
    called = {post.holder.id: post.holder for post, first in posts if first and kind.calls(post)}
    later = {post.holder.id: post.holder for post, first in posts if not first and kind.calls(post)}
    reached = sum(holder.counts for holder in called.values())
    if reached:
        return _Found(None, False, frozenset(), len(called), reached)
    if any(holder.counts for holder in later.values()):
        return _Found(None, True, frozenset(), len(called), 0)
    holders = [*called.values(), *later.values()]
    if not holders:
        reason = GapReason.NOT_CALLED if posts else GapReason.NOBODY
        return _Found(reason, False, frozenset(), 0, 0)
    doubted = [holder for holder in holders if holder.doubt is not None]
    sure = [holder for holder in holders if holder.doubt is None]
    if not sure or (
        any(holder.reachable for holder in doubted) and not any(holder.linked for holder in sure)
    ):
        return _Found(GapReason.DOUBTED, False, frozenset(), len(called), 0)
    lost = frozenset(holder.contact for holder in sure if holder.linked)
    reason = GapReason.UNREACHABLE if lost else GapReason.NOT_LINKED
    if not lost and any(holder.by_channel is False for holder in sure):
        reason = GapReason.UNPROVEN
    return _Found(reason, False, lost, len(called), 0)


def _coverage(
    kinds: Sequence[_Kind],
    families: Families,
    looks: Sequence[_Look],
    place_looks: Sequence[_Look],
    unused: int,
    firsts: Sequence[HeldPost],
) -> Coverage:
    alike = _alike(kinds, [*looks, *place_looks])
    looks = [_only(look, alike) for look in looks]
    place_looks = [_only(look, alike) for look in place_looks]
    merged = [_Kind(kinds[each[0]].family, _hazards(kinds, each), frozenset()) for each in alike]
    totals: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for look in looks:
        county = county_of(look.details.code) or ""
        totals[county][0] += 1
        totals[county][1] += all(look.details.covered)
    counties = tuple(CountyCoverage(code, *both) for code, both in sorted(totals.items()))
    concerned = [look for look in place_looks if any(look.found)]
    return Coverage(
        villages=len(looks),
        covered=sum(county.covered for county in counties),
        counties=counties,
        gaps=tuple(gap for look in looks for gap in _gaps(look, merged)),
        counties_unused=unused,
        by_hazard=tuple(
            _of_kind(at, kind, families, looks, place_looks, _channels(kinds[alike[at][0]], firsts))
            for at, kind in enumerate(merged)
        ),
        places=len(concerned),
        places_covered=sum(all(look.details.covered) for look in concerned),
        place_gaps=tuple(gap for look in concerned for gap in _gaps(look, merged)),
        details=tuple(look.details for look in (*looks, *place_looks)),
    )


def _alike(kinds: Sequence[_Kind], looks: Sequence[_Look]) -> list[list[int]]:
    """The positions of kinds of one family that find the same everywhere, side by side."""
    groups: dict[tuple[str, tuple[_Found | None, ...]], list[int]] = {}
    for at, kind in enumerate(kinds):
        groups.setdefault((kind.family, tuple(look.found[at] for look in looks)), []).append(at)
    return list(groups.values())


def _hazards(kinds: Sequence[_Kind], group: Sequence[int]) -> tuple[str, ...]:
    return tuple(hazard for at in group for hazard in kinds[at].hazards)


def _only(look: _Look, alike: Sequence[Sequence[int]]) -> _Look:
    """The look with one column for the kinds that are alike."""
    firsts = [group[0] for group in alike]
    details = look.details._replace(
        called=tuple(look.details.called[at] for at in firsts),
        covered=tuple(look.details.covered[at] for at in firsts),
    )
    return _Look(details, tuple(look.found[at] for at in firsts))


def _gaps(look: _Look, kinds: Sequence[_Kind]) -> list[Gap]:
    """A gap for each reason, with the hazards it is of; none named where it is all of them."""
    reasons: defaultdict[GapReason, list[int]] = defaultdict(list)
    for at, found in enumerate(look.found):
        if found is not None and found.reason is not None:
            reasons[found.reason].append(at)
    concerned = sum(found is not None for found in look.found)
    details = look.details
    return [
        Gap(
            details.code,
            details.name,
            reason,
            frozenset().union(*(found.lost for at in columns if (found := look.found[at]))),
            () if len(columns) == concerned else _hazards(kinds, columns),
            details.division_code,
        )
        for reason, columns in reasons.items()
    ]


def _of_kind(
    at: int,
    kind: _Kind,
    families: Families,
    looks: Sequence[_Look],
    place_looks: Sequence[_Look],
    channels: Channels,
) -> HazardCoverage:
    covered: defaultdict[str, int] = defaultdict(int)
    for look in looks:
        covered[county_of(look.details.code) or ""] += look.details.covered[at]
    concerned = [look for look in place_looks if look.found[at] is not None]
    return HazardCoverage(
        kind.family,
        kind.hazards,
        len(kind.hazards) == len(families[kind.family]),
        villages=len(looks),
        covered=sum(covered.values()),
        by_stand_in=sum(bool((found := look.found[at]) and found.stand_in) for look in looks),
        places=len(concerned),
        places_covered=sum(look.details.covered[at] for look in concerned),
        by_county=dict(covered),
        channels=channels,
    )


def _channels(kind: _Kind, firsts: Iterable[HeldPost]) -> Channels:
    called = {post.holder.id: post.holder for post in firsts if kind.calls(post)}.values()
    by_bot = sum(holder.reachable for holder in called)
    others = [holder for holder in called if not holder.reachable]
    by_channel = sum(bool(holder.by_channel) for holder in others)
    lost = sum(holder.linked and not holder.by_channel for holder in others)
    by_telephone = len(called) - by_bot - by_channel - lost
    never = sum(holder.proven is None for holder in called)
    return Channels(len(called), by_bot, by_telephone, lost, never, by_channel)
