"""Importing evacuation cards: lists, routes and flood zones, checked whole, written in pieces.

A card is known by its village and place, a household by its number on its card. What a file does
not say stays: a list without routes leaves the routes, a drawing leaves the lists. A village that
the file does not list keeps its card. What is doubted is written only when somebody says that it is
so; what cannot be used stops the file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any

from alerts.loop.evacuation import card_store, flood_zone_store
from alerts.loop.evacuation.card_files import CardFileProblem, CardFiles
from alerts.loop.evacuation.card_routes import Drawn, matched
from alerts.loop.evacuation.card_rows import Key, Known, Rows, numbered, read_rows
from alerts.loop.evacuation.card_sheet import CardList, lists_of
from alerts.loop.evacuation.checks import Ground, capacity_findings, findings_of, listed_findings
from alerts.loop.evacuation.findings import Doubt, Finding, Note, Refused
from alerts.loop.evacuation.keeping_store import keep_shelter, put_card
from alerts.loop.evacuation.model import Card, Household, Shelter
from alerts.patrol.positions.village_store import reported_villages
from contacts.access import may_release
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import known_divisions
from contacts.people import Person
from contacts.place_store import known_places
from contacts.roster.comparing import write_in_pieces
from contacts.roster.store import stored_people
from data.audit import Entry, append
from data.database import Connection, Database
from data.errors import InvalidInput
from data.geo.boundaries import Boundaries
from data.geo.coordinates import distance_m
from data.geo.shape_cover import Cover
from data.geo.shapes import Shape
from data.geo.zone_geometry import Point


@dataclass(frozen=True, slots=True)
class Coming:
    """A card as it will be, with its households where the file lists them."""

    card: Card
    listed: tuple[Household, ...] | None


@dataclass(frozen=True, slots=True)
class CardReport:
    """What an import did, or would do."""

    file: str
    new: tuple[Coming, ...] = ()
    changed: tuple[Coming, ...] = ()
    unchanged: int = 0
    households: int = 0  # listed by name in the file
    frail: int = 0
    routes: int = 0
    zones: Mapping[str, Shape] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    unused: tuple[str, ...] = ()
    chinese_map: bool = False
    dry_run: bool = False
    agreed: bool = False

    def of(self, kind: type[Enum]) -> list[Finding]:
        """What was found of one kind: ``Refused``, ``Doubt`` or ``Note``."""
        return [finding for finding in self.findings if isinstance(finding.kind, kind)]

    @property
    def stopped(self) -> bool:
        """Whether nothing is written because of what was found."""
        return bool(self.of(Refused)) or (bool(self.of(Doubt)) and not self.agreed)

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        anything = bool(self.new or self.changed or self.zones)
        return anything and not self.dry_run and not self.stopped


def import_cards(
    database: Database,
    files: CardFiles,
    now: datetime,
    *,
    area: str = "",
    boundaries: Boundaries | None = None,
    dry_run: bool = False,
    agreed: bool = False,
    by: Person | None = None,
    rest: Callable[[float], None] = time.sleep,
) -> CardReport:
    """Import what was read, a piece at a time: killed, it is made again and writes what is missing.

    :param area: the code of the division that the files are of, if somebody says so.
    :param boundaries: of counties, to see where routes and shelters lie.
    :param agreed: what is doubted is so.
    :param by: who imports it: only cards of divisions that they command; ``None`` at the command
        line.
    :param rest: lets others write for so many seconds.
    :raises InvalidInput: NO_LIST of ``CardFileProblem``.
    """

    def compare(connection: Connection) -> CardReport:
        report = compared(connection, files, area, boundaries, now, by)
        return replace(report, dry_run=dry_run, agreed=agreed)

    by_id = None if by is None else by.id
    return write_in_pieces(database, compare, lambda report: _pieces(report, now, by_id), rest)


# -- comparing ---------------------------------------------------------------------------------


def compared(
    connection: Connection,
    files: CardFiles,
    area: str,
    boundaries: Boundaries | None,
    now: datetime,
    by: Person | None = None,
) -> CardReport:
    """What an import would do; see ``import_cards``.

    :raises InvalidInput: NO_LIST of ``CardFileProblem``.
    """
    gazetteer = known_divisions(connection)
    before = card_store.all_cards(connection)
    stored = {(card.division_code, card.place_code): card for card in before if card.active}
    people = {person.phone: person for person in stored_people(connection) if person.active}
    known = Known(gazetteer, known_places(connection), people, stored)
    lists: list[CardList] = []
    for book in files.lists:
        found = lists_of(book, gazetteer, area)
        if not found:
            raise InvalidInput(CardFileProblem.NO_LIST, file=book.file)
        lists += found
    rows = read_rows(lists, known)
    findings = list(rows.findings)
    cards = _with_what_stands(rows, stored)
    villages = _villages(connection, gazetteer, now)
    routes = 0
    if files.routes is not None:
        findings += files.routes.findings
        by_card, unmatched = matched(
            (cards | {k: c for k, c in stored.items() if k not in cards}).values(),
            files.routes,
            gazetteer,
        )
        findings += unmatched
        routes = len(by_card)
        for key, drawn in by_card.items():
            card = cards.get(key) or stored[key]
            card, said = _with_route(card, drawn, villages.get(key[0]))
            cards[key] = card
            findings += said
        cards = {key: _with_spot(card, files.routes.spots) for key, card in cards.items()}
    if by is not None:
        findings += [
            Finding(Refused.OUTSIDE, card.name, facts={"division": card.division_code})
            for card in cards.values()
            if not may_release(by, [card.division_code]).allowed
        ]
    cards, said = _with_shelters(cards, stored)
    findings += said
    covers = {**flood_zone_store.zones(connection), **files.zones}
    ground = Ground(boundaries, {name: Cover(shape) for name, shape in covers.items()}, villages)
    checked = cards or (stored if files.zones else {})
    for key, card in checked.items():
        findings += findings_of(card, ground, rows.whole.get(key[0], (None, None)))
        if key in rows.households:
            findings += listed_findings(card, len(rows.households[key]))
    both = {**stored, **cards}
    touched = {_shelter_key(card) for card in cards.values()}
    findings += capacity_findings(card for card in both.values() if _shelter_key(card) in touched)
    return _differences(connection, files, rows, cards, findings, routes)


def _with_what_stands(rows: Rows, stored: Mapping[Key, Card]) -> dict[Key, Card]:
    """The cards of the file; what they leave open stays, counts are those of the list.

    A list of households of cards of before makes these cards part of what comes.
    """
    cards = dict(rows.cards)
    for key in rows.households:
        if key not in cards and key in stored:
            cards[key] = stored[key]
    found = {}
    for key, card in cards.items():
        listed = rows.households.get(key, [])
        old = stored.get(key)
        households, persons = card.households, card.persons
        if households < 0:
            households = len(listed) or (old.households if old is not None else 0)
        if persons < 0:
            persons = sum(each.persons for each in listed) or (
                old.persons if old is not None else 0
            )
        if not households and not persons:
            rows.findings.append(
                Finding(Note.NO_COUNT, card.name, facts={"division": card.division_code})
            )
        found[key] = replace(
            card,
            households=households,
            persons=persons,
            route=card.route or (old.route if old is not None else ()),
            hazards=card.hazards or (old.hazards if old is not None else frozenset()),
        )
    return found


def _villages(connection: Connection, gazetteer: Gazetteer, now: datetime) -> dict[str, Point]:
    found = {spot.code: (spot.lon, spot.lat) for spot in reported_villages(connection, now)}
    found |= {
        division.code: (division.lon, division.lat)
        for division in gazetteer
        if division.tier is Tier.VILLAGE and division.lon is not None and division.lat is not None
    }
    return found


def _with_route(card: Card, drawn: Drawn, village: Point | None) -> tuple[Card, list[Finding]]:
    """The card with a line, turned round if it was drawn from the shelter to the village."""
    line, said = drawn.line, []
    facts = {"division": card.division_code}
    if drawn.points > len(line):
        more = {**facts, "points": drawn.points, "kept": len(line)}
        said.append(Finding(Note.SIMPLIFIED, card.name, facts=more))
    spot = None if card.shelter is None else card.shelter.spot
    backwards = False
    if spot is not None:
        backwards = distance_m(*spot, *line[0]) < distance_m(*spot, *line[-1])
    elif village is not None:
        backwards = distance_m(*village, *line[-1]) < distance_m(*village, *line[0])
    if backwards:
        line = line[::-1]
        said.append(Finding(Note.TURNED_ROUND, card.name, facts=facts))
    return replace(card, route=line), said


def _with_spot(card: Card, spots: Mapping[str, Point]) -> Card:
    """The card with the place of its shelter, where a drawing has a point of that name."""
    if card.shelter is None or card.shelter.spot is not None:
        return card
    for name, (lon, lat) in spots.items():
        if name and (name in card.shelter.name or card.shelter.name in name):
            return replace(card, shelter=replace(card.shelter, lon=lon, lat=lat))
    return card


def _with_shelters(
    cards: Mapping[Key, Card], stored: Mapping[Key, Card]
) -> tuple[dict[Key, Card], list[Finding]]:
    """The cards; of a shelter named several times, each with all that any row says of it.

    One without a position is where the route ends. What is left open stays as it was stored.
    """
    merged: dict[tuple[str, str], Shelter] = {}
    said = []
    ends: dict[tuple[str, str], Point] = {}
    for card in (*cards.values(), *stored.values()):
        if card.shelter is None:
            continue
        at = (card.shelter.division_code, card.shelter.name)
        merged[at] = _filled(merged.get(at, card.shelter), card.shelter)
    for card in cards.values():
        if card.shelter is not None and card.route:
            ends.setdefault((card.shelter.division_code, card.shelter.name), card.route[-1])
    found = {}
    told = set()
    for key, card in cards.items():
        shelter = card.shelter
        if shelter is not None:
            at = (shelter.division_code, shelter.name)
            shelter = merged[at]
            if shelter.spot is None and at in ends:
                shelter = replace(shelter, lon=ends[at][0], lat=ends[at][1])
                if at not in told:
                    facts = {"division": card.division_code, "shelter": shelter.name}
                    said.append(Finding(Note.SPOT_FROM_ROUTE, card.name, facts=facts))
                told.add(at)
        found[key] = replace(card, shelter=shelter)
    return found, said


def _filled(first: Shelter, other: Shelter) -> Shelter:
    """A shelter with what either says; the first where both do."""
    return replace(
        first,
        id=first.id or other.id,
        lon=other.lon if first.lon is None else first.lon,
        lat=other.lat if first.lat is None else first.lat,
        capacity=first.capacity or other.capacity,
        key_holder=first.key_holder or other.key_holder,
        key_phone=first.key_phone or other.key_phone,
    )


def _shelter_key(card: Card) -> tuple[str, str] | None:
    return None if card.shelter is None else (card.shelter.division_code, card.shelter.name)


def _differences(
    connection: Connection,
    files: CardFiles,
    rows: Rows,
    cards: Mapping[Key, Card],
    findings: Sequence[Finding],
    routes: int,
) -> CardReport:
    before = {
        (card.division_code, card.place_code): card for card in card_store.all_cards(connection)
    }
    ids = [before[key].id for key in rows.households if key in before]
    listed_before = card_store.households_of(connection, ids)
    highest = card_store.highest_numbers(connection, ids)
    new, changed, unchanged = [], [], 0
    for key, card in cards.items():
        old = before.get(key)
        listed: tuple[Household, ...] | None = None
        was = [] if old is None else listed_before.get(old.id, [])
        if key in rows.households:
            most = 0 if old is None else highest.get(old.id, 0)
            listed = tuple(numbered(rows.households[key], was, most))
        card = replace(card, source=files.file[:200])
        if old is None:
            new.append(Coming(card, listed))
        elif not _same(old, card) or not _same_list(listed, was):
            changed.append(Coming(card, listed))
        else:
            unchanged += 1
    everybody = [household for each in rows.households.values() for household in each]
    return CardReport(
        files.file,
        tuple(new),
        tuple(changed),
        unchanged,
        len(everybody),
        sum(household.frail is not None for household in everybody),
        routes,
        files.zones,
        tuple(findings),
        tuple(dict.fromkeys(rows.unused)),
        files.chinese_map,
    )


def _same(one: Card, other: Card) -> bool:
    """Whether two cards say the same; their numbers, versions and files aside."""

    def said(card: Card) -> Card:
        shelter = None if card.shelter is None else replace(card.shelter, id=0)
        return replace(
            card, id=0, version=0, source="", at=None, households_listed=0, shelter=shelter
        )

    return said(one) == said(other)


def _same_list(listed: tuple[Household, ...] | None, was: Sequence[Household]) -> bool:
    if listed is None:
        return True
    before = {each.number: replace(each, id=0, card_id=0) for each in was}
    return {each.number: each for each in listed} == before


# -- writing -----------------------------------------------------------------------------------


PIECE = 100
"""Households, and cards, written in one transaction: some hundredths of a second, so that nobody's
tap is behind more than that."""


def _pieces(
    report: CardReport, now: datetime, by_id: int | None
) -> Iterator[Callable[[Connection], None]]:
    """The transactions that write it: what came and the flood zones, then cards with theirs."""
    yield partial(_begin, report=report, now=now, by_id=by_id)
    part: list[Coming] = []
    rows = 0
    for coming in (*report.new, *report.changed):
        more = 1 + len(coming.listed or ())
        if part and rows + more > PIECE:
            yield partial(_write, part=part, now=now, by_id=by_id)
            part, rows = [], 0
        part.append(coming)
        rows += more
    if part:
        yield partial(_write, part=part, now=now, by_id=by_id)


def _begin(connection: Connection, report: CardReport, now: datetime, by_id: int | None) -> None:
    flood_zone_store.keep_zones(connection, report.zones)
    detail: dict[str, Any] = {
        "file": report.file,
        "new": len(report.new),
        "changed": len(report.changed),
        "unchanged": report.unchanged,
        "households": report.households,
        "zones": len(report.zones),
        "doubted": len(report.of(Doubt)),
    }
    append(connection, now, [Entry("import.evacuation", "roster", by_id, detail)])


def _write(
    connection: Connection, part: Sequence[Coming], now: datetime, by_id: int | None
) -> None:
    kept: dict[tuple[str, str], Shelter] = {}
    entries = []
    for coming in part:
        card = coming.card
        if card.shelter is not None:
            at = (card.shelter.division_code, card.shelter.name)
            if at not in kept:
                kept[at] = keep_shelter(connection, card.shelter)
            card = replace(card, shelter=kept[at])
        _card_id, entry = put_card(connection, card, coming.listed, now, by_id=by_id)
        entries.append(entry)
    append(connection, now, entries)
