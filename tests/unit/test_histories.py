"""What the messages of a warning say of a moment: which level rose and fell, for where it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.figures_together import was_for
from alerts.lifecycle import RANK, AlertMessage, ChangeKind, MessageType, Terms
from alerts.model import Level
from alerts.updates.fate import rise_undone, taken_back

AT = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
COUNTY, TOWNSHIP, VILLAGE, OTHER = "222403000000", "222403100000", "222403100200", "222404000000"
YELLOW, ORANGE, RED = Level.YELLOW, Level.ORANGE, Level.RED
TERMS = Terms(ORANGE, "转移", (COUNTY,), AT + timedelta(hours=6))


def minute(number: int) -> datetime:
    return AT + timedelta(minutes=number)


def said(*terms: Terms, more: ChangeKind | None = None) -> list[AlertMessage]:
    """A message a minute; ``more``: what the last says beside."""
    found: list[AlertMessage] = []
    for number, each in enumerate(terms, 1):
        kinds: tuple[ChangeKind, ...] = (ChangeKind.ALERT,)
        if found:
            before = RANK[found[-1].terms.level]
            rose = RANK[each.level] > before
            kinds = (ChangeKind.UPGRADE,) if rose else (ChangeKind.DOWNGRADE,)
            if RANK[each.level] == before:
                kinds = (ChangeKind.EXTEND,)
        if more is not None and number == len(terms):
            kinds = (*kinds, more)
        kind = MessageType.UPDATE if found else MessageType.ALERT
        found.append(AlertMessage(1, number, "x", kind, kinds, minute(number), 1, each))
    return found


def levels(*each: Level, more: ChangeKind | None = None) -> list[AlertMessage]:
    return said(*(replace(TERMS, level=level) for level in each), more=more)


@pytest.mark.parametrize(
    ("history", "since"),
    [
        (levels(ORANGE, RED, ORANGE), 2),
        (levels(YELLOW, ORANGE, RED, ORANGE), 3),
        (levels(ORANGE, RED, RED, ORANGE), 2),  # prolonged between
        (levels(ORANGE, RED, YELLOW), None),  # it is less than it was: that is news
        (levels(YELLOW, RED, ORANGE), None),  # and this is more
        (levels(RED, ORANGE), None),
        (levels(ORANGE, RED, ORANGE, more=ChangeKind.EXTEND), None),  # it says something else, too
    ],
)
def test_a_fall_is_no_news_where_it_undoes_a_rise(
    history: list[AlertMessage], since: int | None
) -> None:
    undone = rise_undone(history, len(history))
    assert undone == (None if since is None else minute(since))


def test_a_rise_is_none_any_more_at_the_level_before_it_or_below() -> None:
    history = levels(ORANGE, RED)
    assert [taken_back(history, 2, now) for now in (YELLOW, ORANGE, RED)] == [True, True, False]
    staged = levels(ORANGE, RED, more=ChangeKind.STAGE)
    assert not taken_back(staged, 2, ORANGE), "a stage asks for more than its level"


def test_a_warning_was_for_where_its_areas_of_then_were() -> None:
    history = said(replace(TERMS, areas=(TOWNSHIP,)), TERMS, replace(TERMS, areas=(OTHER,)))

    def was(code: str, at: int, place: str = "") -> bool:
        return was_for(history, (code, place), minute(at))

    assert was(VILLAGE, 1) and was(COUNTY, 1), "below it, and who is in charge of it above"
    assert not was("222403101200", 1) and was("222403101200", 2)
    assert not was(VILLAGE, 3) and was(OTHER, 3)
    assert was(VILLAGE, 0), "before its first message: it is that"
    besides = [replace(history[2], terms=replace(TERMS, areas=(OTHER,), besides=("dam",)))]
    assert was_for(besides, (VILLAGE, "dam"), minute(9))
    assert not was_for(besides, (VILLAGE, ""), minute(9))
    assert was_for([], (VILLAGE, ""), AT), "nothing is known of it"
