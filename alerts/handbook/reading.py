"""A card's file read: its fields between two lines ``---``, then its text. Pure.

::

    ---
    标题: 山洪来了：村里怎么转
    灾种: 山洪灾害
    岗位: 村责任人
    阶段: 转
    关键词: 转移 沟口 铜锣
    来源: 《山洪灾害防御预案编制导则》（SL 666-2014）
    ---
    1. 先叫沟口、河谷的户……

Field names may be English (``_FIELDS``); several values are parted by spaces or 、.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from alerts.handbook.model import KEY, PHASE_WORDS, WORK_WORDS, Card
from alerts.instructions import Work
from alerts.model import RESPONSES, WARNED_OF
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.file_text import text_of
from alerts.template_files.words import HAZARDS
from contacts.roster.columns import word

LONGEST_BODY = 1200
"""Characters of a card: it is read on a phone, at night (ours)."""

LONGEST_TITLE = 40
LONGEST_FILE = 16_000
"""Bytes of a card's file."""

_FIELDS: Mapping[str, str] = {
    "标题": "title",
    "灾种": "hazards",
    "岗位": "works",
    "阶段": "phase",
    "关键词": "keywords",
    "来源": "source",
}
_NEEDED = ("title", "hazards", "works", "phase", "source")
_KNOWN = frozenset({*_FIELDS.values(), "title_en"})
_LABELS = {english: chinese for chinese, english in _FIELDS.items()}
_EVERY = frozenset({"全部", "all"})
_COLON = re.compile("[:：]")
_PARTED = re.compile(r"[\s、，,;；]+")
_NOT_SHOWN = re.compile(r"!\[|^\s*\||^\s*```|<[a-zA-Z/]")
_STEP = re.compile(r"^\s{0,3}\d{1,2}[.、]\s*\S")

T = TypeVar("T")
Head = Mapping[str, tuple[str, int]]
"""The fields of a card's head: name, then the value and its line."""


def read_card(content: bytes | str, file: str) -> Card:
    """The card that this file says.

    :param file: its name, ``flash-flood-village-moving.md``.
    :raises BadTemplate: with the file and the line.
    """
    key = file.rpartition("/")[2].removesuffix(".md")
    if not KEY.fullmatch(key):
        raise BadTemplate(TemplateFault.BAD_NAME, file, 1, value=key)
    lines = text_of(content, file, LONGEST_FILE).splitlines()
    fields, begins = _head(lines, file)
    for name in _NEEDED:
        if name not in fields:
            raise BadTemplate(TemplateFault.MISSING_FIELD, file, begins, field=_LABELS[name])
    title, line = fields["title"]
    if len(title) > LONGEST_TITLE:
        raise BadTemplate(
            TemplateFault.TEXT_TOO_LONG, file, line, length=len(title), most=LONGEST_TITLE
        )
    return Card(
        key=key,
        title=title,
        hazards=_values(fields, "hazards", HAZARDS, (*WARNED_OF, *RESPONSES), file),
        works=_values(fields, "works", WORK_WORDS, tuple(Work), file),
        phases=_values(fields, "phase", PHASE_WORDS, tuple(PHASE_WORDS.values()), file),
        keywords=tuple(_parts(fields["keywords"][0])) if "keywords" in fields else (),
        source=fields["source"][0],
        body=_body(lines[begins:], begins, file),
        english=fields["title_en"][0] if "title_en" in fields else "",
    )


def _head(lines: list[str], file: str) -> tuple[Head, int]:
    """The fields, and the number of lines that the head takes."""
    if not lines or lines[0].strip() != "---":
        raise BadTemplate(TemplateFault.NO_HEAD, file, 1)
    fields: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() == "---":
            return fields, number
        if not line.strip():
            continue
        parts = [part.strip() for part in _COLON.split(line, maxsplit=1)]
        if len(parts) != 2:
            raise BadTemplate(TemplateFault.NOT_A_FIELD, file, number, value=line.strip())
        said, value = parts
        name = _FIELDS.get(said, said)
        if name not in _KNOWN:
            raise BadTemplate(TemplateFault.UNKNOWN_FIELD, file, number, field=said)
        if name in fields:
            raise BadTemplate(TemplateFault.FIELD_TWICE, file, number, field=said)
        if not value:
            raise BadTemplate(TemplateFault.MISSING_FIELD, file, number, field=said)
        fields[name] = (value, number)
    raise BadTemplate(TemplateFault.NO_HEAD, file, len(lines))


_FAULTS = {
    "hazards": TemplateFault.UNKNOWN_HAZARD,
    "works": TemplateFault.UNKNOWN_WORK,
    "phase": TemplateFault.UNKNOWN_PHASE,
}


def _values(
    fields: Head, name: str, words: Mapping[str, T], every: tuple[T, ...], file: str
) -> frozenset[T]:
    text, line = fields[name]
    found: set[T] = set()
    for part in _parts(text):
        if part in _EVERY:
            return frozenset(every)
        value = word(words, part)
        if value is None:
            raise BadTemplate(_FAULTS[name], file, line, value=part)
        found.add(value)
    return frozenset(found)


def _parts(text: str) -> list[str]:
    return [part for part in _PARTED.split(text) if part]


def _body(lines: list[str], begins: int, file: str) -> str:
    length, steps = 0, 0
    for number, line in enumerate(lines, start=begins + 1):
        if _NOT_SHOWN.search(line):
            raise BadTemplate(TemplateFault.NOT_SHOWN, file, number, value=line.strip()[:20])
        length += len(line) + 1
        if length > LONGEST_BODY:
            raise BadTemplate(TemplateFault.TEXT_TOO_LONG, file, number, most=LONGEST_BODY)
        steps += bool(_STEP.match(line))
    body = "\n".join(lines).strip()
    if not body:
        raise BadTemplate(TemplateFault.NO_TEXT, file, begins)
    if not steps:
        raise BadTemplate(TemplateFault.NO_STEPS, file, begins + 1)
    return body
