"""Duty plans as rows, on both databases: a swap that a file does not undo, gaps and hand-overs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.duty import gap_store, gaps, handing_over, handover_store, swapping
from alerts.duty.model import AskState, DutyRules, HandOverStep
from contacts import duty_plan_store, people_store
from contacts.people import Role
from contacts.roster.columns import RosterKind
from contacts.roster.importing import import_file
from data.database import Connection, Database
from data.tables.contacts import people
from tests.roster import COUNTY, COUNTY_DUTY, NOW, person

pytestmark = pytest.mark.one_database

OTHER = person(70, "值班甲", COUNTY, Role.DUTY_OFFICER)
ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
DUTY = (
    "phone,division_code,starts_at,ends_at\n"
    f"{COUNTY_DUTY['phone']},{COUNTY},2026-07-02 08:00,2026-07-03 08:00\n"
    f"{OTHER['phone']},{COUNTY},2026-07-03 08:00,2026-07-04 08:00\n"
)


@pytest.mark.both_databases
def test_a_plan_that_is_changed_in_chat(database: Database, tmp_path: Path) -> None:
    database.do(lambda c: c.execute(people.insert(), [OTHER]) and None)
    file = tmp_path / "duty.csv"
    file.write_text(DUTY, encoding="utf-8")
    assert import_file(database, RosterKind.DUTY, file, NOW, zone=ZONE).written
    end = NOW + 30 * 24 * HOUR

    def plan(c: Connection) -> list[int]:
        return [each.person_id for each in duty_plan_store.plan(c, COUNTY, NOW, end)]

    def swapped(c: Connection) -> None:
        asker, asked = (people_store.person(c, key) for key in (COUNTY_DUTY["id"], OTHER["id"]))
        assert asker is not None and asked is not None
        mine, theirs = duty_plan_store.plan(c, COUNTY, NOW, end)
        ask = swapping.ask_swap(c, asker, mine.id, asked.id, theirs.id, NOW)
        assert swapping.answer(c, asked, ask.id, NOW, agrees=True).state is AskState.AGREED

    database.do(swapped)
    assert database.read(plan) == [OTHER["id"], COUNTY_DUTY["id"]]
    again = import_file(database, RosterKind.DUTY, file, NOW, zone=ZONE)
    assert not again.written, "what was agreed stays"
    assert database.read(plan) == [OTHER["id"], COUNTY_DUTY["id"]]

    def watched(c: Connection) -> None:
        rules = DutyRules()
        assert gaps.look_at_plans(c, NOW, rules) == 1
        assert [gap.told for gap in gap_store.open_gaps(c, COUNTY)] == [1]
        shift = duty_plan_store.plan(c, COUNTY, NOW, end)[0]
        before = shift.ends_at - HOUR
        duty_plan_store.look_at(c, [COUNTY], before)
        assert gaps.look_at_plans(c, before, rules) == 1
        (planned,) = handover_store.planned(c, COUNTY, before)
        handing_over.plan_handovers(c, COUNTY, [], rules, before)  # the plan has it no more
        handing_over.plan_handovers(
            c, COUNTY, duty_plan_store.plan(c, COUNTY, NOW, end), rules, before
        )
        assert handover_store.planned(c, COUNTY, before)[0].id == planned.id
        for step in (HandOverStep.ASKED, HandOverStep.GIVEN, HandOverStep.MISSED):
            due = handover_store.handover(c, planned.id)
            assert due is not None and due.due_at is not None
            assert handing_over.move_due(c, due.due_at, rules) == 1
            moved = handover_store.handover(c, planned.id)
            assert moved is not None and moved.step is step
        uncovered = gaps.gaps(c, NOW, NOW + 10 * 24 * HOUR)[COUNTY]
        assert [span.seconds / 3600 for span in uncovered] == [187.0]
        # Before the plan began nobody had planned anything: its first day has no gap before that.
        since = NOW - 30 * 24 * HOUR
        (first, *_more) = gaps.gaps(c, since, NOW + 10 * 24 * HOUR)[COUNTY]
        assert first == uncovered[0]
        assert gaps.gaps(c, since, since + 24 * HOUR) == {}

    database.do(watched)
