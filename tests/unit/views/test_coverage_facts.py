"""``jiaoying check --json``: what a program reads of a person."""

from __future__ import annotations

from dataclasses import replace

from alerts.channels.model import Trouble
from alerts.channels.refusing import Refusing
from alerts.channels.robots import Robot
from alerts.channels.trouble_store import ChannelTrouble
from bot.views.roster.coverage_facts import readiness_facts, refusing_facts
from contacts.channels import Channel
from contacts.divisions.codes import Tier
from contacts.groups import Purpose
from tests.unit.views.samples import READINESS, START


def test_a_person_has_the_tier_that_the_post_is_held_from() -> None:
    posts = tuple(post._replace(held_from=Tier.COUNTY) for post in READINESS.posts)
    facts = readiness_facts(replace(READINESS, posts=posts), START)
    assert [person["held_from"] for person in facts["not_linked"]] == ["county"]
    facts = readiness_facts(READINESS, START)
    assert [person["held_from"] for person in facts["not_linked"]] == [None]


def test_what_refuses_us_is_told_to_a_program_too() -> None:
    trouble = ChannelTrouble(Channel.SMS, Trouble.NO_MONEY, "欠费", START, START)
    robot = Robot("wecom:1", "222403000000", Purpose.FLOOD, "wecom")
    assert refusing_facts(Refusing([trouble], [robot])) == {
        "channels_refusing": [
            {
                "channel": "sms",
                "trouble": Trouble.NO_MONEY.value,
                "words": "欠费",
                "since": START.isoformat(),
            }
        ],
        "robots_refusing": [{"robot": "wecom:1", "division": "222403000000", "kind": "wecom"}],
    }
