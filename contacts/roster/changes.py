"""What an import would change, compared with what is stored. Pure.

A person missing from a new file is never removed: the usual file is one county's. For the same
reason a post that it does not name stays, unless it is said that the file names all posts of its
persons. An empty telegram_id, language, title or tier leaves what is stored, so no import undoes a
link.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from contacts.divisions.codes import Tier, tier_of
from contacts.divisions.gazetteer import Division
from contacts.groups import Group
from contacts.many_people import make_person
from contacts.people import COMMANDING, RIGHTS, Contact, Office, Person, Post, Role, leading_first
from contacts.places import Place
from contacts.roster.records import DutyRow, PersonRow
from contacts.roster.rows import Problems, RowReason

T = TypeVar("T", Division, Group, Person, Place, DutyRow)


@dataclass(frozen=True, slots=True)
class Changed(Generic[T]):
    """One stored thing, as it is and as the file wants it."""

    before: T
    after: T

    def fields(self) -> dict[str, list[Any]]:
        """What differs: field name to old and new value, fit for JSON."""
        return {
            name: [_plain(getattr(self.before, name)), _plain(getattr(self.after, name))]
            for name in (field.name for field in fields(self.after))
            if getattr(self.before, name) != getattr(self.after, name)
        }


@dataclass(frozen=True, slots=True)
class Changes(Generic[T]):
    """What an import does: ``missing`` are stored things the file does not list; they stay.

    ``entered``: new ones that were entered before the rest of the file, and are not in ``new``.
    """

    new: tuple[T, ...] = ()
    changed: tuple[Changed[T], ...] = ()
    unchanged: int = 0
    missing: int = 0
    entered: int = 0

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.entered)


def people_changes(
    rows: Iterable[PersonRow],
    stored: Collection[Person],
    problems: Problems,
    *,
    all_posts: bool = False,
    blocked: Collection[int] = frozenset(),
) -> Changes[Person]:
    """Compare by phone number. A telegram_id that is another person's is noted as a problem.

    New persons have id 0 and no invite code yet: the store gives both.

    :param blocked: accounts that were untied: an old file does not let them in again.
    :param all_posts: the file names all posts of its persons: they hold no other any more.
    """
    by_phone = {person.phone: person for person in stored}
    linked = {person.telegram_id: person for person in stored if person.telegram_id is not None}
    rows = list(rows)
    # A file that moves an account from one person to another names a new one for both.
    moved = {
        row.phone
        for row in rows
        if row.telegram_id is not None
        and row.phone in by_phone
        and by_phone[row.phone].telegram_id not in (None, row.telegram_id)
    }
    new: list[Person] = []
    changed: list[Changed[Person]] = []
    found = 0
    for row in rows:
        before = by_phone.get(row.phone)
        if row.telegram_id is not None:
            holder = linked.get(row.telegram_id)
            if holder is not None and holder.phone != row.phone and holder.phone not in moved:
                problems.add(
                    row.row,
                    "telegram_id",
                    RowReason.TELEGRAM_ID_TAKEN,
                    text=row.telegram_id,
                    name=holder.name,
                )
                continue
        held = None if before is None else before.telegram_id
        if row.telegram_id in blocked and row.telegram_id != held:
            problems.add(
                row.row, "telegram_id", RowReason.TELEGRAM_ID_BLOCKED, text=row.telegram_id
            )
            continue
        if before is None:
            new.append(_new_person(row))
            continue
        found += 1
        after = _merged(before, row, all_posts)
        if after != before:
            changed.append(Changed(before, after))
    return Changes(tuple(new), tuple(changed), found - len(changed), len(by_phone) - found)


def division_changes(rows: Iterable[Division], stored: Iterable[Division]) -> Changes[Division]:
    """Compare by code. A file without points leaves the points that are stored."""
    return _compare(
        {row.code: row for row in rows},
        {division.code: division for division in stored},
        lambda before, row: replace(
            row,
            lon=before.lon if row.lon is None else row.lon,
            lat=before.lat if row.lat is None else row.lat,
        ),
    )


def group_changes(rows: Iterable[Group], stored: Iterable[Group]) -> Changes[Group]:
    """Compare by chat id. Whether the bot is a member is not the file's to say."""
    return _compare(
        {row.chat_id: row for row in rows},
        {group.chat_id: group for group in stored},
        lambda before, row: replace(row, contact=before.contact),
    )


def duty_changes(rows: Iterable[DutyRow], stored: Iterable[DutyRow]) -> Changes[DutyRow]:
    """Compare by person, division and start; an end that moved is a change."""
    return _compare(
        {row.key: row for row in rows},
        {shift.key: shift for shift in stored},
        lambda _, row: row,
    )


def _compare(rows: Mapping[Any, T], stored: Mapping[Any, T], merge: Any) -> Changes[T]:
    new = tuple(row for key, row in rows.items() if key not in stored)
    pairs = [
        Changed(stored[key], merge(stored[key], row)) for key, row in rows.items() if key in stored
    ]
    changed = tuple(pair for pair in pairs if pair.after != pair.before)
    return Changes(new, changed, len(pairs) - len(changed), len(stored) - len(pairs))


def place_changes(rows: Iterable[Place], stored: Iterable[Place]) -> Changes[Place]:
    """Compare by code. A file without points or numbers leaves those that are stored."""
    return _compare(
        {row.code: row for row in rows},
        {place.code: place for place in stored},
        lambda before, row: replace(
            row,
            lon=before.lon if row.lon is None else row.lon,
            lat=before.lat if row.lat is None else row.lat,
            households=before.households if row.households is None else row.households,
            persons=before.persons if row.persons is None else row.persons,
            below=row.below or before.below,
        ),
    )


class Unusual(Enum):
    """What is asked about before it is written: rights that change, or that are odd."""

    COMMANDS_VILLAGE = "commands_village"  # a commanding post below the township
    COUNTY_RESPONSIBLE = "county_responsible"  # 包保责任人 of a county or above
    LOSES_COMMAND = "loses_command"  # a commanding post is taken away
    CHANGES_ACCOUNT = "changes_account"  # another account gets the rights of the post


@dataclass(frozen=True, slots=True)
class Question:
    """One change to be asked about: whose post, and why."""

    why: Unusual
    person: Person
    post: Post


def questions(changes: Changes[Person]) -> tuple[Question, ...]:
    """What is to be asked before these changes are written, those who lose a command first."""
    lost, odd = [], []
    for before, after in ((change.before, change.after) for change in changes.changed):
        if before.telegram_id not in (None, after.telegram_id) and after.holds(RIGHTS):
            seen = after.seen_as(lambda post: post.role in RIGHTS)
            lost.append(Question(Unusual.CHANGES_ACCOUNT, after, seen.post))
    now = [
        (change.before.posts, change.after) for change in changes.changed if change.before.active
    ]
    back = [change.after for change in changes.changed if not change.before.active]
    # Most persons of a long file are new, with one post and nothing to ask.
    new = [person for person in (*changes.new, *back) if person.others or _odd(person)]
    for held, after in (*now, *(((), person) for person in new)):
        known = {post.office for post in held}
        offices = _offices(after)
        for post in held:
            if post.role in COMMANDING and post.office not in offices:
                lost.append(Question(Unusual.LOSES_COMMAND, after, post))
        for post in after.posts:
            why = _odd(post)
            if why is not None and post.office not in known:
                odd.append(Question(why, after, post))
    return (*lost, *odd)


def coming_to_rights(changes: Changes[Person], vouched: Collection[str]) -> tuple[str, ...]:
    """The numbers of those whose post gives rights, and whose account a file vouches for first.

    :param vouched: the numbers of persons whose accounts the file itself names.
    """
    named = [
        change.after
        for change in changes.changed
        if change.after.telegram_id not in (None, change.before.telegram_id)
        or (change.after.phone in vouched and not change.before.holds(RIGHTS))
    ]
    named += [person for person in changes.new if person.telegram_id is not None]
    return tuple(person.phone for person in named if person.holds(RIGHTS))


def coming_to_command(changes: Changes[Person], vouched: Collection[str]) -> tuple[Person, ...]:
    """Linked persons who come to command, and were on duty at most: their account was proven for
    less.

    :param vouched: as for ``gaining_rights``.
    """
    return tuple(
        change.after
        for change in _linked_before(changes, vouched)
        if change.after.holds(COMMANDING)
        and change.before.holds(RIGHTS)
        and not change.before.holds(COMMANDING)
    )


def gaining_rights(changes: Changes[Person], vouched: Collection[str]) -> tuple[Person, ...]:
    """Linked persons who come to a post with rights, and held none: whoever let the account in
    looked at less.

    :param vouched: the numbers of persons whose accounts the file itself names.
    """
    return tuple(
        change.after
        for change in _linked_before(changes, vouched)
        if change.after.holds(RIGHTS) and not change.before.holds(RIGHTS)
    )


def _linked_before(changes: Changes[Person], vouched: Collection[str]) -> Iterator[Changed[Person]]:
    """The changes of persons whose account was let in before, for the posts they held then."""
    for change in changes.changed:
        linked = change.before.active and change.after.telegram_id is not None
        if linked and change.after.phone not in vouched:
            yield change


def _offices(person: Person) -> dict[Office, Post]:
    return {post.office: post for post in person.posts}


def _odd(post: Post | Person) -> Unusual | None:
    if post.role in COMMANDING and tier_of(post.division_code) is Tier.VILLAGE:
        return Unusual.COMMANDS_VILLAGE
    county = post.division_code[6:] == "000000"
    if post.role is Role.VILLAGE_RESPONSIBLE and county:
        return Unusual.COUNTY_RESPONSIBLE
    return None


def _new_person(row: PersonRow) -> Person:
    post, *others = row.posts if len(row.posts) == 1 else leading_first(row.posts)
    return make_person(
        0,
        row.name,
        row.phone,
        post.division_code,
        post.role,
        post.rank,
        row.language or "zh",
        row.telegram_id,
        Contact.OK,
        "",
        True,
        post.title,
        post.place_code,
        post.hazards,
        tuple(others),
        False,
        "",
        post.held_from,
    )


def _merged(before: Person, row: PersonRow, all_posts: bool) -> Person:
    relinked = row.telegram_id is not None and row.telegram_id != before.telegram_id
    person = before.with_posts(leading_first(_posts(before, row, all_posts)))
    return replace(
        person,
        name=row.name,
        language=row.language or before.language,
        telegram_id=row.telegram_id if relinked else before.telegram_id,
        contact=Contact.OK if relinked else before.contact,
        active=True,
    )


def _posts(before: Person, row: PersonRow, all_posts: bool) -> list[Post]:
    """What the person holds from now on; whoever had left comes back to the file's posts only."""
    known = _offices(before)
    named = {
        post.office: _as_known(post, known[post.office]) if post.office in known else post
        for post in row.posts
    }
    if not before.active:
        return list(named.values())
    # What is held already keeps its place: a file in another order changes nothing.
    held = {**known, **named}
    return [post for office, post in held.items() if office in named or not all_posts]


def _as_known(post: Post, known: Post) -> Post:
    """The post as the file has it; what the file does not say of it stays."""
    return replace(
        post, title=post.title or known.title, held_from=post.held_from or known.held_from
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Post):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
