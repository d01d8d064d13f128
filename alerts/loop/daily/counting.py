"""What a day came to, counted for all divisions at once.

Add a kind of figure here: a function that yields (division, figures) of a span, each thing in one
division only. It is summed up the tree, over days, and shown wherever it is not 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import chain

from alerts.duty.gaps import gaps
from alerts.loop.daily import call_facts_store, move_facts_store, other_facts_store
from alerts.loop.daily.call_facts_store import Counted
from alerts.loop.daily.days import Span
from alerts.loop.daily.figures import NOTHING, Figure, Figures, Sums, part_of, total
from alerts.loop.tasks import count_store
from alerts.patrol.results import store as patrol_results
from data.database import Connection

Fact = Callable[[Connection, Span], Iterable[Counted]]


def _warnings(connection: Connection, span: Span) -> Iterator[Counted]:
    warned = call_facts_store.warned_in(connection, span)
    yield from call_facts_store.called(connection, span, warned)
    yield from call_facts_store.reported(connection, span, warned)
    yield from move_facts_store.moved(connection, span, warned)
    yield from call_facts_store.wanted_help(connection, span, warned)
    yield from call_facts_store.cut_off(connection, span, warned)


def _duty(connection: Connection, span: Span) -> Iterator[Counted]:
    """Times in which nobody was on a division's duty plan."""
    for code, spans in gaps(connection, span.since, span.until).items():
        seconds = round(sum(each.seconds for each in spans))
        counts = {Figure.DUTY_GAPS: len(spans), Figure.DUTY_GAP_SECONDS: seconds}
        yield code, Figures(counts)


def _tasks(connection: Connection, span: Span) -> Iterator[Counted]:
    """Tasks made and struck off, and how they stand, where whoever is responsible sits."""
    for code, found in count_store.counts_by_division(connection, span.since, span.until).items():
        counts = {
            Figure.TASKS_NEW: found.made,
            Figure.TASKS_DONE: found.done,
            Figure.TASKS_DUE: found.due,
            Figure.TASKS_OPEN: found.open,
            Figure.TASKS_OVERDUE: found.overdue,
            Figure.TASKS_SUPERVISED: found.supervised,
        }
        yield code, Figures(counts)


_FACTS: tuple[Fact, ...] = (
    _warnings,
    call_facts_store.released,
    other_facts_store.seen_from_space,
    other_facts_store.from_the_spot,
    other_facts_store.cried_for_help,
    other_facts_store.silent_sources,
    _duty,
    _tasks,
)

PATROL = frozenset(
    {
        Figure.PATROLLERS,
        Figure.POSITIONS,
        Figure.PATROL_SECONDS,
        Figure.ROUTE_CELLS,
        Figure.ROUTE_VISITED,
    }
)
"""What patrols came to: of the calendar's day, not of the hours until five."""


def counted(connection: Connection, span: Span) -> dict[str, Figures]:
    """The parts of a span, by division: townships, and what is the own of those above.

    :raises NotFound: a warning of then was archived, and the history is not here
        (``HistoryProblem.AWAY``).
    """
    return _summed(chain.from_iterable(fact(connection, span) for fact in _FACTS))


def patrolled(connection: Connection, day: date, within: str = "") -> dict[str, Figures]:
    """What patrols came to on a local day, in the same parts.

    A position that was long on its way counts for the day on which it was taken: so a day's may
    grow after its report was made, and are asked for anew whenever it is read.

    :param within: only of this division and those below it.
    """
    return _summed(
        (
            code,
            Figures(
                {
                    Figure.PATROLLERS: came.persons,
                    Figure.POSITIONS: came.positions,
                    Figure.PATROL_SECONDS: came.seconds,
                    Figure.ROUTE_CELLS: came.cells,
                    Figure.ROUTE_VISITED: came.visited,
                }
            ),
        )
        for code, came in patrol_results.of_day(connection, day, within).items()
    )


def with_patrol(sums: Sums, patrol: Sums) -> dict[str, Figures]:
    """The figures of a day, by division, with what patrols are known to have come to by now.

    Where nothing is known any more (it was kept long enough), what was known then stands.
    """
    if not patrol:
        return dict(sums)
    found = {}
    for code in sorted({*sums, *patrol}):
        told = sums.get(code, NOTHING)
        others = {key: count for key, count in told.counts.items() if key not in PATROL}
        came = patrol.get(code, NOTHING)
        found[code] = total((replace(told, counts=others), came))
    return found


def _summed(counts: Iterable[Counted]) -> dict[str, Figures]:
    found: defaultdict[str, list[Figures]] = defaultdict(list)
    for code, figures in counts:
        found[part_of(code)].append(figures)
    parts = {code: total(of_it) for code, of_it in sorted(found.items())}
    return {code: figures for code, figures in parts.items() if not figures.empty}
