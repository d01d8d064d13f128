"""The life of a warning: any order, duplicates, losses, two hazards, two senders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.life_messages import LifeMessage, Oddity, read
from alerts.lifecycle import (
    LONGEST,
    RANK,
    AlertMessage,
    Applied,
    Change,
    ChangeKind,
    Life,
    MessageType,
    Outcome,
    Terms,
    apply,
    change_to,
    kinds_between,
)
from alerts.model import Level, State
from alerts.updates.model import from_json, to_json
from data.geo.shapes import Shape

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
COUNTY, TOWNS = "222403000000", ("222403101000", "222403102000", "222403103000")
OTHER = "222402000000"
TERMS = Terms(Level.ORANGE, "做好转移准备", (COUNTY,), NOW + timedelta(hours=24))
LIFE = Life(State.RELEASED, TERMS)
HOURS = dict.fromkeys(Level, 24.0)


def below(code: str) -> tuple[str, ...]:
    """The county has three townships, and nothing is below those."""
    return TOWNS if code == COUNTY else ()


def go(life: Life, change: Change, hours: float = 1) -> Applied:
    return apply(life, change, NOW + timedelta(hours=hours), hours=HOURS, below=below)


levels = st.sampled_from(Level)
codes = st.sampled_from((COUNTY, OTHER, *TOWNS))
changes = st.builds(
    Change,
    ending=st.none() | st.sampled_from([ChangeKind.LIFT, ChangeKind.CANCEL, ChangeKind.EXPIRE]),
    level=st.none() | levels,
    text=st.none() | st.sampled_from(["立即转移", "做好转移准备"]),
    longer=st.none() | st.integers(-30, 30).map(lambda hours: timedelta(hours=hours)),
    add=st.lists(codes, max_size=2).map(tuple),
    remove=st.lists(codes, max_size=2).map(tuple),
    places=st.none() | st.sampled_from([(), ("school",), ("school", "camp")]),
    stage=st.none() | st.sampled_from([60, 180]),
)
lives = st.builds(
    lambda state, held, hours: replace(
        LIFE,
        state=state,
        held=held and state is State.RELEASED,
        terms=replace(TERMS, expires_at=NOW + timedelta(hours=hours)),
    ),
    st.sampled_from(State),
    st.booleans(),
    st.integers(1, 30),
)


@given(lives, st.lists(changes, max_size=6))
def test_whatever_is_done_to_it_a_warning_keeps_its_rules(life: Life, done: list[Change]) -> None:
    for number, change in enumerate(done):
        before, applied = life, go(life, change, number)
        life = applied.life
        if applied.outcome is not Outcome.CHANGED:
            assert life == before and not applied.kinds
            continue
        # What is over, or was never out, changes no more; of what runs the end is still to come.
        assert before.state in (State.RELEASED, State.CLOSED)
        said = applied.kind.message_type is not None
        assert life.version == before.version + said
        assert list(applied.kinds) == sorted(applied.kinds, key=list(ChangeKind).index)
        assert not life.held  # whoever hears of it hears what holds today
        if change.ending is not None:
            assert life.terms == before.terms and not applied.asks
            assert life.state not in (State.RELEASED, State.CLOSED)
            continue
        assert life.terms.areas and life.terms.expires_at > NOW + timedelta(hours=number)
        rose = RANK[life.terms.level] > RANK[before.terms.level]
        assert (ChangeKind.UPGRADE in applied.kinds) == rose
        # Everybody is asked again if and only if the level rose, or a stage began.
        assert (
            applied.asks
            == (life.asked == life.version)
            == (rose or ChangeKind.STAGE in applied.kinds)
        )
        assert life.state is (State.RELEASED if applied.asks else before.state)
        assert kinds_between(before.terms, life.terms) == applied.kinds
        # The same once more changes nothing, but for what counts from what it is.
        again = go(life, replace(change, longer=None, remove=()), number)
        assert again.outcome is Outcome.NOTHING_NEW
        assert from_json(to_json(change)) == change


@given(st.lists(codes, min_size=1, max_size=4, unique=True))
def test_a_new_list_of_areas_is_reached_by_what_is_added_and_removed(wanted: list[str]) -> None:
    add, remove = change_to(TERMS, wanted)
    applied = go(LIFE, Change(add=add, remove=remove))
    covered = {town for code in wanted for town in (below(code) or (code,))}
    after = {town for code in applied.life.terms.areas for town in (below(code) or (code,))}
    assert after == covered


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (Change(level=Level.RED), [ChangeKind.UPGRADE]),
        (Change(level=Level.BLUE), [ChangeKind.DOWNGRADE]),
        (Change(text="立即转移"), [ChangeKind.CORRECT]),
        (Change(longer=timedelta(hours=6)), [ChangeKind.EXTEND]),
        (Change(longer=-timedelta(hours=6)), [ChangeKind.CORRECT]),
        (Change(add=(OTHER,)), [ChangeKind.ADD_AREA]),
        (Change(remove=TOWNS[:1]), [ChangeKind.NARROW]),
        (Change(places=("school",)), [ChangeKind.NARROW]),
        (Change(besides=("S1",)), [ChangeKind.ADD_AREA]),
        (Change(stage=60), [ChangeKind.STAGE]),
        (
            Change(level=Level.RED, text="立即转移", add=(OTHER,), remove=TOWNS[:1]),
            [ChangeKind.UPGRADE, ChangeKind.ADD_AREA, ChangeKind.NARROW, ChangeKind.CORRECT],
        ),
    ],
)
def test_a_change_is_known_by_what_it_changes(change: Change, kinds: list[ChangeKind]) -> None:
    applied = go(LIFE, change)
    assert list(applied.kinds) == kinds
    assert applied.asks == bool({ChangeKind.UPGRADE, ChangeKind.STAGE} & set(kinds))


ENDS = TERMS.expires_at
FAR = replace(LIFE, terms=replace(TERMS, expires_at=NOW + 2 * LONGEST))
STAGED = replace(LIFE, terms=replace(TERMS, stage=180))
SIGNAL = replace(LIFE, terms=replace(TERMS, issued_by="敦化市气象台"))
WEEK = timedelta(hours=1) + LONGEST - (ENDS - NOW)
"""Makes it hold for the longest from when the changes here are made."""


def for_places(*places: str) -> Life:
    return replace(LIFE, terms=replace(TERMS, places=places))


@pytest.mark.parametrize(
    ("life", "change", "hours", "outcome"),
    [
        # What is not out, or is over.
        (replace(LIFE, state=State.PENDING), Change(text="x"), 1, Outcome.NOT_RELEASED),
        (replace(LIFE, state=State.REFUSED), Change(text="x"), 1, Outcome.NOT_RELEASED),
        (replace(LIFE, state=State.LIFTED), Change(text="x"), 1, Outcome.OVER),
        (LIFE, Change(text="x"), 24, Outcome.OVER),
        (LIFE, Change(ending=ChangeKind.LIFT), 24, Outcome.CHANGED),
        (LIFE, Change(ending=ChangeKind.EXPIRE), 23, Outcome.NOTHING_NEW),
        (LIFE, Change(ending=ChangeKind.EXPIRE), 24, Outcome.CHANGED),
        # What waits to be decided is changed by a rise alone.
        (replace(LIFE, held=True), Change(text="x"), 1, Outcome.HELD),
        (replace(LIFE, held=True), Change(level=Level.RED), 1, Outcome.CHANGED),
        # Until when.
        (LIFE, Change(expires_at=NOW + timedelta(hours=1)), 1, Outcome.ENDS_TOO_SOON),
        (LIFE, Change(expires_at=NOW + timedelta(hours=2)), 1, Outcome.CHANGED),
        (LIFE, Change(longer=WEEK), 1, Outcome.CHANGED),
        (LIFE, Change(longer=WEEK + timedelta(minutes=1)), 1, Outcome.TOO_LONG),
        (LIFE, Change(expires_at=ENDS + WEEK + timedelta(minutes=1)), 1, Outcome.TOO_LONG),
        (LIFE, Change(longer=timedelta(seconds=30)), 1, Outcome.NOTHING_NEW),  # minutes are read
        # One that holds for longer than that already: only to prolong it is refused.
        (FAR, Change(text="x"), 1, Outcome.CHANGED),
        (FAR, Change(text="x", longer=timedelta(0)), 1, Outcome.CHANGED),
        (FAR, Change(longer=-timedelta(hours=1)), 1, Outcome.CHANGED),
        (FAR, Change(longer=timedelta(hours=1)), 1, Outcome.TOO_LONG),
        (STAGED, Change(stage=60, longer=2 * LONGEST), 1, Outcome.CHANGED),
        # What it says already.
        (LIFE, Change(), 1, Outcome.NOTHING_NEW),
        (STAGED, Change(level=Level.ORANGE), 1, Outcome.NOTHING_NEW),
        (LIFE, Change(stage=0), 1, Outcome.NOTHING_NEW),
        (for_places("a", "b"), Change(places=("b", "a")), 1, Outcome.NOTHING_NEW),
    ],
)
def test_a_change_is_made_or_refused(
    life: Life, change: Change, hours: float, outcome: Outcome
) -> None:
    assert go(life, change, hours).outcome is outcome


@pytest.mark.parametrize(
    ("life", "change", "kinds"),
    [
        (for_places("a"), Change(places=("a", "b")), {ChangeKind.ADD_AREA}),
        (for_places("a", "b"), Change(places=("b",)), {ChangeKind.NARROW}),
        (for_places("a"), Change(places=("b",)), {ChangeKind.ADD_AREA, ChangeKind.NARROW}),
        (for_places("a"), Change(places=()), {ChangeKind.ADD_AREA}),
        (LIFE, Change(headline="敦化市暴雨橙色预警"), {ChangeKind.CORRECT}),
        (LIFE, Change(headline="x", level=Level.BLUE), {ChangeKind.DOWNGRADE}),
        (LIFE, Change(lead_minutes=180), {ChangeKind.CORRECT}),
        (LIFE, Change(issued_by="敦化市气象台"), {ChangeKind.CORRECT}),
        (LIFE, Change(issued_by="x", add=(OTHER,)), {ChangeKind.ADD_AREA}),
        # Of another level the service has said nothing.
        (SIGNAL, Change(level=Level.RED), {ChangeKind.UPGRADE}),
        # A stage brings its own text and end; raised by hand, no stage waits for its turn.
        (STAGED, Change(stage=60, text="x", longer=timedelta(hours=1)), {ChangeKind.STAGE}),
        (STAGED, Change(stage=60, level=Level.RED), {ChangeKind.UPGRADE, ChangeKind.STAGE}),
        (STAGED, Change(level=Level.RED), {ChangeKind.UPGRADE}),
        (STAGED, Change(level=Level.RED, text="x"), {ChangeKind.UPGRADE, ChangeKind.CORRECT}),
        (STAGED, Change(level=Level.BLUE), {ChangeKind.DOWNGRADE}),
        (STAGED, Change(stage=0), {ChangeKind.STAGE}),
    ],
)
def test_a_change_of_places_stages_and_signals_is_known(
    life: Life, change: Change, kinds: set[ChangeKind]
) -> None:
    applied = go(life, change)
    after = applied.life.terms
    assert set(applied.kinds) == kinds
    assert applied.kind is min(kinds, key=list(ChangeKind).index)  # named by the weightiest
    assert after.issued_by == (change.issued_by or "")
    assert after.stage == (
        change.stage or None
        if change.stage is not None
        else None
        if change.level is Level.RED
        else life.terms.stage
    )


def test_a_message_is_named_by_the_weightiest_of_its_changes() -> None:
    kinds = (ChangeKind.UPGRADE, ChangeKind.CORRECT)
    said = AlertMessage(1, 2, "x", MessageType.UPDATE, kinds, NOW, 1, TERMS)
    assert said.kind is ChangeKind.UPGRADE


def test_several_parts_go_at_once_and_other_areas_stay_as_they_are() -> None:
    wide = replace(LIFE, terms=replace(TERMS, areas=(COUNTY, OTHER)))
    assert go(wide, Change(remove=TOWNS[:1])).life.terms.areas == (*TOWNS[1:], OTHER)
    # What lies in something that goes is named for nothing; what follows it counts.
    three = replace(LIFE, terms=replace(TERMS, areas=(COUNTY, OTHER, "222404000000")))
    left = go(three, Change(remove=(COUNTY, TOWNS[0], "222404000000"))).life.terms
    assert left.areas == (OTHER,)
    left = go(wide, Change(remove=(COUNTY, TOWNS[0], "222402101000")))
    assert left.outcome is Outcome.NOT_ITS_AREA


def test_a_part_left_out_leaves_the_others_and_a_drawing_does_not_outlive_its_land() -> None:
    drawn = replace(LIFE, terms=replace(TERMS, shape="{}"))
    left = go(drawn, Change(remove=TOWNS[:1])).life.terms
    assert left.areas == TOWNS[1:] and left.shape == ""
    back = go(replace(LIFE, terms=left), Change(add=TOWNS[:1]))
    assert back.life.terms.areas == (COUNTY,) and back.kinds == (ChangeKind.ADD_AREA,)
    assert go(drawn, Change(text="x")).life.terms.shape == "{}"
    assert go(LIFE, Change(remove=(COUNTY,))).outcome is Outcome.NO_AREA_LEFT
    assert go(LIFE, Change(remove=(OTHER,))).outcome is Outcome.NOT_ITS_AREA


def test_what_is_added_by_a_drawing_leaves_its_own() -> None:
    """Together they say all of it; a drawing beside what was only named, or less land, do not."""
    first, second, both = (
        Shape(tuple((((x, 43.0), (x + 1, 43.0), (x, 44.0), (x, 43.0)),) for x in at)).geojson()
        for at in ((127.0,), (129.0,), (127.0, 129.0))
    )
    drawn = replace(LIFE, terms=replace(TERMS, shape=first))
    assert go(drawn, Change(add=(OTHER,), drawn=second)).life.terms.shape == both
    assert go(drawn, Change(add=(OTHER,))).life.terms.shape == ""
    less = Change(add=(OTHER,), remove=TOWNS[:1], drawn=second)
    assert go(drawn, less).life.terms.shape == ""
    assert go(LIFE, Change(add=(OTHER,), drawn=second)).life.terms.shape == ""


def test_a_raised_warning_holds_as_long_as_its_new_level_does() -> None:
    raised = go(LIFE, Change(level=Level.RED), 20).life.terms
    assert raised.expires_at == NOW + timedelta(hours=44)
    short = apply(LIFE, Change(level=Level.RED), NOW, hours={Level.RED: 1.0}).life.terms
    assert short.expires_at == TERMS.expires_at  # and never shorter than it did


# -- messages -------------------------------------------------------------------------------


def chain(sender: str, name: str, length: int, *, cancelled: bool) -> list[LifeMessage]:
    """A warning's messages as its sender wrote them, each referring to all before it."""
    made: list[LifeMessage] = []
    for number in range(length):
        last = cancelled and number == length - 1 and number > 0
        kind = MessageType.CANCEL if last else MessageType.UPDATE if number else MessageType.ALERT
        made.append(
            LifeMessage(
                sender,
                f"{name}-{number}",
                kind,
                NOW + timedelta(minutes=number),
                tuple(message.key for message in made),
                None if last else (name, number),
            )
        )
    return made


chains = st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=4)


@given(chains, st.data())
def test_messages_say_the_same_in_any_order_twice_and_with_some_lost(
    shapes: list[tuple[int, bool]], data: st.DataObject
) -> None:
    """Two senders, two hazards of each: none touches another, whatever arrives when."""
    whole = [
        chain(f"sender{number % 2}", f"warning{number}", length, cancelled=cancelled)
        for number, (length, cancelled) in enumerate(shapes)
    ]
    lost = {
        message.key
        for messages in whole
        for message in messages[:-1]  # the last arrives
        if data.draw(st.booleans())
    }
    arrived = [message for messages in whole for message in messages if message.key not in lost]
    heap = data.draw(st.permutations(arrived + data.draw(st.lists(st.sampled_from(arrived)))))
    found, odd = read(heap)
    assert len(found) == len(whole)
    first = [life.messages[0] for life in found]
    assert first == sorted(first, key=lambda message: (message.sent_at, *message.key))
    by_name = {life.messages[-1].identifier.rpartition("-")[0]: life for life in found}
    for number, messages in enumerate(whole):
        life = by_name[f"warning{number}"]
        said = [m.terms for m in messages if m.key not in lost and m.terms is not None]
        assert life.terms == (said[-1] if said else None)
        is_over = messages[-1].type is MessageType.CANCEL
        assert life.cancelled_at == (messages[-1].sent_at if is_over else None)
    assert {oddity for _, oddity in odd} <= {Oddity.UNSEEN}
    assert read(reversed(heap)) == (found, odd)


def test_what_is_not_in_order_changes_nothing_and_is_named() -> None:
    mine = chain("a", "w", 2, cancelled=False)
    at = NOW + timedelta(minutes=9)
    foreign = LifeMessage("b", "w-9", MessageType.CANCEL, at, (mine[0].key,))
    lonely = LifeMessage("b", "x", MessageType.CANCEL, at)
    itself = LifeMessage("a", "y", MessageType.UPDATE, at, (("a", "y"),), "y")
    twice = replace(mine[1], terms="other", sent_at=at)
    found, odd = read([foreign, lonely, itself, twice, *mine])
    assert {(message.identifier, oddity) for message, oddity in odd} == {
        ("w-9", Oddity.FOREIGN),
        ("x", Oddity.NO_REFERENCE),
        ("y", Oddity.ITSELF),
        ("y", Oddity.UNSEEN),
        ("w-1", Oddity.TWICE),
    }
    assert [(life.sender, life.terms, life.cancelled_at) for life in found] == [
        ("a", ("w", 1), None),
        ("a", "y", None),
    ]
    # A loop of references is walked once; what comes after the end changes nothing.
    over = LifeMessage("a", "w-2", MessageType.CANCEL, at, tuple(m.key for m in mine))
    late, later = (
        LifeMessage("a", name, MessageType.UPDATE, at + timedelta(1), (over.key,), "late")
        for name in ("w-3", "w-4")
    )
    loop = [replace(mine[0], type=MessageType.UPDATE, references=(mine[1].key,)), mine[1]]
    [life], odd = read([*loop, over, late, later])
    assert life.cancelled_at == at
    assert [message for message, oddity in odd if oddity is Oddity.AFTER_THE_END] == [late, later]
