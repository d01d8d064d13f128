"""Who is to be moved, was moved and is still to move in a day's warnings, as rows.

A warning at a time: no more is held than what was said of the places of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, case, func, or_, select

from alerts.alert_store import alerts_by_id
from alerts.loop.daily.call_facts_store import Counted, Warned, where_kept
from alerts.loop.daily.days import Span
from alerts.loop.daily.figures import LASTING, Figure, Figures, part_of
from alerts.loop.evacuation import card_store
from alerts.loop.evacuation.counting import NONE, MoveState, Ticks, VillageCount
from alerts.loop.evacuation.counting import Figures as Counts
from alerts.loop.evacuation.move_store import targets_in
from alerts.model import Alert
from alerts.templates import MOVING, urgency
from data.tables.alerts import reports
from data.tables.household_moves import household_moves as moves

_AT_ONCE = 2_000
"""Rows of reports read at once (ours)."""

_MOVED = (Figure.HOUSEHOLDS, Figure.PERSONS)


def moved(connection: Connection, span: Span, warned: Warned) -> Iterator[Counted]:
    """How many were moved in the span, and how far each warning with evacuation cards has got.

    Moved in the span: of each village and warning what counted at its end, less what counted when
    it began. What is said of a village is how many were moved there in all: said twice it is said
    once, said lower it is taken back. Where households were ticked, the ticks count instead, as
    everywhere. Who is to be moved: by the cards as they are now.
    """
    if not warned.actual:
        return
    any_card = card_store.any_card(connection)
    for alert_id, alert in alerts_by_id(connection, warned.actual).items():
        before, after = _standing(connection, alert_id, span, warned)
        yield from _moved_in(before, after)
        if any_card and _has_target(connection, alert, after):
            yield from _so_far(connection, alert, after, alert_id not in warned.held_at_end)


Standing = Mapping[str, VillageCount]
"""By division: what was said and ticked of it until some moment."""


def _standing(
    connection: Connection, alert_id: int, span: Span, warned: Warned
) -> tuple[Standing, Standing]:
    """How a warning stood when the span began, and when it ended."""
    found = []
    any_tick = _any_tick(connection, alert_id)
    for at, said in zip(
        (span.since, span.until), _said(connection, alert_id, span, warned), strict=True
    ):
        ticks = _ticked(connection, alert_id, at) if any_tick else {}
        found.append(
            {
                code: VillageCount(code, said=said.get(code), ticks=ticks.get(code))
                for code in said.keys() | ticks.keys()
            }
        )
    return found[0], found[1]


def _moved_in(before: Standing, after: Standing) -> Iterator[Counted]:
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for sign, counts in ((-1, before), (1, after)):
        for code, village in counts.items():
            of_part = found[part_of(code)]
            for place, number in enumerate(village.moved.counted):
                of_part[place] += sign * number
    for code, numbers in found.items():
        yield code, Figures(dict(zip(_MOVED, numbers, strict=True)))


def _has_target(connection: Connection, alert: Alert, after: Standing) -> bool:
    """Whether anybody is to be moved: as ``evacuation.standing.anything`` has it, at that time."""
    moving = urgency(alert.level, alert.lead_minutes) in MOVING
    return (moving or bool(after)) and card_store.any_in(connection, alert.areas)


def _so_far(
    connection: Connection, alert: Alert, after: Standing, is_over: bool
) -> Iterator[Counted]:
    targets = targets_in(connection, alert)
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(LASTING))
    # In plain numbers: a province has 12,000 villages, and of most nothing was told yet.
    for code, (households, persons) in targets.items():
        if code not in after:
            of_part = found[part_of(code)]
            for place, number in ((0, households), (1, persons), (6, households), (7, persons)):
                of_part[place] += number
    for code, told in after.items():
        village = told._replace(target=targets.get(code, NONE))
        away = NONE if village.ticks is None or not village.ticks.any else village.ticks.away
        of_part = found[part_of(code)]
        numbers = (*village.target, *village.moved.counted, *away, *village.left)
        for place, number in enumerate(numbers):
            of_part[place] += number
    for code, of_part in found.items():
        counts = dict(zip(LASTING, of_part, strict=True))
        yield code, Figures(counts, over=counts if is_over else {})


def _said(
    connection: Connection, alert_id: int, span: Span, warned: Warned
) -> tuple[dict[str, Counts], dict[str, Counts]]:
    """The latest figures reported of each place of a warning when the span begins and ends, summed
    up by division."""
    found: dict[tuple[str, str], tuple[Counts | None, Counts]] = {}
    for table, ids in where_kept(connection, reports, [alert_id], warned):
        of = table.c
        query = (
            select(of.division_code, of.place_code, of.households, of.persons, of.reported_at)
            .where(
                of.alert_id.in_(ids),
                of.reported_at < span.until,
                or_(of.households.is_not(None), of.persons.is_not(None)),
            )
            .order_by(of.reported_at, of.id)
            .execution_options(yield_per=_AT_ONCE)
        )
        with connection.execute(query) as rows:
            for code, place, households, persons, at in rows:
                # What was archived by an earlier release knows no places.
                where = code, place or ""
                former, last = found.get(where, (None, NONE))
                last = Counts(
                    last.households if households is None else households,
                    last.persons if persons is None else persons,
                )
                found[where] = (last if at < span.since else former, last)
    before: dict[str, Counts] = {}
    after: dict[str, Counts] = {}
    for (code, _place), counts in found.items():
        for summed, told in zip((before, after), counts, strict=True):
            if told is not None:
                summed[code] = summed.get(code, NONE).plus(told)
    return before, after


def _any_tick(connection: Connection, alert_id: int) -> bool:
    query = select(moves.c.id).where(moves.c.alert_id == alert_id).limit(1)
    return connection.execute(query).first() is not None


def _ticked(connection: Connection, alert_id: int, at: datetime) -> dict[str, Ticks]:
    """Of each village in which any household stood ticked then: how."""
    last = (
        select(func.max(moves.c.id).label("id"))
        .where(moves.c.alert_id == alert_id, moves.c.at < at)
        .group_by(moves.c.household_id)
        .subquery()
    )
    sums = []
    for state in (MoveState.MOVED, MoveState.AWAY, MoveState.REFUSED):
        stood = moves.c.state == state.value
        sums += [
            func.sum(case((stood, 1), else_=0)),
            func.sum(case((stood, moves.c.persons), else_=0)),
        ]
    query = (
        select(moves.c.division_code, *sums)
        .join(last, last.c.id == moves.c.id)
        .where(moves.c.state != MoveState.HOME.value)
        .group_by(moves.c.division_code)
    )
    return {
        code: Ticks(*(Counts(*map(int, numbers[n : n + 2])) for n in (0, 2, 4)))
        for code, *numbers in connection.execute(query)
    }
