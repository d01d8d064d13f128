"""Only the posts named for it, in the division or one above it, may act on a division.

Two ways: the rules over random trees of divisions against an oracle of a few lines, and every use
case carried out on a database by every post from every side of the tree.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from alerts import call_store
from alerts.acknowledge import by_proxy
from alerts.calls import Proxy
from alerts.closing import cancel, close
from alerts.follow_up import discharge
from alerts.model import Draft, Hazard, Level
from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.model import DistressRules
from alerts.patrol.hotspots.model import TaskState, Verdict, VerificationRules
from alerts.patrol.hotspots.verdicts import verify
from alerts.release import confirm, release, withdraw
from alerts.rules import Rules
from alerts.season.fire_danger import set_danger
from alerts.season.model import DangerLevel
from contacts import access, people_store
from contacts.access import Access
from contacts.people import Contact, Person, Role
from data.database import Connection, Database
from data.errors import JiaoyingError, NotAllowed
from data.tables.contacts import people
from data.tables.hotspots import hotspot_tasks
from tests.roster import (
    CITY,
    COUNTY,
    GOVERNOR,
    NOW,
    OTHER_COUNTY,
    PROVINCE,
    TOWNSHIP,
    VILLAGERS,
    VILLAGES,
    fill,
    person,
)

COMMANDING = {"commander", "director", "deputy_director", "flood_office_head", "fire_office_head"}
"""The posts that the issue names for releasing; written out, so that a change there fails here."""
WATCHING = COMMANDING | {"duty_officer"}
INFORMED = WATCHING | {"staff"}
DEPTHS = (2, 4, 6, 9, 12)


def covers(upper: str, lower: str) -> bool:
    """Whether ``upper`` is ``lower`` or above it: the oracle, by digits alone."""
    depth = next(depth for depth in DEPTHS if set(upper[depth:]) <= {"0"})
    return lower.startswith(upper[:depth])


@st.composite
def codes(draw: Any) -> str:
    depth = draw(st.integers(0, 4))
    parts = [draw(st.sampled_from(["22", "23"]))]
    parts += [draw(st.sampled_from(["01", "24"])) for _ in range(min(depth, 2))]
    parts += [draw(st.sampled_from(["101", "200"])) for _ in range(max(0, depth - 2))]
    return "".join(parts).ljust(12, "0")


@st.composite
def persons(draw: Any) -> Person:
    number = draw(st.integers(1, 3))
    return Person(
        number,
        f"人{number}",
        f"+861990000000{number}",
        draw(codes()),
        draw(st.sampled_from(list(Role))),
        1,
        "zh",
        1000 + number,
        Contact.OK,
        f"invite{number}",
        draw(st.sampled_from([True, True, True, False])),
    )


@given(st.one_of(st.none(), persons()), st.lists(codes(), min_size=1, max_size=3))
def test_releasing_and_what_follows_from_it(actor: Person | None, areas: list[str]) -> None:
    entitled = (
        actor is not None
        and actor.active
        and actor.role.value in COMMANDING
        and all(covers(actor.division_code, area) for area in areas)
    )
    assert access.may_release(actor, areas).allowed is entitled
    sender = 2
    is_sender = actor is not None and actor.active and actor.id == sender
    assert access.may_confirm(actor, sender, areas).allowed is (entitled and not is_sender)
    assert access.may_cancel(actor, areas).allowed is entitled
    assert access.may_close(actor, areas).allowed is entitled


@given(persons(), persons(), st.lists(codes(), max_size=2))
def test_acting_for_and_reading_of_somebody(
    actor: Person, subject: Person, shifts: list[str]
) -> None:
    above = covers(actor.division_code, subject.division_code)
    on_shift = any(covers(code, subject.division_code) for code in shifts)
    same = actor.division_code == subject.division_code
    other = actor.active and actor.id != subject.id
    watching = actor.role.value in WATCHING and above
    desk = actor.role is Role.DUTY_OFFICER
    proxy = other and (on_shift or (watching and (not same or desk)))
    assert access.may_record_proxy(actor, subject, shifts).allowed is proxy
    assert access.may_discharge(actor, subject, shifts).allowed is (
        other and (on_shift or watching)
    )
    informed = actor.role.value in INFORMED and above
    seen = actor.active and (actor.id == subject.id or informed)
    rung = subject.role is Role.DUTY_OFFICER and covers(subject.division_code, actor.division_code)
    reads = seen or (actor.active and rung)
    assert access.may_see_phone(actor, subject).allowed is reads
    assert access.may_see_positions(actor, subject).allowed is seen
    assert access.may_see_phone(actor, subject, shifts).allowed is (
        reads or (actor.active and on_shift)
    )
    found = access.may_find(actor, subject, "9900000").allowed
    assert found is reads
    assert access.may_open_board(actor).allowed is (actor.active and actor.role.value in WATCHING)


@given(st.one_of(st.none(), persons()), st.lists(codes(), min_size=1, max_size=2))
def test_watching_a_warning(actor: Person | None, areas: list[str]) -> None:
    near = actor is not None and any(
        covers(area, actor.division_code) or covers(actor.division_code, area) for area in areas
    )
    entitled = actor is not None and actor.active and near
    assert access.may_see_alert(actor, areas).allowed is entitled
    watches = entitled and actor is not None and actor.role.value in INFORMED
    assert access.may_watch(actor, areas).allowed is watches


# ------------------------------------------------------------------------------- the use cases

RULES = Rules()
SIDES = {
    "province": PROVINCE,
    "city": CITY,
    "county": COUNTY,
    "township": TOWNSHIP,
    "village": VILLAGES[0],
    "sibling": OTHER_COUNTY,
}
ORANGE = Draft(Level.ORANGE, Hazard.RAINSTORM, (COUNTY,), "立即转移")
PENDING = Draft(Level.RED, Hazard.RAINSTORM, (CITY,), "立即转移")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory):
    made = Database(f"sqlite:///{tmp_path_factory.mktemp('scope')}/test.db", synchronous="normal")
    fill(made)

    def unit(c: Connection) -> None:
        governor = people_store.person(c, GOVERNOR["id"])
        assert governor is not None
        release(c, ORANGE, governor, RULES, NOW)
        release(c, PENDING, governor, RULES, NOW)
        for number, state in ((1, TaskState.WAITING), (2, TaskState.EXPIRED)):
            c.execute(
                insert(hotspot_tasks).values(
                    id=number,
                    state=state.value,
                    lon=128.2,
                    lat=43.4,
                    county_code=COUNTY,
                    pixels=1,
                    hotspots=1,
                    satellites="N20",
                    first_at=NOW,
                    last_at=NOW,
                    opened_at=NOW,
                    due_at=NOW + timedelta(hours=1),
                )
            )
        c.execute(
            insert(people),
            [
                person(1000 + 100 * side + at, f"{name}-{role.value}", code, role)
                for side, (name, code) in enumerate(SIDES.items())
                for at, role in enumerate(Role)
            ],
        )

    made.do(unit)
    yield made
    made.close()


def first_call(c: Connection) -> int:
    call = call_store.call_of(c, 1, VILLAGERS[0]["id"])
    assert call is not None
    return call.id


def all_clear(c: Connection, actor: Person, at: Any) -> None:
    """Nobody has taken the call: only who is in charge may end it."""
    caller, rules = people_store.person(c, VILLAGERS[0]["id"]), DistressRules()
    assert caller is not None
    raised = distress.raise_distress(c, caller, at, rules)
    distress.confirm(c, raised.call.id, caller, at, rules)
    distress.clear(c, raised.call.id, actor, at)


def hotspot(c: Connection, actor: Person, at: Any) -> Any:
    return verify(c, 1, actor, Verdict.FARM_BURNING, at, VerificationRules())


def danger(c: Connection, actor: Person, at: Any) -> Any:
    return set_danger(c, actor, COUNTY, at.date(), DangerLevel.RED, at, today=at.date())


def posts_over(area: str, posts: set[str]) -> Callable[[str, str], bool]:
    return lambda code, role: role in posts and covers(code, area)


def proxies(code: str, role: str) -> bool:
    if code == VILLAGES[0]:
        return role == "duty_officer"
    return role in WATCHING and covers(code, VILLAGES[0])


USE_CASES: dict[str, tuple[Callable[..., Any], Callable[[str, str], bool]]] = {
    "release": (
        lambda c, actor, at: release(c, ORANGE, actor, RULES, at),
        posts_over(COUNTY, COMMANDING),
    ),
    "confirm": (lambda c, actor, at: confirm(c, 2, actor, RULES, at), posts_over(CITY, COMMANDING)),
    "refuse": (lambda c, actor, at: withdraw(c, 2, actor, at), posts_over(CITY, COMMANDING)),
    "cancel": (lambda c, actor, at: cancel(c, 1, actor, at), posts_over(COUNTY, COMMANDING)),
    "close": (
        lambda c, actor, at: close(c, 1, actor, "已转移", at),
        posts_over(COUNTY, COMMANDING),
    ),
    "proxy": (
        lambda c, actor, at: by_proxy(c, first_call(c), actor.telegram_id, Proxy.PHONE, at),
        proxies,
    ),
    "discharge": (
        lambda c, actor, at: discharge(c, first_call(c), actor.telegram_id, "外出", at),
        posts_over(VILLAGES[0], WATCHING),
    ),
    "all clear": (all_clear, posts_over(VILLAGES[0], WATCHING)),
    "hotspot verdict": (hotspot, posts_over(COUNTY, WATCHING)),
    "fire danger": (danger, posts_over(COUNTY, COMMANDING)),
}
if importlib.util.find_spec("alerts.patrol.roll_calls.calling") is not None:
    from alerts.patrol.roll_calls import calling as roll_calls
    from alerts.patrol.roll_calls.model import Whom

    USE_CASES["roll call"] = (
        lambda c, actor, at: roll_calls.start(c, actor, COUNTY, Whom.EVERYONE, 30, at, chat_id=1),
        posts_over(COUNTY, WATCHING),
    )


class _RollBack(Exception):
    """Raised at the end of a try, so that the transaction keeps nothing."""


@pytest.mark.parametrize("name", USE_CASES)
def test_only_that_division_or_above_and_only_the_named_posts(filled: Database, name: str) -> None:
    act, entitled = USE_CASES[name]
    done, refused = 0, 0
    for side, code in enumerate(SIDES.values()):
        for at, role in enumerate(Role):
            for active in (True, False):
                result: list[JiaoyingError | None] = []

                def unit(
                    c: Connection,
                    who_id: int = 1000 + 100 * side + at,
                    active: bool = active,
                    result: list[JiaoyingError | None] = result,
                ) -> None:
                    actor = people_store.person(c, who_id)
                    assert actor is not None
                    if not active:
                        c.execute(people.update().where(people.c.id == who_id).values(active=False))
                        actor = replace(actor, active=False)
                    try:
                        act(c, actor, NOW + timedelta(minutes=1))
                        result.append(None)
                    except JiaoyingError as refusal:
                        result.append(refusal)
                    raise _RollBack

                with pytest.raises(_RollBack):
                    filled.do(unit)
                error = result[-1]
                expected = active and entitled(code, role.value)
                assert (error is None) is expected, (name, code, role, active, error)
                if error is not None:
                    assert isinstance(error, NotAllowed), error
                    assert error.code is not Access.ALLOWED
                done, refused = done + (error is None), refused + (error is not None)
    assert done and refused


def test_every_handler_asks_who_it_is() -> None:
    """No module of handlers reads the person from anywhere but the account that sent the update."""
    for file in sorted((Path(__file__).parents[2] / "bot" / "handlers").glob("*.py")):
        text = file.read_text(encoding="utf-8")
        if file.name == "context.py":
            continue
        assert "person_by_telegram(c, user" not in text, file.name
        # Whose message was replied to is asked to know the bot's own.
        assert "from_user" not in text.replace("reply.from_user", ""), file.name
