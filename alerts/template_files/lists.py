"""Lists of tasks that a warning makes when it is released: who owes what within how long. Pure.

::

    title = "山洪红色：县、乡、村任务"
    hazards = ["flash_flood", "rainstorm"]
    levels = ["red"]
    enabled = true

    [[task]]
    tier = "village"
    role = "village_responsible"
    title = "逐户叫醒危险区群众，转移到安置点"
    measure = "电话、敲门、敲锣一起用；按名单清点"
    minutes = 60
    evidence = ["photo"]

A list that is not ``enabled`` makes nothing: which of them are used is for each office to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from alerts.loop.tasks.model import LONGEST_TITLE, LONGEST_WORDS, Evidence, TaskList
from alerts.model import Hazard, Level
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.toml_file import TomlTable, named_as_typed, quoted, read_toml
from alerts.template_files.words import HAZARDS, LEVELS, ROLES, TIERS
from contacts.divisions.codes import Tier
from contacts.people import Role

T = TypeVar("T")
MOST_MINUTES = 30 * 24 * 60
MOST_TASKS = 40
LISTS: Mapping[str, TaskList] = {
    **{kind.value: kind for kind in TaskList},
    "任务": TaskList.TASK,
    "责任": TaskList.DUTY,
    "问题": TaskList.PROBLEM,
    "举措": TaskList.MEASURE,
    "整改": TaskList.RECTIFICATION,
}
EVIDENCE: Mapping[str, Evidence] = {
    **{kind.value: kind for kind in Evidence},
    "照片": Evidence.PHOTO,
    "视频": Evidence.VIDEO,
    "文件": Evidence.DOCUMENT,
    "语音": Evidence.VOICE,
    "位置": Evidence.POSITION,
}


@dataclass(frozen=True, slots=True)
class ListedTask:
    """One line of a list: whoever holds ``role`` in a called division of ``tier`` owes it.

    ``minutes``: after the release, or the rise of the level.
    """

    tier: Tier
    role: Role
    title: str
    minutes: int
    in_list: TaskList = TaskList.TASK
    measure: str = ""
    evidence: frozenset[Evidence] = frozenset()


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """A list of tasks, and the warnings it is for."""

    title: str
    hazards: frozenset[Hazard]
    levels: frozenset[Level]
    tasks: tuple[ListedTask, ...]
    enabled: bool = False

    def is_for(self, hazard: Hazard, level: Level) -> bool:
        """Whether such a warning makes its tasks."""
        return self.enabled and hazard in self.hazards and level in self.levels


_TASK_FIELDS = ("tier", "role", "title", "measure", "minutes", "list", "evidence")


def read_list(content: bytes | str, file: str) -> TaskTemplate:
    """The list that this file holds.

    :raises BadTemplate: with the file and the line.
    """
    read = read_toml(content, file, "task")
    top = read.top
    top.only(("title", "hazards", "levels", "enabled"))
    if not read.tables:
        raise top.refusal(TemplateFault.MISSING_FIELD, "[[task]]")
    if len(read.tables) > MOST_TASKS:
        raise read.tables[MOST_TASKS].refusal(TemplateFault.TOO_MANY, most=MOST_TASKS)
    return TaskTemplate(
        title=top.text("title", LONGEST_TITLE),
        hazards=frozenset(top.words("hazards", HAZARDS, TemplateFault.UNKNOWN_HAZARD)),
        levels=frozenset(top.words("levels", LEVELS, TemplateFault.UNKNOWN_LEVEL)),
        tasks=tuple(_task(table) for table in read.tables),
        enabled=top.flag("enabled", default=False),
    )


def _task(table: TomlTable) -> ListedTask:
    table.only(_TASK_FIELDS)
    in_list, evidence = TaskList.TASK, frozenset[Evidence]()
    if "list" in table.fields:
        in_list = table.word("list", LISTS, TemplateFault.UNKNOWN_LIST)
    if "evidence" in table.fields:
        evidence = frozenset(table.words("evidence", EVIDENCE, TemplateFault.UNKNOWN_EVIDENCE))
    minutes = table.number("minutes")
    if not 1 <= minutes <= MOST_MINUTES:
        raise table.refusal(TemplateFault.MINUTES, "minutes", value=minutes, most=MOST_MINUTES)
    return ListedTask(
        tier=table.word("tier", TIERS, TemplateFault.UNKNOWN_TIER),
        role=table.word("role", ROLES, TemplateFault.UNKNOWN_ROLE),
        title=table.text("title", LONGEST_TITLE),
        minutes=minutes,
        in_list=in_list,
        measure=table.text("measure", LONGEST_WORDS, needed=False),
        evidence=evidence,
    )


def write_list(template: TaskTemplate) -> str:
    """The file that says so."""
    parts = [
        f"title = {quoted(template.title)}\n"
        f"hazards = {_words(template.hazards, Hazard)}\n"
        f"levels = {_words(template.levels, Level)}\n"
        f"enabled = {'true' if template.enabled else 'false'}\n"
    ]
    for task in template.tasks:
        lines = [
            "[[task]]",
            f'tier = "{task.tier.value}"',
            f'role = "{task.role.value}"',
            f"title = {quoted(task.title)}",
        ]
        if task.measure:
            lines.append(f"measure = {quoted(task.measure)}")
        lines.append(f"minutes = {task.minutes}")
        if task.in_list is not TaskList.TASK:
            lines.append(f'list = "{task.in_list.value}"')
        if task.evidence:
            lines.append(f"evidence = {_words(task.evidence, Evidence)}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _words(chosen: frozenset[Enum] | frozenset[Hazard], kind: type[Enum]) -> str:
    return "[" + ", ".join(f'"{one.value}"' for one in kind if one in chosen) + "]"


# -- one task as it is typed in a chat ---------------------------------------------------------

_TYPED: Mapping[str, str] = {
    "事项": "title",
    "措施": "measure",
    "层级": "tier",
    "职务": "role",
    "时限": "minutes",
    "清单": "list",
    "佐证": "evidence",
}
_TYPED_SCOPE: Mapping[str, str] = {"名称": "title", "灾种": "hazards", "等级": "levels"}
_NOTHING = frozenset({"", "无", "不用", "没有", "-"})
_UNITS = {"分钟": 1, "分": 1, "小时": 60, "时": 60, "天": 24 * 60}


def task_lines(task: ListedTask) -> str:
    """A task as lines to be copied, changed and sent back."""
    role = _chinese(ROLES, task.role)
    tier = next(name for name, tier in TIERS.items() if tier is task.tier and len(name) == 1)
    in_list = next(name for name, one in LISTS.items() if one is task.in_list and len(name) == 2)
    evidence = [name for name, one in EVIDENCE.items() if one in task.evidence and len(name) == 2]
    return "\n".join(
        (
            f"事项：{task.title}",
            f"措施：{task.measure or '无'}",
            f"层级：{tier}",
            f"职务：{role}",
            f"时限：{_span(task.minutes)}",
            f"清单：{in_list}",
            f"佐证：{'、'.join(evidence) or '无'}",
        )
    )


def _span(minutes: int) -> str:
    """A span as it is read back: 90分钟, 4小时."""
    whole = minutes > 120 and minutes % 60 == 0
    return f"{minutes // 60}小时" if whole else f"{minutes}分钟"


def scope_lines(template: TaskTemplate) -> str:
    """What a list is called and which warnings it is for, as lines to be changed and sent back."""
    hazards = [_chinese(HAZARDS, one) for one in Hazard if one in template.hazards]
    levels = [_chinese(LEVELS, one) for one in Level if one in template.levels]
    return f"名称：{template.title}\n灾种：{'、'.join(hazards)}\n等级：{'、'.join(levels)}"


def read_scope_lines(text: str, file: str, template: TaskTemplate) -> TaskTemplate:
    """The list with what such lines say; its tasks stay.

    :raises BadTemplate: with the line of the text.
    """
    with named_as_typed(_TYPED_SCOPE):
        return _scope(_typed_table(text, file, _TYPED_SCOPE), file, template)


def _scope(table: TomlTable, file: str, template: TaskTemplate) -> TaskTemplate:
    fields = dict(table.fields)
    for name in ("hazards", "levels"):
        if name in fields:
            fields[name] = [part for part in _parted(str(fields[name])) if part]
    read = TomlTable(fields, file, 1, table.lines)
    return replace(
        template,
        title=read.text("title", LONGEST_TITLE),
        hazards=frozenset(read.words("hazards", HAZARDS, TemplateFault.UNKNOWN_HAZARD)),
        levels=frozenset(read.words("levels", LEVELS, TemplateFault.UNKNOWN_LEVEL)),
    )


def _chinese(words: Mapping[str, T], meaning: T) -> str:
    return next(name for name, one in words.items() if one is meaning and not name.isascii())


def _typed_table(text: str, file: str, known: Mapping[str, str]) -> TomlTable:
    """Lines like 时限：30分钟, by the fields that they mean; a field of nothing is left out."""
    fields: dict[str, object] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        said, colon, value = line.replace("：", ":", 1).partition(":")
        name = known.get(said.strip())
        if not colon:
            raise BadTemplate(TemplateFault.NOT_A_FIELD, file, number, value=line.strip()[:20])
        if name is None:
            raise BadTemplate(TemplateFault.UNKNOWN_FIELD, file, number, field=said.strip()[:20])
        if name in lines:
            raise BadTemplate(TemplateFault.FIELD_TWICE, file, number, field=said.strip())
        lines[name] = number
        if name not in ("measure", "evidence", "list") or value.strip() not in _NOTHING:
            fields[name] = value.strip()
    return TomlTable(fields, file, 1, lines)


def read_task_lines(text: str, file: str) -> ListedTask:
    """The task that such lines say.

    :raises BadTemplate: with the line of the text.
    """
    with named_as_typed(_TYPED):
        return _typed_task(_typed_table(text, file, _TYPED), file)


def _typed_task(typed: TomlTable, file: str) -> ListedTask:
    fields = dict(typed.fields)
    table = TomlTable(fields, file, 1, typed.lines)
    if "evidence" in fields:
        fields["evidence"] = [part for part in _parted(str(fields["evidence"])) if part]
    if "minutes" in fields:
        minutes = _minutes(str(fields["minutes"]))
        if minutes is None:
            raise table.refusal(
                TemplateFault.MINUTES, "minutes", value=fields["minutes"], most=MOST_MINUTES
            )
        fields["minutes"] = minutes
    return _task(table)


def _parted(text: str) -> Sequence[str]:
    return text.replace("，", "、").replace(",", "、").replace(" ", "、").split("、")


def _minutes(text: str) -> int | None:
    """60, 60分钟, 2小时, 1天; ``None``: no number is written."""
    text = text.replace(" ", "").removesuffix("内")
    for unit, minutes in _UNITS.items():
        number = text.removesuffix(unit)
        if number != text and number.lstrip("-").isdecimal():
            return int(number) * minutes
    return int(text) if text.lstrip("-").isdecimal() else None
