"""Scope: what concerns a division is done by that division or one above it, and by the named posts.

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
from alerts.acknowledge import Proxy, by_proxy
from alerts.closing import cancel, close
from alerts.follow_up import discharge
from alerts.model import Draft, Hazard, Level
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
def test_releasing_and_what_follows_from_it(who: Person | None, areas: list[str]) -> None:
    entitled = (
        who is not None
        and who.active
        and who.role.value in COMMANDING
        and all(covers(who.division_code, area) for area in areas)
    )
    assert access.may_release(who, areas).allowed is entitled
    sender = 2
    is_sender = who is not None and who.active and who.id == sender
    assert access.may_confirm(who, sender, areas).allowed is (entitled and not is_sender)
    assert access.may_cancel(who, sender, areas).allowed is (entitled or is_sender)
    assert access.may_close(who, sender, areas).allowed is (entitled or is_sender)


@given(persons(), persons(), st.lists(codes(), max_size=2))
def test_acting_for_and_reading_of_somebody(
    who: Person, subject: Person, shifts: list[str]
) -> None:
    over = covers(who.division_code, subject.division_code)
    on_shift = any(covers(code, subject.division_code) for code in shifts)
    same = who.division_code == subject.division_code
    other = who.active and who.id != subject.id
    watching = who.role.value in WATCHING and over
    desk = who.role is Role.DUTY_OFFICER
    proxy = other and (on_shift or (watching and (not same or desk)))
    assert access.may_record_proxy(who, subject, shifts).allowed is proxy
    assert access.may_discharge(who, subject, shifts).allowed is (other and (on_shift or watching))
    informed = who.role.value in INFORMED and over
    reads = who.active and (who.id == subject.id or informed)
    assert access.may_see_phone(who, subject).allowed is reads
    assert access.may_see_positions(who, subject).allowed is reads
    assert access.may_see_phone(who, subject, shifts).allowed is (
        reads or (who.active and on_shift)
    )
    found = access.may_find(who, subject, "9900000").allowed
    assert found is reads
    assert access.may_open_board(who).allowed is (who.active and who.role.value in WATCHING)


@given(st.one_of(st.none(), persons()), st.lists(codes(), min_size=1, max_size=2))
def test_watching_a_warning(who: Person | None, areas: list[str]) -> None:
    near = who is not None and any(
        covers(area, who.division_code) or covers(who.division_code, area) for area in areas
    )
    entitled = who is not None and who.active and near
    assert access.may_see_alert(who, areas).allowed is entitled
    watches = entitled and who is not None and who.role.value in INFORMED
    assert access.may_watch(who, areas).allowed is watches


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
                person(1000 + 20 * side + at, f"{name}-{role.value}", code, role)
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


def hotspot(c: Connection, who: Person, at: Any) -> Any:
    return verify(c, 1, who, Verdict.FARM_BURNING, at, VerificationRules())


def danger(c: Connection, who: Person, at: Any) -> Any:
    return set_danger(c, who, COUNTY, at.date(), DangerLevel.RED, at, today=at.date())


def over(area: str, posts: set[str]) -> Callable[[str, str], bool]:
    return lambda code, role: role in posts and covers(code, area)


def proxies(code: str, role: str) -> bool:
    if code == VILLAGES[0]:
        return role == "duty_officer"
    return role in WATCHING and covers(code, VILLAGES[0])


USE_CASES: dict[str, tuple[Callable[..., Any], Callable[[str, str], bool]]] = {
    "release": (
        lambda c, who, at: release(c, ORANGE, who, RULES, at),
        over(COUNTY, COMMANDING),
    ),
    "confirm": (lambda c, who, at: confirm(c, 2, who, RULES, at), over(CITY, COMMANDING)),
    "refuse": (lambda c, who, at: withdraw(c, 2, who, at), over(CITY, COMMANDING)),
    "cancel": (lambda c, who, at: cancel(c, 1, who, at), over(COUNTY, COMMANDING)),
    "close": (lambda c, who, at: close(c, 1, who, "已转移", at), over(COUNTY, COMMANDING)),
    "proxy": (
        lambda c, who, at: by_proxy(c, first_call(c), who.telegram_id, Proxy.PHONE, at),
        proxies,
    ),
    "discharge": (
        lambda c, who, at: discharge(c, first_call(c), who.telegram_id, "外出", at),
        over(VILLAGES[0], WATCHING),
    ),
    "hotspot verdict": (hotspot, over(COUNTY, WATCHING)),
    "fire danger": (danger, over(COUNTY, COMMANDING)),
}
if importlib.util.find_spec("alerts.patrol.roll_calls.calling") is not None:
    from alerts.patrol.roll_calls import calling as roll_calls
    from alerts.patrol.roll_calls.model import Whom

    USE_CASES["roll call"] = (
        lambda c, who, at: roll_calls.start(c, who, COUNTY, Whom.EVERYONE, 30, at, chat_id=1),
        over(COUNTY, COMMANDING),
    )


class _Undo(Exception):
    """Nothing of the try is kept."""


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
                    who_id: int = 1000 + 20 * side + at,
                    active: bool = active,
                    result: list[JiaoyingError | None] = result,
                ) -> None:
                    who = people_store.person(c, who_id)
                    assert who is not None
                    if not active:
                        c.execute(people.update().where(people.c.id == who_id).values(active=False))
                        who = replace(who, active=False)
                    try:
                        act(c, who, NOW + timedelta(minutes=1))
                        result.append(None)
                    except JiaoyingError as refusal:
                        result.append(refusal)
                    raise _Undo

                with pytest.raises(_Undo):
                    filled.do(unit)
                error = result[-1]
                expected = active and entitled(code, role.value)
                assert (error is None) is expected, (name, code, role, active, error)
                if error is not None:
                    assert isinstance(error, NotAllowed), error
                    assert error.code is not Access.ALLOWED
                done, refused = done + (error is None), refused + (error is not None)
    assert done and refused


def test_the_scope_of_a_sender_who_was_moved_is_only_their_own_warning() -> None:
    """Who released it may always take it back; that gives no right over any other."""
    gone = Person(
        9,
        "调走的",
        "+8619900000009",
        OTHER_COUNTY,
        Role.STAFF,
        1,
        "zh",
        9,
        Contact.OK,
        "invite9",
        True,
    )
    assert access.may_cancel(gone, 9, [COUNTY]).allowed
    assert not access.may_cancel(gone, 8, [COUNTY]).allowed
    assert not access.may_release(gone, [COUNTY]).allowed
    assert not access.may_cancel(replace(gone, active=False), 9, [COUNTY]).allowed


def test_every_handler_asks_who_it_is() -> None:
    """No module of handlers reads the person from anywhere but the account that sent the update."""
    for file in sorted((Path(__file__).parents[2] / "bot" / "handlers").glob("*.py")):
        text = file.read_text(encoding="utf-8")
        if file.name == "context.py":
            continue
        assert "person_by_telegram(c, user" not in text, file.name
        assert "from_user" not in text, file.name
