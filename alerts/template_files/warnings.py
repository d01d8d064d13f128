"""The texts offered for a warning, a file a hazard. Pure.

::

    hazard = "flash_flood"

    [[text]]
    level = "red"
    text = \"\"\"
    山洪可能随时暴发……
    立即转移……\"\"\"

Every level has at least one; the first of a level is the usual one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.model import Hazard, Level
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.toml_file import quoted, read_toml
from alerts.template_files.words import HAZARDS, LEVEL_NAMES, LEVELS

LONGEST_TEXT = 500
"""Characters of one text: as many as a warning may have (``Rules.max_text``)."""

MOST_TEXTS = 8
"""Texts of one level: each has its button (ours)."""


@dataclass(frozen=True, slots=True)
class WarningTexts:
    """What is offered for a hazard, by level, the usual one first."""

    hazard: Hazard
    texts: Mapping[Level, tuple[str, ...]]


def read_warning(content: bytes | str, file: str) -> WarningTexts:
    """The texts that this file holds.

    :raises BadTemplate: with the file and the line.
    """
    read = read_toml(content, file, "text")
    read.top.only(("hazard",))
    hazard = read.top.word("hazard", HAZARDS, TemplateFault.UNKNOWN_HAZARD)
    texts: dict[Level, tuple[str, ...]] = dict.fromkeys(Level, ())
    for table in read.tables:
        table.only(("level", "text"))
        level = table.word("level", LEVELS, TemplateFault.UNKNOWN_LEVEL)
        text = "\n".join(
            line.strip() for line in table.text("text", LONGEST_TEXT).splitlines() if line.strip()
        )
        if len(texts[level]) == MOST_TEXTS:
            raise table.refusal(TemplateFault.TOO_MANY, most=MOST_TEXTS)
        texts[level] += (text,)
    for level in Level:
        if not texts[level]:
            raise read.top.refusal(TemplateFault.MISSING_FIELD, LEVEL_NAMES[level])
    return WarningTexts(hazard, texts)


def write_warning(hazard: Hazard, texts: Mapping[Level, Sequence[str]]) -> str:
    """The file that says so."""
    parts = [f'hazard = "{hazard.value}"\n']
    for level in Level:
        for text in texts[level]:
            parts.append(f'[[text]]\nlevel = "{level.value}"\ntext = {quoted(text)}\n')
    return "\n".join(parts)


def texts_typed(written: str, file: str) -> tuple[str, ...]:
    """The texts of one level as they are typed: with an empty line between two.

    :param file: what a refusal calls them.
    :raises BadTemplate: there are none, too many, or one is too long; with the line typed.
    """
    blocks: list[tuple[int, list[str]]] = []
    between = True
    for number, line in enumerate(written.splitlines(), start=1):
        if not line.strip():
            between = True
            continue
        if between:
            blocks.append((number, []))
            between = False
        blocks[-1][1].append(line.strip())
    if not blocks:
        raise BadTemplate(TemplateFault.NO_TEXT, file, 1)
    if len(blocks) > MOST_TEXTS:
        raise BadTemplate(TemplateFault.TOO_MANY, file, blocks[MOST_TEXTS][0], most=MOST_TEXTS)
    texts = [(number, "\n".join(lines)) for number, lines in blocks]
    for number, text in texts:
        if len(text) > LONGEST_TEXT:
            raise BadTemplate(TemplateFault.TEXT_TOO_LONG, file, number, most=LONGEST_TEXT)
    return tuple(text for _number, text in texts)
