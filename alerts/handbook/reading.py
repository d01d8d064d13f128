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
    === English
    1. First call the households at gully mouths and in valleys ...

Field names may be English (``_FIELDS``); several values are parted by spaces or 、. What stands
below the line ``=== English`` is read by those whose language is English; a card may do without.
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

LONGEST_ENGLISH = 2000
"""Characters of the same in English; with the Chinese it still fits a message to be edited."""

LONGEST_TITLE = 40
LONGEST_ENGLISH_TITLE = 60
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
_KNOWN = frozenset({*_FIELDS.values(), "title_en", "source_en"})
_LABELS = {english: chinese for chinese, english in _FIELDS.items()}
_EVERY = frozenset({"全部", "all"})
_COLON = re.compile("[:：]")
_PARTED = re.compile(r"[\s、，,;；]+")
_NOT_SHOWN = re.compile(r"!\[|^\s*\||^\s*```|<[a-zA-Z/]")
_STEP = re.compile(r"^\s{0,3}\d{1,2}[.、]\s*\S")
_PART = re.compile(r"^\s*={3,}\s*([^\s=].*?)[\s=]*$")
_NUMBER = re.compile(r"\d{3,}")
"""A telephone number, and what else is long enough to be copied wrong."""

_ENGLISH = frozenset({"english", "en", "英文"})

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
    for name, most in (("title", LONGEST_TITLE), ("title_en", LONGEST_ENGLISH_TITLE)):
        title, line = fields.get(name, ("", 0))
        if len(title) > most:
            raise BadTemplate(TemplateFault.TEXT_TOO_LONG, file, line, length=len(title), most=most)
    ends = _parting(lines, begins, file)
    body, steps = _body(lines[begins:ends], begins, file, LONGEST_BODY)
    body_en = ""
    if ends < len(lines):
        body_en, english = _body(lines[ends + 1 :], ends + 1, file, LONGEST_ENGLISH)
        if "title_en" not in fields:
            raise BadTemplate(TemplateFault.MISSING_FIELD, file, begins, field="title_en")
        if english != steps:
            raise BadTemplate(
                TemplateFault.STEPS_DIFFER, file, ends + 1, steps=steps, english=english
            )
        only = set(_NUMBER.findall(body)) ^ set(_NUMBER.findall(body_en))
        if only:
            raise BadTemplate(TemplateFault.NUMBERS_DIFFER, file, ends + 1, value=min(only))
    return Card(
        key=key,
        title=fields["title"][0],
        hazards=_values(fields, "hazards", HAZARDS, (*WARNED_OF, *RESPONSES), file),
        works=_values(fields, "works", WORK_WORDS, tuple(Work), file),
        phases=_values(fields, "phase", PHASE_WORDS, tuple(PHASE_WORDS.values()), file),
        keywords=tuple(_parts(fields["keywords"][0])) if "keywords" in fields else (),
        source=fields["source"][0],
        body=body,
        title_en=fields.get("title_en", ("", 0))[0],
        source_en=fields.get("source_en", ("", 0))[0],
        body_en=body_en,
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


def _parting(lines: list[str], begins: int, file: str) -> int:
    """Where the line ``=== English`` stands, from 0; the number of lines: there is none."""
    found = len(lines)
    for at in range(begins, len(lines)):
        part = _PART.match(lines[at])
        if part is None:
            continue
        if part[1].casefold() not in _ENGLISH or found < len(lines):
            raise BadTemplate(TemplateFault.UNKNOWN_PART, file, at + 1, value=lines[at].strip())
        found = at
    return found


def _body(lines: list[str], begins: int, file: str, most: int) -> tuple[str, int]:
    """The text, and how many steps it has."""
    length, steps = 0, 0
    for number, line in enumerate(lines, start=begins + 1):
        if _NOT_SHOWN.search(line):
            raise BadTemplate(TemplateFault.NOT_SHOWN, file, number, value=line.strip()[:20])
        length += len(line) + 1
        if length > most:
            raise BadTemplate(TemplateFault.TEXT_TOO_LONG, file, number, most=most)
        steps += bool(_STEP.match(line))
    body = "\n".join(lines).strip()
    if not body:
        raise BadTemplate(TemplateFault.NO_TEXT, file, begins)
    if not steps:
        raise BadTemplate(TemplateFault.NO_STEPS, file, begins + 1)
    return body, steps
