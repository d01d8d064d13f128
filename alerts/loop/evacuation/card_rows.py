"""The rows of lists as cards, shelters and households, with what is wrong or missing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from alerts.loop.evacuation.card_headings import CardField as F
from alerts.loop.evacuation.card_sheet import CardList, ListRow
from alerts.loop.evacuation.card_words import (
    counts_in,
    frail_in,
    group_in,
    hazards_in,
    name_and_number,
    phone_in,
)
from alerts.loop.evacuation.findings import Finding, Kind, Note, Refused
from alerts.loop.evacuation.model import Card, Household, Shelter
from contacts.divisions.codes import Tier, tier_of
from contacts.divisions.gazetteer import Gazetteer
from contacts.people import Person
from contacts.places import KnownPlaces, PlaceKind, code_for
from contacts.roster.reading.place_cells import count_in, point_in

MOST_NAME, MOST_TEXT = 64, 300

Key = tuple[str, str]
"""Village and place."""

_BELOW = re.compile(
    r"[村区会]第?([\d一二三四五六七八九十]{1,3}(?:村民)?小?[组社队屯]|[\u4e00-\u9fff]{1,5}[屯组])$"
)
# What every village has: said alone, it is that of the village itself.
_USUAL = re.compile(
    r"^(本?村|本?屯|本?社区)?(村?部|村?委会|村民委员会|小学|学校|文化\S{0,4}|活动\S{0,4}|卫生\S?|广场"
    r"|礼堂|党群\S{0,6}|办公\S{0,3}|高地|后山|祠堂)$"
)
_CAPACITY = re.compile(r"[(（\[【]? ?(?:可?容纳|容量|约)? ?(\d{1,6}) ?人 ?[)）\]】]?")


@dataclass(slots=True)
class Known:
    """What is known without the file: divisions, places, who is in the roster, cards of before."""

    gazetteer: Gazetteer
    places: KnownPlaces = field(default_factory=KnownPlaces)
    people: Mapping[str, Person] = field(default_factory=dict)  # by number
    stored: Mapping[Key, Card] = field(default_factory=dict)


@dataclass(slots=True)
class Rows:
    """What a file says: cards, households by card, what the whole village has, what was found."""

    cards: dict[Key, Card] = field(default_factory=dict)
    households: dict[Key, list[Household]] = field(default_factory=dict)
    whole: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def read_rows(lists: Iterable[CardList], known: Known) -> Rows:
    """All lists of all files together: cards first, then the households of them."""
    rows = Rows()
    waiting = list(lists)
    for listed in waiting:
        rows.unused += listed.unused
        if listed.of_cards:
            _Cards(rows, known, by_household=listed.of_households).read(listed)
    for listed in waiting:
        if listed.of_households:
            _Households(rows, known, again=listed.of_cards).read(listed)
    return rows


class _Reading:
    """Reads one list; what is wrong is noted with its row."""

    def __init__(self, rows: Rows, known: Known) -> None:
        self.rows, self.known = rows, known

    def found(self, kind: Kind, row: ListRow, name: str = "", **facts: object) -> None:
        self.rows.findings.append(Finding(kind, name, row.number, row.sheet, facts))

    def key(self, row: ListRow) -> tuple[Key, str] | None:
        """Village, place and name of what the row is about; ``None``, said, where it is unclear."""
        code, point = row.where.code, "".join(row.text(F.POINT).split())
        number = row.text(F.POINT_CODE).strip()
        place = next(iter(self.known.places.find(number)), None) if number else None
        if place is None and point:
            near = [p for p in self.known.places.find(point, code) if p.division_code == code]
            place = near[0] if len(near) == 1 else None
        if place is not None:
            return (place.division_code, place.code), place.name
        if not code:
            text = row.where.written or " ".join(list(row.cells.values())[:3])
            near_by = "、".join(row.where.near)
            self.found(Refused.WHERE_UNKNOWN, row, text=text[:40], near=near_by)
            return None
        village = self.known.gazetteer.name(code)
        if tier_of(code) is not Tier.VILLAGE:
            self.found(Refused.NOT_A_VILLAGE, row, text=self.known.gazetteer.path(code))
            return None
        if point:
            return (code, number or code_for(code, PlaceKind.HAZARD_POINT, point)), point
        group = group_in(row.text(F.GROUP)) or _group_of(row.text(F.VILLAGE))
        if not group or group == village:
            return (code, ""), village
        settled = [p for p in self.known.places.find(group, code) if p.division_code == code]
        place_code = settled[0].code if settled else code_for(code, PlaceKind.SETTLEMENT, group)
        return (code, place_code), village + group.removeprefix(village)

    def count(self, row: ListRow, of: F, name: str) -> int | None:
        text = row.text(of)
        if not text:
            return None
        found = count_in(text)
        if found is None:
            self.found(Refused.COUNT_INVALID, row, name, text=text[:40])
        return found

    def words(self, row: ListRow, of: F, name: str, most: int = MOST_TEXT) -> str:
        text = " ".join(row.text(of).split())
        if len(text) > most:
            self.found(Refused.TEXT_TOO_LONG, row, name, length=len(text), most=most)
        return text[:most]

    def person(self, row: ListRow, who: F, number: F, name: str) -> tuple[str, str]:
        """A name and a number, which may stand in one cell; a number that is none is said."""
        written, beside = name_and_number(row.text(who))
        given = row.text(number) or beside
        phone = phone_in(given)
        if phone is None:
            self.found(Note.PHONE_UNREAD, row, name, text=given[:40])
        return written[:MOST_NAME], phone or ""


class _Cards(_Reading):
    def __init__(self, rows: Rows, known: Known, *, by_household: bool) -> None:
        super().__init__(rows, known)
        self._by_household = by_household
        self._first: dict[Key, int] = {}

    def read(self, listed: CardList) -> None:
        for row in listed.rows:
            at = self.key(row)
            if at is None:
                continue
            key, name = at
            if key in self._first:
                if not self._by_household:
                    self.found(Refused.CARD_TWICE, row, name, other=self._first[key])
                continue
            self._first[key] = row.number
            self.rows.cards[key] = self._card(row, key, name)
            whole = (
                self.count(row, F.ALL_HOUSEHOLDS, name),
                self.count(row, F.ALL_PERSONS, name),
            )
            if any(whole):
                self.rows.whole[key[0]] = whole

    def _card(self, row: ListRow, key: Key, name: str) -> Card:
        households, persons = None, None
        if not self._by_household:
            households = self.count(row, F.HOUSEHOLDS, name)
            persons = self.count(row, F.PERSONS, name)
            both = row.text(F.BOTH)
            if both:
                households, persons = counts_in(both)
                if households is None:
                    self.found(Refused.COUNT_INVALID, row, name, text=both[:40])
        organiser, phone = self.person(row, F.ORGANISER, F.ORGANISER_PHONE, name)
        person = self.known.people.get(phone) if phone else self._named(organiser, key[0])
        hazards = hazards_in(row.text(F.HAZARDS))
        if not hazards and row.text(F.POINT):
            hazards = hazards_in(row.text(F.POINT)) or hazards_in("地质")
        return Card(
            0,
            *key,
            name[:MOST_NAME],
            hazards,
            organiser,
            phone or (person.phone if person is not None else ""),
            None if person is None else person.id,
            self.words(row, F.SIGNAL, name),
            self.words(row, F.WHEN, name),
            (),
            self.words(row, F.ROUTE, name),
            households if households is not None else -1,
            persons if persons is not None else -1,
            self._shelter(row, key[0], name),
        )

    def _named(self, name: str, code: str) -> Person | None:
        """The one of that village who bears the name."""
        if not name:
            return None
        same = {
            person.id: person
            for person in self.known.people.values()
            if person.name == name and any(post.division_code == code for post in person.posts)
        }
        return next(iter(same.values())) if len(same) == 1 else None

    def _shelter(self, row: ListRow, code: str, name: str) -> Shelter | None:
        written = " ".join(row.text(F.SHELTER).split())
        capacity = self.count(row, F.CAPACITY, name)
        inside = _CAPACITY.search(written)
        if inside is not None:
            written = (written[: inside.start()] + written[inside.end() :]).strip()
            capacity = int(inside[1]) if capacity is None else capacity
        if not written:
            return None
        called = written[:MOST_NAME]
        lon, lat = point_in(row.text(F.LON), row.text(F.LAT))
        above = self.known.gazetteer.parent(code)
        if _USUAL.match(called) or above is None:
            village = self.known.gazetteer.name(code)
            stem = re.sub(r"^(本村|本屯|本社区|村|屯|社区)", "", called) or called
            where = code
            called = called if called.startswith(village) else village + stem
        else:
            where = above.code
        holder, phone = self.person(row, F.KEY_HOLDER, F.KEY_PHONE, name)
        return Shelter(0, where, called, lon, lat, capacity or None, holder, phone)


class _Households(_Reading):
    def __init__(self, rows: Rows, known: Known, *, again: bool) -> None:
        """:param again: the same rows were read as cards: what was said of them is not repeated."""
        super().__init__(rows, known)
        self._again = again

    def found(self, kind: Kind, row: ListRow, name: str = "", **facts: object) -> None:
        if not (self._again and kind in (Refused.WHERE_UNKNOWN, Refused.NOT_A_VILLAGE)):
            super().found(kind, row, name, **facts)

    def read(self, listed: CardList) -> None:
        seen: dict[tuple[str, str, str], ListRow] = {}
        for row in listed.rows:
            head, beside = name_and_number(row.text(F.HEAD))
            if not head:
                if any(row.text(of) for of in (F.PERSONS, F.HEAD_PHONE, F.CARER)):
                    self.found(Refused.NO_HEAD, row)
                continue
            at = self.key(row)
            if at is None:
                continue
            key = self._card_of(at[0])
            if key is None:
                self.found(Refused.NO_CARD, row, at[1], head=head[:MOST_NAME])
                continue
            household = self._household(row, head, beside)
            same = (key[0], household.head, household.phone or household.address)
            first = seen.setdefault(same, row)
            if first is not row:
                facts = {"head": household.head, "other": first.number}
                self.found(Note.HOUSEHOLD_TWICE, row, at[1], **facts)
                continue
            self.rows.households.setdefault(key, []).append(household)

    def _card_of(self, key: Key) -> Key | None:
        """The card on which a household is: that of its settlement, else that of its village."""
        for candidate in (key, (key[0], "")):
            if candidate in self.rows.cards or candidate in self.known.stored:
                return candidate
        # A village whose only card is that of a hazard point.
        here = {k for k in (*self.rows.cards, *self.known.stored) if k[0] == key[0]}
        return next(iter(here)) if len(here) == 1 else None

    def _household(self, row: ListRow, head: str, beside: str) -> Household:
        persons = self.count(row, F.PERSONS, head)
        if persons is None:
            self.found(Note.PERSONS_UNSAID, row, head)
        given = row.text(F.HEAD_PHONE) or beside
        phone = phone_in(given)
        if phone is None:
            self.found(Note.PHONE_UNREAD, row, head, text=given[:40])
        frail, who = frail_in(row.text(F.FRAIL))
        named, said = frail_in(row.text(F.FRAIL_WHO))
        carer, carer_phone = self.person(row, F.CARER, F.CARER_PHONE, head)
        number = row.text(F.NUMBER)
        return Household(
            0,
            0,
            int(number) if number.isdecimal() and len(number) < 7 else 0,
            head[:MOST_NAME],
            1 if persons is None else persons,
            phone or "",
            frail or named,
            "，".join(dict.fromkeys(filter(None, (said, who))))[:MOST_NAME],
            carer,
            carer_phone,
            self.words(row, F.ADDRESS, head, 80),
        )


def numbered(
    listed: Iterable[Household], before: Iterable[Household], most_before: int
) -> list[Household]:
    """The households with numbers: their own, those of before by name, else the next free ones.

    :param most_before: the highest number that the card ever had: none is given to another.
    """
    old = {(each.head, each.phone): each.number for each in before}
    by_head = {each.head: each.number for each in before}
    households = list(listed)
    taken: set[int] = set()
    found: list[Household] = []
    for each in households:
        number = each.number or old.get((each.head, each.phone)) or by_head.get(each.head) or 0
        if number in taken:
            number = 0
        taken.add(number)
        found.append(replace(each, number=number))
    free = max([most_before, *taken])
    for at, each in enumerate(found):
        if not each.number:
            free += 1
            found[at] = replace(each, number=free)
    return found


def _group_of(village: str) -> str:
    found = _BELOW.search("".join(village.split()))
    return found[1] if found else ""
