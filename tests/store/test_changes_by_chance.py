"""Two warnings of two senders are changed by chance while messages are under way, lost, sent twice.

A simple model says what has to come of it: who is to know what, whom it is no more for, who has a
button. Changes are carried out in the smallest parts; the process dies between any two of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alerts import alert_message_store, alert_store, call_store, progress_store
from alerts.acknowledge import Pressed, by_buttons
from alerts.calls import CallOutcome, CallState
from alerts.closing import cancel, close_finished, expire, lift
from alerts.lifecycle import ASKING, RANK, TOLD, Change
from alerts.model import Alert, Draft, Hazard, Level, State
from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.release import release
from alerts.sending import claim, record, recover
from alerts.updates import carrying_out
from alerts.updates.changing import update
from alerts.updates.confirming import confirm_change
from alerts.updates.model import ChangeState
from alerts.updates.pending import known_change, lapse, withdraw_change
from contacts.divisions.codes import any_around
from data.database import Connection, Database
from data.errors import Conflict, InvalidInput, NotAllowed
from data.tables.alerts import deliveries
from tests.roster import (
    BOT_ID,
    CITY,
    CITY_COMMANDER,
    CITY_DIRECTOR,
    COUNTY_COMMANDER,
    TOWNSHIP,
    VILLAGERS,
    VILLAGES,
)
from tests.store.test_updates import RULES, after, commander

HEADS = {row["id"]: (row, code) for row, code in zip(VILLAGERS, VILLAGES, strict=True)}
LEVELS = sorted(RANK, key=RANK.__getitem__)
ROOM = 1000
_runs, _messages = count(1), count(1000)


def _anything_left(c: Connection, now: datetime) -> bool:
    query = select(deliveries.c.id).where(
        deliveries.c.state.in_(("queued", "claimed")),
        deliveries.c.not_before < now + timedelta(minutes=9),
    )
    return c.execute(query.limit(1)).first() is not None


@dataclass
class Night:
    """What happened to one warning, and what each head has heard of it, in order."""

    id: int
    by: dict[str, Any]
    heard: dict[int, list[tuple[str, int]]] = field(default_factory=lambda: {h: [] for h in HEADS})
    stamped: dict[int, int] = field(default_factory=dict)  # what the newest button says
    answered: dict[int, int] = field(default_factory=dict)  # the ask that was answered
    maybe: Counter[int] = field(default_factory=Counter)  # messages that may have come twice
    pending: int | None = None


class Scene:
    """Both warnings, what is under way, and the time."""

    def __init__(self, database: Database, minutes: float) -> None:
        self.database, self.minutes = database, minutes
        self.under_way: list[tuple[Delivery, Alert]] = []
        drafts = (
            (COUNTY_COMMANDER, Draft(Level.YELLOW, Hazard.RAINSTORM, (TOWNSHIP,), "0")),
            (CITY_COMMANDER, Draft(Level.ORANGE, Hazard.HAIL, (CITY,), "0")),
        )
        self.nights = [
            Night(
                self.do(
                    lambda c, d=d, b=b: release(c, d, commander(c, b), RULES, self.now)
                ).alert_id,
                b,
            )  # type: ignore[misc]
            for b, d in drafts
        ]

    @property
    def now(self) -> datetime:
        return after(self.minutes)

    def do(self, unit: Callable[[Connection], Any]) -> Any:
        return self.database.do(unit)

    def alert(self, night: Night) -> Alert:
        found = self.database.read(lambda c: alert_store.alert(c, night.id))
        assert found is not None
        return found

    # -- what is done ------------------------------------------------------------------------------

    def change(self, night: Night, change: Change) -> None:
        before = self.alert(night)
        try:
            done = self.do(
                lambda c: update(c, night.id, change, commander(c, night.by), RULES, self.now)
            )
        except (Conflict, InvalidInput, NotAllowed):
            assert self.alert(night) == before
            return
        if done.pending is not None:
            night.pending = done.pending
            assert replace(self.alert(night)) == before  # it holds as it did

    def changes(self, night: Night, what: str, where: int) -> None:
        level = LEVELS.index(self.alert(night).level)
        village = VILLAGES[where]
        self.change(
            night,
            {
                "rise": Change(level=LEVELS[min(level + 1, 3)]),
                "fall": Change(level=LEVELS[max(level - 1, 0)]),
                "correct": Change(text=f"{self.minutes}"),
                "extend": Change(longer=timedelta(hours=1)),
                "narrow": Change(remove=(village,)),
                "widen": Change(add=(village,)),
                "move": Change(remove=(village,), text=f"{self.minutes}"),
            }[what],
        )

    def ends(self, night: Night, what: str) -> None:
        with suppress(Conflict):
            if what == "expire":
                until = self.alert(night).expires_at
                self.do(lambda c: expire(c, until))
            else:
                end = lift if what == "lift" else cancel
                self.do(lambda c: end(c, night.id, commander(c, night.by), self.now))

    def decides(self, night: Night, what: str) -> None:
        if night.pending is None:
            return
        number, before = night.pending, self.alert(night)
        waits = known = self.database.read(lambda c: known_change(c, number))
        with suppress(Conflict, InvalidInput, NotAllowed):
            if what == "yes":
                by = CITY_DIRECTOR
                self.do(lambda c: confirm_change(c, number, commander(c, by), RULES, self.now))
            elif what == "no":
                by = CITY_DIRECTOR
                self.do(lambda c: withdraw_change(c, number, commander(c, by), self.now))
            else:
                self.do(lambda c: lapse(c, waits.decide_before))
        known = self.database.read(lambda c: known_change(c, number))
        made = known.state is ChangeState.MADE and waits.state is ChangeState.PENDING
        assert self.alert(night).version == before.version + made

    def press(self, night: Night, head: int) -> None:
        """The newest button; it answers what was asked with it, or nothing."""
        stamp, alert = night.stamped.get(head), self.alert(night)
        call = self.database.read(lambda c: call_store.call_of(c, night.id, head))
        if stamp is None or call is None:
            return
        row = HEADS[head][0]
        press = Pressed(row["telegram_id"], call.id, asked=stamp)
        [result] = self.do(lambda c: by_buttons(c, [press], RULES, self.now))
        if result.outcome is CallOutcome.RECORDED:
            assert stamp == alert.asked_version, "an old button answered a new ask"
            night.answered[head] = len(night.heard[head])

    # -- what happens to messages ------------------------------------------------------------------

    def part(self) -> None:
        self.do(lambda c: carrying_out.carry_on(c, RULES, self.now, limit=2))

    def leave(self, room: int = 2) -> None:
        taken = self.do(lambda c: claim(c, "test", self.now, dict.fromkeys(Lane, room), BOT_ID))
        by_id = {night.id: self.alert(night) for night in self.nights}
        self.under_way += [(one, by_id[one.alert_id]) for one in taken if one.alert_id in by_id]
        rest = [
            Attempt(one, Result.SENT, next(_messages)) for one in taken if one.alert_id not in by_id
        ]
        self.do(lambda c: record(c, rest, RULES, self.now))

    def arrive(self, result: Result = Result.SENT) -> None:
        attempts = [
            Attempt(one, result, next(_messages), version=alert.version)
            for one, alert in self.under_way
        ]
        self._read(maybe=result is Result.UNCERTAIN)
        self.do(lambda c: record(c, attempts, RULES, self.now))

    def die(self) -> None:
        """What was under way arrived, and nobody wrote it down."""
        self._read(maybe=True)
        self.do(lambda c: recover(c, BOT_ID, self.now))

    def _read(self, *, maybe: bool) -> None:
        """Everything under way is seen by those it went to."""
        for one, alert in self.under_way:
            night = next(night for night in self.nights if night.id == one.alert_id)
            if one.person_id not in HEADS:
                continue
            said = alert.version if one.kind is not MessageKind.CHANGED else 0
            if one.kind is MessageKind.CHANGED:
                assert one.params is not None
                said = one.params["number"]
            if one.kind in (
                MessageKind.CALL,
                MessageKind.CHANGED,
                MessageKind.NARROWED,
                MessageKind.CANCEL,
            ):
                night.heard[one.person_id].append((one.kind.value, said))
                night.maybe[one.person_id] += maybe
            if one.kind is MessageKind.CALL and alert.asked_version >= night.stamped.get(
                one.person_id, 0
            ):
                night.stamped[one.person_id] = alert.asked_version
        self.under_way = []

    def settle(self) -> None:
        """Everything works again, and some time passes."""
        self.arrive()
        for _ in range(9):
            self.minutes += 1.1
            while self.database.read(lambda c: carrying_out.anything_unfinished(c, self.now)):
                self.do(lambda c: carrying_out.carry_on(c, RULES, self.now, limit=ROOM))
            self.leave(ROOM)
            self.arrive()
            if not self.database.read(lambda c: _anything_left(c, self.now)):
                return

    # -- what has to come of it --------------------------------------------------------------------

    def look(self, night: Night) -> None:
        alert = self.alert(night)
        messages = self.database.read(lambda c: alert_message_store.of_alert(c, night.id))
        assert not self.database.read(lambda c: carrying_out.anything_unfinished(c, self.now))
        assert not self.database.read(lambda c: progress_store.differing(c, night.id))
        told = [
            message.number
            for message in messages
            if TOLD.intersection(message.kinds) and not ASKING.intersection(message.kinds)
        ]
        asks = 1 + sum(bool(ASKING.intersection(message.kinds)) for message in messages)
        for head, (_, village) in HEADS.items():
            heard, maybe = night.heard[head], night.maybe[head]
            kinds = [kind for kind, _ in heard]
            why = (village, heard, [(m.number, m.kinds, m.terms.areas) for m in messages])
            called = [said for kind, said in heard if kind == "call"]
            call = self.database.read(lambda c, h=head: call_store.call_of(c, night.id, h))  # type: ignore[misc]
            backs = kinds.count("narrowed")
            assert len(called) <= asks + backs + maybe, why
            for number in told:  # nothing twice
                assert heard.count(("changed", number)) <= 1 + maybe, why
            if alert.state in (State.LIFTED, State.CANCELLED):
                # Whoever has heard of it hears that it is over, but who was told that before.
                last = [kind for kind in kinds if kind in ("call", "narrowed")][-1:]
                assert "cancel" in kinds if last == ["call"] else called or not kinds, why
                assert kinds.count("cancel") <= 1 + maybe, why
                continue
            if not alert.in_force:
                continue
            if not any_around([village], frozenset(alert.areas)):
                assert call is None or not call.open, why
                if called:
                    last = max(at for at, kind in enumerate(kinds) if kind == "call")
                    assert "narrowed" in kinds[last:], why
                continue
            assert call is not None and not call.left_out, why
            assert max(called, default=0) >= alert.asked_version, why
            if backs:
                last = max(at for at, kind in enumerate(kinds) if kind == "narrowed")
                assert maybe or "call" in kinds[last:], why
            for number in told:
                known = max(called) >= number or ("changed", number) in heard
                assert known, (number, *why)
            answered = call.state is CallState.ACKNOWLEDGED
            assert answered or call.open, why
            assert night.stamped[head] == alert.asked_version, why
            if head in night.answered and "call" not in kinds[night.answered[head] :]:
                assert answered, why


which = st.integers(0, 1)
heads = st.sampled_from(sorted(HEADS))
steps = st.one_of(
    st.tuples(
        st.just("changes"),
        which,
        st.sampled_from("rise rise fall correct extend narrow widen move".split()),
        st.integers(0, 2),
    ),
    st.tuples(st.just("decides"), which, st.sampled_from(("yes", "yes", "no", "late"))),
    st.tuples(st.just("press"), which, heads),
    st.sampled_from(
        [
            ("part",),
            ("part",),
            ("leave",),
            ("leave",),
            ("arrive",),
            ("die",),
            ("doubt",),
            ("close",),
        ]
    ),
)
endings = st.lists(st.tuples(which, st.sampled_from(("lift", "cancel", "expire"))), max_size=1)


@pytest.mark.one_database
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=4, max_size=16), endings)
def test_everybody_knows_what_holds_and_nobody_hears_it_twice(
    database: Database, done: list[tuple[Any, ...]], ended: list[tuple[int, str]]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(carrying_out, "AT_ONCE", 1)
        scene = Scene(database, next(_runs) * 10_000)
        for step, *more in [*done, *(("ends", *end) for end in ended)]:
            scene.minutes += 0.1
            if step in ("changes", "decides", "press", "ends"):
                getattr(scene, step)(scene.nights[more[0]], *more[1:])
            elif step == "doubt":
                scene.arrive(Result.UNCERTAIN)
            elif step == "close":
                scene.do(lambda c: close_finished(c, scene.now))
            else:
                getattr(scene, step)()
        scene.settle()
        for night in scene.nights:
            scene.look(night)
            scene.ends(night, "cancel")
        scene.settle()
        for night in scene.nights:
            scene.look(night)
