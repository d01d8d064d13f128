"""Persons and posts made by the ten thousand. Pure.

A frozen dataclass sets each field by way of ``object.__setattr__``; what its slots themselves set
with takes a third of that (measured: half a second of an import of 46,000 persons).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from contacts.divisions.codes import Tier
from contacts.people import Contact, Person, Post, Role


def _setters(kind: type[Person | Post]) -> tuple[Callable[[Any, Any], None], ...]:
    return tuple(vars(kind)[field.name].__set__ for field in fields(kind))


_new: Callable[[Any], Any] = object.__new__
_p1, _p2, _p3, _p4, _p5, _p6, _p7, _p8, _p9, *_further = _setters(Person)
_p10, _p11, _p12, _p13, _p14, _p15, _p16, _p17, _p18 = _further
_o1, _o2, _o3, _o4, _o5, _o6, _o7 = _setters(Post)


def make_person(
    number: int,
    name: str,
    phone: str,
    division_code: str,
    role: Role,
    rank: int,
    language: str,
    telegram_id: int | None,
    contact: Contact,
    invite_code: str,
    active: bool,
    title: str,
    place_code: str,
    hazards: frozenset[str],
    others: tuple[Post, ...],
    unproven: bool,
    other_phones: str,
    held_from: Tier | None,
) -> Person:
    """A person; the fields in their order."""
    person: Person = _new(Person)
    _p1(person, number)
    _p2(person, name)
    _p3(person, phone)
    _p4(person, division_code)
    _p5(person, role)
    _p6(person, rank)
    _p7(person, language)
    _p8(person, telegram_id)
    _p9(person, contact)
    _p10(person, invite_code)
    _p11(person, active)
    _p12(person, title)
    _p13(person, place_code)
    _p14(person, hazards)
    _p15(person, others)
    _p16(person, unproven)
    _p17(person, other_phones)
    _p18(person, held_from)
    return person


def make_post(
    division_code: str,
    role: Role,
    rank: int,
    title: str,
    place_code: str,
    hazards: frozenset[str],
    held_from: Tier | None,
) -> Post:
    """A post; the fields in their order."""
    post: Post = _new(Post)
    _o1(post, division_code)
    _o2(post, role)
    _o3(post, rank)
    _o4(post, title)
    _o5(post, place_code)
    _o6(post, hazards)
    _o7(post, held_from)
    return post
