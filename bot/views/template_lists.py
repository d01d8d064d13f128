"""Lists of tasks among the templates: which are used, switched at a tap, what each makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from alerts.model import Hazard, Level
from alerts.template_files.extent_store import Extent
from alerts.template_files.model import Origin, Template, TemplateKind
from bot.actions.templates import (
    ONE_MORE,
    SCOPE,
    ListExtent,
    ListSwitch,
    ListUse,
    TemplateEdit,
    TemplateKinds,
    TemplateShow,
)
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock
from bot.views.screen import Button, Inline, Screen, bold, escape, name, shorten
from bot.views.template_phones import task_line
from bot.views.vocabulary import hazard_name, level_mark, role_name, tier_name

_LONGEST = 60

ON, OFF = N_("▶️ 启用"), N_("⏸ 停用")


def lists(found: Mapping[str, Template], language: str) -> Screen:
    """Every list, whether it is used, and a button that switches it."""
    _ = translator(language)
    lines = [
        bold(_("📋 任务清单")),
        _("预警发布（或升级）后几秒内，按启用的清单给各级派任务。点一下就启用、停用，可再点回来。"),
    ]
    return _listed(lines, found, language)


def told(found: Mapping[str, Template], place: str, language: str) -> Screen:
    """After an office's first warning, once: what makes tasks and what does not."""
    _ = translator(language)
    lines = [
        bold(_("📋 {place}：哪些预警自动派任务").format(place=name(place))),
        _(
            "清单写明预警发布后谁在几分钟内办什么。现在是这样，点一下就启用、停用；"
            "以后在 /templates。"
        ),
    ]
    return _listed(lines, found, language)


def _listed(lines: list[str], found: Mapping[str, Template], language: str) -> Screen:
    _ = translator(language)
    rows: list[tuple[Button, ...]] = []
    lines.append("")
    templates = [found[key] for key in sorted(found)]  # a tap moves none to another place
    for number, template in enumerate(templates, 1):
        tasks = template.task_list
        mark = "▶️" if tasks.enabled else "⏸"
        count = _("{count} 条").format(count=len(tasks.tasks))
        changed = " ✏️" if template.origin is not Origin.SHIPPED else ""
        lines.append(
            f"{number}. {mark} {escape(shorten(tasks.title, _LONGEST))} · {count}{changed}"
        )
        use, words = (ListUse.OFF, OFF) if tasks.enabled else (ListUse.ON, ON)
        look = TemplateShow(TemplateKind.LIST, template.key)
        rows.append(
            (
                Button(_("👀 看第 {number} 张").format(number=number), look.encode()),
                Button(f"{_(words)} {number}", ListSwitch(template.key, use, 1).encode()),
            )
        )
    lines.append("")
    if any(_as_shipped(template) for template in templates):
        lines.append(_shipped_note(language))
    rows.append((Button(_("⬅️ 模板"), TemplateKinds().encode()),))
    return Screen("\n".join(lines).rstrip(), Inline(tuple(rows)))


def _shipped_note(language: str) -> str:
    _ = translator(language)
    return _(
        "系统自带的清单（没有 ✏️ 的）只用于三个县以内的预警，只派到乡镇：村里先回应、转移。"
        "村里和更大范围也要派的，请打开它按「▶️ 村里、大范围也派」。"
    )


def _as_shipped(template: Template) -> bool:
    return template.task_list.enabled and template.origin is Origin.SHIPPED


def list_lines(template: Template, language: str) -> list[str]:
    """What one list says."""
    _ = translator(language)
    tasks = template.task_list
    hazards = "、".join(hazard_name(one, language) for one in Hazard if one in tasks.hazards)
    levels = "".join(level_mark(one) for one in Level if one in tasks.levels)
    state = _("▶️ 已启用：发布时自动派任务") if tasks.enabled else _("⏸ 没有启用")
    if _as_shipped(template):
        state = _("▶️ 系统自带，已启用：三个县以内的预警，发布时自动派到乡镇")
    lines = [f"{escape(hazards)} {levels}", bold(state), ""]
    return lines + [task_line(number, task, language) for number, task in enumerate(tasks.tasks, 1)]


def list_rows(template: Template, language: str) -> list[tuple[Button, ...]]:
    """The buttons that change one, switch it, and tell what it would make."""
    _ = translator(language)
    kind, key, tasks = template.kind, template.key, template.task_list
    edits = [
        Button(f"✏️ {number}", TemplateEdit(kind, key, number).encode())
        for number in range(1, len(tasks.tasks) + 1)
    ]
    rows = [tuple(edits[at : at + 6]) for at in range(0, len(edits), 6)]
    rows.append(
        (
            Button(_("🏷 适用"), TemplateEdit(kind, key, SCOPE).encode()),
            Button(_("➕ 加一条"), TemplateEdit(kind, key, ONE_MORE).encode()),
            Button(_("🔢 派给谁"), ListExtent(key).encode()),
        )
    )
    rows.append(_switches(template, language))
    return rows


def _switches(template: Template, language: str) -> tuple[Button, ...]:
    _ = translator(language)
    on, off = ListSwitch(template.key, ListUse.ON), ListSwitch(template.key, ListUse.OFF)
    if not template.task_list.enabled:
        return (Button(_(ON), on.encode()),)
    stop = Button(_(OFF), off.encode())
    if _as_shipped(template):
        return (stop, Button(_("▶️ 村里、大范围也派"), on.encode()))
    return (stop,)


def extent(
    template: Template,
    extents: Sequence[Extent],
    place: str,
    now: datetime,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """For which posts of a division a list would make how many tasks, due when."""
    _ = translator(language)
    tasks = template.task_list
    title = _("🔢 {title}").format(title=shorten(tasks.title, _LONGEST))
    lines = [bold(title)]
    whole = _("{place}全部叫应、现在发布的话，派 {count} 项任务：")
    total = sum(one.divisions for one in extents)
    lines += [whole.format(place=name(place), count=total), ""]
    for number, (task, one) in enumerate(zip(tasks.tasks, extents, strict=True), 1):
        tier, role = tier_name(task.tier, language), role_name(task.role, language)
        lines.append(f"{number}. {escape(shorten(task.title, _LONGEST))}")
        words = _("　{tier} {role} {count} 项，{time} 前办完").format(
            tier=tier,
            role=role,
            count=one.divisions,
            time=clock(now + timedelta(minutes=task.minutes), zone),
        )
        if one.vacant:
            words += _("；{count} 处没有此职务，交上一级值班员").format(count=one.vacant)
        lines.append(escape(words))
    lines.append("")
    if not tasks.enabled:
        lines.append(_("这张清单没有启用：发布预警时不派任务。"))
    elif _as_shipped(template):
        lines.append(_shipped_note(language))
    back = Button(_("⬅️ 返回"), TemplateShow(TemplateKind.LIST, template.key).encode())
    rows = (_switches(template, language), (back,))
    return Screen("\n".join(lines).rstrip(), Inline(rows))


def switched(template: Template, language: str) -> str:
    """What a tap has done: a toast."""
    _ = translator(language)
    words = _("已启用：{title}") if template.task_list.enabled else _("已停用：{title}")
    return words.format(title=shorten(template.task_list.title, _LONGEST))
