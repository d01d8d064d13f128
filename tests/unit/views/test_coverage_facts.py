"""``jiaoying check --json``: what a program reads of a person."""

from __future__ import annotations

from dataclasses import replace

from bot.views.roster.coverage_facts import readiness_facts
from contacts.divisions.codes import Tier
from tests.unit.views.samples import READINESS, START


def test_a_person_has_the_tier_that_the_post_is_held_from() -> None:
    posts = tuple(post._replace(held_from=Tier.COUNTY) for post in READINESS.posts)
    facts = readiness_facts(replace(READINESS, posts=posts), START)
    assert [person["held_from"] for person in facts["not_linked"]] == ["county"]
    facts = readiness_facts(READINESS, START)
    assert [person["held_from"] for person in facts["not_linked"]] == [None]
