"""Who comes and who goes with a file of persons: successors, returns, those it does not name. Pure.

A number outlives its owner: when a file gives a linked number another name, only whoever sent the
file knows whether the name was corrected or somebody else holds the post now. Nobody inherits an
account, and nobody who left comes back because an old list still names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from contacts.divisions.codes import contains
from contacts.people import COMMANDING, Person
from contacts.roster.changes import Changed, Changes
from contacts.roster.reading.questions import Asked, Question, question
from contacts.roster.records import PersonRow

THRESHOLD = 20
"""Per cent of an area's persons that a file may leave out before it is asked about (ours)."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said of single persons, by their stored numbers, and of those the file leaves out.

    ``threshold``: how many per cent of an area's persons may be retired at once.
    """

    successors: frozenset[str] = frozenset()
    corrections: frozenset[str] = frozenset()
    returning: frozenset[str] = frozenset()
    retire_missing: bool = False
    threshold: int = THRESHOLD
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Comings:
    """Who goes because of a file.

    ``succeeded``: those whose number is another's now; their own row stays, with what they did.
    ``missing``: persons of the file's area and roles that it does not name; ``leaving``: those of
    them who are retired.
    """

    succeeded: tuple[Person, ...] = ()
    missing: tuple[Person, ...] = ()
    leaving: tuple[Person, ...] = ()
    questions: tuple[Question, ...] = ()


def who_comes_and_goes(
    changes: Changes[Person],
    rows: Collection[PersonRow],
    stored: Iterable[Person],
    left: Collection[int],
    area: str,
    spoken: Spoken,
) -> tuple[Changes[Person], Comings]:
    """The changes with successors among the new, and who goes.

    :param left: the ids of those who have left the roster.
    :param area: the code of the area that the file is of; empty when nothing says.
    """
    # A file that names the account knows whose it is.
    known = {row.phone for row in rows if row.telegram_id is not None}
    kept: list[Changed[Person]] = []
    new = list(changes.new)
    succeeded, renamed, returned = [], [], []
    for change in changes.changed:
        before, after = change.before, change.after
        if before.id in left and before.phone not in spoken.returning:
            returned.append(_named(before))
        if before.name == after.name or not _linked(before) or before.id in left:
            kept.append(change)
        elif before.phone in spoken.successors:
            succeeded.append(before)
            new.append(_newcomer(after))
        else:
            kept.append(change)
            if before.phone not in spoken.corrections | known:
                renamed.append(f"{before.name} → {after.name} {before.phone}")
    missing = _missing(rows, stored, area)
    questions = [
        question(asked, about)
        for asked, about in ((Asked.NAME_CHANGED, renamed), (Asked.RETURNED, returned))
        if about
    ]
    leaving: tuple[Person, ...] = ()
    if spoken.retire_missing and area:
        leaving = missing
        questions += _about_leaving(rows, leaving, spoken)
    comings = Comings(tuple(succeeded), missing, leaving, tuple(questions))
    return replace(changes, new=tuple(new), changed=tuple(kept)), comings


def _about_leaving(
    rows: Collection[PersonRow], leaving: tuple[Person, ...], spoken: Spoken
) -> list[Question]:
    found = []
    known = len(leaving) + len(rows)
    share = round(100 * len(leaving) / known) if known else 0
    names = [_named(person) for person in leaving]
    if share > spoken.threshold:
        found.append(question(Asked.TOO_MANY_MISSING, names, share=share, most=spoken.threshold))
    commanding = [_named(person) for person in leaving if person.holds(COMMANDING)]
    if commanding and not spoken.agreed:
        found.append(question(Asked.COMMANDING_LEAVES, commanding))
    return found


def _missing(
    rows: Collection[PersonRow], stored: Iterable[Person], area: str
) -> tuple[Person, ...]:
    """Those in use whose posts all lie in the area, of roles that the file lists."""
    if not area:
        return ()
    named = {row.phone for row in rows}
    roles = {post.role for row in rows for post in row.posts}
    return tuple(
        person
        for person in stored
        if person.active
        and person.phone not in named
        and all(post.role in roles and contains(area, post.division_code) for post in person.posts)
    )


def _linked(person: Person) -> bool:
    return person.telegram_id is not None


def _newcomer(after: Person) -> Person:
    """The successor as a person of their own: no account, no code that somebody knows."""
    return replace(after, id=0, telegram_id=None, invite_code="", language="zh")


def _named(person: Person) -> str:
    return f"{person.name} {person.phone}"
