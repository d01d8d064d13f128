"""Selecting whom a warning calls: one statement, over 60,000 persons and more.

Who holds several of the posts called is one row, in the first of them: ``audience_query``. All of
the posts are in ``called_posts_query``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.sql.expression import FromClause

from contacts.divisions.codes import CODE_LENGTH, Tier, prefix_of
from contacts.divisions.store import lies_in
from contacts.organisations import AT_DEPARTMENT, place_code
from contacts.people import Office, Person, Role
from contacts.people_store import PERSON_COLUMNS, as_person, holding_exactly, in_batches
from contacts.targeting import Audience, Circle, next_in_line
from data.tables.columns import constant
from data.tables.contacts import people as table
from data.tables.contacts import places, posts

# Plus 0: SQLite looks up the person of each post, and not the posts of 60,000 persons.
_HOLDER = table.c.id == posts.c.person_id + 0
_OF_PERSON = (table.c.language, table.c.telegram_id, table.c.contact)
# Whoever comes before somebody. (Made once: an alias copies every column of its table.)
_LEADS, _HOLDS, _WHOSE = table.alias(), posts.alias(), table.alias()
_EARLIER = posts.alias("earlier")


def audience_query(audience: Audience) -> CompoundSelect[Any]:
    """The persons to call: active, and of the best rank present in one of their posts.

    Columns: id, division_code, role, place_code, language, telegram_id, contact, rank. No order.
    """
    first = ~exists().where(
        _EARLIER.c.person_id == posts.c.person_id,
        _EARLIER.c.id < posts.c.id,
        _called(_EARLIER, audience),
    )
    further = called_further(audience).where(not_(_called(table, audience)), first)
    return union_all(called_leading(audience), further)


def called_leading(audience: Audience) -> Select[Any]:
    """As ``audience_query``, those called in the post that leads."""
    return _whom(table).where(_leading_called(audience))


def called_further(audience: Audience) -> Select[Any]:
    """As ``audience_query``, a row for each further post: persons several times, and those of
    ``called_leading`` too."""
    whom = _whom(posts).select_from(posts.join(table, _HOLDER))
    return whom.where(_called(posts, audience), table.c.active)


def _whom(held: FromClause) -> Select[Any]:
    # Of a further post its own row says whose: looking for a call reads no person.
    whose = held.c.id if held is table else held.c.person_id
    return select(
        whose.label("id"),
        held.c.division_code,
        held.c.role,
        held.c.place_code,
        *_OF_PERSON,
        held.c.rank,
    )


def called_posts_query(audience: Audience) -> CompoundSelect[Any]:
    """Every post that is called, of active persons.

    Columns: person_id, division_code, role, rank, place_code. No order.
    """
    leading = select(
        table.c.id.label("person_id"),
        table.c.division_code,
        table.c.role,
        table.c.rank,
        table.c.place_code,
    ).where(_leading_called(audience))
    further = further_posts_query(audience).join(table, _HOLDER)
    return union_all(leading, further.where(table.c.active))


def further_posts_query(audience: Audience) -> Select[Any]:
    """As ``called_posts_query``, of the posts that do not lead; of persons who left, too."""
    return select(
        posts.c.person_id, posts.c.division_code, posts.c.role, posts.c.rank, posts.c.place_code
    ).where(_called(posts, audience))


def stand_ins(
    connection: Connection,
    calls: Iterable[tuple[Office, int]],
    excluding: Iterable[int] = (),
) -> dict[tuple[Office, int], list[Person]]:
    """Who comes next for each (office, rank) that stayed silent, with that post in question.

    An office without anybody left is absent from the result. ``excluding``: persons called already.
    """
    wanted = {((code, Role(role), place), rank) for (code, role, place), rank in calls}
    if not wanted:
        return {}
    lowest = min(rank for _, rank in wanted)
    offices = {office for office, _ in wanted}
    roles = sorted({role.value for _, role, _ in offices})
    holders: defaultdict[Office, list[Person]] = defaultdict(list)
    for batch in in_batches({code for code, _, _ in offices}):
        query = select(*PERSON_COLUMNS).where(holding_exactly(batch, roles, lowest), table.c.active)
        for row in connection.execute(query):
            person = as_person(row)
            for post in person.posts:
                if post.office in offices:
                    holders[post.office].append(person.at(post))
    called = frozenset(excluding)
    found = {
        (office, rank): next_in_line(holders[office], rank, called)
        for office, rank in wanted
        if office in holders
    }
    return {post: persons for post, persons in found.items() if persons}


def _leading_called(audience: Audience) -> ColumnElement[bool]:
    return and_(_called(table, audience), table.c.active)


def _called(held: FromClause, audience: Audience) -> ColumnElement[bool]:
    """The condition that a post of one of the two tables is called."""
    # Nobody comes before rank 1, which spares nearly every row the look at its colleagues.
    best = or_(held.c.rank == 1, and_(~_better_leads(held), ~_better_holds(held)))
    roles = [role.value for role in audience.roles]
    # "Is true" keeps the roles out of the index: PostgreSQL read its part of the divisions once for
    # each role, three times as long as the people themselves.
    called = held.c.role.in_(roles).is_(true())
    there = [_inside(held.c.division_code, audience)]
    if audience.circles:
        there.append(or_(*(_in_circle(held, circle) for circle in audience.circles)))
        # Who is named by a title has nobody before them.
        best = or_(best, *(_titled(held, circle) for circle in audience.circles))
    else:
        there.append(called)
    if audience.narrowed:
        there.append(held.c.place_code.in_(_wanted_places(audience)))
    wanted = [and_(*there), best]
    if audience.besides:
        wanted[0] = or_(wanted[0], held.c.place_code.in_(sorted(audience.besides)))
    if audience.departments:
        of_departments = _of_departments(held.c.division_code, held.c.place_code, audience)
        wanted[0] = or_(wanted[0], and_(_is_liaison(held), of_departments, best))
    if audience.hazard:
        listed = literal(",").concat(held.c.hazards).concat(",")
        wanted.append(or_(held.c.hazards == "", listed.contains(f",{audience.hazard},")))
    return and_(*wanted)


def _is_liaison(held: FromClause) -> ColumnElement[bool]:
    # As a constant: it is that of the index of liaisons.
    return held.c.role == constant(Role.DEPARTMENT.value)


# Built once: every release asks.
_LIAISON = tuple(select(held.c.id).where(_is_liaison(held)).limit(1) for held in (table, posts))


def _of_departments(
    division: ColumnElement[str], place: ColumnElement[str], audience: Audience
) -> ColumnElement[bool]:
    """Whether what is there (a call, a post) is of a department that the audience takes."""
    line = func.substr(place, CODE_LENGTH + 1)
    return or_(
        False,
        *(
            and_(
                line.in_(sorted(place_code("", one) for one in wanted.organisations)),
                or_(
                    division.in_(wanted.above),
                    and_(lies_in(division, audience.ranges), _in_tier(division, wanted.tier)),
                ),
            )
            for wanted in audience.departments
        ),
    )


def with_departments(connection: Connection, audience: Audience) -> Audience:
    """The audience as it is where one of its departments has a liaison; else without them.

    Nothing is asked further of a roster without any: where there are none, none cost.
    """
    if not audience.departments:
        return audience
    found = any_liaison(connection) and liaison_offices(connection, audience, limit=1)
    return audience if found else replace(audience, departments=())


def any_liaison(connection: Connection) -> bool:
    """Whether the roster has the liaison of any department."""
    return any(connection.execute(query).first() is not None for query in _LIAISON)


def liaison_offices(
    connection: Connection, audience: Audience, limit: int | None = None
) -> list[str]:
    """The departments that the audience takes and that have a liaison: their place codes."""
    queries = [
        select(held.c.place_code).where(
            _is_liaison(held), _of_departments(held.c.division_code, held.c.place_code, audience)
        )
        for held in (table, posts)
    ]
    leading = queries[0].where(table.c.active)
    further = queries[1].where(exists().where(_HOLDER, table.c.active))
    return list(connection.execute(union(leading, further).limit(limit)).scalars())


def _in_circle(held: FromClause, circle: Circle) -> ColumnElement[bool]:
    """Whether a circle takes the post."""
    roles = [role.value for role in circle.roles]
    return and_(_of_tier(held, circle), or_(held.c.role.in_(sorted(roles)), _titled(held, circle)))


def _of_tier(held: FromClause, circle: Circle) -> ColumnElement[bool]:
    """Whether its division is of the tier: zeros behind its digits, and none in its own."""
    return _in_tier(held.c.division_code, circle.tier)


def _in_tier(code: ColumnElement[str], tier: Tier) -> ColumnElement[bool]:
    digits = tier.digits
    wanted = [func.substr(code, digits + 1) == "0" * (CODE_LENGTH - digits)]
    if tier.above is not None:
        above = tier.above.digits
        wanted.append(func.substr(code, above + 1, digits - above) != "0" * (digits - above))
    return and_(*wanted)


def _titled(held: FromClause, circle: Circle) -> ColumnElement[bool]:
    return or_(False, *(held.c.title.contains(word, autoescape=True) for word in circle.titles))


def _better_leads(held: FromClause) -> ColumnElement[bool]:
    return exists().where(*_before(_LEADS, held), _LEADS.c.active)


def _better_holds(held: FromClause) -> ColumnElement[bool]:
    return exists().where(
        *_before(_HOLDS, held), _WHOSE.c.id == _HOLDS.c.person_id, _WHOSE.c.active
    )


def _before(better: FromClause, held: FromClause) -> tuple[ColumnElement[bool], ...]:
    return (
        better.c.division_code == held.c.division_code,
        better.c.role == held.c.role,
        better.c.place_code == held.c.place_code,
        better.c.rank < held.c.rank,
    )


def listed(
    division: ColumnElement[str], role: ColumnElement[str], audience: Audience
) -> ColumnElement[bool]:
    """The condition that the audience has the role there (of a call, a post); titles apart."""
    department = role == Role.DEPARTMENT.value if audience.departments else false()
    if not audience.circles:
        return or_(role.in_(sorted(one.value for one in audience.roles)), department)
    return or_(
        department,
        *(
            and_(_in_tier(division, circle.tier), role.in_(sorted(r.value for r in circle.roles)))
            for circle in audience.circles
        ),
    )


def named_by_title(person: ColumnElement[int], audience: Audience) -> ColumnElement[bool]:
    """The condition that the audience has one of the posts of a person for its title."""
    return or_(
        False,
        *(
            exists().where(whose == person, _of_tier(held, circle), _titled(held, circle))
            for circle in audience.circles
            if circle.titles
            for held, whose in _held_by()
        ),
    )


def _held_by() -> list[tuple[FromClause, ColumnElement[int]]]:
    leading, further = table.alias(), posts.alias()
    return [(leading, leading.c.id), (further, further.c.person_id)]


def inside(
    division: ColumnElement[str], place: ColumnElement[str], audience: Audience
) -> ColumnElement[bool]:
    """The condition that what is there (a call, a post) is where the audience is."""
    there = _inside(division, audience)
    if audience.narrowed:
        there = and_(there, place.in_(_wanted_places(audience)))
    # Departments lie in the areas, too; only those that are named are called.
    at = func.substr(place, CODE_LENGTH + 1, len(AT_DEPARTMENT))
    there = and_(there, at != AT_DEPARTMENT)
    if audience.departments:
        there = or_(there, _of_departments(division, place, audience))
    return or_(there, place.in_(sorted(audience.besides))) if audience.besides else there


def _wanted_places(audience: Audience) -> Select[Any]:
    wanted = or_(
        places.c.code.in_(sorted(audience.places)), places.c.kind.in_(sorted(audience.kinds))
    )
    return select(places.c.code).where(wanted, places.c.active)


def _inside(code: ColumnElement[str], audience: Audience) -> ColumnElement[bool]:
    if any(len(prefix_of(low)) <= Tier.PROVINCE.digits for low, _ in audience.ranges):
        # Everybody or nearly: "is true" keeps the division out of the index. Persons are read as
        # they lie, and all that is entered for them goes to the end of its table and index.
        return or_(False, *(code.between(low, high) for low, high in audience.ranges)).is_(true())
    return lies_in(code, audience.ranges)
