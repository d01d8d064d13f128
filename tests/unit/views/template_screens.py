"""What is read of the handbook's cards and of templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from alerts.handbook.finding import find_cards
from alerts.handbook.model import Card
from alerts.instructions import Work
from alerts.model import WARNED_OF, Hazard, Level
from alerts.template_files.extent_store import Extent
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.files import files_of
from alerts.template_files.model import Folders, Origin, Template, TemplateKind
from alerts.template_files.store import Version
from bot.views import handbook_cards, template_lists, template_phones, templates
from bot.views.screen import Screen
from tests.unit.views import samples as s

View = Callable[[str], Screen]
WARNING, CARD, LIST = TemplateKind.WARNING, TemplateKind.CARD, TemplateKind.LIST
FRAME = TemplateKind.FRAME
BAD = BadTemplate(TemplateFault.UNKNOWN_HAZARD, "own.md", 3, value="龙卷")


def _shipped(kind: TemplateKind, key: str) -> Template:
    return files_of(kind, Folders()).templates[key]


def _cards() -> list[Card]:
    return [one.card for one in files_of(CARD, Folders()).templates.values()]


def _village(card: Card) -> bool:
    return Hazard.FLASH_FLOOD in card.hazards and Work.VILLAGE in card.works


def template_screens() -> Iterator[tuple[str, View]]:
    """Cards found and read; templates shown, changed, previewed, restored."""
    moving = _shipped(CARD, "flash-flood-village-moving").card
    of_hazard = [card for card in _cards() if _village(card)]
    yield "handbook_hazards", lambda lang: handbook_cards.hazards_menu(WARNED_OF, lang)
    yield (
        "handbook_of_hazard",
        lambda lang: handbook_cards.cards_of_hazard(
            Hazard.FLASH_FLOOD, of_hazard, Work.VILLAGE, Work, lang
        ),
    )
    yield (
        "handbook_card",
        lambda lang: handbook_cards.card_screen(moving, lang, Hazard.FLASH_FLOOD, may_edit=True),
    )
    yield "handbook_no_card", handbook_cards.no_card
    found = find_cards(_cards(), "sh", Work.VILLAGE)
    yield (
        "handbook_found",
        lambda lang: Screen("\n".join(handbook_cards.found_lines("sh", found, lang))),
    )
    yield from _templates()


def _templates() -> Iterator[tuple[str, View]]:
    hail, flood = _shipped(WARNING, "hail"), _shipped(LIST, "flood-move")
    own = replace(
        hail, origin=Origin.VERSION, division_code="222403000000", version=3, by_id=1, at=s.START
    )
    facts = templates.TemplateFacts(own, s.PLACE, s.SENDER.name)
    yield "templates", lambda lang: templates.kinds(lang, [BAD])
    yield "templates_warnings", lambda lang: templates.listed(WARNING, {"hail": own}, lang)
    yield "template_warning", lambda lang: templates.shown(facts, lang, 2)
    listed = templates.TemplateFacts(flood)
    yield "template_list", lambda lang: templates.shown(listed, lang)
    check = _shipped(LIST, "flood-check")
    two = {"flood-move": flood, "flood-check": replace(check, origin=Origin.VERSION)}
    yield "template_lists", lambda lang: template_lists.lists(two, lang)
    yield "template_lists_told", lambda lang: template_lists.told(two, s.PLACE, lang)
    extents = [Extent(160, 3), Extent(160, 0), Extent(11, 0), Extent(11, 1)]
    extents += [Extent(1, 0)] * (len(flood.task_list.tasks) - len(extents))
    yield (
        "template_list_extent",
        lambda lang: template_lists.extent(flood, extents, s.PLACE, s.START, lang),
    )
    yield "template_ask", lambda lang: templates.ask(hail, "a1b2c3d4", lang, 2)
    card = _shipped(CARD, "hail-village")
    yield "template_ask_card", lambda lang: templates.ask(card, "a1b2c3d4", lang)
    yield "template_ask_task", lambda lang: templates.ask(flood, "a1b2c3d4", lang, 1)
    yield "template_refused", lambda lang: templates.refused([BAD], lang, "a1b2c3d4")
    texts = hail.texts.texts[Level.RED]
    yield (
        "template_confirm",
        lambda lang: templates.to_confirm(
            "冰雹",
            template_phones.phones_of_texts(Hazard.HAIL, Level.RED, texts, s.PLACE, lang, s.START),
            s.PLACE,
            "a1b2c3d4",
            lang,
        ),
    )
    yield (
        "template_list_phones",
        lambda lang: templates.on_phones(
            flood, template_phones.phones_of_list(flood.task_list, lang), lang
        ),
    )
    moving = _shipped(CARD, "flash-flood-village-moving")
    yield (
        "template_card_phones",
        lambda lang: templates.on_phones(
            moving, template_phones.phones_of_card(moving.card, _cards(), lang), lang
        ),
    )
    frame = _shipped(FRAME, "evacuation")
    yield "template_frame", lambda lang: templates.shown(templates.TemplateFacts(frame), lang)
    yield "template_ask_frame", lambda lang: templates.ask(frame, "a1b2c3d4", lang)
    yield (
        "template_frame_phones",
        lambda lang: templates.on_phones(
            frame, template_phones.phones_of_frame(frame.frame, lang), lang
        ),
    )
    yield "template_saved", lambda lang: templates.saved(own, s.PLACE, lang)
    yield "template_given_up", lambda lang: templates.given_up(hail, lang)
    yield "template_left", templates.left
    yield "template_lost", lambda lang: Screen(templates.lost(lang))
    version = Version(WARNING, "hail", "222403000000", 3, hail.body, 1, s.START, restored=1)
    given_up = replace(version, number=2, body=None, by_id=None, restored=None)
    both = [(version, s.SENDER.name), (given_up, "")]
    yield (
        "template_versions",
        lambda lang: templates.versions(WARNING, "hail", "冰雹", both, s.PLACE, lang),
    )
    yield (
        "template_no_versions",
        lambda lang: templates.versions(WARNING, "hail", "冰雹", [], s.PLACE, lang),
    )
    yield (
        "template_old_version",
        lambda lang: templates.old_version(
            version, hail, _shipped(WARNING, "gale"), s.SENDER.name, "冰雹", lang
        ),
    )
    yield (
        "template_old_list",
        lambda lang: templates.old_version(version, flood, None, "", "任务", lang),
    )
    yield (
        "template_old_unread",
        lambda lang: templates.old_version(version, None, None, "", "冰雹", lang),
    )
