"""Evacuation cards: read from lists as offices write them, checked, kept, changed."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from alerts.loop.evacuation import card_import, card_store, keeping_store
from alerts.loop.evacuation.card_files import read_files
from alerts.loop.evacuation.card_import import CardReport, import_cards
from alerts.loop.evacuation.findings import Doubt, Note, Refused
from alerts.loop.evacuation.model import Card, Frail
from alerts.model import Hazard
from contacts.personal_store import erase
from data.audit import audit
from data.database import Database
from data.tables.alerts import alerts
from data.tables.evacuation import evacuation_households
from tests.geography import jilin
from tests.roster import COUNTY, NOW, OTHER_COUNTY, VILLAGERS
from tests.store import evacuation_lists as lists
from tests.store.evacuation_lists import DACHUAN, WEIHULING, YONGAN, drawing, line, put

pytestmark = pytest.mark.one_database


def bring(
    database: Database, folder: Path, zones: bytes = b"", /, agreed: bool = False, **files: bytes
) -> CardReport:
    paths = [put(folder, name.replace("__", "."), content) for name, content in files.items()]
    drawn = [put(folder, "zones.geojson", zones)] if zones else []
    read = read_files(paths, drawn)
    return import_cards(database, read, NOW, boundaries=jilin(), agreed=agreed)


def cards(database: Database) -> dict[str, Card]:
    return {card.name: card for card in database.read(card_store.all_cards) if card.active}


def test_lists_of_offices_become_cards(database: Database, tmp_path: Path) -> None:
    """Titles, two rows of headings, merged cells, sums and signatures; and no card is lost."""
    report = bring(database, tmp_path, plan__xlsx=lists.flash_flood_plan())
    assert report.written and not report.of(Doubt) and len(report.new) == 4
    found = cards(database)
    front, yongan, dachuan = found["威虎岭村前屯"], found["永安村"], found["大川村"]
    assert (front.households, front.persons) == (12, 35)
    assert (dachuan.households, dachuan.persons) == (15, 40)  # 约15户, 40余人
    # Of two who are responsible, the one who moves people; that is somebody of the roster.
    assert (front.organiser, front.organiser_id) == ("村长0", VILLAGERS[0]["id"])
    assert yongan.organiser == "赵永安" and yongan.organiser_phone == "+8613900000202"
    assert front.shelter is not None and yongan.shelter is not None
    assert (front.shelter.name, front.shelter.capacity) == ("威虎岭小学", 120)
    assert (front.shelter.key_holder, front.shelter.key_phone) == ("孙玉林", "+8613900000201")
    assert yongan.shelter.name == "黄泥河镇中学" and yongan.shelter.capacity == 400
    # The other settlement of the village goes to the same shelter: one shelter, one key.
    assert found["威虎岭村后屯"].shelter == front.shelter
    assert dachuan.place_code == "" and dachuan.shelter is None
    assert {note.kind for note in report.of(Note)} == {
        Note.NO_SHELTER, Note.NO_ORGANISER, Note.NO_SIGNAL,
    }  # fmt: skip
    again = bring(database, tmp_path, plan__xlsx=lists.flash_flood_plan())
    assert not again.written and again.unchanged == 4


def test_hazard_points_and_ledgers_by_household(database: Database, tmp_path: Path) -> None:
    report = bring(
        database, tmp_path, point__xlsx=lists.hazard_points(), ledger__csv=lists.ledger()
    )
    assert report.written
    found = cards(database)
    point, third = found["大川村后山滑坡"], found["威虎岭村3组"]
    assert point.division_code == DACHUAN and point.place_code == "222403010012"
    assert point.meant_for(Hazard.GEOLOGICAL) and point.meant_for(Hazard.RAINSTORM)
    assert not point.meant_for(Hazard.FOREST_FIRE)
    assert point.organiser == "周防灾"  # and not who watches
    assert point.shelter is not None and point.shelter.spot == (127.97, 43.59)
    # A row a household: who is listed is who is to move.
    assert (third.households, third.persons, third.households_listed) == (3, 8, 3)
    assert third.shelter is not None and third.shelter.name == "威虎岭村部"
    listed = database.read(lambda c: card_store.households(c, third.id))
    assert [(each.head, each.frail) for each in listed] == [
        ("王桂兰", Frail.BEDRIDDEN), ("李长海", Frail.DISABLED), ("张德福", None),
    ]  # fmt: skip
    twice = next(note for note in report.of(Note) if note.kind is Note.HOUSEHOLD_TWICE)
    assert twice.row == 6 and twice.facts == {"head": "张德福", "other": 3}
    assert [n.facts["text"] for n in report.of(Note) if n.kind is Note.PHONE_UNREAD] == [
        "1390000040"
    ]


def test_who_is_listed_no_more_loses_name_and_number(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, plan__xlsx=lists.flash_flood_plan())
    bring(database, tmp_path, list__xlsx=lists.households())
    front = cards(database)["威虎岭村前屯"]
    wang = next(
        each
        for each in database.read(lambda c: card_store.households(c, front.id))
        if each.head == "王桂兰"
    )
    assert (front.version, wang.number, wang.carer) == (2, 2, "刘志")
    shorter = "户主,村,自然屯,人口,电话\n李长海,黄泥河镇威虎岭村,前屯,4,13900000403\n"
    shorter += "新来的,黄泥河镇威虎岭村,前屯,2,"
    bring(database, tmp_path, shorter__csv=shorter.encode())
    listed = database.read(lambda c: card_store.households(c, front.id))
    # Who stays keeps the number; nobody gets the number of somebody else.
    assert [(each.number, each.head, each.persons) for each in listed] == [
        (3, "李长海", 4), (4, "新来的", 2),
    ]  # fmt: skip
    query = select(evacuation_households).where(evacuation_households.c.id == wang.id)
    row = database.read(lambda c: c.execute(query).one())
    assert not row.active and row.number == 2
    assert not any((row.head, row.phone, row.frail, row.frail_who, row.carer, row.carer_phone))
    trail = database.read(lambda c: str(c.execute(select(audit)).all()))
    assert "王桂兰" not in trail and "13900000400" not in trail


def test_what_is_doubted_is_written_only_when_it_is_so(database: Database, tmp_path: Path) -> None:
    """Each of the issue's: one clear line, and nothing lost or written by itself."""
    head = "村,户数,人数,安置点,经度,纬度,可容纳人数,全村户数\n"
    flood = flooded("牡丹江50年一遇", 128.0, 43.59, 128.02, 43.62)
    school = "黄泥河镇永安村,20,50,永安小学,128.008,43.606,"
    many = head + "黄泥河镇永安村,30000,90000,永安小学,128.008,43.606,,200\n"
    cases: dict[str, tuple[str, bytes, bytes, Doubt]] = {
        "in the flood zone": (head + school + "200,", flood, b"", Doubt.SHELTER_FLOODED),
        "too few beds": (head + school + "40,", b"", b"", Doubt.CAPACITY_SHORT),
        "many times the village": (many, b"", b"", Doubt.MORE_THAN_VILLAGE),
        "another county": (
            head + school, b"", drawing(line("永安村", [[128.0, 43.6], [129.6, 43.0]])),
            Doubt.OTHER_COUNTY,
        ),
        "outside the province": (
            head + school, b"", drawing(line("永安村", [[128.0, 43.6], [128.0, 46.5]])),
            Doubt.OUTSIDE_PROVINCE,
        ),
        "ends elsewhere": (
            head + school, b"", drawing(line("永安村转移路线", [[128.0, 43.6], [128.0, 43.65]])),
            Doubt.FAR_FROM_SHELTER,
        ),
    }  # fmt: skip
    for name, (text, zones, route, doubt) in cases.items():
        files: dict[str, Any] = {"cards__csv": text.encode()}
        if route:
            files["route__geojson"] = route
        report = bring(database, tmp_path, zones, **files)
        assert doubt in {each.kind for each in report.of(Doubt)}, name
        assert not report.written and not cards(database), name
    text = cases["too few beds"][0]
    assert bring(database, tmp_path, agreed=True, cards__csv=text.encode()).written
    assert cards(database)["永安村"].persons == 50


def test_a_track_of_60_000_points_is_a_route_of_500(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, plan__xlsx=lists.flash_flood_plan())
    # A receiver that logs each second, walked from the shelter to the village.
    track = [[128.0 + n * 1e-6, 43.6 + math.sin(n / 3000) / 100] for n in range(60_000)]
    report = bring(database, tmp_path, track__geojson=drawing(line("永安村转移路线", track)))
    said = next(note for note in report.of(Note) if note.kind is Note.SIMPLIFIED)
    route = cards(database)["永安村"].route
    assert said.facts["points"] == 60_000 and len(route) <= 500
    assert route[0] == tuple(track[0]) and route[-1] == pytest.approx(tuple(track[-1]), abs=1e-5)
    assert cards(database)["永安村"].persons == 61  # the list of before stands
    shelter = cards(database)["永安村"].shelter
    assert shelter is not None and shelter.spot == route[-1]


def test_what_cannot_be_used_stops_the_file(database: Database, tmp_path: Path) -> None:
    head = "村,屯,户数,人数,安置点\n"
    one = "黄泥河镇永安村,,20,50,永安小学\n"
    cases = {
        "没有这个村,,1,1,学校\n": Refused.WHERE_UNKNOWN,
        "敦化市黄泥河镇,,1,1,学校\n": Refused.NOT_A_VILLAGE,
        one: Refused.CARD_TWICE,
        "黄泥河镇大川村,,很多,1,学校\n": Refused.COUNT_INVALID,
    }
    for bad, reason in cases.items():
        report = bring(database, tmp_path, bad__csv=(head + one + bad).encode())
        assert [(each.kind, each.row) for each in report.of(Refused)] == [(reason, 3)], bad
        assert not report.written and not cards(database)
    people = "村,户主,人口\n黄泥河镇永安村,张三,3\n".encode()
    report = bring(database, tmp_path, people__csv=people)
    assert [each.kind for each in report.of(Refused)] == [Refused.NO_CARD]


def test_who_is_to_move_for_a_warning(database: Database, tmp_path: Path) -> None:
    """By the warning's areas and places, and by what the card is for."""
    bring(database, tmp_path, plan__xlsx=lists.flash_flood_plan(), p__xlsx=lists.hazard_points())

    def named(hazard: Hazard, areas: list[str], places: list[str] | None = None) -> list[str]:
        row = {
            "identifier": f"{hazard.value}{areas}{places}"[:31],
            "status": "Actual",
            "level": "red",
            "hazard": hazard.value,
            "headline": "…",
            "description": "…",
            "areas": areas,
            "places": places,
            "state": "released",
            "sender_id": VILLAGERS[0]["id"],
            "created_at": NOW,
            "released_at": NOW,
            "expires_at": NOW + timedelta(hours=24),
        }

        def unit(c: Connection) -> list[str]:
            key = c.execute(insert(alerts).values(row)).inserted_primary_key
            assert key is not None
            return [target.name for target in card_store.targets(c, key[0])]

        return database.do(unit)

    both = [DACHUAN, YONGAN]
    assert named(Hazard.GEOLOGICAL, both) == ["永安村", "大川村", "大川村后山滑坡"]
    assert named(Hazard.RESERVOIR, both) == ["永安村", "大川村"]  # the slope's is not for that
    assert named(Hazard.HAIL, both) == []  # nobody is moved before hail
    assert named(Hazard.RAINSTORM, [COUNTY], ["222403010012"]) == ["大川村后山滑坡"]
    assert named(Hazard.RAINSTORM, [OTHER_COUNTY]) == []


def test_an_organiser_who_is_erased_is_on_no_card(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, plan__xlsx=lists.flash_flood_plan())
    person = VILLAGERS[0]["id"]
    database.do(lambda c: erase(c, person, NOW + timedelta(days=1)))
    card = cards(database)["威虎岭村前屯"]
    assert (card.organiser_id, card.organiser_phone) == (None, "") and card.organiser != "村长0"


def test_a_card_out_of_use_forgets_its_households(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, ledger__csv=lists.ledger())
    card = cards(database)["威虎岭村3组"]
    assert database.do(lambda c: keeping_store.retire_card(c, card.id, NOW))
    assert not database.do(lambda c: keeping_store.retire_card(c, card.id, NOW))
    assert database.read(lambda c: card_store.card_of(c, WEIHULING, card.place_code)) is None
    assert not database.read(lambda c: card_store.households(c, card.id))
    # Imported again it is in use again, the next version of the same card.
    bring(database, tmp_path, ledger__csv=lists.ledger())
    back = cards(database)["威虎岭村3组"]
    assert (back.id, back.version, back.households_listed) == (card.id, 2, 3)


def flooded(name: str, west: float, south: float, east: float, north: float) -> bytes:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return drawing({"type": "Feature", "properties": {"name": name}, "geometry": geometry})


def test_an_import_that_is_killed_goes_on_when_it_is_made_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tap waits for one piece at most; what somebody else writes meanwhile is compared anew."""
    monkeypatch.setattr(card_import, "PIECE", 2)
    paths = [
        put(tmp_path, "plan.xlsx", lists.flash_flood_plan()),
        put(tmp_path, "list.xlsx", lists.households()),
    ]
    files = read_files(paths)
    whole = database.read(lambda c: card_import.compared(c, files, "", jilin(), NOW))

    def killed(_seconds: float) -> None:
        if cards(database):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_cards(database, files, NOW, boundaries=jilin(), rest=killed)
    written = len(cards(database))
    assert 0 < written < len(whole.new)

    def other(_seconds: float) -> None:
        """The office writes another card by hand, between two pieces."""
        if "官地村" not in cards(database):
            card = Card(0, "222403102200", "", "官地村", households=1, persons=2)
            database.do(lambda c: keeping_store.keep_card(c, card, None, NOW))

    again = import_cards(database, files, NOW, boundaries=jilin(), rest=other)
    assert again.written and len(again.new) == len(whole.new) - written
    found = cards(database)
    assert len(found) == len(whole.new) + 1
    assert {card.version for card in found.values()} == {1}, "none is written twice"
    listed = database.read(
        lambda c: card_store.households_of(c, [card.id for card in found.values()])
    )
    assert sum(map(len, listed.values())) == whole.households
    assert not import_cards(database, files, NOW, boundaries=jilin()).written
