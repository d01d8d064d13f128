"""Linking a person to a Telegram account: what is accepted, refused and recorded."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from sqlalchemy import insert, select

from contacts import people_store
from contacts.linking import (
    Linked,
    LinkRefusal,
    link_by_code,
    link_by_contact,
    new_invite_code,
    not_linked_yet,
    started,
    unlink,
)
from contacts.people import Contact, Person, Role
from data import audit, schema, tables
from data.database import Database
from data.errors import NotAllowed
from tests.shared import made_once

NOW = datetime(2026, 7, 1, tzinfo=UTC)
PHONE = "+8613900000001"


def with_three(file: Path) -> None:
    rows = [
        {
            "id": number,
            "name": name,
            "phone": f"+861390000000{number}",
            "division_code": "222403001001",
            "role": "village_responsible",
            "invite_code": f"code{number}",
            "active": number != 3,
            "rank": 1,
        }
        for number, name in ((1, "张三"), (2, "李四"), (3, "调走的人"))
    ]
    with closing(Database(f"sqlite:///{file}", synchronous="off")) as database:
        schema.upgrade(database)
        database.do(lambda c: c.execute(insert(tables.contacts.people), rows) and None)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    file = shutil.copy(made_once("three.db", with_three), tmp_path / "test.db")
    with closing(Database(f"sqlite:///{file}", synchronous="normal")) as database:
        yield database


def by_code(database: Database, code: str, telegram_id: int) -> Linked:
    return database.do(lambda c: link_by_code(c, code, telegram_id, NOW))


def by_contact(
    database: Database, phone: str, telegram_id: int, contact_user_id: int | None
) -> Linked:
    return database.do(lambda c: link_by_contact(c, phone, contact_user_id, telegram_id, NOW))


def trail(database: Database) -> list[tuple[str, str, int | None]]:
    query = select(
        tables.running.audit.c.action, tables.running.audit.c.subject, tables.running.audit.c.actor
    )
    return database.read(lambda c: [tuple(row) for row in c.execute(query)])


def test_an_invite_links_and_can_be_opened_again(database: Database) -> None:
    first = by_code(database, "code1", 700)
    assert (first.person.name, first.person.telegram_id, first.already) == ("张三", 700, False)
    again = by_code(database, "code1", 700)
    assert again.already
    assert again.person == first.person
    assert trail(database) == [("person.linked", "person:1", 1)]
    assert database.read(lambda c: people_store.person_by_telegram(c, 700)) == first.person


@pytest.mark.parametrize("shared", ["+8613900000001", "8613900000001", "+86 139 0000 0001"])
def test_the_own_number_links(database: Database, shared: str) -> None:
    assert by_contact(database, shared, 700, 700).person.id == 1


@pytest.mark.parametrize("card_of", [701, None])
def test_anothers_contact_is_refused(database: Database, card_of: int | None) -> None:
    with pytest.raises(NotAllowed) as refused:
        by_contact(database, PHONE, 700, card_of)
    assert refused.value.code is LinkRefusal.OTHERS_CONTACT
    assert trail(database) == []


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("+8613911111111", LinkRefusal.PHONE_UNKNOWN),
        ("13900000001", LinkRefusal.PHONE_UNKNOWN),  # +1 390 000 0001: in America
        ("+86123", LinkRefusal.PHONE_INVALID),
        ("", LinkRefusal.PHONE_INVALID),
        ("+8613900000003", LinkRefusal.INACTIVE),
    ],
)
def test_numbers_that_link_nobody(database: Database, phone: str, reason: LinkRefusal) -> None:
    with pytest.raises(NotAllowed) as refused:
        by_contact(database, phone, 700, 700)
    assert refused.value.code is reason


@pytest.mark.parametrize("code", ["", "nope", "code1' OR 1=1 --", "x" * 5000])
def test_a_made_up_code_opens_nothing(database: Database, code: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        by_code(database, code, 700)
    assert refused.value.code is LinkRefusal.UNKNOWN_CODE


def test_a_code_used_by_another_account_is_spent(database: Database) -> None:
    by_code(database, "code1", 700)
    with pytest.raises(NotAllowed) as refused:
        by_code(database, "code1", 701)
    assert refused.value.code is LinkRefusal.CODE_USED
    with pytest.raises(NotAllowed) as refused:
        by_contact(database, PHONE, 701, 701)
    assert refused.value.code is LinkRefusal.CODE_USED
    kept = database.read(lambda c: people_store.person(c, 1))
    assert kept is not None
    assert kept.telegram_id == 700


def test_one_account_is_one_person(database: Database) -> None:
    by_code(database, "code1", 700)
    with pytest.raises(NotAllowed) as refused:
        by_code(database, "code2", 700)
    assert refused.value.code is LinkRefusal.ACCOUNT_TAKEN
    assert refused.value.facts["name"] == "张三"


def test_an_unlinked_persons_old_sheet_opens_nothing(database: Database) -> None:
    by_code(database, "code1", 700)
    assert database.do(lambda c: unlink(c, 1, NOW, actor=2))
    assert not database.do(lambda c: unlink(c, 1, NOW, actor=2))
    assert not database.do(lambda c: unlink(c, 99, NOW))
    with pytest.raises(NotAllowed):
        by_code(database, "code1", 700)
    person = database.read(lambda c: people_store.person(c, 1))
    assert person is not None
    assert by_code(database, person.invite_code, 701).person.telegram_id == 701
    assert [action for action, _, _ in trail(database)] == [
        "person.linked",
        "person.unlinked",
        "person.linked",
    ]


def test_whoever_writes_again_can_be_reached_again(database: Database) -> None:
    by_code(database, "code1", 700)
    database.do(lambda c: people_store.set_contact(c, {1: Contact.BLOCKED}, NOW))
    back = database.do(lambda c: started(c, 700, NOW))
    assert back is not None
    assert back.reachable
    stored = database.read(lambda c: people_store.person(c, 1))
    assert stored == back
    database.do(lambda c: people_store.set_contact(c, {1: Contact.BLOCKED}, NOW))
    assert by_code(database, "code1", 700).person.reachable, "opening the invite again counts too"
    assert database.do(lambda c: started(c, 999, NOW)) is None


def test_a_code_may_be_as_long_as_a_deep_link_takes(database: Database) -> None:
    table = tables.contacts.people
    for person_id, code in ((1, "x"), (2, "x" * 64)):
        changed = table.update().where(table.c.id == person_id).values(invite_code=code)
        database.do(lambda c, changed=changed: c.execute(changed) and None)  # type: ignore[misc]
        assert by_code(database, code, 700 + person_id).person.id == person_id
    with pytest.raises(NotAllowed):
        by_code(database, "x" * 65, 709)


@pytest.mark.parametrize("how", ["code", "contact"])
def test_how_somebody_linked_and_unlinked_is_in_the_trail(database: Database, how: str) -> None:
    linked = (
        by_code(database, "code1", 700) if how == "code" else by_contact(database, PHONE, 700, 700)
    )
    assert (linked.already, linked.person.reachable) == (False, True)
    by_code(database, "code2", 701)
    database.do(lambda c: unlink(c, 1, NOW, actor=2))
    table = tables.running.audit
    account = database.do(lambda c: audit.hidden(c, "700"))
    query = select(table.c.detail, table.c.actor).where(table.c.subject == "person:1")
    details = database.read(lambda c: [tuple(row) for row in c.execute(query)])
    assert [(orjson.loads(detail), actor) for detail, actor in details] == [
        ({"account": account, "how": how}, 1),
        ({"account": account}, 2),
    ]
    other = database.read(lambda c: people_store.person(c, 2))
    assert other is not None and other.telegram_id == 701  # nobody else is unlinked


def test_invites_of_those_not_linked_are_seen_by_whoever_may_hand_them_out(
    database: Database,
) -> None:
    by_code(database, "code1", 700)

    def seen(role: Role, division: str) -> list[str]:
        officer = Person(99, "某", "", division, role, 1)
        return [found.name for found in database.read(lambda c: not_linked_yet(c, officer, NOW))]

    assert seen(Role.DUTY_OFFICER, "222403000000") == ["李四"]
    assert seen(Role.COMMANDER, "222403001000") == ["李四"]
    assert seen(Role.COMMANDER, "222403001001") == []
    assert seen(Role.RANGER, "222403000000") == []
    assert seen(Role.DUTY_OFFICER, "222404000000") == []


def test_somebody_who_can_be_reached_needs_no_change(database: Database) -> None:
    by_code(database, "code1", 700)
    later = NOW.replace(day=2)
    back = database.do(lambda c: started(c, 700, later))
    assert back == database.read(lambda c: people_store.person(c, 1))
    assert [action for action, _, _ in trail(database)] == ["person.linked"]


def test_codes_fit_a_deep_link_and_do_not_repeat() -> None:
    codes = {new_invite_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{16}", code) for code in codes)
