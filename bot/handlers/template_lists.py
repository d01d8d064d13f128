"""Lists of tasks are switched on and off at one tap, and tell what they would make."""

from __future__ import annotations

from dataclasses import replace

from alerts.template_files import editing
from alerts.template_files.extent_store import extents
from alerts.template_files.holding import templates_in
from alerts.template_files.lists import write_list
from alerts.template_files.model import Template, TemplateKind, TemplateProblem
from bot.actions.templates import ListExtent, ListSwitch, ListUse
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views import template_lists as views
from bot.views.screen import Screen
from bot.views.templates import TemplateFacts, shown
from data.database import Connection
from data.errors import Conflict

LIST = TemplateKind.LIST


async def switch(context: Context, action: ListSwitch) -> None:
    """▶️ / ⏸: a version more, with its trail; pressed twice, it stays as it is."""
    person, now = context.commander(), context.now
    division, folders = person.division_code, context.services.rules.folders

    def unit(c: Connection) -> Template:
        holds = editing.known(c, LIST, action.key, division, folders)
        wanted = action.use is ListUse.ON
        body = write_list(replace(holds.task_list, enabled=wanted))
        try:
            editing.save(c, person, LIST, action.key, body, division, folders, now)
        except Conflict as error:
            if error.code is not TemplateProblem.NOTHING_CHANGED:
                raise
        context.will_show(c, _screen(c, context, action))
        return editing.known(c, LIST, action.key, division, folders)

    template = await context.write(unit)
    await context.toast(views.switched(template, context.language))


async def extent(context: Context, action: ListExtent) -> None:
    """🔢: what the list would make in the person's division."""
    division = context.commander().division_code

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        template = editing.known(c, LIST, action.key, division, context.services.rules.folders)
        found = extents(c, division, template.task_list.tasks)
        return views.extent(
            template, found, facts.place(division), context.now, context.language, zone=facts.zone
        )

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


TAPS: dict[type, TapHandler] = {ListSwitch: switch, ListExtent: extent}


def _screen(c: Connection, context: Context, action: ListSwitch) -> Screen:
    person, facts = context.known(), context.facts(c)
    folders = context.services.rules.folders
    if action.listed is not None:
        found = templates_in(c, LIST, person.division_code, folders)
        return views.lists(found, context.language)
    template = editing.known(c, LIST, action.key, person.division_code, folders)
    place = facts.place(template.division_code) if template.division_code else ""
    said = TemplateFacts(template, place, facts.by(template.by_id))
    return shown(said, context.language, zone=facts.zone)
