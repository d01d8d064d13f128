"""Who is on duty, and to whom silence is reported. Pure.

A division's duty officers are those whose shift covers the moment; where nobody entered a shift for
it, every duty officer of the division. Shifts are optional: a county that keeps none is served too.

A silent list must reach somebody who can act on it, so a tier where nobody can be reached by the
bot is passed over for the next one up, and so is whoever may not act before their account is
proven. Only when nobody can be reached all the way up to the province is the nearest tier's answer
given, so that there is still a name to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contacts.divisions.codes import Tier, ancestors, tier_of
from contacts.people import Person, Post, Role
from contacts.targeting import stand_in_order

# At each tier, before going higher: the office that keeps watch, then those it reports to.
_INSTEAD_OF_DUTY = (
    frozenset({Role.FLOOD_OFFICE_HEAD, Role.FIRE_OFFICE_HEAD}),
    frozenset({Role.DEPUTY_DIRECTOR}),
    frozenset({Role.DIRECTOR}),
    frozenset({Role.COMMANDER}),
)
_COMMANDERS = (
    frozenset({Role.COMMANDER}),
    frozenset({Role.DIRECTOR}),
    frozenset({Role.DEPUTY_DIRECTOR}),
    frozenset({Role.FLOOD_OFFICE_HEAD, Role.FIRE_OFFICE_HEAD}),
)

Choices = Iterable[Sequence[Person]]
"""Groups of persons, the first choice first."""


@dataclass(frozen=True, slots=True)
class DutyShift:
    """One person's watch over one division, from ``starts_at`` until before ``ends_at`` (UTC)."""

    person: Person
    division_code: str
    starts_at: datetime
    ends_at: datetime

    def covers(self, now: datetime) -> bool:
        """Whether the shift runs at ``now``."""
        return self.starts_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Leadership:
    """What is known of one division's leadership: its people and the shifts over it."""

    people: tuple[Person, ...] = ()
    shifts: tuple[DutyShift, ...] = ()


Leaderships = Mapping[str, Leadership]
"""By division code; divisions without anybody may be left out."""


def on_duty(leadership: Leadership, now: datetime) -> list[Person]:
    """The duty officers of a division at ``now``; may be empty."""
    watching = {
        shift.person.id: on_watch(shift.person, shift.division_code)
        for shift in leadership.shifts
        if shift.covers(now) and shift.person.active
    }
    return stand_in_order(watching.values()) or _holders(leadership, {Role.DUTY_OFFICER})


def on_watch(person: Person, code: str) -> Person:
    """The person with their watch over a division in question: whoever has it is its duty officer.

    Their own post, where they hold one there.
    """
    held = next((post for post in person.posts if post.division_code == code), None)
    return person.at(held or Post(code, Role.DUTY_OFFICER, person.rank))


def officers_above(code: str, led: Leaderships, now: datetime) -> list[Person]:
    """Who gets the silent list of ``code``: the nearest tier strictly above (a province: its own).

    At each tier the duty officers, else an office head, else deputy director, director, commander.
    """
    return _nearest(path_above(code), led, lambda leadership: _duty_choices(leadership, now))


def office_heads(code: str, led: Leaderships) -> list[Person]:
    """Who sees to the duty plan of ``code``: its office head, else deputy, director, commander;
    where nobody of them is reached, those of the nearest tier above."""
    return _nearest((code, *ancestors(code)), led, _office_choices)


def commanders_above(code: str, led: Leaderships) -> list[Person]:
    """The commander of the nearest tier strictly above, else the director, deputy, office head."""
    return _nearest(path_above(code), led, _commander_choices)


def duty_officers(code: str, led: Leaderships, now: datetime) -> list[Person]:
    """Who takes a help call from ``code``: its county's duty officers, else those further up."""
    return _nearest(path_from_county(code), led, lambda leadership: _duty_choices(leadership, now))


def station_officers(code: str, led: Leaderships, now: datetime) -> list[Person]:
    """Who looks after the patrollers of ``code``: its township's duty officers, else further up."""
    return _nearest(
        path_from_township(code), led, lambda leadership: _duty_choices(leadership, now)
    )


def telephone_officers(code: str, led: Leaderships, now: datetime) -> list[Person]:
    """Who is rung up from ``code``: the duty officers of its township and of every tier above.

    The nearest first. Whether a message reaches them does not matter: a telephone rings anyway.
    """
    return [
        officer
        for upper in path_from_township(code)
        for officer in on_duty(led.get(upper, Leadership()), now)
    ]


def path_above(code: str) -> tuple[str, ...]:
    """The divisions asked in turn when ``code`` is silent."""
    return ancestors(code) or (code,)


def path_from_county(code: str) -> tuple[str, ...]:
    """The county of ``code`` (or ``code`` itself when it is a city or province) and all above."""
    return tuple(
        upper for upper in (code, *ancestors(code)) if tier_of(upper).depth <= Tier.COUNTY.depth
    )


def path_from_township(code: str) -> tuple[str, ...]:
    """The township of ``code`` (or ``code`` itself when it is of a tier above) and all above."""
    return tuple(
        upper for upper in (code, *ancestors(code)) if tier_of(upper).depth <= Tier.TOWNSHIP.depth
    )


def _nearest(
    path: Iterable[str], led: Leaderships, choices: Callable[[Leadership], Choices]
) -> list[Person]:
    named: list[Person] = []
    for code in path:
        leadership = led.get(code)
        if leadership is None:
            continue  # nobody there: most townships of a long list
        for candidates in choices(leadership):
            reachable = [
                person for person in candidates if person.reachable and not person.unproven
            ]
            if reachable:
                return reachable
            named = named or list(candidates)
    return named


def _duty_choices(leadership: Leadership, now: datetime) -> Choices:
    yield on_duty(leadership, now)
    yield from _office_choices(leadership)


def _office_choices(leadership: Leadership) -> Choices:
    for roles in _INSTEAD_OF_DUTY:
        yield from _by_rank(_holders(leadership, roles))


def _commander_choices(leadership: Leadership) -> Choices:
    for roles in _COMMANDERS:
        yield from _by_rank(_holders(leadership, roles))


def _holders(leadership: Leadership, roles: Iterable[Role]) -> list[Person]:
    wanted = frozenset(roles)
    return stand_in_order(
        person for person in leadership.people if person.active and person.role in wanted
    )


def _by_rank(people: Sequence[Person]) -> Choices:
    for rank in sorted({person.rank for person in people}):
        yield [person for person in people if person.rank == rank]
