"""Successors, returns and those a file leaves out: nobody inherits an account, nobody just goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contacts import account_store, equipment_store, link_store, people_store
from contacts.access import Access, may_open_board, may_release
from contacts.leaving import NumberTaken, PostProblem, give_up_post, renumber, retire
from contacts.linking import LinkAsked, approve, link_by_code, link_by_contact, refuse
from contacts.people import Person, Post, Role
from contacts.roster import store as roster_store
from contacts.roster.account_cells import LISTED
from contacts.roster.columns import RosterKind
from contacts.roster.comings import Spoken
from contacts.roster.importing import ImportReport, import_file
from contacts.roster.reading.people_list import Defaults
from contacts.roster.reading.questions import Asked
from data import audit
from data.database import Database
from data.errors import Conflict

pytestmark = pytest.mark.one_database


NOW = datetime(2026, 7, 1, tzinfo=UTC)
HEADER = "name,phone,division_code,role\n"
TOWN = "222405102000"
NUMBER = "+8619900000001"


@pytest.fixture
def database(upgraded_url: str) -> Iterator[Database]:
    made = Database(upgraded_url, synchronous="normal")
    yield made
    made.close()


def bring(database: Database, tmp_path: Path, *rows: str, **more: Any) -> ImportReport:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + "".join(row + "\n" for row in rows), encoding="utf-8")
    return import_file(database, RosterKind.PEOPLE, path, NOW, zone=UTC, **more)


def person(database: Database, phone: str = NUMBER) -> Person:
    found = database.read(lambda c: people_store.person_by_phone(c, phone))
    assert found is not None
    return found


def everybody(database: Database) -> dict[str, bool]:
    return {known.name: known.active for known in database.read(roster_store.stored_people)}


HEAD = "张三,19900000001,222405102200,village_responsible"
OTHERS = [f"村长{n},1990000001{n},22240510220{n},village_responsible" for n in range(1, 5)]


def linked(database: Database, tmp_path: Path) -> Person:
    bring(database, tmp_path, HEAD, *OTHERS)
    code = person(database).invite_code
    database.do(lambda c: link_by_code(c, code, 7001, NOW))
    return person(database)


def test_another_name_on_a_linked_number_is_asked_about(database: Database, tmp_path: Path) -> None:
    linked(database, tmp_path)
    report = bring(database, tmp_path, HEAD.replace("张三", "李四"))
    assert [(q.asked, q.about) for q in report.open] == [
        (Asked.NAME_CHANGED, (f"张三 → 李四 {NUMBER}",))
    ]
    assert not report.written and person(database).name == "张三"


def test_a_correction_keeps_the_account(database: Database, tmp_path: Path) -> None:
    before = linked(database, tmp_path)
    spoken = Spoken(corrections=frozenset({NUMBER}))
    assert bring(database, tmp_path, HEAD.replace("张三", "章三"), spoken=spoken).written
    after = person(database)
    assert (after.name, after.telegram_id, after.id) == ("章三", 7001, before.id)


def test_a_successor_is_somebody_else(database: Database, tmp_path: Path) -> None:
    before = linked(database, tmp_path)
    spoken = Spoken(successors=frozenset({NUMBER}))
    report = bring(database, tmp_path, HEAD.replace("张三", "李四"), spoken=spoken)
    assert report.written
    after = person(database)
    assert (after.name, after.telegram_id, after.active) == ("李四", None, True)
    assert after.id != before.id and after.invite_code != before.invite_code
    old = database.read(lambda c: people_store.person(c, before.id))
    assert old is not None
    assert (old.name, old.active, old.telegram_id) == ("张三", False, None)
    assert database.read(audit.verify).broken is None
    again = bring(database, tmp_path, HEAD.replace("张三", "李四"))
    assert not again.written and not again.open


def test_a_name_on_a_number_without_an_account_is_just_changed(
    database: Database, tmp_path: Path
) -> None:
    bring(database, tmp_path, HEAD)
    assert bring(database, tmp_path, HEAD.replace("张三", "章三")).written
    assert person(database).name == "章三"


def test_who_left_comes_back_only_by_word_and_without_the_account(
    database: Database, tmp_path: Path
) -> None:
    before = linked(database, tmp_path)
    database.do(lambda c: retire(c, before.id, NOW))
    report = bring(database, tmp_path, HEAD)
    assert [question.asked for question in report.open] == [Asked.RETURNED]
    assert not person(database).active
    assert bring(database, tmp_path, HEAD, spoken=Spoken(returning=frozenset({NUMBER}))).written
    after = person(database)
    assert (after.active, after.telegram_id) == (True, None)
    assert after.invite_code != before.invite_code
    assert not bring(database, tmp_path, HEAD).open, "once is enough"


def test_who_is_missing_of_the_files_area_and_roles(database: Database, tmp_path: Path) -> None:
    ranger = "护林,19900000021,222405102200,ranger"
    elsewhere = "远方,19900000022,222405103200,village_responsible"
    bring(database, tmp_path, HEAD, *OTHERS, ranger, elsewhere)
    report = bring(database, tmp_path, *OTHERS, dry_run=True, said=Defaults(area=TOWN))
    assert [known.name for known in report.comings.missing] == ["张三"]
    assert all(everybody(database).values())


def test_retiring_those_who_are_missing(database: Database, tmp_path: Path) -> None:
    linked(database, tmp_path)
    said, spoken = Defaults(area=TOWN), Spoken(retire_missing=True)
    assert bring(database, tmp_path, *OTHERS, said=said, spoken=spoken).written
    assert everybody(database) == {"张三": False, **{f"村长{n}": True for n in range(1, 5)}}
    assert person(database).telegram_id is None


def test_too_many_missing_stop_the_import(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, HEAD, *OTHERS)
    said = Defaults(area=TOWN)
    few = OTHERS[:2]
    report = bring(database, tmp_path, *few, said=said, spoken=Spoken(retire_missing=True))
    assert [question.asked for question in report.open] == [Asked.TOO_MANY_MISSING]
    assert report.open[0].facts["share"] == 60
    assert all(everybody(database).values())
    spoken = Spoken(retire_missing=True, threshold=60)
    assert bring(database, tmp_path, *few, said=said, spoken=spoken).written
    assert sum(everybody(database).values()) == 2


def test_a_commander_who_is_missing_is_asked_about(database: Database, tmp_path: Path) -> None:
    chiefs = ["镇长,19900000031,222405102000,commander", "书记,19900000032,222405102000,commander"]
    bring(database, tmp_path, *chiefs)
    said, spoken = Defaults(area=TOWN), Spoken(retire_missing=True, threshold=100)
    report = bring(database, tmp_path, chiefs[0], said=said, spoken=spoken)
    assert [question.asked for question in report.open] == [Asked.COMMANDING_LEAVES]
    assert bring(database, tmp_path, chiefs[0], said=said, spoken=spoken, agreed=True).written
    assert everybody(database) == {"镇长": True, "书记": False}


def test_a_new_number_keeps_the_account_and_the_history(database: Database, tmp_path: Path) -> None:
    before = linked(database, tmp_path)
    database.do(lambda c: renumber(c, before, "+8619900000077", NOW))
    after = person(database, "+8619900000077")
    assert (after.id, after.telegram_id, after.role) == (before.id, 7001, Role.VILLAGE_RESPONSIBLE)
    with pytest.raises(Conflict) as refused:
        database.do(lambda c: renumber(c, after, "+8619900000011", NOW))
    assert refused.value.code is NumberTaken.PHONE_TAKEN


@pytest.mark.both_databases
def test_further_numbers_are_kept(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, HEAD.replace("19900000001", "19900000001、0433-3230001"))
    from sqlalchemy import select

    from data.tables.contacts import people

    query = select(people.c.other_phones).where(people.c.phone == NUMBER)
    assert database.read(lambda c: c.execute(query).scalar_one()) == "+864333230001"


@pytest.mark.both_databases
def test_satellite_phones_and_loudspeakers_belong_to_the_village(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "名单.csv"
    heads = "姓名,电话,区划代码,职务,卫星电话,大喇叭\n"
    village = "222405102201"

    def brought(row: str) -> list[str]:
        file.write_text(heads + row, encoding="utf-8")
        import_file(database, RosterKind.PEOPLE, file, NOW, zone=UTC)
        found = database.read(lambda c: equipment_store.of_divisions(c, [village]))
        return [piece.number or piece.words for piece in found.get(village, [])]

    row = f"张三,19900000001,{village},包保责任人,17401349001,2 处"
    assert brought(row) == ["+8617401349001", "2 处"]
    before = database.read(audit.length)
    assert brought(row) == ["+8617401349001", "2 处"]
    assert database.read(audit.length) == before
    assert brought(row.replace("17401349001,2 处", "17401349002,")) == ["+8617401349002", "2 处"]
    assert brought(row.replace("17401349001,2 处", "无,无")) == []
    [*_, last] = database.read(lambda c: list(audit.trail(c, f"division:{village}")))
    assert last["action"] == "equipment.changed" and "1740" not in str(last["detail"])


@pytest.mark.both_databases
def test_accounts_and_addresses_of_a_list_are_all_there_are(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "名单.csv"
    heads = "姓名,电话,区划代码,职务,企业微信,邮箱\n"

    def brought(cells: str) -> list[str]:
        row = f"张三,19900000001,222405102201,包保责任人,{cells}"
        file.write_text(heads + row, encoding="utf-8")
        report = import_file(database, RosterKind.PEOPLE, file, NOW, zone=UTC)
        assert not report.problems.shown
        found = database.read(lambda c: account_store.known_accounts(c, LISTED))
        phone = "+8619900000001"
        return [address for channel in LISTED for address in found.get((phone, channel), ())]

    assert brought("ZhangSan,a@x.gov.cn、b@x.gov.cn") == ["zhangsan", "a@x.gov.cn", "b@x.gov.cn"]
    before = database.read(audit.length)
    assert len(brought("ZhangSan,a@x.gov.cn、b@x.gov.cn")) == 3
    assert database.read(audit.length) == before
    assert len(brought(",")) == 3
    assert brought("zhang.san,b@x.gov.cn、c@x.gov.cn") == [
        "zhang.san",
        "b@x.gov.cn",
        "c@x.gov.cn",
    ]
    [*_, last] = database.read(lambda c: list(audit.trail(c, "person:1")))
    assert last["action"] == "person.accounts" and "c@x" not in str(last["detail"])
    assert brought("无,无") == []
    file.write_text(heads + "张三,19900000001,222405102201,包保责任人,有,x\n", encoding="utf-8")
    report = import_file(database, RosterKind.PEOPLE, file, NOW, zone=UTC)
    assert [problem.column for problem in report.problems.shown] == ["wecom", "email"]


CHIEF = "张三,19900000001,222405102000,deputy_director"


@pytest.mark.both_databases
def test_a_linked_person_who_comes_to_a_post_with_rights_proves_the_account_anew(
    database: Database, tmp_path: Path
) -> None:
    before = linked(database, tmp_path)
    report = bring(database, tmp_path, CHIEF)
    assert [found.name for found in report.unproven] == ["张三"]
    after = person(database)
    assert after.telegram_id == 7001 and after.unproven
    assert after.invite_code != before.invite_code
    assert may_release(after, [TOWN]) is Access.UNPROVEN
    assert may_open_board(after) is Access.UNPROVEN

    # The account alone proves nothing; the new code and the own number do.
    code = after.invite_code
    assert isinstance(database.do(lambda c: link_by_code(c, code, 7001, NOW)), LinkAsked)
    assert may_release(person(database), [TOWN]) is Access.UNPROVEN
    database.do(lambda c: link_by_contact(c, NUMBER, 7001, 7001, NOW))
    assert may_release(person(database), [TOWN]) is Access.ALLOWED


def test_somebody_above_may_say_that_the_account_is_theirs_or_not(
    database: Database, tmp_path: Path
) -> None:
    linked(database, tmp_path)
    bring(database, tmp_path, CHIEF)
    who = person(database).id
    database.do(lambda c: approve(c, who, 7001, None, NOW))
    assert may_release(person(database), [TOWN]) is Access.ALLOWED

    bring(database, tmp_path, HEAD, all_posts=True, agreed=True)
    bring(database, tmp_path, CHIEF)
    assert person(database).unproven
    database.do(lambda c: refuse(c, who, 7001, None, NOW))
    assert person(database).telegram_id is None


def test_a_file_that_names_the_account_vouches_for_it(database: Database, tmp_path: Path) -> None:
    linked(database, tmp_path)
    path = tmp_path / "named.csv"
    path.write_text(HEADER.strip() + ",telegram_id\n" + CHIEF + ",7001\n", encoding="utf-8")
    report = import_file(database, RosterKind.PEOPLE, path, NOW, zone=UTC)
    assert report.unproven == () and not person(database).unproven


def test_who_held_rights_already_proved_the_account(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, CHIEF)
    who = person(database).id
    database.do(lambda c: link_by_contact(c, NUMBER, 7001, 7001, NOW))
    database.do(lambda c: approve(c, who, 7001, None, NOW))
    assert not bring(database, tmp_path, "张三,19900000001,222405000000,commander").unproven


@pytest.mark.both_databases
@pytest.mark.parametrize("let_in_by", [None, Role.COMMANDER, Role.DUTY_OFFICER])
def test_who_was_on_duty_and_comes_to_command_is_told_of_or_proven_again(
    database: Database, tmp_path: Path, let_in_by: Role | None
) -> None:
    """Nobody gives a right that they do not have, nor by somebody's next post."""
    duty = "张三,19900000001,222405000000,duty_officer"
    above = "" if let_in_by is None else f"上级,19900000009,222400000000,{let_in_by.value}"
    bring(database, tmp_path, duty, above)
    who = person(database).id
    database.do(lambda c: link_by_contact(c, NUMBER, 7001, 7001, NOW))
    chief = database.read(lambda c: people_store.person_by_phone(c, "+8619900000009"))
    database.do(lambda c: approve(c, who, 7001, chief, NOW))
    database.do(lambda c: link_store.take_newness(c, who))
    told: list[str] = []
    report = bring(
        database,
        tmp_path,
        duty.replace("duty_officer", "commander"),
        after_linking=lambda _c, people, _now: told.extend(known.name for known in people),
        agreed=True,
    )
    again = let_in_by is Role.DUTY_OFFICER
    assert [known.name for known in report.unproven] == ["张三"] * again
    assert told == ["张三"] * (not again)
    assert person(database).unproven is again
    assert database.do(lambda c: link_store.take_newness(c, who)) is not again


@pytest.mark.both_databases
def test_one_post_is_taken_away_and_the_next_leads(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, CHIEF, HEAD, "张三,19900000001,222405102201,ranger")
    known = person(database)
    assert known.role is Role.DEPUTY_DIRECTOR and len(known.posts) == 3
    database.do(lambda c: give_up_post(c, known, known.post, NOW))
    now = person(database)
    assert [(post.role, post.division_code) for post in now.posts] == [
        (Role.VILLAGE_RESPONSIBLE, "222405102200"),
        (Role.RANGER, "222405102201"),
    ]
    left = database.do(lambda c: give_up_post(c, now, now.posts[1], NOW))
    assert person(database) == left
    with pytest.raises(Conflict) as refused:
        database.do(lambda c: give_up_post(c, left, left.post, NOW))
    assert refused.value.code is PostProblem.LAST_POST


def test_who_loses_a_command_by_a_file_is_told_of(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, CHIEF, HEAD)
    told: list[tuple[str, Role]] = []

    def lost(_c: object, who: Person, post: Post, _now: datetime) -> None:
        told.append((who.name, post.role))

    report = bring(database, tmp_path, HEAD, all_posts=True, after_losing=lost)
    assert not report.written and told == []
    bring(database, tmp_path, HEAD, all_posts=True, agreed=True, after_losing=lost)
    assert told == [("张三", Role.DEPUTY_DIRECTOR)]
