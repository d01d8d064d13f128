"""/board: a link to the command wall, for those who command or are on duty."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts.accounts import note_use
from bot.handlers.context import Context
from bot.handlers.routes import commands
from bot.views.warnings.progress import board_link
from contacts import board_link_store, board_links
from contacts.access import may_open_board, require
from contacts.board_links import BoardRefusal
from data import audit
from data.database import Connection
from data.errors import NotFound


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(board=board)


async def board(context: Context) -> None:
    """/board."""
    person, now, settings = context.known(), context.now, context.services.settings.board
    require(may_open_board(person), board=person.division_code)
    if not settings.port or not settings.public_url:
        raise NotFound(BoardRefusal.NOT_CONFIGURED)

    def unit(c: Connection) -> str:
        note_use(c, person, now)
        link_id = board_link_store.add_link(c, person.id, now)
        key = board_links.key_of(settings.secret.reveal() or board_link_store.secret(c))
        detail = {"link": link_id, "division": person.division_code}
        # Which link, never the link itself: whoever reads the trail must not be able to open it.
        audit.append(c, now, [audit.Entry("board.link", f"person:{person.id}", person.id, detail)])
        return board_links.sign(board_links.link_for(link_id, person, now), key)

    signed = await context.write(unit)
    address = f"{settings.public_url.rstrip('/')}/open#{signed}"
    place = context.services.gazetteer.name(person.division_code)
    await context.say(board_link(place, address, context.language))
