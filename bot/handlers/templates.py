"""/templates: office heads change what warnings and cards say, and see it on three phones first."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from telegram.ext import BaseHandler

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.template_files import editing, store
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.files import files_of
from alerts.template_files.frames import read_frame_lines, write_frame
from alerts.template_files.holding import as_template, cards_in, template_in, templates_in
from alerts.template_files.lists import TaskTemplate, read_scope_lines, read_task_lines, write_list
from alerts.template_files.model import (
    Origin,
    Template,
    TemplateKind,
    TemplateProblem,
    read_template,
)
from alerts.template_files.warnings import texts_typed, write_warning
from bot.actions.templates import (
    SCOPE,
    ListUse,
    TemplateDiscard,
    TemplateEdit,
    TemplateKinds,
    TemplatePhones,
    TemplateReset,
    TemplateRestore,
    TemplateSave,
    TemplateShow,
    TemplatesOf,
    TemplateUse,
    TemplateVersion,
    TemplateVersions,
)
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.telegram.failures import Outcome
from bot.views import template_phones as phones_views
from bot.views import templates as views
from bot.views.screen import Screen
from contacts.access import may_release
from data.database import Connection
from data.errors import NotFound

MOST_BYTES = 64_000
"""Bytes of a template sent as a file."""


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(templates=templates)


async def templates(context: Context) -> None:
    """/templates."""
    context.commander()
    await context.say(await _kinds(context))


async def kinds(context: Context, _action: TemplateKinds) -> None:
    """Back to the kinds."""
    context.commander()
    screen = await _kinds(context)
    await context.toast()
    await context.show(screen)


async def of_kind(context: Context, action: TemplatesOf) -> None:
    """The templates of a kind."""
    person, folders = context.commander(), context.services.rules.folders
    found = await context.read(
        lambda c: templates_in(c, action.kind, person.division_code, folders)
    )
    await context.toast()
    await context.show(views.listed(action.kind, found, context.language, action.page))


async def show(context: Context, action: TemplateShow) -> None:
    """One template."""
    context.commander()
    screen = await context.read(lambda c: _shown(c, context, action.kind, action.key, action.part))
    await context.toast()
    await context.show(screen)


async def phones(context: Context, action: TemplatePhones) -> None:
    """👀: as it holds, on three phones; below, so that the template stays."""
    context.commander()

    def look(c: Connection) -> Screen:
        template = _known(c, context, action.kind, action.key)
        on = _on_phones(c, context, template.kind, template.content, action.part)
        return views.on_phones(template, on, context.language)

    screen = await context.read(look)
    await context.toast()
    await context.say(screen)


async def edit(context: Context, action: TemplateEdit) -> None:
    """✏️: what it is to say is asked for."""
    person, now, account = context.commander(), context.now, context.account
    division, nonce = person.division_code, secrets.token_hex(4)

    def unit(c: Connection) -> None:
        template = _known(c, context, action.kind, action.key)
        state = {
            "kind": action.kind.value,
            "key": action.key,
            "part": action.part,
            "base": store.newest_number(c, action.kind, action.key, division),
            "nonce": nonce,
        }
        conversations.put(c, account, ConversationTopic.TEMPLATE, state, now)
        context.will_say(c, views.ask(template, nonce, context.language, action.part))

    await context.write(unit)
    await context.toast()


async def typed(context: Context, text: str) -> None:
    """What the template is to say: previewed on three phones, or refused with its line."""
    context.commander()
    asked = context.asked
    kind, key = TemplateKind(asked["kind"]), str(asked["key"])

    def body_of(c: Connection) -> str:
        if kind is TemplateKind.LIST:
            tasks = _known(c, context, kind, key).task_list
            return write_list(_with_task(tasks, asked["part"], text, context.language))
        if kind is TemplateKind.CARD:
            return text.strip() + "\n"
        if kind is TemplateKind.FRAME:
            return write_frame(read_frame_lines(text, views.typed_words(context.language)))
        holds = _known(c, context, kind, key).texts
        level = views.level_of(asked["part"])
        typed_texts = texts_typed(text, views.typed_words(context.language))
        return write_warning(holds.hazard, {**holds.texts, level: typed_texts})

    try:
        body = await context.read(body_of)
    except BadTemplate as fault:
        await context.say(views.refused([fault], context.language, str(asked.get("nonce", ""))))
        return
    await _preview(context, kind, key, body, asked)


def _with_task(tasks: TaskTemplate, part: int, text: str, language: str) -> TaskTemplate:
    """The list with one task said anew, one more, or one less."""
    if part == SCOPE:
        return read_scope_lines(text, views.typed_words(language), tasks)
    kept = list(tasks.tasks)
    at = min(part, len(kept) + 1) - 1
    if text.strip() in _DELETE:
        if len(kept) == 1:
            raise BadTemplate(TemplateFault.NO_TEXT, views.typed_words(language), 1)
        del kept[at : at + 1]
    else:
        kept[at : at + 1] = [read_task_lines(text, views.typed_words(language))]
    return replace(tasks, tasks=tuple(kept))


_DELETE = ("删除", "删掉", "delete")


async def use(context: Context, action: TemplateUse) -> None:
    """▶️ / ⏸: previewed, then saved as any change."""
    division = context.commander().division_code
    kind = TemplateKind.LIST

    def look(c: Connection) -> tuple[str, int]:
        tasks = _known(c, context, kind, action.key).task_list
        changed = replace(tasks, enabled=action.use is ListUse.ON)
        return write_list(changed), store.newest_number(c, kind, action.key, division)

    body, base = await context.read(look)
    asked = {"kind": kind.value, "key": action.key, "part": None, "base": base}
    await _preview(context, kind, action.key, body, asked)
    await context.toast()


async def file_sent(context: Context) -> bool:
    """Whether a file that came is a template of an office head: then it is previewed."""
    document, person = context.message.document, context.person
    name = "" if document is None else (document.file_name or "")
    kind = TemplateKind.of_file(name)
    if document is None or person is None or kind is None:
        return False
    if not may_release(person, [person.division_code]).allowed:
        return False
    content = await context.voice.file(document.file_id, MOST_BYTES)
    if isinstance(content, Outcome):
        raise NotFound(TemplateProblem.UNKNOWN, key=name)
    key = name.rpartition(".")[0]
    try:
        read_template(kind, key, content)
    except BadTemplate as fault:
        await context.say(views.refused([fault], context.language))
        return True
    division = person.division_code
    base = await context.read(lambda c: store.newest_number(c, kind, key, division))
    asked = {"kind": kind.value, "key": key, "part": None, "base": base}
    await _preview(context, kind, key, content.decode("utf-8-sig"), asked)
    return True


async def save(context: Context, action: TemplateSave) -> None:
    """✅: the version that was previewed."""
    person, now, account = context.commander(), context.now, context.account
    division, folders = person.division_code, context.services.rules.folders

    def unit(c: Connection) -> bool:
        asked = conversations.to_confirm(
            c, account, ConversationTopic.TEMPLATE, action.nonce, context.done_at
        )
        if asked is None:  # pressed twice, or too late: what the message says stays
            return False
        kind, key = TemplateKind(asked["kind"]), str(asked["key"])
        editing.save(
            c, person, kind, key, asked["body"], division, folders, now, base=asked["base"]
        )
        conversations.end(c, account)
        _will_show_saved(c, context, kind, key)
        return True

    if await context.write(unit):
        await context.toast()
    else:
        await context.toast(views.lost(context.language), alert=True)


async def discard(context: Context, action: TemplateDiscard) -> None:
    """✖️: nothing is changed."""
    account = context.account

    def unit(c: Connection) -> None:
        asked = conversations.to_confirm(
            c, account, ConversationTopic.TEMPLATE, action.nonce, context.done_at
        )
        if asked is not None:  # what else they are in the middle of stays
            conversations.end(c, account)
        context.will_show(c, views.left(context.language))

    await context.write(unit)
    await context.toast()


async def versions(context: Context, action: TemplateVersions) -> None:
    """🕘: the versions of the person's division."""
    division = context.commander().division_code

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        found = store.versions(c, action.kind, action.key, division, views.MOST_VERSIONS)
        return views.versions(
            action.kind,
            action.key,
            _name(c, context, action.kind, action.key),
            [(version, facts.by(version.by_id)) for version in found],
            facts.place(division),
            context.language,
            zone=facts.zone,
        )

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def one_version(context: Context, action: TemplateVersion) -> None:
    """One version of before.

    :raises NotFound: the division has no such version.
    """
    division = context.commander().division_code

    def look(c: Connection) -> Screen:
        version = store.one_version(c, action.kind, action.key, division, action.number)
        if version is None:
            raise NotFound(TemplateProblem.NO_SUCH_VERSION, number=action.number)
        facts = context.facts(c)
        now = template_in(c, action.kind, action.key, division, context.services.rules.folders)
        return views.old_version(
            version,
            as_template(version),
            now,
            facts.by(version.by_id),
            _name(c, context, action.kind, action.key),
            context.language,
            zone=facts.zone,
        )

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def restore(context: Context, action: TemplateRestore) -> None:
    """↩️: a version of before holds again."""
    person, now = context.commander(), context.now
    division, folders = person.division_code, context.services.rules.folders

    def unit(c: Connection) -> None:
        editing.restore(c, person, action.kind, action.key, action.number, division, folders, now)
        _will_show_saved(c, context, action.kind, action.key)

    await context.write(unit)
    await context.toast()


async def reset(context: Context, action: TemplateReset) -> None:
    """🗑: the division's own is given up."""
    person, now = context.commander(), context.now
    division, folders = person.division_code, context.services.rules.folders

    def unit(c: Connection) -> None:
        editing.reset(c, person, action.kind, action.key, division, now)
        holds = template_in(c, action.kind, action.key, division, folders)
        context.will_show(c, views.given_up(holds, context.language))

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {
    TemplateKinds: kinds,
    TemplatesOf: of_kind,
    TemplateShow: show,
    TemplatePhones: phones,
    TemplateEdit: edit,
    TemplateSave: save,
    TemplateDiscard: discard,
    TemplateVersions: versions,
    TemplateVersion: one_version,
    TemplateRestore: restore,
    TemplateReset: reset,
    TemplateUse: use,
}


async def _kinds(context: Context) -> Screen:
    folders = context.services.rules.folders
    bad = await context.read(
        lambda _c: [fault for kind in TemplateKind for fault in files_of(kind, folders).bad]
    )
    return views.kinds(context.language, bad)


async def _preview(
    context: Context, kind: TemplateKind, key: str, body: str, asked: Mapping[str, Any]
) -> None:
    person, now, account = context.commander(), context.now, context.account
    try:
        content = read_template(kind, key, body)
    except BadTemplate as fault:
        await context.say(views.refused([fault], context.language, str(asked.get("nonce", ""))))
        return
    nonce = secrets.token_hex(4)
    state = {**asked, "body": body, "nonce": nonce}

    def unit(c: Connection) -> None:
        place = context.facts(c).place(person.division_code)
        on = _on_phones(c, context, kind, content, asked["part"])
        what = _name_of(kind, key, content, context.language, asked["part"])
        conversations.put(c, account, ConversationTopic.TEMPLATE, state, now)
        context.will_say(c, views.to_confirm(what, on, place, nonce, context.language))

    await context.write(unit)


def _on_phones(
    c: Connection, context: Context, kind: TemplateKind, content: Any, part: int | None
) -> list[tuple[str, str]]:
    division, language = context.known().division_code, context.language
    if kind is TemplateKind.CARD:
        others = cards_in(c, division, context.services.rules.folders).values()
        return phones_views.phones_of_card(content, others, language)
    if kind is TemplateKind.LIST:
        return phones_views.phones_of_list(content, language)
    if kind is TemplateKind.FRAME:
        return phones_views.phones_of_frame(content, language)
    level = views.level_of(part)
    place = context.facts(c).place(division)
    return phones_views.phones_of_texts(
        content.hazard, level, content.texts[level], place, language, context.now
    )


def _shown(
    c: Connection, context: Context, kind: TemplateKind, key: str, part: int | None
) -> Screen:
    template, facts = _known(c, context, kind, key), context.facts(c)
    place = facts.place(template.division_code) if template.division_code else ""
    said = views.TemplateFacts(template, place, facts.by(template.by_id))
    return views.shown(said, context.language, part, zone=facts.zone)


def _will_show_saved(c: Connection, context: Context, kind: TemplateKind, key: str) -> None:
    template = _known(c, context, kind, key)
    place = context.facts(c).place(template.division_code)
    context.will_show(c, views.saved(template, place, context.language))


def _known(c: Connection, context: Context, kind: TemplateKind, key: str) -> Template:
    person, folders = context.known(), context.services.rules.folders
    return editing.known(c, kind, key, person.division_code, folders)


def _name(c: Connection, context: Context, kind: TemplateKind, key: str) -> str:
    person, folders = context.known(), context.services.rules.folders
    template = template_in(c, kind, key, person.division_code, folders)
    return key if template is None else views.name_of(template, context.language)


def _name_of(kind: TemplateKind, key: str, content: Any, language: str, part: int | None) -> str:
    template = Template(kind, key, "", content, Origin.VERSION)
    return views.name_of(template, language, part)
