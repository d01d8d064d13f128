"""A mechanism's file read; what is wrong with it is told with its line. Pure.

::

    name = "防汛部门联动"
    hazards = ["暴雨", "山洪灾害"]
    source = "《国家防汛抗旱应急预案》（国办函〔2022〕48号）"

    [[owes]]
    department = "水利"
    tiers = ["县"]
    levels = ["红", "橙"]
    minutes = 15
    title = "报水库、河道、山洪沟水位和泄洪安排"
    measure = "超汛限的水库逐座报。"
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from alerts.loop.mechanism.model import (
    LONGEST_MEASURE,
    LONGEST_TITLE,
    MOST_MINUTES,
    Mechanism,
    Owed,
)
from alerts.template_files.faults import TemplateFault
from alerts.template_files.toml_file import TomlTable, read_toml
from alerts.template_files.words import HAZARDS, LEVELS, TIERS
from contacts.organisations import LABELS, Organisation, organisation_in

_TOP = ("name", "hazards", "source")
_OWES = ("department", "tiers", "levels", "minutes", "title", "measure")


class _Departments(Mapping[str, Organisation]):
    """Every way to write a department, as a mapping of words."""

    def __getitem__(self, text: str) -> Organisation:
        found = organisation_in(text)
        if found is None:
            raise KeyError(text)
        return found

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(LABELS.values())

    def __len__(self) -> int:
        return len(LABELS)


_DEPARTMENTS = _Departments()


def read_mechanism(content: bytes | str, file: str) -> Mechanism:
    """The mechanism that a file says.

    :param file: its name: ``flood.toml``.
    :raises BadTemplate: with the file and the line.
    """
    read = read_toml(content, file, "owes")
    read.top.only(_TOP)
    name = read.top.text("name", LONGEST_TITLE)
    source = read.top.text("source", LONGEST_MEASURE, needed=False)
    hazards = read.top.words("hazards", HAZARDS, TemplateFault.UNKNOWN_HAZARD)
    if not read.tables:
        raise read.top.refusal(TemplateFault.MISSING_FIELD, "owes")
    owed: list[Owed] = []
    for table in read.tables:
        one = _owed(table)
        if any(_same(one, other) for other in owed):
            raise table.refusal(TemplateFault.OWED_TWICE, "title", value=one.title)
        owed.append(one)
    return Mechanism(PurePath(file).stem, name, frozenset(hazards), tuple(owed), source)


def _owed(table: TomlTable) -> Owed:
    table.only(_OWES)
    organisation = table.word("department", _DEPARTMENTS, TemplateFault.UNKNOWN_DEPARTMENT)
    tiers = table.words("tiers", TIERS, TemplateFault.UNKNOWN_TIER)
    levels = table.words("levels", LEVELS, TemplateFault.UNKNOWN_LEVEL)
    minutes = table.number("minutes")
    if not 1 <= minutes <= MOST_MINUTES:
        raise table.refusal(TemplateFault.MINUTES, "minutes", value=minutes, most=MOST_MINUTES)
    return Owed(
        organisation,
        frozenset(tiers),
        frozenset(levels),
        table.text("title", LONGEST_TITLE),
        minutes,
        table.text("measure", LONGEST_MEASURE, needed=False),
    )


def _same(one: Owed, other: Owed) -> bool:
    """Whether somebody would owe the same twice."""
    return (
        one.organisation is other.organisation
        and one.title == other.title
        and bool(one.tiers & other.tiers)
        and bool(one.levels & other.levels)
    )
