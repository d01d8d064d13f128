"""What is read of the tasks of the five lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.loop.tasks.model import (
    Evidence,
    Note,
    Responsible,
    Task,
    TaskEvent,
    TaskEventKind,
    TaskFile,
    TaskList,
    TaskState,
)
from alerts.outbox.task_messages import TaskWord
from bot.actions.tasks import TaskAct, TaskView
from bot.views.screen import Screen
from bot.views.tasks import card, lists, news, wizard
from bot.views.tasks.card import ShownTask
from bot.views.tasks.wizard import Drafted, Offered
from contacts.people import Role
from tests.unit.views import samples as s

View = Callable[[str], Screen]
HOUR = timedelta(hours=1)
POST = Responsible("222403101000", Role.DIRECTOR, person_id=5)
TASK = Task(
    17,
    TaskList.RECTIFICATION,
    "威虎岭村上游涵洞清淤 <2 处>",
    POST.division_code,
    POST,
    TaskState.OPEN,
    s.START,
    s.START,
    s.START + 72 * HOUR,
    measure="清淤后通水，两头都拍",
    evidence=frozenset({Evidence.PHOTO, Evidence.POSITION}),
    created_by=1,
)
OPEN = ShownTask(
    TASK,
    "威虎岭村",
    "黄泥河镇",
    s.START + HOUR,
    holder="张三",
    giver="王立国",
    alert="敦化市暴雨红色预警",
    parts=((18, "东头", True), (19, "西头", False)),
    theirs=True,
)
SUBMITTED = replace(
    OPEN,
    task=replace(
        TASK,
        state=TaskState.SUBMITTED,
        taken_by=5,
        taken_at=s.START,
        submitted_by=5,
        submitted_at=s.START + HOUR,
    ),
    submitted_by="张三",
    done_words="两头都通了",
    files=3,
    theirs=False,
    checks=True,
    charge=True,
)
LATE = replace(
    OPEN,
    task=replace(
        TASK, state=TaskState.TAKEN, taken_by=5, taken_at=s.START, supervised_at=s.START + HOUR
    ),
    now=s.START + 77 * HOUR,
    reason="西头没有拍",
    charge=True,
)
ASKED = replace(
    LATE,
    task=replace(LATE.task, asked_until=s.START + 96 * HOUR, asked_by=5),
    asked_by="张三",
    reason="",
    theirs=False,
    checks=True,
)
VACANT = replace(OPEN, vacant=True, holder="", parts=())
OVER = replace(
    LATE,
    task=replace(LATE.task, state=TaskState.STRUCK_OFF, ended_at=s.START + 80 * HOUR),
    ended_by="王立国",
    reason="",
    theirs=False,
)
HISTORY = [
    (TaskEvent(17, TaskEventKind.CREATED, s.START, 1), "王立国"),
    (TaskEvent(17, TaskEventKind.TAKEN, s.START + HOUR, 5), "张三"),
    (
        TaskEvent(
            17,
            TaskEventKind.PROGRESS,
            s.START + 2 * HOUR,
            5,
            Note("东头好了", TaskFile(Evidence.PHOTO, "AgAC"), 128.1, 43.4),
        ),
        "张三",
    ),
    (
        TaskEvent(
            17,
            TaskEventKind.EXTENSION_ASKED,
            s.START + 3 * HOUR,
            5,
            Note("涵管没到货"),
            s.START + 96 * HOUR,
        ),
        "张三",
    ),
    (TaskEvent(17, TaskEventKind.OVERDUE, s.START + 73 * HOUR), ""),
]
DRAFTED = Drafted(
    TASK.title,
    "威虎岭村",
    "黄泥河镇主任 · 张三",
    TASK.due_at,
    TASK.in_list,
    TASK.evidence,
    "张三",
)


def task_screens() -> Iterator[tuple[str, View]]:
    """One task, what is said about it, lists of them, making one."""
    yield "task_open", lambda language: card.task_screen(OPEN, language)
    yield "task_over", lambda language: card.task_screen(OVER, language)
    yield "task_history", lambda language: card.history_screen(LATE, HISTORY, language)
    yield "task_progress", lambda language: card.ask_progress(OPEN, language)
    yield "task_done", lambda language: card.ask_done(OPEN, TASK.evidence, language)
    yield "task_done_as_it_is", lambda language: card.ask_done(OPEN, frozenset(), language)
    yield "task_extension", lambda language: card.ask_extension(OPEN, language)
    for act in (TaskAct.BACK, TaskAct.WITHDRAW, TaskAct.EXTEND):
        yield (
            f"task_reason_{act.value}",
            lambda language, act=act: card.ask_reason(OPEN, act, language),  # type: ignore[misc]
        )
    yield "task_kept", lambda language: card.kept(OPEN, TASK.evidence, language, done=True)
    yield "task_told", lambda language: card.told(SUBMITTED, TaskAct.SUBMIT, language)
    for why in (TaskWord.NEW, TaskWord.OVERDUE, TaskWord.RETURNED):
        yield (
            f"task_news_{why.value}",
            lambda language, why=why: news.news_screen(why, [LATE], 1, language),  # type: ignore[misc]
        )
    yield (
        "task_news_vacant",
        lambda language: news.news_screen(TaskWord.NEW, [VACANT], 1, language, vacant=True),
    )
    yield (
        "task_news_many",
        lambda language: news.news_screen(TaskWord.DUE, [OPEN, LATE], 9, language),
    )
    yield "task_check", lambda language: news.check_screen(SUBMITTED, language, again=False)
    yield (
        "task_check_asked",
        lambda language: news.check_screen(ASKED, language, again=False, why="涵管没到货"),
    )
    yield (
        "task_assign",
        lambda language: card.ask_assign(VACANT, [(5, "张三 · 主任")], language, "王老五"),
    )
    yield (
        "task_above",
        lambda language: news.above_screen([LATE, VACANT], 12, language, unchecked=False),
    )
    yield (
        "task_unchecked",
        lambda language: news.above_screen([SUBMITTED], 1, language, unchecked=True),
    )
    yield (
        "task_list",
        lambda language: lists.list_screen(
            TaskView.BELOW,
            [LATE, OPEN, SUBMITTED],
            20,
            1,
            "敦化市",
            language,
            in_list=TaskList.RECTIFICATION,
            officer=True,
            counts={TaskView.OVERDUE: 3, TaskView.CHECK: 1},
        ),
    )
    yield (
        "task_list_empty",
        lambda language: lists.list_screen(TaskView.MINE, [], 0, 0, "敦化市", language),
    )
    yield "task_new_title", wizard.ask_title
    yield (
        "task_new_place",
        lambda language: wizard.ask_place("清淤", language, ["敦化市 太平村", "图们市 太平村"]),
    )
    yield (
        "task_new_post",
        lambda language: wizard.ask_post(
            "清淤", "黄泥河镇", [Offered("张三 · 主任", "p5")], language, "王老五"
        ),
    )
    yield (
        "task_new_deadline",
        lambda language: wizard.ask_deadline("清淤", language, past=s.START),
    )
    yield "task_new", lambda language: wizard.preview(DRAFTED, "k3", s.START, language)
    yield (
        "task_new_vacant",
        lambda language: wizard.preview(
            replace(DRAFTED, vacant=True, told="镇值班"), "k3", s.START, language
        ),
    )
    yield "task_new_lost", wizard.lost
