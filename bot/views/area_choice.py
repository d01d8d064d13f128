"""Choosing the area of a warning: drill down by tier, or out of several of one name."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.model import Hazard, Level
from bot.actions.warnings import Wizard, WizardStep
from bot.locale import translator
from bot.views.handbook import Choice
from bot.views.screen import Button, Inline, Screen, bold, escape, name, shorten
from bot.views.vocabulary import hazard_name, level_mark, level_name
from contacts.divisions.gazetteer import Candidate

PAGE_SIZE = 20
"""Divisions on a page, two in a row."""


def ask_area(
    language: str,
    *,
    code: str,
    path: str,
    children: Sequence[Choice],
    page: int = 0,
    level: Level,
    hazard: Hazard,
    chosen: Sequence[str] = (),
    parent: str | None = None,
) -> Screen:
    """One division: take it, or go to one below it.

    :param children: all of them; the page is cut out here. :param chosen: names of areas so far.
    :param parent: the division above, where the commander may go there.
    """
    _ = translator(language)
    lines = [
        f"{level_mark(level)} {hazard_name(hazard, language)} {level_name(level, language)}",
        _("第 3 步：哪个区域？也可以直接打字写名称。"),
        bold(f"📍 {path}"),
    ]
    if chosen:
        lines.append(_("已选：{names}").format(names=escape(_("、").join(chosen[:20]))))
    rows: list[tuple[Button, ...]] = [
        (Button(_("✅ 确认此区域"), Wizard(WizardStep.HERE, code).encode()),)
    ]
    start = page * PAGE_SIZE
    below = [
        Button(child.name, Wizard(WizardStep.OPEN, child.code).encode())
        for child in children[start : start + PAGE_SIZE]
    ]
    rows += [tuple(below[at : at + 2]) for at in range(0, len(below), 2)]
    rows.append(_pages(code, page, len(children), language))
    if parent is not None:
        rows.append((Button(_("⬆️ 上一级"), Wizard(WizardStep.OPEN, parent).encode()),))
    rows.append((Button(_("✖️ 不发了"), Wizard(WizardStep.STOP).encode()),))
    return Screen("\n".join(lines), Inline(tuple(row for row in rows if row)))


def area_ambiguous(
    text: str,
    candidates: Sequence[Candidate],
    total: int,
    language: str,
    *,
    wizard: bool = True,
) -> Screen:
    """Several places of this name: which one?"""
    _ = translator(language)
    wanted = shorten(text, 30)
    lines = [bold(_("「{text}」有 {total} 处，是哪一处？").format(text=wanted, total=total))]
    if not wizard:
        lines += [
            f"• {name(found.path)} <code>{found.division.code}</code>" for found in candidates
        ]
        lines.append(_("请写全路径（如 敦化市大石头镇）或 12 位代码，再发一次。"))
        return Screen("\n".join(lines))
    if total > len(candidates):
        lines.append(_("只列出前 {count} 处；写上县名会更准。").format(count=len(candidates)))
    return Screen("\n".join(lines), _choices(candidates, language))


def area_unknown(
    text: str, candidates: Sequence[Candidate], language: str, *, wizard: bool = True
) -> Screen:
    """No such place; perhaps one of these."""
    _ = translator(language)
    words = _("没有找到「{text}」。").format(text=shorten(text, 30))
    lines = [bold(words), _("请写区划名称（如 敦化市、敦化市大石头镇）或 12 位代码。")]
    if not candidates:
        return Screen("\n".join(lines))
    lines.append(_("您是不是要找："))
    if not wizard:
        lines += [
            f"• {name(found.path)} <code>{found.division.code}</code>" for found in candidates
        ]
        return Screen("\n".join(lines))
    return Screen("\n".join(lines), _choices(candidates, language))


def _choices(candidates: Sequence[Candidate], language: str) -> Inline:
    _ = translator(language)
    rows = [
        (Button(found.path, Wizard(WizardStep.HERE, found.division.code).encode()),)
        for found in candidates
    ]
    stop = Button(_("✖️ 不发了"), Wizard(WizardStep.STOP).encode())
    return Inline((*rows, (stop,)))


def _pages(code: str, page: int, total: int, language: str) -> tuple[Button, ...]:
    _ = translator(language)
    last = max(0, (total - 1) // PAGE_SIZE)
    row = []
    if page > 0:
        before = f"{code}.{min(page, last + 1) - 1}"
        row.append(Button(_("⬅️ 上一页"), Wizard(WizardStep.OPEN, before).encode()))
    if page < last:
        row.append(Button(_("下一页 ➡️"), Wizard(WizardStep.OPEN, f"{code}.{page + 1}").encode()))
    return tuple(row)
