"""A draft before its release: whether it can go out, and whom it would reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from alerts import alert_store, call_store, uncalled_store
from alerts.channels import robot_store
from alerts.channels.robots import hear_of
from alerts.loop.mechanism import store as mechanism_store
from alerts.loop.mechanism.holding import holding
from alerts.loop.mechanism.model import departments
from alerts.loop.mechanism.standing import Wanted
from alerts.model import Alert, Draft
from alerts.responses.lists import response_audience
from alerts.rules import Rules
from alerts.second_person import needs_second_person
from alerts.stages.rules import circles
from contacts import place_store
from contacts.access import may_release, require
from contacts.address_standing_store import unproven_among
from contacts.group_store import groups_for, groups_out_of_reach
from contacts.groups import Group, Purpose, tiers_above
from contacts.people import MOVING_PEOPLE, Person, Role
from contacts.places import PlaceKind
from contacts.targeting import Audience, Circle, audience
from contacts.targeting_store import audience_query, with_departments
from data.database import Connection
from data.errors import InvalidInput

MOST_AREAS = 2_000
"""Areas of one warning (ours): more villages than any county has, drawn or ticked one by one; a
release to so many takes as long as one to the whole of them. For more there is the area above."""

MOST_NAMED = 50
"""Areas named one by one in a line (ours): nobody checks more names in a preview; they are ticked,
or drawn."""


class DraftProblem(Enum):
    """Why a draft cannot be released."""

    NO_TEXT = "no_text"
    TEXT_TOO_LONG = "text_too_long"
    NO_AREA = "no_area"
    UNKNOWN_AREA = "unknown_area"
    UNKNOWN_PLACE = "unknown_place"
    TOO_MANY_AREAS = "too_many_areas"
    RESPONSE_OF_ONE = "response_of_one"  # a response is of one division's command, for all of it
    NOBODY = "nobody"
    NOBODY_THERE = "nobody_there"  # at the places that it is for alone


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would do: shown before the confirm button."""

    persons: int
    reachable: int
    groups: int
    second_person: bool
    uncalled: int = 0  # villages of its areas in which nobody could be called
    groups_refuse: int = 0  # groups besides, in which nobody would read it
    departments: Wanted | None = None  # ``None``: none has a liaison, or none is named
    unproven: int = 0  # whom Telegram does not reach, and of whom no number or account is proven


def check(draft: Draft, rules: Rules, known: Iterable[str]) -> None:
    """Whether anybody could release this draft. Pure.

    :param known: those of its areas that exist.
    :raises InvalidInput: with a ``DraftProblem``.
    """
    text = draft.text.strip()
    if not text:
        raise InvalidInput(DraftProblem.NO_TEXT)
    check_length(text, rules)
    if not draft.areas:
        raise InvalidInput(DraftProblem.NO_AREA)
    check_areas(len(draft.areas))
    if draft.hazard.response and (len(draft.areas) > 1 or draft.places):
        raise InvalidInput(DraftProblem.RESPONSE_OF_ONE, areas=draft.areas)
    unknown = set(draft.areas) - set(known)
    if unknown:
        raise InvalidInput(DraftProblem.UNKNOWN_AREA, area=min(unknown))


def check_areas(number: int, most: int = MOST_AREAS) -> None:
    """Whether so many areas are few enough for one warning. Pure.

    :raises InvalidInput: with ``TOO_MANY_AREAS``.
    """
    if number > most:
        raise InvalidInput(DraftProblem.TOO_MANY_AREAS, number=number, most=most)


def check_length(text: str, rules: Rules) -> None:
    """Whether a text is short enough for a warning. Pure.

    :raises InvalidInput: with ``TEXT_TOO_LONG``.
    """
    if len(text) > rules.max_text:
        raise InvalidInput(DraftProblem.TEXT_TOO_LONG, length=len(text), most=rules.max_text)


def preview(
    connection: Connection,
    draft: Draft,
    by: Person,
    rules: Rules,
    now: datetime | None = None,
) -> Preview:
    """Count whom the draft would reach; the sender is not called.

    :param now: what ``by`` released in the hour before counts, too, for the second person.
    :raises InvalidInput: with a ``DraftProblem``: see ``check``, or it would reach nobody.
    :raises NotAllowed: ``by`` may not release it to all of its areas.
    """
    permit(connection, draft, by, rules)
    whom = whom_of(connection, draft, rules)
    persons, reachable = call_store.count_audience(
        connection, audience_query(whom), excluding=[by.id]
    )
    if not persons:
        raise nobody_called(draft)
    return Preview(
        persons,
        reachable,
        len(groups_of(connection, draft, whom)),
        needs_second_person(connection, draft, by, rules, now),
        uncalled_store.would_be_uncalled(connection, whom, [by.id]),
        len(
            groups_out_of_reach(
                connection, whom.ranges, draft.hazard.family.value, tiers_above(draft.areas)
            )
        )
        + len(
            []
            if now is None
            else robot_store.falling_silent(connection, hear_of(rules.robots, draft), now)
        ),
        unproven=0
        if now is None or reachable == persons
        else unproven_among(connection, audience_query(whom), [by.id], rules.proofs, now),
        departments=mechanism_store.wanted(connection, whom),
    )


def nobody_called(draft: Draft | Alert) -> InvalidInput:
    """The refusal of a warning that nobody could be called for."""
    if draft.places:
        return InvalidInput(DraftProblem.NOBODY_THERE, places=draft.places)
    return InvalidInput(DraftProblem.NOBODY, areas=draft.areas)


def permit(connection: Connection, draft: Draft, by: Person, rules: Rules) -> None:
    """Go on only when ``by`` may release ``draft``: asked by the preview, and again by the release.

    :raises InvalidInput: with a ``DraftProblem``: see ``check``.
    :raises NotAllowed: ``by`` may not release it to all of its areas.
    """
    check(draft, rules, alert_store.known_divisions(connection, draft.areas))
    unknown = {*draft.places, *draft.besides} - {kind.value for kind in PlaceKind}
    unknown -= set(place_store.names(connection, unknown))
    if unknown:
        raise InvalidInput(DraftProblem.UNKNOWN_PLACE, place=min(unknown))
    require(may_release(by, draft.areas), areas=draft.areas)
    if draft.besides:
        of_places = place_store.divisions_of(connection, draft.besides)
        require(may_release(by, of_places), areas=tuple(sorted(of_places)))


def anybody_in(connection: Connection, draft: Draft, by: Person, rules: Rules) -> bool:
    """Whether the draft would reach anybody but its sender."""
    return call_store.selects_any(
        connection, audience_query(whom_of(connection, draft, rules)), excluding=[by.id]
    )


def whom_of(connection: Connection, draft: Draft | Alert, rules: Rules) -> Audience:
    """Who is to be called; of a place everybody who answers for it, whatever the role.

    With the departments that the mechanism of its hazard names, where any of them has a liaison.
    """
    whom = _posts_of(draft, rules)
    found = departments(holding(connection, rules.mechanisms), draft)
    return with_departments(connection, replace(whom, departments=found)) if found else whom


def _posts_of(draft: Draft | Alert, rules: Rules) -> Audience:
    hazard, besides = draft.hazard, draft.besides
    if hazard.response:
        return response_audience(rules.responses[hazard.family][draft.level], draft.areas[0])
    if hazard.homeward:
        return audience(draft.areas, MOVING_PEOPLE)
    if not draft.places:
        roles, narrowed = rules.audience[hazard], _circles_of(draft, rules)
        return audience(draft.areas, roles, hazard.value, besides=besides, circles=narrowed)
    kinds = {kind.value for kind in PlaceKind}.intersection(draft.places)
    places = set(draft.places) - kinds
    return audience(draft.areas, Role, hazard.value, places=places, kinds=kinds, besides=besides)


def _circles_of(draft: Draft | Alert, rules: Rules) -> tuple[Circle, ...]:
    """Whom its stage is for; none: everybody."""
    if not draft.stage:
        return ()
    stages = rules.stages.get(draft.hazard, ())
    return circles(stages, draft.stage, rules.audience[draft.hazard])


def groups_of(connection: Connection, draft: Draft | Alert, whom: Audience) -> list[Group]:
    """Which groups get a post: those of its divisions, and of the tiers above up to the county,
    that serve the command of its hazard."""
    purpose = Purpose(draft.hazard.family.value)
    return groups_for(connection, whom.ranges, purpose, tiers_above(draft.areas))
