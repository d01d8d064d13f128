"""Whoever is sent to a village: whatever they say, and however late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.cut_off import model
from alerts.cut_off.model import OPEN, CutOffRules, Errand, ErrandState

START = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
RULES = CutOffRules()
EVENTS = st.sampled_from(["go", "cannot", "arrived", "failed", "late"])


@given(st.lists(st.tuples(EVENTS, st.integers(0, 90)), max_size=12))
def test_an_errand_ends_once_and_is_asked_about_twice_at_most(
    events: list[tuple[str, int]],
) -> None:
    due = START + timedelta(minutes=RULES.answer_minutes)
    errand = Errand(1, 1, 1, "222403101201", 7, 9, START, ErrandState.ASKED, due_at=due)
    now, asked = START, 0
    for event, minutes in events:
        now += timedelta(minutes=minutes)
        before = errand
        if event in ("go", "cannot"):
            decided = model.answer(errand, event == "go", RULES, now)
            if decided is not None:
                state, due_at = decided
                errand = replace(errand, state=state, due_at=due_at, asked_again=False)
                asked = 0
        elif event in ("arrived", "failed"):
            reported = model.report(errand, event == "arrived")
            if reported is not None:
                errand = replace(errand, state=reported, due_at=None)
        elif errand.due_at is not None and errand.due_at <= now:
            again, due_at = model.chase(errand, RULES, now)
            asked += again
            errand = replace(errand, due_at=due_at, asked_again=True)
            assert asked <= 1
        if before.state not in OPEN:
            assert errand == before, "what has ended stays"
        assert errand.open or errand.due_at is None
        if errand.state is ErrandState.GOING and before.state is ErrandState.ASKED:
            assert errand.due_at == now + timedelta(minutes=RULES.report_minutes)
