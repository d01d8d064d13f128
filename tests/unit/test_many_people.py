"""Persons and posts made by the ten thousand are as all others."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from contacts.divisions.codes import Tier
from contacts.many_people import make_person, make_post
from contacts.people import Contact, Person, Post, Role

POST = ("222403001001", Role.RANGER, 2, "村书记", "P1", frozenset({"rainstorm"}), Tier.COUNTY)
PERSON = (
    7, "张三", "+8613900000001", "222403001001", Role.RANGER, 2, "en", 900, Contact.BLOCKED, "abc",
    False, "村书记", "P1", frozenset({"rainstorm"}), (Post(*POST),), True, "+8613900000002",
    Tier.CITY,
)  # fmt: skip


def test_a_person_made_quickly_is_the_same_person() -> None:
    person = make_person(*PERSON)
    assert person == Person(*PERSON)
    assert [getattr(person, field.name) for field in fields(Person)] == list(PERSON)
    assert hash(person) == hash(Person(*PERSON))
    with pytest.raises(FrozenInstanceError):
        person.name = "李四"  # type: ignore[misc]


def test_a_post_made_quickly_is_the_same_post() -> None:
    post = make_post(*POST)
    assert post == Post(*POST)
    assert [getattr(post, field.name) for field in fields(Post)] == list(POST)
