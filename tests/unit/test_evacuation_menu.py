"""A county's cards are found by township: a menu in which none of them is lost."""

from __future__ import annotations

from alerts.loop.evacuation.model import Card
from bot.handlers.evacuation import _below
from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from tests.roster import COUNTY, TOWNSHIP, VILLAGES


def test_every_card_lies_below_one_button_or_all_are_listed() -> None:
    codes = [COUNTY, TOWNSHIP, "222403102000", *VILLAGES, "222403102200"]
    gazetteer = Gazetteer(Division(code, code, tier_of(code)) for code in codes)
    cards = [Card(at, code, "", "村") for at, code in enumerate([*VILLAGES, "222403102200"])]
    below = _below(gazetteer, cards, COUNTY)
    assert [(choice.code, count) for choice, count in below] == [
        (TOWNSHIP, len(VILLAGES)),
        ("222403102000", 1),
    ]
    assert _below(gazetteer, cards, TOWNSHIP) == [], "villages are listed"
    of_the_county = Card(99, COUNTY, "", "县城")
    assert _below(gazetteer, [*cards, of_the_county], COUNTY) == [], "none is lost"
