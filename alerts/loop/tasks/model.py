"""A task of one of the five lists (五张清单), and why something cannot be done with it. Pure.

The lists are those of the practice that jiaoying stands in for: 任务, 责任, 问题, 举措, 整改.
A task is owed by a post, not by a name: whoever holds the post when something is due is told. It
ends in two ways: struck off (销号) by a second person who checked it, or withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from contacts.people import Role

LONGEST_TITLE = 120
"""Characters of a title (ours): it stands on one button and one line of a list."""

LONGEST_WORDS = 1000
"""Characters of a measure, a word of progress, a reason (ours)."""


class TaskList(Enum):
    """The five lists."""

    TASK = "task"  # 任务清单
    DUTY = "duty"  # 责任清单
    PROBLEM = "problem"  # 问题清单
    MEASURE = "measure"  # 举措清单
    RECTIFICATION = "rectification"  # 整改清单


class TaskState(Enum):
    """Where a task is. Sent back, it is taken again; or open, when whoever took it has left."""

    __hash__ = object.__hash__  # each is there once; Enum's hashes its name anew at every look

    OPEN = "open"
    TAKEN = "taken"  # 已接手
    SUBMITTED = "submitted"  # 已完成，待核查
    STRUCK_OFF = "struck_off"  # 已销号
    WITHDRAWN = "withdrawn"  # 已撤销

    @property
    def ended(self) -> bool:
        """Whether nothing is to be done any more."""
        return self in (TaskState.STRUCK_OFF, TaskState.WITHDRAWN)


UNFINISHED = (TaskState.OPEN, TaskState.TAKEN, TaskState.SUBMITTED)


class Step(Enum):
    """What becomes due of a task by itself, in the order in which it does."""

    __hash__ = object.__hash__  # each is there once; Enum's hashes its name anew at every look

    TAKE = "take"  # nobody has taken it on: its post is reminded
    REMIND = "remind"  # the deadline is near
    DUE = "due"  # it has come
    ABOVE = "above"  # overdue: the tier above, then the next above that, then again and again
    CHECK = "check"  # submitted, and nobody has checked it
    CHECK_ABOVE = "check_above"  # still nobody: the tiers above


class Evidence(Enum):
    """What shows that a task is done."""

    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"
    VOICE = "voice"
    POSITION = "position"


class CauseKind(Enum):
    """What a task was made of."""

    REPORT = "report"  # 无法执行: a call that was answered so
    HELP = "help"  # 需要支援: a request for help
    FIELD_REPORT = "field_report"  # 隐患: a report from the spot
    ALERT = "alert"  # a warning, by a template
    MECHANISM = "mechanism"  # a warning, by the mechanism of departments
    OTHER = "other"


class TaskEventKind(Enum):
    """What happened to a task."""

    CREATED = "created"
    CHANGED = "changed"
    TAKEN = "taken"
    HANDED_OVER = "handed_over"  # its post is vacant: told to others, or whoever took it has left
    PROGRESS = "progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"  # 退回
    STRUCK_OFF = "struck_off"  # 销号
    EXTENSION_ASKED = "extension_asked"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    SUPERVISED = "supervised"  # 挂牌督办
    UNSUPERVISED = "unsupervised"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"  # its warning asks for it again
    REMINDED = "reminded"
    OVERDUE = "overdue"  # told to the tier above
    UNCHECKED = "unchecked"  # told to whoever may check it


class TaskProblem(Enum):
    """Why something cannot be done with a task. The value begins with ``list_``."""

    UNKNOWN = "list_unknown"
    NO_TITLE = "list_no_title"
    TOO_LONG = "list_too_long"
    PAST = "list_past"  # the deadline has passed already
    TOO_FAR = "list_too_far"  # more than ten years on
    NOT_YOURS = "list_not_yours"  # of another post
    NOT_CHECKER = "list_not_checker"  # no rights over it
    SAME_PERSON = "list_same_person"  # submitted by themselves, under whatever post or number
    OWN = "list_own"  # whoever has it cannot withdraw it, or take it out of supervision
    TAKEN = "list_taken"  # by somebody else
    NOT_SUBMITTED = "list_not_submitted"
    SUBMITTED = "list_submitted"  # waits to be checked already
    ENDED = "list_ended"
    WITH_WARNING = "list_with_warning"  # withdrawn, for its warning is over
    CHILDREN_OPEN = "list_children_open"
    CIRCLE = "list_circle"  # it would be part of itself
    NO_REASON = "list_no_reason"
    NO_EVIDENCE = "list_no_evidence"
    STICKER = "list_sticker"
    NOT_LATER = "list_not_later"  # the extension asked for is no later than the deadline
    NO_TIME = "list_no_time"  # until when was not said
    NOT_ASKED = "list_not_asked"  # no extension is asked for
    NOTHING_CHANGED = "list_nothing_changed"
    OUTSIDE = "list_outside"  # place and post are not in one line of divisions


class Responsible(NamedTuple):  # a sweep makes and looks up thousands
    """Whose a task is: a post of a division, or at a place of it (a department is one).

    ``person_id``: who was meant by name. They are told while they are there; else the post is.
    """

    division_code: str
    role: Role
    place_code: str = ""
    person_id: int | None = None

    @property
    def post(self) -> str:
        """The post in one word, whoever holds it: ``222403101000|head|``."""
        return f"{self.division_code}|{self.role.value}|{self.place_code}"


def post_of(word: str) -> Responsible:
    """The post of ``Responsible.post``."""
    division, role, place = word.split("|", 2)
    return Responsible(division, Role(role), place)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a task was made of: a row of this kind."""

    kind: CauseKind
    id: int


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be made.

    ``evidence``: what has to be there before it can be submitted. ``ends_with_alert``: it is
    withdrawn when its warning is over. ``template`` with ``alert_id``: made once for each post.
    """

    title: str
    due_at: datetime
    responsible: Responsible
    in_list: TaskList = TaskList.TASK
    measure: str = ""
    division_code: str = ""  # where; empty: the division of the post
    place_code: str = ""
    lon: float | None = None
    lat: float | None = None
    evidence: frozenset[Evidence] = frozenset()
    created_by: int | None = None
    alert_id: int | None = None
    ends_with_alert: bool = False
    cause: Cause | None = None
    parent_id: int | None = None
    template: str = ""
    template_version: int | None = None

    @property
    def made_for(self) -> str:
        """The post for which a template makes it for a warning; empty: none does."""
        return self.responsible.post if self.template and self.alert_id is not None else ""

    @property
    def key(self) -> tuple[str, str]:
        """By which it is made once for a warning."""
        return self.template, self.made_for


@dataclass(frozen=True, slots=True)
class Task:
    """One task, as it stands. Its number (``id``) is what people call it by.

    ``made_for``: the post for which a template made it, whoever answers for it since.
    """

    id: int
    in_list: TaskList
    title: str
    division_code: str
    responsible: Responsible
    state: TaskState
    created_at: datetime
    since_at: datetime
    due_at: datetime
    measure: str = ""
    place_code: str = ""
    lon: float | None = None
    lat: float | None = None
    evidence: frozenset[Evidence] = frozenset()
    created_by: int | None = None
    taken_by: int | None = None
    taken_at: datetime | None = None
    submitted_by: int | None = None
    submitted_at: datetime | None = None
    ended_by: int | None = None
    ended_at: datetime | None = None
    asked_until: datetime | None = None
    asked_by: int | None = None
    supervised_by: int | None = None
    supervised_at: datetime | None = None
    alert_id: int | None = None
    ends_with_alert: bool = False
    cause: Cause | None = None
    parent_id: int | None = None
    template: str = ""
    template_version: int | None = None
    next_step: Step | None = None
    next_due_at: datetime | None = None
    climbed: int = 0
    made_for: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """By which it was made once for its warning."""
        return self.template, self.made_for

    @property
    def supervised(self) -> bool:
        """挂牌督办."""
        return self.supervised_at is not None

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been done, and nobody says that it is."""
        return self.state in (TaskState.OPEN, TaskState.TAKEN) and self.due_at <= now


@dataclass(frozen=True, slots=True)
class TaskFile:
    """A file that shows something, by the id it has at a bot."""

    kind: Evidence  # never POSITION
    file_id: str = field(repr=False)
    bot_id: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody says of a task: words, a file, a position (WGS-84); or some of these."""

    words: str = ""
    file: TaskFile | None = None
    lon: float | None = None
    lat: float | None = None

    @property
    def shows(self) -> frozenset[Evidence]:
        """What evidence it is."""
        found = set() if self.file is None else {self.file.kind}
        return frozenset(found | ({Evidence.POSITION} if self.lon is not None else set()))


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """Something that happened to a task."""

    task_id: int
    kind: TaskEventKind
    at: datetime
    by: int | None = None
    note: Note = Note()
    until: datetime | None = None
    detail: dict[str, object] | None = None
    id: int = 0
