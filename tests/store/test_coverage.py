"""What ``jiaoying check`` says of a roster is what counting by hand says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from sqlalchemy import insert, select, update

from alerts import call_store
from alerts.model import Hazard
from alerts.rules import Rules
from bot.views.clock import BEIJING
from bot.views.roster import coverage_sheet as coverage_sheets
from bot.views.roster.coverage import readiness_lines
from bot.views.roster.coverage_facts import readiness_facts
from bot.views.roster.coverage_sheet import coverage_sheet
from contacts import people_store, proof_store
from contacts.coverage import Doubt, Gap, GapReason, Proof, Proven
from contacts.coverage_store import Readiness, readiness
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Division
from contacts.divisions.store import load_gazetteer, shipped_divisions
from contacts.people import Contact
from contacts.roster import list_store
from contacts.roster.changes import Changes
from contacts.roster.columns import RosterKind
from contacts.roster.importing import ImportReport, import_file
from contacts.roster.store import apply_divisions
from contacts.targeting import audience
from contacts.targeting_store import audience_query
from data import audit
from data.database import Database
from data.tables.alerts import alerts, calls
from data.tables.contacts import people

pytestmark = pytest.mark.one_database


NOW = datetime(2026, 7, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 20, 4, 0, tzinfo=UTC)
TOWN = "222403102000"  # 官地镇: 2 communities and 45 villages
NEAR = ("222403", "222404")
HEADER = "name,phone,division_code,role,rank,telegram_id,place,hazards\n"
PLACES = (
    "kind,name,division_code\n"
    "水库,繁荣水库,222403102001\n"
    "学校,昌盛小学,222403102002\n"
    "堤防,石塘堤,222403102201\n"
)


@pytest.fixture
def database(upgraded_url: str) -> Iterator[Database]:
    made = Database(upgraded_url, synchronous="normal")
    near = Changes(tuple(each for each in shipped_divisions() if _is_near(each)))
    made.do(lambda c: apply_divisions(c, near, NOW, {}))
    yield made
    made.close()


def _is_near(division: Division) -> bool:
    """Of two counties everything, of the others the counties only: 13,014 are slow."""
    return division.tier.depth <= Tier.COUNTY.depth or division.code.startswith(NEAR)


class Roster:
    """Rows of a people file, each person with a number of their own."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def add(
        self,
        village: int,
        role: str,
        *,
        rank: int = 1,
        linked: bool = True,
        place: str = "",
        hazards: str = "",
    ) -> str:
        """A person; returns their number. ``village``: the last three digits, 0 the township."""
        at = len(self.rows) + 1
        phone, account = f"1990000{at:04}", str(50_000 + at) if linked else ""
        code = f"222403102{village:03}"
        self.rows.append(f"人{at},{phone},{code},{role},{rank},{account},{place},{hazards}")
        return "+86" + phone


def bring(
    database: Database, folder: Path, rows: list[str], now: datetime = NOW, **more: Any
) -> ImportReport:
    file = folder / "people.csv"
    file.write_text(HEADER + "".join(row + "\n" for row in rows), encoding="utf-8")
    return import_file(database, RosterKind.PEOPLE, file, now, zone=UTC, **more)


def check(database: Database, area: str | None = TOWN) -> Readiness:
    return database.read(lambda c: readiness(c, Rules().called, area))


def block(database: Database, *phones: str) -> None:
    learned = {person_id(database, phone): Contact.BLOCKED for phone in phones}
    database.do(lambda c: people_store.set_contact(c, learned, NOW))


def person_id(database: Database, phone: str) -> int:
    found = database.read(lambda c: people_store.person_by_phone(c, phone))
    assert found is not None
    return found.id


def reasons(gaps: tuple[Gap, ...]) -> dict[int, GapReason]:
    return {int(gap.code[-3:]): gap.reason for gap in gaps}


ROSTER_OF_120: list[tuple[str, Iterable[int], str, int, dict[str, Any]]] = [
    ("commander", [0], "commander", 1, {}),
    ("deputy", [0], "deputy_director", 1, {}),
    ("flood office", [0], "flood_office_head", 1, {}),
    ("fire office", [0], "fire_office_head", 1, {}),
    ("duty", [0], "duty_officer", 1, {}),
    ("staff", [0], "staff", 6, {}),
    ("A head", range(200, 208), "village_responsible", 1, {}),
    ("A ranger", range(200, 208), "ranger", 1, {}),
    ("A evacuator", range(200, 208), "evacuation_responsible", 1, {"linked": False}),
    ("A grid", range(200, 208), "grid_worker", 6, {}),
    ("B", range(208, 212), "ranger", 2, {}),
    ("C head", range(212, 215), "village_responsible", 1, {"linked": False}),
    ("C grid", range(212, 215), "grid_worker", 1, {"linked": False}),
    ("C ranger", range(212, 215), "ranger", 1, {}),
    ("D first", range(215, 217), "village_responsible", 1, {}),
    ("D second", range(215, 217), "village_responsible", 1, {"rank": 2}),
    ("E head", range(217, 219), "village_responsible", 1, {}),
    ("F head", range(219, 222), "village_responsible", 1, {}),
    ("F ranger", range(219, 222), "ranger", 1, {}),
    ("G", range(222, 224), "evacuation_responsible", 1, {"hazards": "地质灾害"}),
    ("H", range(224, 226), "hazard_observer", 1, {}),
    ("I head", [1], "reservoir_head", 1, {"place": "繁荣水库"}),
    ("I engineer", [1], "reservoir_engineer", 1, {"place": "繁荣水库"}),
    ("I inspector", [1], "reservoir_inspector", 1, {"place": "繁荣水库"}),
    ("J", [2], "place_responsible", 1, {"place": "昌盛小学", "linked": False}),
]
"""Part, villages (0: the township), role, how many in each; rank 1, linked and no place else."""


def roster_of_120() -> tuple[Roster, dict[str, list[str]]]:
    """The roster, and the numbers of each part's persons."""
    roster = Roster()
    numbers = {
        part: [roster.add(village, role, **more) for village in villages for _ in range(times)]
        for part, villages, role, times, more in ROSTER_OF_120
    }
    return roster, numbers


@pytest.mark.both_databases
def test_check_counts_whom_a_release_calls(database: Database, tmp_path: Path) -> None:
    """By hazard, in the town and in a village of each letter: what previews count is told."""
    roster, numbers = roster_of_120()
    file = tmp_path / "places.csv"
    file.write_text(PLACES, encoding="utf-8")
    import_file(database, RosterKind.PLACES, file, NOW, zone=UTC)
    bring(database, tmp_path, roster.rows)
    block(database, *numbers["D first"], *numbers["E head"])
    coverage, rules = check(database).coverage, Rules()
    letters = {f"222403102{at}" for at in (200, 208, 212, 215, 217, 219, 222, 224, 226)}
    of_each_kind = [details for details in coverage.details if details.code in letters]
    assert len(of_each_kind) == 9

    def counted(code: str, hazard: Hazard) -> tuple[int, int]:
        whom = audience([code], rules.audience[hazard], hazard.value)
        return database.read(lambda c: call_store.count_audience(c, audience_query(whom)))

    for at, found in enumerate(coverage.by_hazard):
        for hazard in map(Hazard, found.hazards):
            channels = found.channels
            assert counted(TOWN, hazard) == (channels.called, channels.by_bot), hazard
        for village in of_each_kind:
            assert counted(village.code, hazard) == village.called[at], (hazard, village)


def test_120_persons_counted_by_hand(database: Database, tmp_path: Path) -> None:
    """Each letter is a kind of village: who is there, and what a warning of each hazard reaches.

    ==  =======  ===================================================  =======================
    A   200-207  head and ranger linked, evacuator not, six grid      flood, fire
                 workers linked
    B   208-211  two rangers linked                                   fire; no flood
    C   212-214  head and grid worker not linked, ranger linked       fire; flood: not linked
    D   215-216  head blocked the bot, second head linked             flood, fire: by stand-in
    E   217-218  head blocked the bot                                 nothing: unreachable
    F   219-221  head not in the newest list, ranger linked           fire; flood: in doubt
    G   222-223  evacuator linked, for geological hazards only        geological hazards
    H   224-225  hazard observer linked                               where slopes may slide
    I   001      three of a reservoir, linked                         the reservoir
    J   002      one of a school, not linked                          nothing
    K   226-244  nobody                                               nothing
    ==  =======  ===================================================  =======================
    """
    roster, numbers = roster_of_120()
    left_out = [row for row in roster.rows if "+86" + row.split(",")[1] in numbers["F head"]]
    assert len(roster.rows) == 120

    file = tmp_path / "places.csv"
    file.write_text(PLACES, encoding="utf-8")
    import_file(database, RosterKind.PLACES, file, NOW, zone=UTC)
    assert bring(database, tmp_path, roster.rows).written
    block(database, *numbers["D first"], *numbers["E head"])
    rest = [row for row in roster.rows if row not in left_out]
    assert bring(database, tmp_path, rest).confirmed

    ready = check(database)
    coverage = ready.coverage
    # Not linked: 8 of A, 6 of C, 1 of J. Lost: the heads of D and E.
    assert (ready.persons, ready.linked, ready.unreachable) == (120, 105, 4)
    assert coverage.villages == 47
    assert coverage.covered == 10, "A and D: for every hazard"
    by_hazard = {hazard: found for found in coverage.by_hazard for hazard in found.hazards}
    assert by_hazard["rainstorm"].covered == 12, "A, D, H"
    assert by_hazard["geological"].covered == 14, "A, D, G, H"
    assert by_hazard["snowstorm"].covered == 10, "A, D: no slope slides of snow"
    assert by_hazard["forest_fire"].covered == 20, "A, B, C, D, F"
    assert by_hazard["rainstorm"].by_stand_in == by_hazard["forest_fire"].by_stand_in == 2, "D"

    flood = [gap for gap in coverage.gaps if not gap.hazards or "rainstorm" in gap.hazards]
    assert reasons(tuple(flood)) == {
        **dict.fromkeys([208, 209, 210, 211, 222, 223], GapReason.NOT_CALLED),
        **dict.fromkeys([212, 213, 214], GapReason.NOT_LINKED),
        **dict.fromkeys([217, 218], GapReason.UNREACHABLE),
        **dict.fromkeys([219, 220, 221], GapReason.DOUBTED),
        **dict.fromkeys([1, 2, *range(226, 245)], GapReason.NOBODY),  # of the village itself
    }
    # The dyke has nobody, the school nobody linked; the reservoir is covered.
    assert (coverage.places, coverage.places_covered) == (3, 1)
    assert [(gap.name, gap.reason) for gap in coverage.place_gaps] == [
        ("昌盛小学", GapReason.NOT_LINKED),
        ("石塘堤", GapReason.NOBODY),
    ]
    facts = readiness_facts(ready, NOW)
    told = [gap for gap in facts["gaps"] if not gap["hazards"] or "rainstorm" in gap["hazards"]]
    assert len(told) == 6 + 3 + 2 + 3 + 21, "no list is cut"
    assert (len(facts["not_linked"]), len(facts["doubted"])) == (8 + 6 + 1, 3)
    assert {person["held_from"] for person in facts["not_linked"]} == {None}
    assert len(facts["by_place"]) == 47 + 3
    # A fire calls 3 of the township, 16 of A, 8 of B, 6 of C, 2 of D, 2 of E, 6 of F.
    fire = by_hazard["forest_fire"].channels
    assert (fire.called, fire.by_bot, fire.by_telephone, fire.lost) == (43, 36, 3, 4)
    # Rain calls 3 of the township, 64 of A, 6 of C, 2 of D, 2 of E, 3 of F, 2 of H, 3 + 1 of I, J.
    flood_channels = by_hazard["rainstorm"].channels
    assert flood_channels.called == 3 + 64 + 6 + 2 + 2 + 3 + 2 + 3 + 1
    assert flood_channels.by_telephone == 8 + 6 + 1
    assert flood_channels.lost == 4
    assert {post.holder.name for post in ready.posts if post.holder.doubt} == {
        row.split(",")[0] for row in left_out
    }


def test_30_leavers_of_99_do_not_keep_99_villages_covered(
    database: Database, tmp_path: Path
) -> None:
    rows = [
        f"村长{at},1990000{at:04},{code},village_responsible,,{60_000 + at},,"
        for at, code in enumerate(villages(99), start=1)
    ]
    bring(database, tmp_path, rows)
    assert check(database, None).coverage.covered == 99
    new_list = bring(database, tmp_path, rows[:69])
    assert not new_list.written, "nobody goes by it"
    after = check(database, None)
    assert after.persons == 99
    assert after.coverage.covered == 69
    assert after.coverage.of(GapReason.DOUBTED) == 30
    trail = database.read(audit.verify)
    assert trail.broken is None
    bring(database, tmp_path, rows)  # the older list again: it is the newest now
    assert check(database, None).coverage.covered == 99


def villages(count: int) -> list[str]:
    there = [each.code for each in shipped_divisions() if each.tier is Tier.VILLAGE]
    return [code for code in there if code.startswith("222403")][:count]


def test_a_few_rows_are_no_list_of_all(database: Database, tmp_path: Path) -> None:
    rows = [
        f"村长{at},1990000{at:04},{code},village_responsible,,{60_000 + at},,"
        for at, code in enumerate(villages(9), start=1)
    ]
    bring(database, tmp_path, rows)
    bring(database, tmp_path, [rows[0], rows[-1].replace("村长9", "王九")])
    assert check(database, None).coverage.covered == 9


def test_the_same_list_again_is_no_news(database: Database, tmp_path: Path) -> None:
    roster = Roster()
    roster.add(200, "village_responsible")
    bring(database, tmp_path, roster.rows, APRIL)
    length = database.read(audit.length)
    again = bring(database, tmp_path, roster.rows, NOW)
    assert (again.written, again.confirmed, database.read(audit.length)) == (False, False, length)
    assert named_at(database) == APRIL, "the file is as old as it was"
    roster.add(201, "village_responsible")
    bring(database, tmp_path, roster.rows, NOW)
    assert named_at(database) == NOW, "a newer list names them"
    assert not bring(database, tmp_path, roster.rows, NOW, dry_run=True).confirmed


def test_a_town_without_anybody_is_told_village_by_village(
    database: Database, tmp_path: Path
) -> None:
    roster = Roster()
    roster.add(200, "village_responsible")
    bring(database, tmp_path, roster.rows)
    for empty in ("222403103000", "222404000000"):  # a town of a county in use; another county
        coverage = check(database, empty).coverage
        assert coverage.villages > 0
        assert coverage.of(GapReason.NOBODY) == coverage.villages
    assert check(database, None).coverage.counties_unused > 50


@pytest.mark.both_databases
def test_the_offices_of_the_town_itself_have_a_date_too(database: Database, tmp_path: Path) -> None:
    roster = Roster()
    roster.add(0, "commander")
    bring(database, tmp_path, roster.rows, APRIL)
    roster.add(200, "village_responsible")
    bring(database, tmp_path, roster.rows[1:], NOW)
    gazetteer = database.read(load_gazetteer)
    later = NOW + timedelta(days=60)
    told = "\n".join(readiness_lines(check(database), gazetteer, "zh", later, area=TOWN))
    assert "官地镇本级：自4月20日起未核对" in told
    assert "北河沿村：7月1日核对" in told


def named_at(database: Database) -> datetime | None:
    return check(database).posts[0].holder.named_at


def warning(alert_id: int, status: str = "Actual") -> dict[str, Any]:
    return {
        "id": alert_id,
        "identifier": f"a{alert_id}",
        "status": status,
        "level": "red",
        "hazard": "rainstorm",
        "headline": "",
        "description": "",
        "areas": [TOWN],
        "state": "released",
        "sender_id": 1,
        "created_at": APRIL,
        "released_at": APRIL,
        "expires_at": NOW,
    }


def answer(call_id: int, alert_id: int, at: datetime, proxy_by: int | None = None) -> Any:
    return insert(calls).values(
        id=call_id,
        alert_id=alert_id,
        person_id=1,
        division_code=TOWN,
        role="village_responsible",
        state="proxied" if proxy_by else "acknowledged",
        reach="delivered",
        called_at=APRIL,
        answered_at=at,
        proxy_by=proxy_by,
    )


@pytest.mark.both_databases
def test_the_last_proof_is_the_newest_of_all_kinds(database: Database, tmp_path: Path) -> None:
    roster = Roster()
    roster.add(200, "village_responsible")
    bring(database, tmp_path, roster.rows, APRIL)
    assert check(database).posts[0].holder.proven is None
    days = [APRIL + timedelta(days=day) for day in range(5)]
    for statement, proven in (
        (insert(alerts).values(warning(1)), None),
        (answer(1, 1, days[1]), Proven(days[1], Proof.ANSWERED)),
        (insert(alerts).values(warning(2, "Exercise")), Proven(days[1], Proof.ANSWERED)),
        (answer(2, 2, days[2]), Proven(days[2], Proof.DRILL)),
        (insert(alerts).values(warning(3)), Proven(days[2], Proof.DRILL)),
        (answer(3, 3, days[3], 1), Proven(days[3], Proof.TELEPHONE)),
        (update(people).values(confirmed_at=days[4]), Proven(days[4], Proof.CONFIRMED)),
    ):
        database.do(lambda c, statement=statement: c.execute(statement))
        assert check(database).posts[0].holder.proven == proven
        assert check(database, None).posts[0].holder.proven == proven
    # What goes to the history stays known.
    database.do(lambda c: proof_store.keep(c, [2]))
    database.do(lambda c: proof_store.keep(c, [1]))
    kept = select(people.c.proven_at, people.c.proven_how)
    assert tuple(database.read(lambda c: c.execute(kept).one())) == (days[2], "drill")


def test_whoever_said_no_is_in_doubt_until_a_list_names_them(
    database: Database, tmp_path: Path
) -> None:
    roster = Roster()
    roster.add(200, "village_responsible")
    bring(database, tmp_path, roster.rows, APRIL)
    database.do(lambda c: list_store.doubt(c, [1], Doubt.DENIED, NOW))
    assert check(database).coverage.covered == 0
    bring(database, tmp_path, [row.replace("人1", "人一") for row in roster.rows])
    assert check(database).coverage.covered == 1


def test_the_command_says_it_in_words_and_as_a_workbook(database: Database, tmp_path: Path) -> None:
    roster = Roster()
    roster.add(200, "village_responsible")
    roster.add(201, "ranger")
    roster.add(202, "village_responsible", linked=False)
    bring(database, tmp_path, roster.rows, APRIL)
    gazetteer = database.read(load_gazetteer)
    ready = check(database)
    told = "\n".join(readiness_lines(ready, gazetteer, "zh", NOW, area=TOWN))
    assert "防汛：1/47 个村叫得应" in told
    assert "防火：2/47 个村叫得应" in told
    assert "石塘村：防汛：登记的人不负责这类预警" in told
    assert "北河沿村、石塘村、龙泉村：4月20日核对" in told
    autumn = "\n".join(readiness_lines(ready, gazetteer, "en", NOW + timedelta(days=90)))
    assert "敦化市: not confirmed since 20 April" in autumn
    assert "未绑定 1 人：\n  延边州 敦化市 官地镇 龙泉村 包保责任人 人3" in told
    rows_told: list[tuple[int, int]] = []
    with patch.object(coverage_sheets, "_TOLD_EVERY", 20):
        content = coverage_sheet(
            ready, gazetteer, "zh", TOWN, NOW, BEIJING, lambda *told: rows_told.append(told)
        )
    assert [done for done, _total in rows_told] == [20, 40, 60, 80]
    book = openpyxl.load_workbook(BytesIO(content))
    assert [len(list(sheet.rows)) for sheet in book][1:] == [48, 4, 2, 4]
    assert [row[2] for row in book.worksheets[1].values][3:5] == ["北河沿村", "石塘村"]
    facts = readiness_facts(ready, NOW, TOWN)
    assert [person["name"] for person in facts["not_linked"]] == ["人3"]
    assert [(kind["family"], kind["covered"]) for kind in facts["hazards"]] == [
        ("flood", 1),
        ("fire", 2),
    ]
