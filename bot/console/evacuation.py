"""``jiaoying import evacuation`` and ``card``: cards from lists and drawings; one for the wall."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TextIO

from alerts.loop.evacuation import card_store
from alerts.loop.evacuation.card_files import read_files
from alerts.loop.evacuation.card_import import import_cards
from alerts.loop.evacuation.model import Card
from alerts.template_files.frames import CardFrame
from alerts.template_files.holding import frame_in
from bot.config.folders import folders_of
from bot.config.settings import Settings
from bot.console.divisions import division_meant
from bot.console.progress import progress
from bot.console.roster_files import area_said
from bot.console.written import written
from bot.locale import translator
from bot.views.roster.evacuation_import_text import evacuation_file_text, evacuation_lines
from contacts.divisions.boundary_file import load_boundaries
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import known_divisions, load_gazetteer
from data.database import Database
from data.errors import InvalidInput


def import_evacuation(
    arguments: argparse.Namespace,
    settings: Settings,
    out: TextIO,
    database: Database,
    now: datetime,
) -> int:
    """Import cards; returns the exit code."""
    language: str = arguments.language
    file: Path = arguments.file
    try:
        area = area_said(arguments, database)
        with progress(file.name):
            files = read_files(
                [file, *arguments.households, *arguments.routes],
                arguments.flood_zones,
                gcj02=arguments.gcj02,
            )
            report = import_cards(
                database,
                files,
                now,
                area=area,
                boundaries=load_boundaries(settings.database.url, Path.cwd()),
                dry_run=arguments.dry_run,
                agreed=arguments.yes,
            )
    except InvalidInput as error:
        out.write(evacuation_file_text(error, file.name, language) + "\n")
        return 1
    gazetteer = database.read(known_divisions)
    out.writelines(line + "\n" for line in evacuation_lines(report, gazetteer, language))
    return 1 if report.stopped else 0


def draw_card(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    """Write a card's map (PNG) or its page for the wall (PDF); returns the exit code."""
    from bot.views.rare_characters import rare_character_lines

    language: str = arguments.language
    _ = translator(language)
    gazetteer = database.read(load_gazetteer)
    division = division_meant(gazetteer, arguments.village, language, out)
    if division is None:
        return 1
    cards = database.read(lambda c: card_store.cards_in(c, [division.code]))
    named = [card for card in cards if arguments.place in (card.name, card.place_code)]
    found = named or [card for card in cards if arguments.place and arguments.place in card.name]
    if not arguments.place:
        found = [card for card in cards if not card.place_code] or cards
    if len(found) != 1:
        out.write(_not_one(cards, gazetteer.name(division.code), language) + "\n")
        return 1
    card = found[0]
    folders = folders_of(settings)
    frame = database.read(lambda c: frame_in(c, card.division_code, folders))
    content = _drawn(card, frame, arguments.output, settings, database, gazetteer, language)
    if content is None:
        words = _("{name}的卡上没有路线，也没有安置点的位置：画不出图，可以出 PDF。")
        out.write(words.format(name=card.name) + "\n")
        return 1
    if not written(arguments.output, content, language, out):
        return 1
    out.write(_("已写出 {file}").format(file=arguments.output) + "\n")
    if arguments.output.suffix.lower() != ".png":
        from bot.views.evacuation.wall_sheet import unprintable

        out.writelines(
            line + "\n" for line in rare_character_lines(unprintable(card, frame), language)
        )
    return 0


def _drawn(
    card: Card,
    frame: CardFrame,
    output: Path,
    settings: Settings,
    database: Database,
    gazetteer: Gazetteer,
    language: str,
) -> bytes | None:
    """The file; ``None``: nothing of it can be drawn."""
    from bot.messages.evacuation import map_of
    from bot.pictures.evacuation_map import draw_evacuation, map_alone
    from bot.views.evacuation.wall_sheet import wall_sheet

    boundaries = load_boundaries(settings.database.url, Path.cwd())
    shown = database.read(lambda c: map_of(c, card, frame, language, boundaries))
    picture = None if shown is None else draw_evacuation(shown)
    if output.suffix.lower() == ".png":
        return picture
    assert card.at is not None
    return wall_sheet(
        card,
        frame,
        gazetteer.path(card.division_code, province=True),
        None if picture is None else map_alone(picture),
        card.at.astimezone(settings.time.info).date(),
        language,
    )


def _not_one(cards: list[Card], place: str, language: str) -> str:
    _ = translator(language)
    if not cards:
        return _("{place}还没有转移卡：先用 jiaoying import evacuation 导入。").format(place=place)
    names = _("、").join(card.name for card in cards[:20])
    words = _("{place}有 {count} 张转移卡，用 --place 写明是哪一张：{names}")
    return words.format(place=place, count=len(cards), names=names)
