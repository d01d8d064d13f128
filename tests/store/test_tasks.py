"""Tasks of the five lists as rows: made, done, checked by a second person, chased by the sweep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from alerts import alert_store
from alerts.closing import lift
from alerts.loop.tasks import (
    checking,
    count_store,
    event_store,
    making,
    store,
    sweep,
    task_import,
    working,
)
from alerts.loop.tasks.creating import create, create_many
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import (
    Cause,
    CauseKind,
    Evidence,
    NewTask,
    Note,
    Responsible,
    Task,
    TaskEventKind,
    TaskFile,
    TaskProblem,
    TaskState,
)
from alerts.loop.tasks.task_import import import_tasks
from alerts.model import Alert, Draft, Hazard, Level
from alerts.outbox.codec import decode
from alerts.outbox.messages import MessageKind
from alerts.outbox.task_messages import TaskAbove, TaskNews, TaskWord
from alerts.release import release
from alerts.rules import BEIJING, Rules
from bot.console.tasks import import_lines
from contacts import people_store
from contacts.people import Person, Role
from data.database import Database
from data.errors import Conflict, InvalidInput, JiaoyingError
from data.tables.alerts import deliveries
from data.tables.contacts import people
from tests.every_case import hold_for_every
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    OTHER_COUNTY,
    STRANGER_COMMANDER,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
    person,
)

DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
RULES = TaskRules()
HEAD = Responsible(VILLAGES[0], Role.VILLAGE_RESPONSIBLE)
DUE = NOW + timedelta(days=3)
PHOTO = Note("修好了", TaskFile(Evidence.PHOTO, "AgAC", 7))


def who(connection: Connection, row: dict[str, object]) -> Person:
    found = people_store.person(connection, int(str(row["id"])))
    assert found is not None
    return found


def queued(connection: Connection) -> list[tuple[str, int]]:
    """Kind and person of what waits in the outbox."""
    query = select(deliveries.c.kind, deliveries.c.person_id).order_by(deliveries.c.id)
    return [(row.kind, row.person_id) for row in connection.execute(query)]


def given(connection: Connection, **changes: object) -> Task:
    new = NewTask("修涵洞", DUE, HEAD, created_by=int(TOWNSHIP_HEAD["id"]))
    return create(connection, replace(new, **changes), NOW)  # type: ignore[arg-type]


def test_a_task_is_given_taken_done_sent_back_and_struck_off(database: Database) -> None:
    def unit(c: Connection) -> None:
        task = given(c, evidence=frozenset({Evidence.PHOTO}))
        head, deputy = who(c, VILLAGERS[0]), who(c, TOWNSHIP_HEAD)
        assert queued(c) == [("task_news", head.id)]
        assert working.take(c, task.id, head, RULES, NOW).state is TaskState.TAKEN
        working.take(c, task.id, head, RULES, NOW)  # twice is once
        with pytest.raises(InvalidInput) as missing:
            working.submit(c, task.id, head, Note("好了"), RULES, NOW)
        assert missing.value.facts["missing"] == ["photo"]
        working.add_progress(c, task.id, head, Note("在修"), RULES, NOW)
        done = working.submit(c, task.id, head, PHOTO, RULES, NOW)
        assert done.state is TaskState.SUBMITTED
        # The giver and the officer above are asked, with the picture.
        asked = queued(c)[1:]
        assert ("task_check", deputy.id) in asked
        assert ("task_evidence", deputy.id) in asked
        later = NOW + timedelta(hours=1)
        checking.send_back(c, task.id, deputy, "没有拍全", RULES, later)
        with pytest.raises(InvalidInput):  # the picture of before shows nothing any more
            working.submit(c, task.id, head, Note(), RULES, later + timedelta(minutes=1))
        working.submit(c, task.id, head, PHOTO, RULES, later + timedelta(minutes=1))
        off = checking.strike_off(c, task.id, deputy, later + timedelta(hours=1))
        assert (off.state, off.ended_by, off.next_due_at) == (
            TaskState.STRUCK_OFF, deputy.id, None,
        )  # fmt: skip
        kinds = [event.kind.value for event in event_store.of_task(c, task.id)]
        assert kinds == "created taken progress submitted returned submitted struck_off".split()
        assert store.task(c, task.id) == off
        counts = count_store.counts_by_division(c, NOW, NOW + timedelta(days=1))
        assert counts == {VILLAGES[0]: count_store.TaskCounts(made=1, done=1)}

    database.do(unit)


def test_who_may_not_check_and_what_is_refused(database: Database) -> None:
    """Whoever did it is one person, by whatever post, mobile or account; nothing is changed."""
    second = person(80, "镇长", TOWNSHIP, Role.DIRECTOR)
    second["other_phones"] = str(TOWNSHIP_HEAD["phone"])  # the same mobile, another name

    def unit(c: Connection) -> None:
        c.execute(insert(people).values(second))
        own = Responsible(TOWNSHIP, Role.COMMANDER)
        head, other, county = who(c, TOWNSHIP_HEAD), who(c, second), who(c, COUNTY_DUTY)
        villager = who(c, VILLAGERS[0])
        task = given(c, responsible=own)
        working.submit(c, task.id, head, Note("好了"), RULES, NOW)
        # Neither is asked: who gave it did it, and the other is the same person.
        assert {number for kind, number in queued(c) if kind == "task_check"} == {county.id}
        part = given(c, responsible=own, parent_id=task.id)
        plain = given(c)
        of_county = given(c, responsible=own, created_by=county.id)
        checking.supervise(c, of_county.id, county, RULES, NOW, on=True)

        cases = {
            "withdrawn by who has it": (
                TaskProblem.OWN,
                lambda: checking.withdraw(c, of_county.id, head, "不办了", NOW),
            ),
            "no more supervised, by who has it": (
                TaskProblem.OWN,
                lambda: checking.supervise(c, of_county.id, head, RULES, NOW, on=False),
            ),
            "own": (TaskProblem.SAME_PERSON, lambda: checking.strike_off(c, task.id, head, NOW)),
            "phone": (TaskProblem.SAME_PERSON, lambda: checking.strike_off(c, task.id, other, NOW)),
            "rights": (
                TaskProblem.NOT_CHECKER,
                lambda: checking.strike_off(c, task.id, villager, NOW),
            ),
            "elsewhere": (
                TaskProblem.NOT_CHECKER,
                lambda: checking.strike_off(c, task.id, who(c, STRANGER_COMMANDER), NOW),
            ),
            "parts": (
                TaskProblem.CHILDREN_OPEN,
                lambda: checking.strike_off(c, task.id, county, NOW),
            ),
            "not yours": (
                TaskProblem.NOT_YOURS,
                lambda: working.take(c, part.id, who(c, VILLAGERS[1]), RULES, NOW),
            ),
            "circle": (
                TaskProblem.CIRCLE,
                lambda: checking.change(c, plain.id, None, RULES, NOW, parent_id=plain.id),
            ),
            "outside": (
                TaskProblem.OUTSIDE,
                lambda: given(c, division_code=OTHER_COUNTY),
            ),
            "nothing": (
                TaskProblem.NOTHING_CHANGED,
                lambda: checking.change(c, plain.id, None, RULES, NOW, title=plain.title),
            ),
        }

        def refused(name: str) -> None:
            problem, act = cases[name]
            numbers = (task.id, part.id, plain.id, of_county.id)
            before = [store.task(c, number) for number in numbers]
            with pytest.raises(JiaoyingError) as error:
                act()
            assert error.value.code is problem
            assert [store.task(c, one.id) for one in before if one is not None] == before

        hold_for_every(cases, refused)
        # The same account, bound to another name since: still the same person.
        account = head.telegram_id
        c.execute(update(people).where(people.c.id == head.id).values(telegram_id=None))
        c.execute(update(people).where(people.c.id == other.id).values(other_phones=""))
        c.execute(update(people).where(people.c.id == other.id).values(telegram_id=account))
        with pytest.raises(Conflict) as error:
            checking.strike_off(c, task.id, who(c, second), NOW)
        assert error.value.facts["how"] == "account"
        # A circle of two is refused as well as a circle of one.
        with pytest.raises(Conflict):
            checking.change(c, task.id, None, RULES, NOW, parent_id=part.id)
        checking.change(c, plain.id, None, RULES, NOW, parent_id=part.id)
        with pytest.raises(InvalidInput) as circle:
            checking.change(c, part.id, None, RULES, NOW, parent_id=plain.id)
        assert circle.value.code is TaskProblem.CIRCLE
        checking.withdraw(c, plain.id, county, "重复", NOW)
        checking.withdraw(c, part.id, county, "重复", NOW)
        assert checking.strike_off(c, task.id, county, NOW).state is TaskState.STRUCK_OFF

    database.do(unit)


def test_a_vacant_post_goes_to_its_next_then_to_the_tier_above(database: Database) -> None:
    def unit(c: Connection) -> None:
        # The next in rank stands in; with nobody left the officer above is told, and why.
        c.execute(update(people).where(people.c.id == VILLAGERS[0]["id"]).values(active=False))
        given(c)
        assert queued(c) == [("task_news", 20)]
        c.execute(update(people).where(people.c.id == 20).values(active=False))
        task = given(c)
        told = c.execute(select(deliveries).order_by(deliveries.c.id.desc())).first()
        assert told is not None
        assert told.person_id == TOWNSHIP_DUTY["id"]
        assert decode(TaskNews, told.params) == TaskNews((task.id,), TaskWord.NEW, vacant=True)
        assert [event.kind for event in event_store.of_task(c, task.id)] == [
            TaskEventKind.CREATED, TaskEventKind.HANDED_OVER,
        ]  # fmt: skip
        # Whoever is told may take it; when they leave too, it is open again for the next sweep.
        officer = who(c, TOWNSHIP_DUTY)
        working.take(c, task.id, officer, RULES, NOW)
        c.execute(update(people).where(people.c.id == officer.id).values(active=False))
        sweep.run_due(c, RULES, DUE)
        now_open = store.task(c, task.id)
        assert now_open is not None
        assert (now_open.state, now_open.taken_by) == (TaskState.OPEN, None)

    database.do(unit)


def test_the_sweep_reminds_then_climbs_tier_by_tier_in_one_message_a_person(
    database: Database,
) -> None:
    first = Responsible(VILLAGES[0], Role.VILLAGE_RESPONSIBLE)

    def unit(c: Connection) -> None:
        new = [NewTask(f"第{n}项", DUE, first) for n in range(12)]
        made = create_many(c, new, NOW)
        assert [row.person_id for row in c.execute(select(deliveries))] == [VILLAGERS[0]["id"]]
        assert not sweep.anything_due(c, NOW + timedelta(hours=1))

        def swept(at: datetime) -> list[tuple[str, int]]:
            before = len(queued(c))
            while sweep.run_due(c, RULES, at, limit=5):
                pass
            return queued(c)[before:]

        head, officer = int(VILLAGERS[0]["id"]), int(TOWNSHIP_DUTY["id"])
        assert swept(NOW + timedelta(hours=2)) == [("task_news", head)] * 3  # 12 in chunks of 5
        assert {kind for kind, _ in swept(DUE)} == {"task_news"}
        above = swept(DUE + timedelta(hours=1))
        assert {number for kind, number in above if kind == "task_above"} == {officer}
        county = swept(DUE + timedelta(hours=5))
        assert {number for kind, number in county if kind == "task_above"} == {COUNTY_DUTY["id"]}
        assert swept(DUE + timedelta(hours=5)) == []
        row = c.execute(
            select(deliveries).where(deliveries.c.kind == MessageKind.TASK_ABOVE.value)
        ).first()
        assert row is not None
        assert decode(TaskAbove, row.params).total == 5
        assert store.overdue_within(c, [COUNTY], DUE, 3) == store.within(c, [COUNTY], limit=3)
        # Submitted, and nobody checks: whoever may is asked again, then those above them.
        working.submit(c, made[0].id, who(c, VILLAGERS[0]), Note("好"), RULES, DUE)
        day = DUE + timedelta(days=1)
        assert ("task_check", officer) in swept(day)
        assert ("task_above", officer) in swept(day + timedelta(days=1))

    database.do(unit)


def test_tasks_of_a_warning_are_made_in_pieces_once_and_end_with_it(database: Database) -> None:
    def maker(_c: Connection, alert: Alert, codes: object, now: datetime) -> list[NewTask]:
        return [
            NewTask(
                "清点危险区人员",
                now + timedelta(minutes=30),
                Responsible(code, Role.VILLAGE_RESPONSIBLE),
                alert_id=alert.id,
                ends_with_alert=True,
                template="flood/count",
                template_version=1,
                cause=Cause(CauseKind.ALERT, alert.id),
            )
            for code in codes  # type: ignore[attr-defined]
            if code in VILLAGES
        ]

    def unit(c: Connection) -> None:
        commander = who(c, COUNTY_COMMANDER)
        alert_id = release(c, DRAFT, commander, Rules(), NOW).alert_id
        alert = alert_store.alert(c, alert_id)
        assert alert is not None
        assert making.anything_due(c, NOW)
        way = making.Way(
            "flood/", lambda *_: True, maker, lambda _c, _alert, tasks: {task.id for task in tasks}
        )
        while making.run_due(c, [way], RULES, NOW, limit=2):
            pass
        assert not making.anything_due(c, NOW)
        made = store.of_alert(c, alert_id)
        assert [task.responsible.division_code for task in made] == list(VILLAGES)
        again = making.made_by_template(c, alert, NOW, [way], VILLAGES)
        assert again == 0
        assert not sweep.ended_warnings(c, NOW)
        head = who(c, VILLAGERS[0])
        working.take(c, made[0].id, head, RULES, NOW)
        lift(c, alert_id, commander, NOW)
        assert sweep.ended_warnings(c, NOW)
        before = len(queued(c))
        assert sweep.end_with_warnings(c, NOW) == 3
        assert queued(c)[before:] == [("task_news", head.id)]  # who never took it hears nothing
        with pytest.raises(Conflict) as over:
            working.submit(c, made[0].id, head, Note(), RULES, NOW)
        assert over.value.code is TaskProblem.WITH_WARNING
        # What was said before the end, and is heard after it, is kept with its time.
        minutes = [NOW + timedelta(minutes=minute) for minute in (-1, 9)]
        said = Note("已转移")
        kept = working.submit(c, made[0].id, head, said, RULES, minutes[1], done_at=minutes[0])
        assert kept.state is TaskState.WITHDRAWN
        last = event_store.of_task(c, made[0].id)[-1]
        assert (last.kind, last.note.words) == (TaskEventKind.SUBMITTED, "已转移")

    database.do(unit)


HEADER = "序号,事项,区划,责任岗位,责任人,时限,清单,凭据,上级序号"
GOOD = f"""{HEADER}
1,汛前整改,黄泥河镇,指挥长,,2026-07-20,整改清单,,
2,修涵洞,{VILLAGES[0]},包保责任人,村长0,3天,问题,照片、位置,1
3,清障,{VILLAGES[1]},网格员,,2026-07-10 12:00,,,1
"""
BAD = {
    "1,修涵洞,黄泥河镇,指挥长,,2026-06-01,,,": ("时限", "已经过了"),
    "1,修涵洞,黄泥河镇,指挥长,,改天,,,": ("时限", "改天"),
    "1,修涵洞,黄泥河镇,挖掘机,,3天,,,": ("责任岗位", "挖掘机"),
    "1,修涵洞,黄泥河镇,指挥长,王老五,3天,,,": ("责任人",),
    "1,修涵洞,黄泥河镇,指挥长,,3天,黑名单,,": ("五张清单之一",),
    "1,修涵洞,黄泥河镇,指挥长,,3天,,,7": ("序号为「7」",),
    "1,修涵洞,黄泥河镇,指挥长,,3天,,,2\n2,清障,黄泥河镇,指挥长,,3天,,,1": ("绕成了圈",),
    "1,修涵洞,黄泥河镇,指挥长,,3天,,贴纸,": ("凭据", "贴纸"),
}


def test_an_import_that_is_killed_makes_the_other_tasks_when_it_is_made_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_import, "PIECE", 1)
    file = tmp_path / "任务.csv"
    file.write_text(GOOD, encoding="utf-8")

    def killed(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_tasks(database, file, NOW, RULES, zone=BEIJING, rest=killed)
    [whole] = database.read(lambda c: store.within(c, [COUNTY]))
    import_tasks(database, file, NOW, RULES, zone=BEIJING, rest=lambda _: None)
    found = database.read(lambda c: store.within(c, [COUNTY]))
    assert len(found) == 3 and {task.parent_id for task in found} == {None, whole.id}


def test_a_table_of_tasks_is_imported_whole_or_not_at_all(
    database: Database, tmp_path: Path
) -> None:
    def imported(text: str, *, dry_run: bool = False) -> list[str]:
        file = tmp_path / "任务.csv"
        file.write_text(text, encoding="utf-8")
        done = import_tasks(database, file, NOW, RULES, zone=BEIJING, dry_run=dry_run)
        return list(import_lines(done, "zh"))

    def refused(rows: str) -> None:
        said = "\n".join(imported(f"{HEADER}\n{rows}\n"))
        for words in BAD[rows]:
            assert words in said, said

    hold_for_every(BAD, refused)
    assert "新增 3 项" in "\n".join(imported(GOOD, dry_run=True))
    assert database.read(lambda c: store.within(c, [COUNTY])) == []
    said = "\n".join(imported(GOOD))
    assert "第 4 行：责任岗位空缺" in said
    whole, part, vacant = sorted(
        database.read(lambda c: store.within(c, [COUNTY])), key=lambda task: task.id
    )
    assert (whole.title, part.parent_id, vacant.parent_id) == ("汛前整改", whole.id, whole.id)
    assert part.responsible.person_id == VILLAGERS[0]["id"]
    assert part.evidence == {Evidence.PHOTO, Evidence.POSITION}
    assert whole.due_at == datetime(2026, 7, 20, 10, 0, tzinfo=UTC)  # 18:00 in Beijing
    told = database.read(queued)
    assert ("task_news", TOWNSHIP_DUTY["id"]) in told
