"""The buttons of the five lists: of one task, of lists of them, of making one. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from alerts.loop.tasks.model import CauseKind, TaskList
from bot.actions.codec import Action, Id, Number, Page, Text, action


class TaskAct(Enum):
    """What a button does with a task."""

    SHOW = "show"
    TAKE = "take"
    PROGRESS = "progress"  # asks for words, a picture, a position
    DONE = "done"  # asks for what shows it
    SUBMIT = "submit"  # as it is, with what came before
    EXTEND = "extend"  # asks until when
    STRIKE = "strike"  # 销号
    BACK = "back"  # asks why
    GRANT = "grant"
    REFUSE = "refuse"
    WATCH = "watch"  # 挂牌督办
    UNWATCH = "unwatch"
    WITHDRAW = "withdraw"  # asks why
    ASSIGN = "assign"  # 改派: asks to whom
    HISTORY = "history"
    FILES = "files"  # sends what came with it


@action("tkt")
class TaskTap(Action):
    """Something is done with a task."""

    id: Id
    act: TaskAct


@action("tke")
class ExtendTap(Action):
    """The task is to be prolonged by so many hours, counted from its deadline or from now."""

    id: Id
    hours: Annotated[int, Number(1, 8784)]


@action("tka")
class AssignTap(Action):
    """The task is given to this person, by their post in the task's division."""

    id: Id
    person_id: Id


class TaskView(Enum):
    """Which tasks a list shows."""

    MINE = "mine"
    BELOW = "below"  # of one's division and below, not ended
    OVERDUE = "overdue"
    CHECK = "check"  # that wait for a second person
    WATCHED = "watched"  # 挂牌督办


@action("tkl")
class TaskListTap(Action):
    """A page of a list, perhaps of one of the five only."""

    view: TaskView
    page: Page = 0
    in_list: TaskList | None = None


class NewTaskStep(Enum):
    """What a button does while a task is being made; ``NewTaskTap.value`` says with what."""

    START = "start"
    LIST = "list"  # value: the word of the list
    POST = "post"  # value: a role, or ``p`` and a person's number
    HOURS = "hours"  # value: hours from now
    ASK = "ask"  # value: what is to be said anew: title, where, who, when
    EVIDENCE = "evidence"  # value: a kind, switched on or off
    CONFIRM = "confirm"  # value: the nonce of the preview
    STOP = "stop"


@action("tkn")
class NewTaskTap(Action):
    """A step of making a task."""

    step: NewTaskStep
    value: Annotated[str, Text("[a-z0-9_]*", longest=32)] = ""


@action("tkc")
class TaskOf(Action):
    """转为清单: a task is made of this."""

    cause: CauseKind
    id: Id
