"""Areas ticked one by one, and what is said of a drawing that a warning is for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from alerts.drawn_area import DrawnArea
from bot.actions.areas import AreaStep, AreaTap, list_below
from bot.locale import translator
from bot.views.division_menu import DivisionMenu
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, escape, shorten
from bot.views.warnings.release_wizard import stop_button
from bot.views.warnings.shape_words import SHAPE_NOTES
from contacts.divisions.picking import Ticked, ticked
from data.geo.shapes import ShapeNote

VILLAGES_ON_A_PAGE = 20  # two in a row: a township of 30 villages has two pages
TOWNSHIPS_ON_A_PAGE = 12  # one in a row, with a button that opens it

_MARKS = {Ticked.WHOLE: "✅", Ticked.PARTLY: "◪", Ticked.NOT: "▫️"}
_NAMED = 3


def tick_areas(
    menu: DivisionMenu,
    picked: Collection[str],
    language: str,
    *,
    below: Collection[str],
    page: int = 0,
    chosen: str = "",
    note: str = "",
    draft: str = "",
) -> Screen:
    """What lies below a division, to be ticked.

    :param picked: the codes picked so far.
    :param below: the codes of the menu's divisions that have others below them.
    :param chosen: what is picked so far, in words.
    :param note: what became of names that were written (HTML); draft: which draft asks (HTML).
    """
    _ = translator(language)
    lines = [note, draft, bold(_("☑️ 勾选区域")) + f" 📍 {escape(menu.path)}"]
    lines.append(_("已选：{names}").format(names=escape(chosen)) if chosen else _("还没有选。"))
    lines.append(_("也可以打字写几个名称，用「、」隔开：红石村、太平村"))
    picked = frozenset(picked)
    size = TOWNSHIPS_ON_A_PAGE if below else VILLAGES_ON_A_PAGE
    last = last_page(len(menu.children), size)
    page = max(0, min(page, last))
    shown = menu.children[page * size : (page + 1) * size]
    ticks = [
        Button(
            f"{_MARKS[ticked(child.code, picked)]} {shorten(child.name, 24)}",
            AreaTap(AreaStep.PICK, child.code).encode(),
        )
        for child in shown
    ]
    rows: list[tuple[Button, ...]]
    if below:
        rows = [
            (tick, Button(_("打开 ▸"), list_below(child.code).encode()))
            if child.code in below
            else (tick,)
            for tick, child in zip(ticks, shown, strict=True)
        ]
    else:
        rows = [tuple(ticks[at : at + 2]) for at in range(0, len(ticks), 2)]
    turn = page_buttons(page, last, lambda number: list_below(menu.code, number), language)
    all_of_it = Button(_("全选"), AreaTap(AreaStep.ALL, menu.code).encode())
    none = Button(_("全不选"), AreaTap(AreaStep.NONE, menu.code).encode())
    rows += [turn] if turn else []
    rows.append((all_of_it, none))
    if menu.parent is not None:
        rows.append((Button(_("⬆️ 上一级"), list_below(menu.parent).encode()),))
    if chosen:
        rows.append((Button(_("✔️ 选好了，下一步"), AreaTap(AreaStep.DONE).encode()),))
    rows.append((stop_button(language),))
    return Screen("\n".join(filter(None, lines)), Inline(tuple(rows)))


def drawn_lines(
    drawn: DrawnArea | None,
    besides: Sequence[str],
    names: Mapping[str, str],
    language: str,
    *,
    buttons: bool = True,
) -> list[str]:
    """What is said of the drawing that the areas were taken from, in the preview (HTML).

    :param besides: the names of the places that are called in addition.
    :param names: of divisions, by code.
    :param buttons: whether it stands above one that reads it in other coordinates.
    """
    _ = translator(language)
    lines = []
    if drawn is not None:
        lines += [_found(drawn, language)] if drawn.name else []
        lines += _left_out(drawn, names, language)
        known = [note for note in ShapeNote if note.value in drawn.notes]
        said = _("；").join(_(SHAPE_NOTES[note]) for note in known)
        lines += [f"ℹ️ {escape(said)}"] if said else []
        if buttons and drawn.drawn and not drawn.gcj02:
            lines.append(_("🧭 坐标按 WGS-84 读；在高德、腾讯、奥维图上画的，请按下面的按钮换算"))
    if besides:
        named = _("、").join(besides[:_NAMED])
        more = _("等{count}处").format(count=len(besides)) if len(besides) > _NAMED else ""
        lines.append(_("➕ 另叫应区域外的地点：{names}").format(names=escape(named + more)))
    return lines


def datum_button(drawn: DrawnArea | None, language: str) -> Button | None:
    """The button that reads the drawing in the other way; ``None`` where nobody drew it."""
    _ = translator(language)
    if drawn is None or not drawn.drawn:
        return None
    if drawn.gcj02:
        return Button(_("🧭 改按 WGS-84"), AreaTap(AreaStep.DATUM, "wgs84").encode())
    return Button(_("🧭 按高德坐标换算"), AreaTap(AreaStep.DATUM, "gcj02").encode())


def nothing_inside(drawn: DrawnArea, names: Mapping[str, str], language: str) -> Screen:
    """Nobody could be warned by the drawing: why, and what to do."""
    _ = translator(language)
    lines = [bold(_("图形里没有您可以预警的村或地点，没有用上。"))]
    lines += _left_out(drawn, names, language)
    lines.append(_("请核对图形的位置（经度在前，纬度在后），或改选区划。"))
    return Screen("\n".join(lines))


def drawn_on_board(drawn_id: int, villages: int, area: str, language: str) -> Screen:
    """To whoever drew an area on the command wall: take it into a warning."""
    _ = translator(language)
    lines = [
        bold(_("📐 您在指挥大屏上画了一个区域")),
        _("{area}，共 {villages} 个村").format(area=escape(area), villages=villages),
        _("还没有发布。按下面的按钮写预警；正在写的预警会改用这个区域。"),
    ]
    use = Button(_("⚠️ 用这个区域写预警"), AreaTap(AreaStep.DRAWN, str(drawn_id)).encode())
    return Screen("\n".join(lines), Inline(((use,),)))


def drawing_gone(language: str) -> Screen:
    """A drawing that is not kept any more."""
    return Screen(translator(language)("这个图形已过期，没有用上。请在大屏上重画。"))


def file_not_had(language: str) -> Screen:
    """The file that was sent could not be fetched from Telegram."""
    return Screen(translator(language)("没有取到文件，草稿没有变。请再发一次。"))


def unknown_names(names: Sequence[str], language: str) -> str:
    """Names among several that are not exactly one place (HTML)."""
    _ = translator(language)
    listed = _("、").join(shorten(name, 20) for name in names[:8])
    return "⚠️ " + _("没有认准：{names}。请写全（如 大石头镇红石村）或在下面勾选。").format(
        names=escape(listed)
    )


def _found(drawn: DrawnArea, language: str) -> str:
    _ = translator(language)
    words = (
        _("📐 按登记的名单：{name}，{villages} 个村")
        if drawn.by_table
        else _("📐 按图形：{name}，{villages} 个村")
    )
    return words.format(name=escape(shorten(drawn.name, 40)), villages=drawn.villages)


def _left_out(drawn: DrawnArea, names: Mapping[str, str], language: str) -> list[str]:
    _ = translator(language)
    lines = []
    if drawn.unplaced:
        lines.append(
            _("⚠️ 其中 {count} 个村没有位置，按所在乡镇或县列入").format(count=drawn.unplaced)
        )
    if drawn.left_out:
        where = _listed(drawn.left_out_of, names, language)
        words = _(
            "⚠️ {where} 有 {count} 个村没有位置，无法判断是否在范围内，没有列入；要叫应请另加区域"
        )
        lines.append(words.format(where=where, count=drawn.left_out))
    if drawn.elsewhere:
        where = _listed(drawn.elsewhere, names, language)
        words = _("⚠️ 图形伸到 {where}，不归您指挥，没有列入")
        lines.append(words.format(where=where))
    elif drawn.beyond:
        lines.append(_("⚠️ 图形有一部分在您的区划之外，没有列入"))
    return lines


def _listed(codes: Sequence[str], names: Mapping[str, str], language: str) -> str:
    _ = translator(language)
    named = list(dict.fromkeys(names.get(code, code) for code in codes))
    more = _("等{count}地").format(count=len(named)) if len(named) > _NAMED else ""
    return escape(_("、").join(named[:_NAMED]) + more)
