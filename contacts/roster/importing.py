"""Importing a roster file: read, check every row, compare, and write all of it or nothing.

Reading and comparing happen outside the writing transaction, which a busy bot shares. If anything
that files bring was changed in between, which the audit trail tells, the comparison is made again
inside it. Most new persons of a long file are entered before that (``entering``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from contacts import (
    account_store,
    bot_store,
    equipment_store,
    group_store,
    link_store,
    people_store,
    place_store,
)
from contacts.divisions import store as division_store
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import DivisionsOnce
from contacts.leaving import give_up_number, retire
from contacts.people import COMMANDING, RIGHTS, Person, Post
from contacts.places import KnownPlaces, Place
from contacts.roster import list_store
from contacts.roster import store as roster_store
from contacts.roster.account_cells import LISTED, AccountChanges, account_changes
from contacts.roster.changes import (
    Changes,
    Question,
    Unusual,
    coming_to_command,
    coming_to_rights,
    division_changes,
    duty_changes,
    gaining_rights,
    group_changes,
    people_changes,
    place_changes,
    questions,
)
from contacts.roster.columns import RosterKind
from contacts.roster.comings import Comings, Spoken, who_comes_and_goes
from contacts.roster.comparing import compare_then_write
from contacts.roster.entering import Entering
from contacts.roster.equipment_cells import (
    EquipmentChanges,
    cells_of_places,
    equipment_changes,
)
from contacts.roster.list_store import Listed
from contacts.roster.reading.duty_list import duty_table, read_duty
from contacts.roster.reading.people_list import OWN, Defaults, PeopleList, read_people
from contacts.roster.reading.questions import Question as ReadingQuestion
from contacts.roster.reading.table import Table
from contacts.roster.records import (
    division_rows,
    duty_rows,
    group_rows,
    people_rows,
    place_rows,
)
from contacts.roster.rows import Problems
from contacts.roster.sheet import Book, Sheet
from contacts.roster.spreadsheets import first_sheet, read_book
from data.database import Connection, Database
from data.errors import InvalidInput
from data.files import FileProblem


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with ``dry_run`` would do. With problems, nothing was written.

    ``seeded``: shipped divisions entered first because there were none.
    """

    kind: RosterKind
    file: str
    rows: int
    changes: Changes[Any]
    problems: Problems
    ignored_columns: tuple[str, ...] = ()
    dry_run: bool = False
    seeded: int = 0
    questions: tuple[Question, ...] = ()
    agreed: bool = False
    read: PeopleList | None = None
    """How a people file was read: what it leaves open, and what was not read of it."""
    strangers: tuple[tuple[int, str, str], ...] = ()
    """Whom a duty table names that the roster does not know: row, name, number."""
    gazetteer: Gazetteer | None = None
    """For the words of a people file's changes; ``area`` is the one that the file is of."""
    area: str = ""
    comings: Comings = field(default_factory=Comings)
    other_phones: Mapping[str, str] = field(default_factory=dict)
    """The further numbers of persons, by their first."""
    places: Changes[Place] = field(default_factory=Changes)
    equipment: EquipmentChanges = field(default_factory=EquipmentChanges)
    """Satellite telephones and loudspeakers, of a file of people or of places."""
    accounts: AccountChanges = field(default_factory=AccountChanges)
    """In WeCom, and e-mail addresses, of a file of people."""
    vouched: frozenset[str] = frozenset()
    """The numbers of persons whose accounts the file names."""
    promoted: tuple[Person, ...] = ()
    """Who comes to command, and whose account was linked for a duty officer's post."""
    unproven: tuple[Person, ...] = ()
    """Who gains rights, and whose account was linked without them: it is to be proven anew."""
    listed: Listed = field(default_factory=Listed)

    @property
    def open(self) -> tuple[ReadingQuestion, ...]:
        """What only an option can answer: which role, which area."""
        read = self.read.questions if self.read else ()
        return (*read, *self.comings.questions)

    @property
    def unanswered(self) -> bool:
        """Whether it waits for somebody to answer, or to agree to what is asked about."""
        return bool(self.open) or (bool(self.questions) and not self.agreed)

    @property
    def nobody_known(self) -> bool:
        """Whether a duty table names nobody of the roster."""
        return bool(self.strangers) and not (self.changes or self.changes.unchanged)

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        refused = self.dry_run or self.problems.total or self.unanswered
        return not refused and bool(
            self.changes or self.comings.leaving or self.equipment or self.accounts
        )

    @property
    def confirmed(self) -> bool:
        """Whether it changes nothing, but says anew who is of the roster."""
        refused = self.dry_run or self.problems.total or self.unanswered
        return not refused and not self.written and self.listed.news


AfterLeaving = Callable[[Connection, list[Person], datetime], object]
AfterLinking = Callable[[Connection, list[Person], datetime], object]
AfterGaining = Callable[[Connection, Person, datetime], object]
AfterLosing = Callable[[Connection, Person, Post, datetime], object]


def import_file(
    database: Database,
    kind: RosterKind,
    path: Path,
    now: datetime,
    *,
    zone: tzinfo,
    read: Callable[[], Book] | None = None,
    dry_run: bool = False,
    said: Defaults | None = None,
    spoken: Spoken | None = None,
    all_posts: bool = False,
    agreed: bool = False,
    told: Callable[[int, int], None] = lambda _done, _all: None,
    after_leaving: AfterLeaving | None = None,
    after_linking: AfterLinking | None = None,
    after_losing: AfterLosing | None = None,
    after_gaining: AfterGaining | None = None,
) -> ImportReport:
    """Import one file. Bad rows are in the report's ``problems``.

    :param zone: the zone of a duty file's times.
    :param read: returns the file, where it is being read already (``book_apart``).
    :param said: what a people file leaves open: role, area, what its columns hold.
    :param spoken: what is said of single persons of a people file, and of those it leaves out.
    :param all_posts: a people file names all posts of its persons.
    :param agreed: write what the report's ``questions`` are about; without, nothing is written.
    :param told: hears how many persons of a long file are entered, and of how many.
    :param after_leaving: what becomes of the open calls of those who leave by it, given as they
        were, and who is told.
    :param after_linking: who is told that the file names the accounts of posts with rights.
    :param after_losing: who is told that somebody lost a commanding post by it.
    :param after_gaining: who is asked whether the account of somebody is theirs who has a post with
        rights by it, and was linked before without.
    :raises InvalidInput: with a ``FileProblem``: the file as a whole cannot be used.
    :raises StoreError: the database cannot be read or written; nothing was imported.
    """
    divisions = DivisionsOnce()
    book = _read(database, divisions, path, read)
    asked = _Asked(said or Defaults(), replace(spoken or Spoken(), agreed=agreed), all_posts)

    def compare(connection: Connection) -> ImportReport:
        report = _compared(connection, kind, book, zone, asked, divisions, now)
        return replace(report, dry_run=dry_run, agreed=agreed)

    def write(connection: Connection, report: ImportReport) -> ImportReport:
        seeded = 0
        # A divisions file of another province must not bring Jilin along.
        if kind is not RosterKind.DIVISIONS:
            seeded = roster_store.seed_divisions(connection, now)
        source = {"file": book.file, "sha256": book.digest}
        if kind is RosterKind.PEOPLE:
            roster_store.apply_places(connection, report.places, now, source)
            for person in report.comings.succeeded:
                give_up_number(connection, person, now)
            for person in report.comings.leaving:
                retire(connection, person.id, now)
            gone = [*report.comings.succeeded, *report.comings.leaving]
            if gone and after_leaving is not None:
                after_leaving(connection, gone, now)
            changes = entering.activate(connection, report.changes)
            roster_store.apply_people(connection, changes, now, source)
            report = _looked_at_again(connection, report)
            _tell_of_accounts(connection, report, after_linking, now)
            roster_store.set_other_phones(connection, report.other_phones)
            account_store.set_accounts(connection, report.accounts.listed, now, source)
            _tell_of_rights(connection, report, after_losing, after_gaining, now)
            report = replace(report, changes=entering.told(changes))
            list_store.note(connection, _listed_before(report), source, now)
        else:
            _APPLY[kind](connection, report.changes, now, source)
            _ask_about_shifts(connection, kind, report, after_gaining, now)
        _apply_equipment(connection, report.equipment, now, source)
        bot_store.assign(connection)
        return replace(report, seeded=seeded)

    def prepare(report: ImportReport) -> int:
        if kind is not RosterKind.PEOPLE:
            return 0
        taken = {person.phone for person in report.comings.succeeded}
        return entering.enter(report.changes, taken)

    entering = Entering(database, now, told)
    report = compare_then_write(database, compare, write, prepare)
    _confirm(database, report, book, now)
    return report


def _read(
    database: Database, divisions: DivisionsOnce, path: Path, read: Callable[[], Book] | None
) -> Book:
    if read is None:
        return read_book(path)
    # Finding names needs a quarter of a second to make ready; the file is read meanwhile.
    database.read(divisions.known).make_ready()
    return read()


def _listed_before(report: ImportReport) -> Listed:
    """What is left to be noted of those who were of the roster: new ones are entered as listed."""
    new = {person.phone for person in report.changes.new}
    return replace(report.listed, phones=report.listed.phones - new)


def _confirm(database: Database, report: ImportReport, book: Book, now: datetime) -> None:
    if report.confirmed:
        source = {"file": book.file, "sha256": book.digest}
        database.do(lambda connection: list_store.confirm(connection, report.listed, source, now))


def _looked_at_again(connection: Connection, report: ImportReport) -> ImportReport:
    """Whom somebody let in who does not command themselves is to be proven before they command."""

    def let_in_by_less(person: Person) -> bool:
        by = link_store.approved_by(connection, person.id)
        above = None if by is None else people_store.person(connection, by)
        return above is not None and not above.holds(COMMANDING)

    less = {person.id for person in report.promoted if let_in_by_less(person)}
    unproven = [person for person in report.promoted if person.id in less]
    promoted = tuple(person for person in report.promoted if person.id not in less)
    return replace(report, promoted=promoted, unproven=(*report.unproven, *unproven))


def _tell_of_accounts(
    connection: Connection, report: ImportReport, after: AfterLinking | None, now: datetime
) -> None:
    """Note the accounts that the file names for posts with rights: they have not used them yet."""
    phones = coming_to_rights(report.changes, report.vouched)
    found = [people_store.person_by_phone(connection, phone) for phone in phones]
    linked = [person for person in found if person is not None]
    for person in linked:
        link_store.note_vouched(connection, person.id)
    for person in report.promoted:
        link_store.note_new(connection, person.id)
    linked += report.promoted
    if linked and after is not None:
        after(connection, linked, now)


def _tell_of_rights(
    connection: Connection,
    report: ImportReport,
    after_losing: AfterLosing | None,
    after_gaining: AfterGaining | None,
    now: datetime,
) -> None:
    for lost in report.questions:
        if lost.why is Unusual.LOSES_COMMAND and after_losing is not None:
            after_losing(connection, lost.person, lost.post, now)
    ids = [person.id for person in report.unproven]
    roster_store.want_proof(connection, ids, now)
    if after_gaining is not None:
        for person in report.unproven:
            after_gaining(connection, person, now)


def _apply_equipment(
    connection: Connection, changes: EquipmentChanges, now: datetime, source: dict[str, Any]
) -> None:
    if changes:
        equipment_store.change(connection, changes.coming, changes.going, now, source)


def _ask_about_shifts(
    connection: Connection,
    kind: RosterKind,
    report: ImportReport,
    after: AfterGaining | None,
    now: datetime,
) -> None:
    """A shift gives rights: whose account was linked for less is to be proven, too."""
    if kind is not RosterKind.DUTY or after is None:
        return
    ids = {shift.person_id for shift in report.changes.new if shift.ends_at > now}
    for person in people_store.people(connection, ids).values():
        if person.unproven and not person.holds(RIGHTS):
            after(connection, person, now)


_Apply = Callable[[Connection, Changes[Any], datetime, dict[str, Any]], None]
_APPLY: dict[RosterKind, _Apply] = {
    RosterKind.DIVISIONS: roster_store.apply_divisions,
    RosterKind.PLACES: roster_store.apply_places,
    RosterKind.GROUPS: roster_store.apply_groups,
    RosterKind.DUTY: roster_store.apply_duty,
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What whoever imports a people file says with it."""

    said: Defaults
    spoken: Spoken
    all_posts: bool


def _people(
    connection: Connection, book: Book, asked: _Asked, gazetteer: Gazetteer
) -> ImportReport:
    problems = Problems()
    try:
        read = read_people(book, gazetteer, asked.said, problems)
    except InvalidInput as error:
        if error.code is FileProblem.MISSING_COLUMN and duty_table(book):
            raise InvalidInput(FileProblem.DUTY_TABLE, file=book.file) from error
        raise
    known = place_store.all_places(connection)
    named = {(place.name, place.division_code) for place in known}
    codes = {place.code for place in known}
    new = [
        place
        for place in read.places
        if place.code not in codes and (place.name, place.division_code) not in named
    ]
    places = KnownPlaces([*known, *new])
    rows, _ = people_rows(read.sheet, gazetteer, problems, places)
    equipment = EquipmentChanges()
    if read.equipment:
        had = equipment_store.all_equipment(connection)
        equipment = equipment_changes(read.equipment, had, places, problems)
    accounts = AccountChanges()
    if read.accounts:
        reached = account_store.known_accounts(connection, LISTED)
        accounts = account_changes(read.accounts, reached, problems)
    stored = roster_store.stored_people(connection)
    changes = people_changes(
        rows,
        stored,
        problems,
        all_posts=asked.all_posts,
        blocked=link_store.blocked_accounts_now(connection),
    )
    area = asked.said.area or read.area
    changes, comings = who_comes_and_goes(
        changes,
        rows,
        stored,
        roster_store.left_ids(connection),
        area,
        asked.spoken,
    )
    leaving = {person.id for person in comings.leaving}
    vouched = frozenset(row.phone for row in rows if row.telegram_id)
    listed = list_store.compared(
        connection,
        book.digest,
        frozenset(row.phone for row in rows),
        [person for person in comings.missing if person.id not in leaving],
    )
    return ImportReport(
        RosterKind.PEOPLE,
        book.file,
        len(read.sheet.rows),
        changes,
        problems,
        tuple(heading for heading, _ in read.ignored),
        questions=questions(changes),
        read=read,
        places=Changes(tuple(new)),
        equipment=equipment,
        accounts=accounts,
        gazetteer=gazetteer,
        area=area,
        comings=comings,
        vouched=vouched,
        promoted=coming_to_command(changes, vouched),
        unproven=gaining_rights(changes, vouched),
        other_phones={
            row.cells[_PHONE]: more for row in read.sheet.rows if (more := row.cells[_MORE])
        },
        listed=listed,
    )


_PHONE, _MORE = OWN.index("phone"), OWN.index("other_phones")


def _compared(
    connection: Connection,
    kind: RosterKind,
    book: Book,
    zone: tzinfo,
    asked: _Asked,
    divisions: DivisionsOnce,
    now: datetime,
) -> ImportReport:
    if kind is RosterKind.PEOPLE:
        return _people(connection, book, asked, divisions.known(connection))
    if kind is RosterKind.DUTY and (tables := duty_table(book)):
        return _duty(connection, book, tables, zone, now)
    return _others(connection, kind, first_sheet(book), zone)


def _duty(
    connection: Connection, book: Book, tables: list[Table], zone: tzinfo, now: datetime
) -> ImportReport:
    problems = Problems()
    people = [person for person in roster_store.stored_people(connection) if person.active]
    read = read_duty(tables, people, zone, now.astimezone(zone).year, problems)
    changes = duty_changes(read.shifts, roster_store.shifts_as_listed(connection, read.shifts))
    return ImportReport(
        RosterKind.DUTY, book.file, read.rows, changes, problems, strangers=read.strangers
    )


def _others(connection: Connection, kind: RosterKind, sheet: Sheet, zone: tzinfo) -> ImportReport:
    problems = Problems()
    changes: Changes[Any]
    if kind is RosterKind.DIVISIONS:
        stored = division_store.load_gazetteer(connection)
        divisions, ignored = division_rows(sheet, stored, problems)
        changes = division_changes(divisions, stored)
        return ImportReport(kind, sheet.file, len(sheet.rows), changes, problems, ignored)
    gazetteer = division_store.known_divisions(connection)
    if kind is RosterKind.PLACES:
        return _places(connection, sheet, gazetteer)
    if kind is RosterKind.GROUPS:
        groups, ignored = group_rows(sheet, gazetteer, problems)
        changes = group_changes(groups, group_store.all_groups(connection))
    else:
        known = {person.phone: person for person in roster_store.stored_people(connection)}
        shifts, ignored = duty_rows(sheet, gazetteer, known, zone, problems)
        changes = duty_changes(shifts, roster_store.shifts_as_listed(connection, shifts))
    return ImportReport(kind, sheet.file, len(sheet.rows), changes, problems, ignored)


def _places(connection: Connection, sheet: Sheet, gazetteer: Gazetteer) -> ImportReport:
    problems = Problems()
    places, ignored = place_rows(sheet, gazetteer, problems)
    stored = place_store.all_places(connection)
    cells = cells_of_places(sheet, gazetteer)
    listed = {place.code for place in places}
    known = KnownPlaces([*places, *(place for place in stored if place.code not in listed)])
    had = equipment_store.all_equipment(connection) if cells else []
    return ImportReport(
        RosterKind.PLACES,
        sheet.file,
        len(sheet.rows),
        place_changes(places, stored),
        problems,
        ignored,
        equipment=equipment_changes(cells, had, known, problems),
    )
