"""A plan in stages: whatever happens in whatever order, each stage has one end, in its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.stages.plan import (
    Act,
    Patience,
    Plan,
    PlanState,
    Stage,
    StageState,
    asked,
    cancelled,
    looked_at,
    moved,
    new_plan,
    next_act,
    next_look,
    overtaken,
    released,
    skipped,
)

START = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
LEADS = (7 * 1440, 3 * 1440, 1440, 360, 180, 60)
PATIENCE = Patience()
DECIDED = (StageState.RELEASED, StageState.SKIPPED, StageState.CANCELLED)


def at(plan: Plan) -> dict[int, StageState]:
    return {stage.lead: stage.state for stage in plan.stages}


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def swept(plan: Plan, now: datetime) -> tuple[Plan, list[tuple[Act, int]]]:
    """As the sweep does it: look, then act until nothing more is due."""
    plan, done = looked_at(plan, now), []
    while (act := next_act(plan, now, PATIENCE)) is not None:
        what, stage = act
        done.append((what, stage.lead))
        if what is Act.RELEASE:
            plan = released(plan, stage.lead, None, now)
        else:
            plan = asked(plan, stage.lead, now)
        assert len(done) <= 2 * len(plan.stages), "it never stops"
    return plan, done


def test_what_is_past_when_it_is_planned_is_overtaken_by_the_last_of_it() -> None:
    plan = new_plan(LEADS, START + hours(30), START)
    waiting, gone = StageState.WAITING, StageState.OVERTAKEN
    assert [*at(plan).values()] == [gone, waiting, waiting, waiting, waiting, waiting]
    assert next_act(plan, START, PATIENCE) == (Act.ASK, Stage(3 * 1440))
    plan = new_plan(LEADS, START + hours(30), START, by_itself=True)
    assert next_act(plan, START, PATIENCE) == (Act.RELEASE, Stage(3 * 1440)), "it is not late"


def test_asked_before_reminded_when_due_and_overtaken_when_nobody_decides() -> None:
    plan = new_plan((180, 60), START + hours(4), START)
    assert swept(plan, START + timedelta(minutes=29))[1] == []
    plan, done = swept(plan, START + timedelta(minutes=30))
    assert done == [(Act.ASK, 180)]
    plan, done = swept(plan, START + hours(1))
    assert done == [(Act.REMIND, 180)]
    plan, done = swept(plan, START + hours(3))
    assert done == [(Act.ASK, 60)]
    assert at(plan) == {180: StageState.OVERTAKEN, 60: StageState.ASKED}
    plan, done = swept(plan, START + hours(4))
    assert (done, plan.state) == ([], PlanState.DONE)
    assert at(plan)[60] is StageState.MISSED


def test_by_itself_it_goes_out_in_time_and_is_asked_about_when_the_bot_slept() -> None:
    plan = new_plan((360, 180, 60), START + hours(7), START, by_itself=True)
    plan, done = swept(plan, START + hours(1))
    assert done == [(Act.RELEASE, 360)]
    slept, done = swept(plan, START + hours(5.5))  # 180 is 90 minutes late
    assert done == [(Act.ASK_LATE, 180)]
    slept, done = swept(slept, START + hours(6))  # and the next goes out in its time
    assert done == [(Act.RELEASE, 60)]
    assert at(slept)[180] is StageState.OVERTAKEN
    both, done = swept(plan, START + hours(6.5))  # over two of them: only the last
    assert done == [(Act.RELEASE, 60)]
    assert at(both)[180] is StageState.OVERTAKEN


def test_later_and_earlier() -> None:
    plan = released(new_plan(LEADS, START + hours(25), START), 3 * 1440, 1, START)
    plan, _ = swept(plan, START + hours(0.5))
    assert at(plan)[1440] is StageState.ASKED
    later = moved(plan, START + hours(49), START + hours(0.5))
    assert at(later)[1440] is StageState.WAITING, "asked anew at its new time"
    assert at(later)[3 * 1440] is StageState.RELEASED, "what went out does not go out again"
    earlier = moved(plan, START + hours(3), START + hours(0.5))
    assert at(earlier)[1440] is at(earlier)[360] is StageState.OVERTAKEN
    assert [stage.lead for stage in earlier.open] == [180, 60]
    back = moved(earlier, START + hours(25), START + hours(0.5))
    assert [stage.lead for stage in back.open] == [1440, 360, 180, 60]


def test_cancelled_or_overtaken_nothing_more_comes() -> None:
    plan = new_plan((180, 60), START + hours(4), START, by_itself=True)
    for ended in (cancelled(plan, 1, START), overtaken(plan, 1, START)):
        assert not ended.open
        assert next_look(ended, START, PATIENCE) is None
        assert swept(ended, START + hours(3.5)) == (ended, [])


times = st.integers(-600, 12_000).map(lambda minutes: timedelta(minutes=minutes))
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 6000)),
        st.tuples(st.just("move"), st.integers(-600, 15_000)),
        st.tuples(st.just("release"), st.sampled_from(LEADS)),
        st.tuples(st.just("skip"), st.sampled_from(LEADS)),
        st.tuples(st.just("look"), st.just(0)),
        st.tuples(st.sampled_from(["cancel", "whole"]), st.just(0)),
    ),
    max_size=12,
)


def done_by_hand(plan: Plan, what: str, number: int, now: datetime) -> Plan:
    """What a commander does; ``number``: a lead, or minutes until the new onset."""
    return {
        "move": lambda: moved(plan, now + timedelta(minutes=number), now),
        "release": lambda: released(plan, number, 1, now),
        "skip": lambda: skipped(plan, number, 1, now),
        "cancel": lambda: cancelled(plan, 1, now),
        "whole": lambda: overtaken(plan, 1, now),
    }[what]()


def check_acts(plan: Plan, done: list[tuple[Act, int]], now: datetime) -> None:
    assert swept(plan, now) == (plan, []), "looking twice does nothing twice"
    for act, lead in done:
        due = plan.onset_at - timedelta(minutes=lead)
        assert now < plan.onset_at
        if act is Act.RELEASE:
            assert due <= now <= max(due, plan.since) + PATIENCE.late_after
        elif act is Act.ASK:
            assert now >= due - PATIENCE.ask_before
    look = next_look(plan, now, PATIENCE)
    assert (look is None) is (plan.state is not PlanState.RUNNING)
    assert look is None or look > now


@given(times, happenings, st.booleans())
def test_any_order(until: timedelta, story: list[tuple[str, int]], by_itself: bool) -> None:
    now, went_out = START, []
    plan = new_plan(LEADS, START + until, now, by_itself=by_itself)
    for what, number in story:
        before = plan
        if what == "wait":
            now += timedelta(minutes=number)
        elif what == "look":
            plan, done = swept(plan, now)
            check_acts(plan, done, now)
            went_out += [lead for act, lead in done if act is Act.RELEASE]
        else:
            stage = plan.stage(number)
            went_out += [number] if what == "release" and stage and stage.open else []
            plan = done_by_hand(plan, what, number, now)
        for old, new in zip(before.stages, plan.stages, strict=True):
            assert old.state not in DECIDED or new == old, "what was decided stays"
        assert before.state is PlanState.RUNNING or plan == before
    assert went_out == sorted(set(went_out), reverse=True), "in order, and each once"
    out = [lead for lead, state in at(plan).items() if state is StageState.RELEASED]
    assert out == went_out
