"""What office each person of a list holds, by the cells beside names and numbers. Pure.

A role that the row names comes first, then the one of the heading above the name, then that of the
whole file. A title (村书记, 主任) gives no role, but where nothing else says one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contacts.divisions.codes import Tier, tier_of, valid_code
from contacts.organisations import Organisation, organisation_in, unit_in, unit_name
from contacts.people import RIGHTS, Role
from contacts.roster.columns import ROLE_WORDS, word
from contacts.roster.reading.headings import Field, role_in
from contacts.roster.reading.name_cells import Named
from contacts.roster.reading.questions import Asking
from contacts.roster.reading.slots import Slot, all_texts, first_text, ranks_of
from contacts.roster.reading.table import Table
from contacts.roster.reading.tiers import tier_named, tier_said

_CARRIED = (Field.RANK, Field.TELEGRAM_ID, Field.LANGUAGE, Field.HAZARDS, Field.TIER)
_BY_KIND: Mapping[str, str] = {
    "dyke": "dyke_responsible",
    "hazard_point": "hazard_point_responsible",
    "reservoir": "reservoir_head",
    "school": "place_responsible",
    "care_home": "place_responsible",
    "camp": "place_responsible",
    "scenic_spot": "place_responsible",
}
_OF_RESERVOIRS: Mapping[str, str] = {
    "行政": "reservoir_head",
    "技术": "reservoir_engineer",
    "巡查": "reservoir_inspector",
}
_LIAISON = "联络员"
_OFFICE_WORDS = frozenset("主任 副主任 局长 副局长 指挥 工作人员 干事 成员 联络员".split())
"""Titles of many offices, which name a role only where nothing else does, from the county up."""


class Office(NamedTuple):
    """What a row says beside name, number and division: the columns of our own rows after these."""

    role: str
    rank: str
    telegram_id: str
    language: str
    title: str
    place: str
    hazards: str
    other_phones: str
    tier: str


NamedOffice = tuple[Office, bool]
"""An office, and whether its role is named; where not, its title stands in the role's place."""


@dataclass(frozen=True, slots=True)
class OfficeColumns:
    """The columns of one person of each row, and the offices that their cells have meant so far.

    ``beside``: all those that say what office it is. ``rank``: where none is written.
    """

    slot: Slot
    rank: int
    beside: tuple[int, ...]
    offices: dict[tuple[str, ...], NamedOffice] = field(default_factory=dict)


_OFFICES_KEPT = 5000


class Offices:
    """The offices of one table."""

    def __init__(
        self,
        table: Table,
        slots: Sequence[Slot],
        said: Role | None,
        of_title: Role | None,
        kind: str,
        asking: Asking,
    ) -> None:
        """Make one.

        :param said: the role that somebody gave for the whole file; ``of_title``: its title does.
        :param kind: of the places that the table's persons answer for; empty where none is named.
        """
        self._table, self._kind, self._asking = table, kind, asking
        self._said, self._default = said, said or of_title
        of_place = _BY_KIND.get(kind)
        self._of_place = Role(of_place) if of_place else None
        self._units = (*table.columns(Field.ORGANISATION), *table.columns(Field.DIVISION))
        self._alone = [table.columns(field) for field in _CARRIED]
        self._names_counties = any(
            tier_named(first_text(line.row.cells, self._alone[-1])) is Tier.COUNTY
            for line in (table.lines if self._alone[-1] else ())
        )
        alone = tuple(at for columns in self._alone for at in columns)
        self.columns = [
            OfficeColumns(slot, rank, (*slot.roles, *slot.titles, *alone))
            for slot, rank in zip(slots, ranks_of(slots), strict=True)
        ]

    def of_one(
        self, cells: Sequence[str], columns: OfficeColumns, code: str, person: Named
    ) -> NamedOffice:
        """As ``of``, of the only person of a row of a village: thousands hold the same."""
        width = len(cells)
        beside = [cells[at] if at < width else "" for at in columns.beside]
        # Of the code only the county matters, which may be a city by name.
        key = (code[:6], person.title, *beside)
        office = columns.offices.get(key)
        if office is None:
            office = self.of(cells, columns, code, person, 0, 1)
            if len(columns.offices) < _OFFICES_KEPT:
                columns.offices[key] = office
        return office

    def of(
        self,
        cells: Sequence[str],
        columns: OfficeColumns,
        code: str,
        person: Named,
        at: int,
        persons: int,
    ) -> NamedOffice:
        """What the cells beside names and numbers say of one of the ``persons`` of a row."""
        slot = columns.slot
        rank, account, language, hazards, given_tier = [
            first_text(cells, alone) if alone else "" for alone in self._alone
        ]
        written = first_text(cells, slot.roles) if slot.roles else ""
        titles: list[str] = []
        if slot.titles or slot.title or person.title:
            own_titles = [title for title in (slot.title, person.title) if title]
            common = all_texts(cells, slot.titles, at, persons)
            titles = list(dict.fromkeys((*common, *own_titles)))
        unit = self._unit(cells, titles, code)
        role, shown = self._role(written, titles, slot, code, unit)
        if word(ROLE_WORDS, role) is Role.DEPARTMENT and unit:
            named = unit_name(unit)
            shown = shown if shown.startswith(named) else f"{named}{shown}"
        tier = slot.held_from
        if tier_named(given_tier) or tier_named(written):
            tier = tier_said((given_tier, written), code, self._names_counties)
        elif tier is None and any(map(tier_named, titles)):
            tier = tier_said(filter(_role_inside, titles), code, self._names_counties)
        held_from = tier.value if tier else ""
        rank = rank or (str(columns.rank) if columns.rank > 1 else "")
        office = Office(role or shown, rank, account, language, shown, "", hazards, "", held_from)
        return office, bool(role)

    def _unit(self, cells: Sequence[str], titles: Sequence[str], code: str) -> str:
        """The department that a row names, as written; empty where it names none.

        Titles (水利局副局长) tell it from the county up: below, they are of who answers for places.
        """
        if not code.endswith("000"):
            return ""
        named = (first_text(cells, (at,)) for at in self._units)
        unit = next((text for text in named if organisation_in(text) is not None), "")
        if unit or not code.endswith("000000"):
            return unit
        return next(filter(None, map(unit_in, titles)), "")

    def organisation(self, cells: Sequence[str], office: Office, code: str) -> Organisation | None:
        """The department whose liaison the holder of an office is."""
        if word(ROLE_WORDS, office.role) is not Role.DEPARTMENT:
            return None
        unit = self._unit(cells, (office.title,), code)
        return organisation_in(unit) if unit else None

    def _role(
        self, written: str, titles: list[str], slot: Slot, code: str, unit: str
    ) -> tuple[str, str]:
        """The role's word, empty when nobody says it; and the titles that are left to show."""
        shown = "、".join(titles) if titles else ""
        if written:
            return self._of_column(written, shown)
        above = self._of_heading(slot)
        if above is not None:
            return above.value, shown
        for title in titles:
            if title not in _OFFICE_WORDS and word(ROLE_WORDS, title) is not None:
                self._asking.roles_named = True
                return title, "、".join(other for other in titles if other != title)
        inside = next(filter(None, map(_role_inside, titles)), None)
        below = inside or self._of_place or self._default
        if below is not None:
            return below.value, shown
        if unit and _is_liaison(unit, titles):
            return Role.DEPARTMENT.value, shown
        high = bool(valid_code(code)) and tier_of(code).depth <= Tier.COUNTY.depth
        for title in titles:
            meant = word(ROLE_WORDS, title)
            if meant is Role.STAFF or (meant is not None and high):
                return meant.value, shown
        return "", shown

    def _of_column(self, written: str, shown: str) -> tuple[str, str]:
        """As ``_role``, of a row whose column of roles says ``written``."""
        if word(ROLE_WORDS, written) is not None:
            return written, shown
        meant = _role_inside(written) or self._said
        if meant is None:
            return written, shown
        return meant.value, "、".join(filter(None, (written, shown)))

    def _of_heading(self, slot: Slot) -> Role | None:
        """The role that the heading above a name says: 技术责任人 means that of a reservoir."""
        above = self._table.headings[slot.name]
        if self._kind == "reservoir":
            for duty, value in _OF_RESERVOIRS.items():
                if duty in above.group + above.text:
                    return Role(value)
        if self._of_place is not None and slot.role in (None, Role.RESERVOIR_HEAD):
            return None
        return slot.role


def _is_liaison(unit: str, titles: Sequence[str]) -> bool:
    """Whether a department's person answers for it: its head (局长) is no head of the command.

    The department of emergencies is the command's own office. 成员 | 水利局局长 is a member.
    """
    if any(_LIAISON in title for title in titles):
        return True
    member = any(word(ROLE_WORDS, title) is Role.STAFF for title in titles)
    if member and unit in map(unit_in, titles):
        return False
    return organisation_in(unit) is not Organisation.EMERGENCY


def _role_inside(text: str) -> Role | None:
    """The role in a longer word: 村级灾害信息员, 副镇长、包村干部. Never one that gives rights."""
    found = role_in(text)
    return None if found in RIGHTS else found
