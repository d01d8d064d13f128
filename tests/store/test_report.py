"""The report of a warning as workbook and PDF: what happened, and no formula that runs."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from alerts import call_store
from alerts.acknowledge import by_button
from alerts.closing import lift
from alerts.model import Draft, Hazard, Level
from alerts.release import release
from alerts.report_facts import report_facts
from alerts.rules import Rules
from bot.cli import main
from bot.views.report.pdf import as_pdf
from bot.views.report.xlsx import as_xlsx
from contacts import people_store
from contacts.access_log_store import Way, of_person
from contacts.divisions.store import load_gazetteer
from data.audit import Entry, append
from data.database import Database
from data.errors import NotFound
from data.tables.contacts import people
from tests.roster import COUNTY, COUNTY_COMMANDER, NOW, VILLAGERS

pytestmark = pytest.mark.one_database


RULES = Rules()
FIELDS = re.compile(r"\b(call|alert)[.:]\w|\w=[\[\w]|\['|rainstorm|\b22\d{10}\b")
"""Names of fields, codes and values of the database: no words."""
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "=HYPERLINK(1)", headline="暴雨红色预警")


@pytest.fixture
def released(database: Database) -> int:
    def unit(connection) -> int:
        connection.execute(
            people.update().where(people.c.id == VILLAGERS[1]["id"]).values(name="=1+1")
        )
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        alert_id = release(connection, DRAFT, by, RULES, NOW).alert_id
        call = call_store.call_of(connection, alert_id, VILLAGERS[0]["id"])
        assert call is not None
        by_button(connection, call.id, VILLAGERS[0]["telegram_id"], RULES, NOW)
        return alert_id

    return database.do(unit)


@pytest.mark.both_databases
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_holds_every_call_and_no_formula(
    database: Database, released: int, language: str
) -> None:
    gazetteer = database.read(load_gazetteer)
    facts = database.read(lambda c: report_facts(c, released, gazetteer))
    book = load_workbook(BytesIO(as_xlsx(facts, language, RULES.zone)))
    assert len(book.sheetnames) == 4
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert "=1+1" in texts
    assert VILLAGERS[0]["phone"] in texts
    acts = {"zh": "本人回应", "en": "Answered"}
    assert acts[language] in texts
    told = list(book.worksheets[3].iter_rows(min_row=2, values_only=True))
    assert all(len(row) == 5 and row[1] for row in told)
    for text in texts:
        assert not FIELDS.search(text), text
    assert book.worksheets[2].max_row == 1 + 4


def test_of_a_warning_that_is_over_it_counts_who_never_answered_and_names_every_place(
    database: Database, released: int
) -> None:
    def end(connection) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        lift(connection, released, by, NOW)
        told = {"division": VILLAGERS[1]["division_code"]}
        entry = Entry("alert.cut_off_found", f"alert:{released}", None, told)
        before = {"areas_before": [VILLAGERS[2]["division_code"]]}
        append(connection, NOW, [entry, Entry("alert.updated", f"alert:{released}", None, before)])

    database.do(end)
    gazetteer = database.read(load_gazetteer)
    facts = database.read(lambda c: report_facts(c, released, gazetteer))
    book = load_workbook(BytesIO(as_xlsx(facts, "zh", RULES.zone)))
    counts = dict(book.worksheets[0].iter_rows(values_only=True))
    assert (counts["应叫"], counts["本人回应"], counts["未回应"]) == (4, 1, 3)
    texts = [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    ]
    assert texts.count("预警结束时还没有回应") == 3
    assert not [text for text in texts if FIELDS.search(text)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pdf_is_one(database: Database, released: int, language: str) -> None:
    gazetteer = database.read(load_gazetteer)
    facts = database.read(lambda c: report_facts(c, released, gazetteer))
    assert as_pdf(facts, language, RULES.zone).startswith(b"%PDF")


def test_a_name_that_no_font_holds_is_said_by_the_command(
    database: Database, released: int, tmp_path: Path, monkeypatch, capsys
) -> None:
    named = people.update().where(people.c.id == VILLAGERS[2]["id"]).values(name="王\ue863")
    database.do(lambda connection: connection.execute(named))
    monkeypatch.setenv("JIAOYING_DATABASE__URL", str(database.url))
    assert main(["report", str(released), "--output", str(tmp_path / "r.pdf")]) == 0
    printed = capsys.readouterr().out
    assert "王\ue863  \ue863 U+E863" in printed and printed.count("U+") == 1


def test_an_unknown_alert_is_said(database: Database) -> None:
    gazetteer = database.read(load_gazetteer)
    with pytest.raises(NotFound):
        database.read(lambda c: report_facts(c, 99, gazetteer))


def test_the_command_writes_the_file_and_refuses_others(
    database: Database, released: int, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("JIAOYING_DATABASE__URL", str(database.url))
    file = tmp_path / "报告.xlsx"
    assert main(["report", str(released), "--output", str(file)]) == 0
    assert file.stat().st_size > 5000
    assert main(["report", str(released), "--output", str(tmp_path / "r.docx")]) == 1
    assert "xlsx" in capsys.readouterr().err
    assert main(["report", "99", "--output", str(file)]) == 1


def test_the_command_writes_the_ledger_under_its_own_name(
    database: Database, released: int, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("JIAOYING_DATABASE__URL", str(database.url))
    assert main(["report", str(released), "--ledger", "-o", str(tmp_path)]) == 0
    [file] = tmp_path.glob("*.xlsx")
    assert file.name == f"叫应台账-{released}-暴雨红色预警-20260702.xlsx"
    assert file.stat().st_mode & 0o077 == 0
    rows = list(load_workbook(file).worksheets[0].iter_rows(values_only=True))
    assert rows[0][0] == "暴雨红色预警叫应台账" and "敦化市防汛抗旱指挥部" in rows[1][0]
    called = {row[4]: row for row in rows[4:] if row[4]}
    assert set(called) == {"镇长", "村长0", "=1+1", "村长2"}
    looks = database.read(lambda c: of_person(c, VILLAGERS[0]["id"]))
    assert [look.way for look in looks] == [Way.COMMAND]
    assert main(["report", str(released), "--ledger", "-o", str(tmp_path / "r.pdf")]) == 1
    assert "叫应台账" in capsys.readouterr().err
