"""``jiaoying import`` of lists of the roster, and of boundaries."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO

from bot.config.settings import Settings
from bot.console.progress import progress
from bot.views.roster.import_text import BadOption, boundary_lines, file_problem_text, report_lines
from contacts.divisions.boundary_file import boundaries_path, import_boundaries
from contacts.divisions.store import known_divisions
from contacts.people import Person, Post
from contacts.phones import normalise
from contacts.roster.columns import ROLE_WORDS, RosterKind, word
from contacts.roster.comings import THRESHOLD, Spoken
from contacts.roster.importing import import_file
from contacts.roster.reading.headings import Field, heading, plain
from contacts.roster.reading.people_list import Defaults
from contacts.roster.sheet import Book
from data.database import Connection, Database
from data.errors import InvalidInput


def import_drawn(
    arguments: argparse.Namespace,
    settings: Settings,
    out: TextIO,
    database: Database,
    now: datetime,
) -> int:
    """Import a file of boundaries."""
    language: str = arguments.language
    target = boundaries_path(settings.database.url, Path.cwd())
    try:
        with progress(arguments.file.name):
            drawn = import_boundaries(
                database,
                arguments.file,
                target,
                now,
                gcj02=arguments.gcj02,
                dry_run=arguments.dry_run,
                instead=arguments.replace,
                agreed=arguments.yes,
            )
    except InvalidInput as error:
        out.write(file_problem_text(error, language) + "\n")
        return 1
    gazetteer = database.read(known_divisions)
    out.writelines(line + "\n" for line in boundary_lines(drawn, gazetteer, language))
    return 1 if drawn.vanishing and not (drawn.agreed or drawn.dry_run) else 0


def import_list(
    arguments: argparse.Namespace,
    settings: Settings,
    out: TextIO,
    database: Database,
    now: datetime,
) -> int:
    """Import a list of persons, divisions, places, groups or shifts.

    ``arguments.begun`` waits for the file and returns it, where it is being read already.
    """
    read: Callable[[], Book] | None = arguments.begun
    language: str = arguments.language
    try:
        with _uncollected(), progress(arguments.file.name) as told:
            report = import_file(
                database,
                RosterKind(arguments.kind),
                arguments.file,
                now,
                zone=settings.time.info,
                read=read,
                dry_run=arguments.dry_run,
                said=_said(arguments, database),
                spoken=_spoken(arguments),
                all_posts=arguments.all_posts,
                agreed=arguments.yes,
                told=told,
                after_leaving=_tell_left,
                after_linking=_tell_linked,
                after_losing=_tell_post_taken,
                after_gaining=_ask_for_proof,
            )
    except InvalidInput as error:
        out.write(file_problem_text(error, language) + "\n")
        return 1
    out.writelines(line + "\n" for line in report_lines(report, language))
    if report.nobody_known and not report.dry_run:
        return 1
    return 1 if report.problems.total or (report.unanswered and not report.dry_run) else 0


# Here: most files have nobody told of anything, and what tells takes a third of a second to load.


def _tell_left(connection: Connection, people: list[Person], now: datetime) -> None:
    from alerts.accounts import tell_left

    tell_left(connection, people, now)


def _tell_linked(connection: Connection, people: list[Person], now: datetime) -> None:
    from alerts.accounts import tell_linked_by_file

    tell_linked_by_file(connection, people, now)


def _tell_post_taken(connection: Connection, person: Person, post: Post, now: datetime) -> None:
    from alerts.accounts import tell_post_taken

    tell_post_taken(connection, person, post, now)


def _ask_for_proof(connection: Connection, person: Person, now: datetime) -> None:
    from alerts.accounts import ask_for_proof

    ask_for_proof(connection, person, now)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Python does not look for rubbish: a long file makes none that refers to itself, and looking
    through its rows again and again is a tenth of the time (measured with 46,000)."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _said(arguments: argparse.Namespace, database: Database) -> Defaults:
    """What the options say of a whole file.

    :raises InvalidInput: with a ``BadOption``.
    """
    role = None
    if arguments.role:
        role = word(ROLE_WORDS, arguments.role)
        if role is None:
            raise InvalidInput(BadOption.ROLE, text=arguments.role)
    area = area_said(arguments, database)
    columns = {}
    for given in arguments.column:
        written, _equals, meant = given.rpartition("=")
        held = heading(meant).field
        if not written or held in (Field.UNKNOWN, Field.NOTHING):
            raise InvalidInput(BadOption.COLUMN, text=given)
        columns[plain(written)] = held
    return Defaults(role, area, columns)


def area_said(arguments: argparse.Namespace, database: Database) -> str:
    """The code of the division that ``--area`` names; empty where it is not given.

    :raises InvalidInput: AREA of ``BadOption``.
    """
    if not arguments.area:
        return ""
    found = database.read(known_divisions).find(arguments.area)
    if found.division is None:
        near = "、".join(f"{place.division.code} {place.path}" for place in found.candidates)
        raise InvalidInput(BadOption.AREA, text=arguments.area, near=near)
    return found.division.code


def _spoken(arguments: argparse.Namespace) -> Spoken:
    """What the options say of single persons.

    :raises InvalidInput: a number that is none, or RETIRE_WHERE: --area is missing.
    """
    if arguments.retire_missing and not arguments.area:
        raise InvalidInput(BadOption.RETIRE_WHERE)
    successors, corrections, returning = (
        frozenset(normalise(phone) for phone in phones)
        for phones in (arguments.successor, arguments.correction, getattr(arguments, "return"))
    )
    most = THRESHOLD if arguments.threshold is None else arguments.threshold
    return Spoken(successors, corrections, returning, arguments.retire_missing, most)
