"""What is read of an evacuation card: the words in chat, its picture's title, the wall's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from alerts.loop.evacuation.model import Card, Shelter
from alerts.template_files.files import files_of
from alerts.template_files.frames import EVACUATION
from alerts.template_files.model import Folders, TemplateKind
from bot.views.division_menu import Choice
from bot.views.evacuation import card as views
from bot.views.screen import Screen

FRAME = files_of(TemplateKind.FRAME, Folders()).templates[EVACUATION].frame
View = Callable[[str], Screen]
SCHOOL = Shelter(7, "222403101201", "红石乡中学", capacity=300, key_holder="孙校长")
FULL = Card(
    5,
    "222403101201",
    "",
    "团结村<前屯>",
    organiser="王村长",
    organiser_phone="+8613900000001",
    signal="铜锣连敲，喇叭喊“快走”",
    when_to_move="红色预警或沟口水变浑",
    route=((128.1, 43.4), (128.11, 43.41)),
    route_words="沿村北小路上坡，过水泥桥",
    households=12,
    persons=35,
    shelter=SCHOOL,
    version=3,
)
BARE = Card(6, "222403101202", "", "永安村", households=3, persons=8)


def _wall(card: Card, language: str) -> Screen:
    lines = views.card_lines(card, FRAME, language, numbers=True, printed=True)
    foot = views.foot(card, FRAME, date(2026, 6, 1), language)
    table = [f"{heading} | {words}" for heading, words in lines]
    return Screen("\n".join([*table, views.no_return(FRAME, language), foot]))


def _picture(card: Card, language: str) -> Screen:
    return Screen(
        views.card_title(card, FRAME, language) + "\n" + views.card_subtitle(card, FRAME, language)
    )


def evacuation_screens() -> Iterator[tuple[str, View]]:
    """Cards with all there is, and with next to nothing."""
    yield (
        "evacuation_card",
        lambda lang: views.card_caption(FULL, FRAME, lang, numbers=True, frail=2, ticked_in=17),
    )
    yield (
        "evacuation_card_drill",
        lambda lang: views.card_caption(FULL, FRAME, lang, numbers=False, exercise=True),
    )
    yield "evacuation_card_bare", lambda lang: views.card_caption(BARE, FRAME, lang, numbers=True)
    below = [(Choice("222403101000", "大石头镇"), 31), (Choice("222403102000", "官地镇"), 12)]
    yield (
        "evacuation_cards_menu",
        lambda lang: views.cards_menu(below, 0, "敦化市", "222403000000", lang, "222400000000"),
    )
    yield "evacuation_wall", lambda lang: _wall(FULL, lang)
    yield "evacuation_wall_bare", lambda lang: _wall(BARE, lang)
    yield "evacuation_picture", lambda lang: _picture(FULL, lang)
    yield "evacuation_picture_bare", lambda lang: _picture(BARE, lang)
