"""``jiaoying sheets``: invitations as QR codes, to be printed and handed out."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import TextIO

from bot.config.settings import Settings
from bot.console.divisions import division_meant
from bot.console.progress import progress
from bot.console.written import written
from bot.locale import translator
from bot.views.rare_characters import rare_character_lines
from bot.views.roster.invitation_sheet import Invitation, invitation_sheets, unprintable
from bot.views.vocabulary import held_name
from contacts import bot_store
from contacts.access_log_store import note_by_command
from contacts.bots import nearest
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import load_gazetteer
from contacts.linking import hand_out
from contacts.people import Person
from contacts.people_store import people_within
from data.database import Database


def sheets(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    """Write the invitations of a division's persons."""
    _ = translator(arguments.language)
    gazetteer = database.read(load_gazetteer)
    division = division_meant(gazetteer, arguments.division, arguments.language, out)
    if division is None:
        return 1
    people = database.read(lambda connection: people_within(connection, division.code))
    wanted = [person for person in people if arguments.all or person.telegram_id is None]
    if not wanted:
        out.write(_("{name}没有需要绑定的人员。").format(name=gazetteer.name(division.code)) + "\n")
        return 1
    serving = database.read(bot_store.serving)
    names = {}
    for person in wanted:
        of_division = nearest(person.division_code, serving)
        names[person.id] = arguments.bot_username or (of_division.username if of_division else "")
    if not all(names.values()):
        out.write(
            _("还不知道机器人的用户名：请先运行一次 jiaoying run，或写 --bot-username。") + "\n"
        )
        return 1
    valid_for = timedelta(days=settings.linking.code_days)
    wanted = database.do(lambda c: hand_out(c, wanted, None, "sheet", datetime.now(UTC), valid_for))
    database.do(lambda c: note_by_command(c, [person.id for person in wanted], datetime.now(UTC)))
    cards = [_invitation(person, gazetteer, names[person.id]) for person in wanted]
    with progress(_("正在排版")) as tell:
        content = invitation_sheets(cards, tell)
    if not written(arguments.output, content, arguments.language, out):
        return 1
    text = _("已为 {count} 人生成绑定二维码：{file}")
    out.write(text.format(count=len(cards), file=arguments.output) + "\n")
    rare = [(f"{card.name} {card.place}", marks) for card, marks in unprintable(cards)]
    out.writelines(line + "\n" for line in rare_character_lines(rare, arguments.language))
    return 0


def _invitation(person: Person, gazetteer: Gazetteer, bot_username: str) -> Invitation:
    township = person.division_code
    if person.tier is Tier.VILLAGE:
        parent = gazetteer.parent(person.division_code)
        township = parent.code if parent else person.division_code
    return Invitation(
        name=person.name,
        phone=person.phone,
        post=held_name(person, "zh"),
        place=gazetteer.path(person.division_code),
        township=gazetteer.path(township),
        code=person.invite_code,
        bot_username=bot_username,
    )
