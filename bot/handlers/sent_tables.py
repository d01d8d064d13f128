"""Tables and routes sent as a file: tasks, evacuation cards, households; seen, then imported."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.cries import cry_in
from alerts.loop import sent_tables
from alerts.loop.sent_tables import DRAWINGS, MOST_BYTES, Comparison, SentTable
from bot.actions.tables import TableLeave, TableTake
from bot.handlers.context import Context
from bot.handlers.release_drafts import unfinished_of
from bot.handlers.routes import TapHandler
from bot.handlers.task_evidence import asked_by
from bot.telegram.failures import Outcome
from bot.views import sent_tables as views
from contacts.people import Person
from contacts.roster.sheet import Book
from data.database import Connection
from data.errors import InvalidInput

_TOPIC = ConversationTopic.TABLE


async def file_sent(context: Context) -> bool:
    """Whether a file that came is a table or a route of these: then it is previewed, or refused.

    Not where something else was asked for: evidence of a task, the area of a warning.
    """
    document, person = context.message.document, context.person
    if document is None or person is None or context.message.reply_to_message is not None:
        return False
    name = document.file_name or ""
    if not sent_tables.may_send(person, name) or cry_in(context.message.caption or ""):
        return False
    if asked_by(context) is not None:
        return False
    if name.lower().endswith(DRAWINGS) and unfinished_of(context) is not None:
        return False
    if (document.file_size or 0) > MOST_BYTES:
        if name.lower().endswith(DRAWINGS):
            return False  # it may be an area, which says itself how large it may be
        await context.say(views.too_large(name, context.language))
        return True
    try:
        sent = await _read(context, document.file_id, name)
        if isinstance(sent, Outcome):
            await context.say(views.not_had(context.language))
            return True
        found = None if sent is None else await _compare(context, sent, person)
    except InvalidInput as error:
        await context.say(views.unreadable(error, name, context.language))
        return True
    if sent is None or found is None:
        return False
    await context.write(
        lambda c: _preview(c, context, document.file_id, sent, found, new_message=True)
    )
    return True


async def take(context: Context, action: TableTake) -> None:
    """✅: as it was previewed; if it would do something else by now, that is shown first."""
    person, account = context.known(), context.account
    asked = await context.read(
        lambda c: conversations.to_confirm(c, account, _TOPIC, action.nonce, context.done_at)
    )
    if asked is None:  # pressed twice, or too late
        await context.toast(views.lost(context.language), alert=True)
        return
    try:
        sent = await _read(context, asked["file"], asked["name"])
        if sent is None or isinstance(sent, Outcome) or sent.digest != asked["digest"]:
            await context.say(views.not_had(context.language))
            await context.toast()
            return
        if sent_tables.cards_of(sent) is None:
            written = await _write_tasks(context, sent, person, asked)
        else:
            written = await _write_cards(context, sent, person, asked)
    except InvalidInput as error:
        await context.say(views.unreadable(error, asked["name"], context.language))
        await context.toast()
        return
    await context.toast("" if written else views.others_now(context.language))


async def leave(context: Context, action: TableLeave) -> None:
    """✖️: nothing is written."""
    account = context.account

    def unit(c: Connection) -> None:
        asked = conversations.to_confirm(c, account, _TOPIC, action.nonce, context.done_at)
        if asked is not None:  # what else they are in the middle of stays
            conversations.end(c, account)
        context.will_show(c, views.left(context.language))

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {TableTake: take, TableLeave: leave}


async def _read(context: Context, file_id: str, name: str) -> SentTable | Book | Outcome | None:
    """The file as it is, read in a thread of its own; an outcome: it could not be had."""
    content = await context.voice.file(file_id, MOST_BYTES)
    if isinstance(content, Outcome):
        return content
    return await asyncio.to_thread(sent_tables.read_table, content, name)


async def _compare(context: Context, sent: SentTable | Book, person: Person) -> Comparison | None:
    services = context.services
    return await context.read(
        lambda c: sent_tables.compare(
            c, sent, person, services.geography.boundaries, context.now, services.zone
        )
    )


def _preview(
    c: Connection,
    context: Context,
    file_id: str,
    sent: SentTable | Book,
    found: Comparison,
    *,
    new_message: bool,
) -> None:
    """What it would do is shown, and remembered for the button."""
    name = _name(sent)
    nonce = secrets.token_hex(4)
    services = context.services
    screen = views.preview(name, found, services.gazetteer, nonce, context.language, context.zone)
    if found.anything and not found.refused:
        state = {
            "file": file_id,
            "name": name,
            "digest": sent.digest,
            "changes": list(found.changes),
            "doubtful": found.doubtful,
            "nonce": nonce,
        }
        conversations.put(c, context.account, _TOPIC, state, context.now, hears=False)
    if new_message:
        context.will_say(c, screen)
    else:
        context.will_show(c, screen)


async def _write_tasks(
    context: Context, sent: SentTable | Book, person: Person, asked: Mapping[str, Any]
) -> bool:
    """In one transaction with the tap: pressed twice, or killed on the way, it is written once."""
    services, now = context.services, context.now
    assert isinstance(sent, SentTable) and sent.tasks is not None
    sheet = sent.tasks

    def unit(c: Connection) -> bool:
        found = sent_tables.compare(c, sent, person, None, now, services.zone)
        assert found is not None
        if found.refused or list(found.changes) != asked["changes"]:
            _preview(c, context, asked["file"], sent, found, new_message=False)
            return False
        sent_tables.write_tasks(c, sheet, found, person, services.rules.tasks, now)
        _will_show_done(c, context, sent, found)
        return True

    return await context.write(unit)


async def _write_cards(
    context: Context, sent: SentTable | Book, person: Person, asked: Mapping[str, Any]
) -> bool:
    """In pieces, others between them; written once more, it changes nothing."""
    found = await _compare(context, sent, person)
    agreed = bool(asked["doubtful"])
    same = found is not None and list(found.changes) == asked["changes"]
    if found is None or found.refused or not same or found.doubtful is not agreed:
        if found is not None:
            told = found
            await context.write(
                lambda c: _preview(c, context, asked["file"], sent, told, new_message=False)
            )
        return False
    services = context.services
    write = partial(
        sent_tables.write_cards,
        services.database.blocking,
        sent,
        person,
        services.geography.boundaries,
        context.now,
        agreed=agreed,
    )
    written = await asyncio.to_thread(write)
    await context.write(lambda c: _will_show_done(c, context, sent, written))
    return True


def _will_show_done(
    c: Connection, context: Context, sent: SentTable | Book, found: Comparison
) -> None:
    conversations.end(c, context.account)
    services = context.services
    context.will_show(
        c,
        views.done(_name(sent), found, services.gazetteer, context.language, context.zone),
    )


def _name(sent: SentTable | Book) -> str:
    return sent.file if isinstance(sent, Book) else sent.name
