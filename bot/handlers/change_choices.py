"""What a button or words choose for a change of a warning; no reading, no writing.

Each choice gives the change as it is then, and what of it was not used (HTML).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from alerts.lifecycle import RANK
from alerts.model import Alert, Level
from alerts.preview import check_length
from bot.actions.changes import AreaChoice, ChangeStep, ChangeTap, chosen_area
from bot.compose.change_line import ChangeLine, Direction, Where, parse_change_line
from bot.compose.unfinished_change import Asking, UnfinishedChange
from bot.handlers.change_drafts import children_of
from bot.handlers.context import Context
from bot.views.vocabulary import level_at_start
from bot.views.warnings import change_menu as views
from contacts.access import may_release, require
from contacts.divisions.area_lists import held_in
from contacts.divisions.codes import overlap

Chosen = tuple[UnfinishedChange, str]


def chosen(
    context: Context, alert: Alert, unfinished: UnfinishedChange, action: ChangeTap
) -> Chosen:
    """What a button chooses, or asks for.

    :raises NotAllowed: an area is not the person's to warn.
    """
    return _STEPS[action.step](context, alert, unfinished, action)


def written(context: Context, alert: Alert, unfinished: UnfinishedChange, text: str) -> Chosen:
    """What was asked for, in words: a level, the text, a time, a place.

    :raises InvalidInput: the text is too long.
    :raises NotAllowed: an area is not the person's to warn.
    """
    if unfinished.unclear:
        return _named_again(context, alert, unfinished, text)
    if unfinished.asking is Asking.TEXT:
        check_length(text, context.services.rules.warnings)
        worded = unfinished.with_text(alert, text)
        return replace(worded, text_id=context.message.message_id), ""
    if unfinished.asking is Asking.LEVEL:
        said = level_at_start(text)
        return (unfinished if said is None else unfinished.with_level(alert, said[0])), ""
    if unfinished.asking is Asking.TIME:
        return _time_typed(context, alert, unfinished, text)
    return _areas_typed(context, alert, unfinished, text)


def read_line(context: Context, line: str, *, numbered: bool = False) -> ChangeLine:
    """What a line says, read for the person who wrote it."""
    return parse_change_line(
        line,
        context.services.gazetteer,
        within=context.known().division_code,
        now=context.done_at,
        zone=context.zone,
        numbered=numbered,
    )


def with_line(
    context: Context, alert: Alert, unfinished: UnfinishedChange, said: ChangeLine
) -> tuple[UnfinishedChange, str]:
    """What a line says, of this warning; and what of it was not used (HTML).

    :raises NotAllowed: an area is not the person's to warn.
    """
    language, against = context.language, ""
    if said.level is not None:
        if _goes(said.direction, said.level, alert):
            unfinished = unfinished.with_level(alert, said.level)
        else:
            up = said.direction is Direction.UP
            against = views.wrong_way(up, said.level, alert.level, language)
    until = said.until
    if said.longer is not None:
        until = alert.expires_at + said.longer
    if until is not None and until > alert.expires_at:
        unfinished = unfinished.until(alert, until)
    elif until is not None:
        against = views.ends_earlier(alert, until, language, context.zone)
    if said.text:
        check_length(said.text, context.services.rules.warnings)
        unfinished = unfinished.with_text(alert, said.text)
    unfinished, outside, inside = _with_areas(context, alert, unfinished, said)
    note = views.line_notes(
        language,
        hazard=alert.hazard,
        strange=said.strange,
        incomplete=said.incomplete,
        against=against,
        outside=outside,
        inside=inside,
    )
    return unfinished, note


def _with_areas(
    context: Context, alert: Alert, unfinished: UnfinishedChange, said: ChangeLine
) -> tuple[UnfinishedChange, list[str], list[str]]:
    """The change with the areas of a line; and the names of those that were not used."""
    children, name_of = partial(children_of, context), context.services.gazetteer.name
    outside: list[str] = []
    inside: list[str] = []
    for where, codes in said.areas:
        now = alert.areas if unfinished.areas is None else unfinished.areas
        if where is Where.ADD:
            require(may_release(context.known(), codes), areas=codes)
            new = [code for code in codes if not held_in(now, code)]
            inside += [name_of(code) for code in codes if code not in new]
        else:
            new = [code for code in codes if overlap(now, [code])]
            outside += [name_of(code) for code in codes if code not in new]
        if new and where is Where.NARROW:
            unfinished = replace(unfinished, meant=tuple(new))
        elif new:
            unfinished = unfinished.with_areas(alert, where, new, children)
    unclear = (*unfinished.unclear, *said.unclear)
    return replace(unfinished, unclear=unclear), outside, inside


def _goes(direction: Direction | None, level: Level, alert: Alert) -> bool:
    """Whether a level lies where the line says that it goes."""
    if direction is None or level is alert.level:
        return True
    return (RANK[level] > RANK[alert.level]) is (direction is Direction.UP)


def _level(
    _context: Context, alert: Alert, unfinished: UnfinishedChange, action: ChangeTap
) -> Chosen:
    """🎚 升级/降级, or one of the levels."""
    if action.value in {level.value for level in Level}:
        return unfinished.with_level(alert, Level(action.value)), ""
    return replace(unfinished, asking=Asking.LEVEL), ""


def _text(
    _context: Context, _alert: Alert, unfinished: UnfinishedChange, _action: ChangeTap
) -> Chosen:
    """✏️ 改内容: the whole text is asked for, in a message that opens the phone's keyboard."""
    return replace(unfinished, asking=Asking.TEXT), ""


def _signal(
    _context: Context, _alert: Alert, unfinished: UnfinishedChange, _action: ChangeTap
) -> Chosen:
    """📡 The weather signal of the new level: quoted, or not."""
    return replace(unfinished, signal=not unfinished.signal), ""


def _time(
    _context: Context, alert: Alert, unfinished: UnfinishedChange, action: ChangeTap
) -> Chosen:
    """⏱ 延长时间, or by how many hours."""
    if action.value in map(str, views.HOURS):
        until = alert.expires_at + timedelta(hours=int(action.value))
        return unfinished.until(alert, until), ""
    return replace(unfinished, asking=Asking.TIME), ""


def _time_typed(context: Context, alert: Alert, unfinished: UnfinishedChange, text: str) -> Chosen:
    said = read_line(context, f"延长 {text}")
    if said.longer is None and said.until is None:
        return unfinished, views.time_not_read(text, context.language)
    return with_line(context, alert, replace(unfinished, asking=None), said)


def _add(context: Context, alert: Alert, unfinished: UnfinishedChange, action: ChangeTap) -> Chosen:
    """➕ 扩大区域: through the divisions, until one is taken."""
    choice, code = chosen_area(action)
    if choice is AreaChoice.HERE and code in context.services.gazetteer:
        require(may_release(context.known(), [code]), areas=[code])
        wider = unfinished.with_areas(alert, Where.ADD, [code], partial(children_of, context))
        return replace(wider, asking=None), ""
    opened, _, page = code.partition(".")
    asking = replace(
        unfinished,
        asking=Asking.ADD,
        opened=opened if choice is AreaChoice.OPEN else "",
        page=int(page) if page.isdecimal() else 0,
    )
    return asking, ""


def _narrow(
    context: Context, alert: Alert, unfinished: UnfinishedChange, action: ChangeTap
) -> Chosen:
    """➖ 缩小区域: each part of the area is ticked on or off."""
    choice, value = chosen_area(action)
    children = partial(children_of, context)
    asking = replace(unfinished, asking=Asking.NARROW)
    code, _, page = value.partition(".")
    now = alert.areas if unfinished.areas is None else unfinished.areas
    if choice is AreaChoice.ALL:
        asking = replace(asking, areas=None)
    elif choice is AreaChoice.NONE:
        asking = replace(asking, areas=())
    elif choice is AreaChoice.HERE and code in context.services.gazetteer:
        if held_in(now, code):
            asking = asking.with_areas(alert, Where.DROP, [code], children)
        elif held_in(alert.areas, code):
            asking = asking.with_areas(alert, Where.ADD, [code], children)
        asking = replace(asking, page=int(page) if page.isdecimal() else 0)
    elif choice is AreaChoice.PAGE:
        asking = replace(asking, page=int(value) if value.isdecimal() else 0)
    return asking, ""


def _areas_typed(context: Context, alert: Alert, unfinished: UnfinishedChange, text: str) -> Chosen:
    """The names of areas, with 只留 or 去掉 where the area becomes smaller."""
    adding = unfinished.asking is Asking.ADD
    said = read_line(context, f"扩大 {text}" if adding else text)
    if not adding and not said.areas and not said.unclear:
        said = read_line(context, f"缩小 {text}")
    changed, note = with_line(context, alert, replace(unfinished, asking=None), said)
    if not (said.areas or said.unclear):  # nothing of it is a place: it is asked for again
        changed = unfinished
    return changed, note


def _unclear(
    context: Context, alert: Alert, unfinished: UnfinishedChange, action: ChangeTap
) -> Chosen:
    """Which place was meant, or that none was."""
    if not unfinished.unclear:
        return unfinished, ""
    (where, _name), rest = unfinished.unclear[0], unfinished.unclear[1:]
    left = replace(unfinished, unclear=rest)
    if action.value not in context.services.gazetteer:
        return left, ""
    said = ChangeLine(areas=((where, (action.value,)),))
    return with_line(context, alert, left, said)


def _named_again(context: Context, alert: Alert, unfinished: UnfinishedChange, text: str) -> Chosen:
    (where, _name), rest = unfinished.unclear[0], unfinished.unclear[1:]
    own = context.known().division_code
    found = context.services.gazetteer.find(text, within=own, careful=True)
    if found.division is None:
        return replace(unfinished, unclear=((where, text), *rest)), ""
    said = ChangeLine(areas=((where, (found.division.code,)),))
    return with_line(context, alert, replace(unfinished, unclear=rest), said)


def _meant(
    context: Context, alert: Alert, unfinished: UnfinishedChange, action: ChangeTap
) -> Chosen:
    """缩小 黄泥河镇: that it goes, or that only it stays."""
    where = Where.KEEP if action.value == "keep" else Where.DROP
    settled = unfinished.with_areas(alert, where, unfinished.meant, partial(children_of, context))
    return replace(settled, meant=()), ""


def _back(
    context: Context, alert: Alert, unfinished: UnfinishedChange, _action: ChangeTap
) -> Chosen:
    """Out of a question: to the preview of what was chosen so far, or to the menu."""
    if unfinished.areas == ():
        return replace(unfinished, asking=Asking.NARROW), views.nothing_left(
            alert, context.language
        )
    left = replace(unfinished, asking=None, unclear=(), meant=())
    return left, ""


_STEPS = {
    ChangeStep.LEVEL: _level,
    ChangeStep.TEXT: _text,
    ChangeStep.SIGNAL: _signal,
    ChangeStep.TIME: _time,
    ChangeStep.ADD: _add,
    ChangeStep.NARROW: _narrow,
    ChangeStep.UNCLEAR: _unclear,
    ChangeStep.MEANT: _meant,
    ChangeStep.BACK: _back,
}
