"""The area of a warning put together: ticked, written as a list, or from a drawing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from telegram import Message

from alerts import drawn_area_store
from alerts.cries import cry_in
from alerts.drawn_area import DrawnArea
from bot.actions.areas import AreaStep, AreaTap, parted
from bot.compose.release_draft import UnfinishedDraft
from bot.handlers import release_wizard
from bot.handlers.context import Context
from bot.handlers.release_drafts import draft_line, drawn_lines_of, names_in, save, unfinished_of
from bot.handlers.routes import TapHandler
from bot.locale import translator
from bot.telegram.failures import Outcome
from bot.views.division_menu import menu_within
from bot.views.warnings import area_menu as views
from bot.views.warnings import release_wizard as wizard_views
from contacts.access import may_release, require
from contacts.area_shapes import Resolved, all_commanded, commanded, resolve
from contacts.divisions.codes import contains
from contacts.divisions.gazetteer import Found
from contacts.divisions.picking import toggled, with_picked, without_picked
from contacts.divisions.wording import areas_in_words
from contacts.place_store import divisions_of
from data.database import Connection
from data.errors import InvalidInput
from data.geo.shape_cover import simple
from data.geo.shapes import MOST_BYTES, Shape, ShapeNote, ShapeProblem, read_shape, shape_of_geojson

_DRAWINGS = (".geojson", ".json", ".kml", ".kmz", ".ovkml", ".ovkmz")
_ARCHIVES = (".zip",)  # a shapefile, while a warning is being written
_GCJ02 = re.compile("gcj|火星|高德|腾讯|奥维|amap", re.IGNORECASE)
_BETWEEN = re.compile("[、，,;；\n]+")


async def stepped(context: Context, action: AreaTap) -> None:
    """A button of choosing the area."""
    context.commander()
    unfinished = unfinished_of(context)
    if action.step is AreaStep.DRAWN:
        await _take_up(context, unfinished or UnfinishedDraft(), action)
    elif unfinished is None or unfinished.level is None or unfinished.hazard is None:
        await context.toast()
        await context.show(wizard_views.wizard_lost(context.language))
    elif action.step is AreaStep.DONE:
        done = replace(unfinished, picking=False, adding=False)
        await release_wizard.go_on(context, done)
    elif action.step is AreaStep.DATUM:
        await _read_otherwise(context, unfinished, action.value)
    else:
        await _tick(context, unfinished, action)


TAPS: dict[type, TapHandler] = {AreaTap: stepped}


async def typed(context: Context, text: str) -> None:
    """Names of areas, several at once; what else the wizard asked for, it takes itself."""
    unfinished = unfinished_of(context)
    names = list(filter(None, (name.strip() for name in _BETWEEN.split(text))))
    if unfinished is None or unfinished.level is None or unfinished.hazard is None:
        await release_wizard.typed(context, text)
    elif unfinished.picking:
        await _named(context, unfinished, names)
    elif _asks_where(unfinished) and len(names) > 1:
        await _listed(context, unfinished, names)
    else:
        await release_wizard.typed(context, text)


def _asks_where(unfinished: UnfinishedDraft) -> bool:
    asked = not unfinished.areas or unfinished.adding
    return asked and not (unfinished.unclear or unfinished.typing or unfinished.choosing)


# -- ticked --------------------------------------------------------------------------------------


async def _tick(context: Context, unfinished: UnfinishedDraft, action: AreaTap) -> None:
    gazetteer, top = context.services.gazetteer, commanded(context.known())
    code, page = parted(action)
    if code not in gazetteer or not contains(top, code):
        code = top
    picked: Sequence[str] = unfinished.areas
    if action.step is not AreaStep.LIST:
        require(may_release(context.known(), [code]), areas=[code])
    if action.step is AreaStep.PICK:
        picked = toggled(gazetteer, picked, code, top)
        parent = gazetteer.parent(code)
        code, page = _page_of(context, code, top if parent is None else parent.code)
    elif action.step is AreaStep.ALL:
        picked = with_picked(gazetteer, picked, [code], top)
    elif action.step is AreaStep.NONE:
        picked = without_picked(gazetteer, picked, code)
    if tuple(picked) != unfinished.areas:
        unfinished = unfinished.with_picked(picked)
    await context.toast()
    await _show_list(context, replace(unfinished, picking=True, opened=code), page)


def _page_of(context: Context, code: str, parent: str) -> tuple[str, int]:
    """The list that holds a division, and on which of its pages."""
    children = [child.code for child in context.services.gazetteer.children(parent)]
    below = any(context.services.gazetteer.children(child) for child in children)
    size = views.TOWNSHIPS_ON_A_PAGE if below else views.VILLAGES_ON_A_PAGE
    return parent, children.index(code) // size if code in children else 0


async def _show_list(
    context: Context,
    unfinished: UnfinishedDraft,
    page: int,
    *,
    note: str = "",
    new_message: bool = False,
) -> None:
    gazetteer = context.services.gazetteer
    menu = menu_within(gazetteer, unfinished.opened, own=commanded(context.known()))
    screen = views.tick_areas(
        menu,
        unfinished.areas,
        context.language,
        below={child.code for child in menu.children if gazetteer.children(child.code)},
        page=page,
        chosen=areas_in_words(gazetteer, unfinished.areas),
        note=note,
        draft=draft_line(unfinished, context.language),
    )

    def unit(c: Connection) -> None:
        save(c, context, unfinished)
        (context.will_say if new_message else context.will_show)(c, screen)

    await context.write(unit)


async def _named(context: Context, unfinished: UnfinishedDraft, names: Sequence[str]) -> None:
    """Names written while areas are ticked."""
    known, unknown = _found(context, unfinished.opened, names)
    gazetteer, top = context.services.gazetteer, commanded(context.known())
    picked = with_picked(gazetteer, unfinished.areas, known, top)
    if picked != unfinished.areas:
        unfinished = unfinished.with_picked(picked)
    note = views.unknown_names(unknown, context.language) if unknown else ""
    await _show_list(context, unfinished, 0, note=note, new_message=True)


async def _listed(context: Context, unfinished: UnfinishedDraft, names: Sequence[str]) -> None:
    """Several names at once where an area was asked for; what is not clear is asked one by one."""
    known, unknown = _found(context, "", names)
    gazetteer, top = context.services.gazetteer, commanded(context.known())
    picked = with_picked(gazetteer, unfinished.areas, known, top)
    unfinished = replace(unfinished.with_picked(picked), picking=False, unclear=tuple(unknown))
    await release_wizard.go_on(context, unfinished, new_message=True)


def _found(context: Context, opened: str, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The codes that names mean, and the names that are not exactly one place.

    A name is looked for in the list that is open, then beside the name before it, then everywhere.
    """
    person, gazetteer = context.known(), context.services.gazetteer
    known: list[str] = []
    unknown: list[str] = []
    for name in names:
        beside = gazetteer.parent(known[-1]) if known else None
        for within in (opened, beside.code if beside is not None else "", commanded(person)):
            found = gazetteer.find(name, within=within, careful=True)
            inside = within and found.division and contains(within, found.division.code)
            if found.outcome is Found.EXACT and inside:
                break
        division = found.division
        if division is None:
            unknown.append(name)
        else:
            require(may_release(person, [division.code]), areas=[division.code])
            known.append(division.code)
    return known, unknown


# -- drawn ---------------------------------------------------------------------------------------


async def drawing(context: Context) -> bool:
    """A file that holds an area was sent by somebody who commands; ``False`` when it is none.

    The draft that is being written gets it; where none is, it begins one.
    """
    unfinished = unfinished_of(context)
    if not may_be_area(context, unfinished is not None):
        return False
    shape = await sent_shape(context)
    if shape is not None:
        name = file_name(context.message)
        await use_shape(context, unfinished or UnfinishedDraft(), shape, name)
    return True


def may_be_area(context: Context, writing: bool) -> bool:
    """Whether a file that somebody sent may hold an area: they command, and it is a drawing.

    :param writing: a warning or its change is being written: any archive may be one.
    """
    message, person = context.message, context.person
    if person is None or not _may_hold_area(message, writing):
        return False
    commands = may_release(person, [person.division_code]).allowed
    return commands and not cry_in(message.caption or "")


async def sent_shape(context: Context) -> Shape | None:
    """The land that the file draws; ``None``: it could not be had, which was said.

    :raises InvalidInput: with a ``ShapeProblem``: it draws none.
    """
    message = context.message
    assert message.document is not None
    if (message.document.file_size or 0) > MOST_BYTES:
        raise InvalidInput(ShapeProblem.TOO_LARGE, most=MOST_BYTES)
    content = await context.voice.file(message.document.file_id, MOST_BYTES)
    if isinstance(content, Outcome):
        await context.say(views.file_not_had(context.language))
        return None
    said = bool(_GCJ02.search(message.caption or ""))
    return await context.read(lambda _: _read(context, content, said))


def file_name(message: Message) -> str:
    """The name of the file that was sent."""
    return "" if message.document is None else message.document.file_name or ""


def _may_hold_area(message: Message, writing: bool) -> bool:
    if message.document is None or message.reply_to_message is not None:
        return False
    name = file_name(message).lower()
    return name.endswith((*_DRAWINGS, *_ARCHIVES) if writing else _DRAWINGS)


def _read(context: Context, content: bytes, gcj02: bool) -> Shape:
    """The land that a file draws, with few enough points to be kept."""
    from data.geo.drawing_files import as_geojson, from_chinese_map

    shape = read_shape(as_geojson(content), context.services.geography.boundaries.box, gcj02=gcj02)
    if from_chinese_map(content) and ShapeNote.CONVERTED not in shape.notes:
        shape = Shape(shape.polygons, shape.notes | {ShapeNote.MAP_UNSAID})
    return simple(shape)


async def use_shape(
    context: Context,
    unfinished: UnfinishedDraft,
    shape: Shape,
    name: str,
    *,
    new_message: bool = True,
    drawn: bool = True,
) -> None:
    """The draft is for this land from now on, and asked for is what is still missing.

    :param drawn: on some map, by a person: it may be one in GCJ-02.
    """
    person = context.commander()
    land, top = context.services.geography, all_commanded(person)
    found = await context.read(lambda c: resolve(c, land, shape, top))
    area = DrawnArea.of(shape, found, name, drawn=drawn)
    await use_found(context, unfinished, area, found, new_message=new_message)


async def use_found(
    context: Context,
    unfinished: UnfinishedDraft,
    drawn: DrawnArea,
    found: Resolved,
    *,
    new_message: bool,
) -> None:
    """The draft is for what was found, and asked for is what is still missing."""
    if found.empty:
        names = names_in(context, drawn)
        await context.say(views.nothing_inside(drawn, names, context.language))
        return
    chosen = unfinished.with_drawn(drawn, found.areas, found.besides)
    if not found.areas:  # only places lie in it: it is for whoever answers for these
        of_places = await context.read(lambda c: sorted(divisions_of(c, found.besides)))
        chosen = replace(chosen, areas=tuple(of_places), places=found.besides, besides=())
    note = ""
    if not chosen.complete:  # else the preview says it
        note = "\n".join(await drawn_lines_of(context, chosen))
    await release_wizard.go_on(context, chosen, new_message=new_message, note=note)


async def _take_up(context: Context, unfinished: UnfinishedDraft, action: AreaTap) -> None:
    """A drawing made on the command wall becomes the area."""
    drawn_id = int(action.value) if action.value.isdecimal() and len(action.value) < 10 else 0
    person_id = context.known().id
    kept = await context.read(lambda c: drawn_area_store.drawing(c, drawn_id, person_id))
    await context.toast()
    if kept is None:
        await context.show(views.drawing_gone(context.language))
        return
    name = translator(context.language)("大屏上画的区域")
    await use_shape(context, unfinished, shape_of_geojson(kept), name, drawn=False)


async def _read_otherwise(context: Context, unfinished: UnfinishedDraft, datum: str) -> None:
    """The drawing is in the other coordinates than it was read in."""
    drawn = unfinished.drawn
    if drawn is None or drawn.gcj02 == (datum == "gcj02"):
        await release_wizard.go_on(context, unfinished)
        return
    kept = shape_of_geojson(drawn.shape)
    notes = frozenset(note for note in ShapeNote if note.value in drawn.notes)
    shape = Shape(kept.polygons, notes)
    moved = shape.as_drawn_in_gcj02() if drawn.gcj02 else shape.from_gcj02()
    await context.toast()
    await use_shape(context, unfinished, moved, drawn.name, new_message=False)
