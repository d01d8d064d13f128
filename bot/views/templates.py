"""Templates on a phone: which there are, what one says, its preview, its versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from alerts.model import RESPONSES, WARNED_OF, Level
from alerts.template_files.faults import BadTemplate
from alerts.template_files.frames import CHINESE, MOST_LINES, frame_lines
from alerts.template_files.lists import TaskTemplate, scope_lines, task_lines
from alerts.template_files.model import Origin, Template, TemplateKind
from alerts.template_files.store import Version
from bot.actions.templates import (
    ONE_MORE,
    SCOPE,
    TemplateDiscard,
    TemplateEdit,
    TemplateKinds,
    TemplatePhones,
    TemplateReset,
    TemplateRestore,
    TemplateSave,
    TemplateShow,
    TemplatesOf,
    TemplateVersion,
    TemplateVersions,
)
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock
from bot.views.handbook_cards import body_html, card_title
from bot.views.screen import Button, Inline, Rows, Screen, bold, escape, name, shorten
from bot.views.template_lists import list_lines, list_rows, lists
from bot.views.template_phones import phone_lines
from bot.views.template_problems import bad_template_line
from bot.views.vocabulary import (
    grade_name,
    hazard_name,
    level_mark,
)

CARDS_ON_A_PAGE = 12
MOST_VERSIONS = 10
"""Versions that are listed: older ones stay in the database (ours)."""

KINDS: Mapping[TemplateKind, str] = {
    TemplateKind.WARNING: N_("📝 预警用语"),
    TemplateKind.LIST: N_("📋 任务清单"),
    TemplateKind.CARD: N_("📗 手册卡片"),
    TemplateKind.FRAME: N_("🗺 转移卡版式"),
}
LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What a template's screen says of it beside its text.

    ``place``: the division whose version it is; ``by``: who made it.
    """

    template: Template
    place: str = ""
    by: str = ""


def kinds(language: str, bad: Sequence[BadTemplate] = ()) -> Screen:
    """/templates: what there are templates of; and which of the office's files are refused."""
    _ = translator(language)
    lines = [
        bold(_("🗂 模板")),
        _("改后只在您的区划和下级使用；谁改的、改成什么样都留痕，可以恢复。"),
    ]
    if bad:
        lines += ["", bold(_("⚠️ 目录里有文件写错了，没有用："))]
        lines += [escape(bad_template_line(fault, language)) for fault in bad[:5]]
    rows = tuple((Button(_(words), TemplatesOf(kind).encode()),) for kind, words in KINDS.items())
    return Screen("\n".join(lines), Inline(rows))


def listed(
    kind: TemplateKind, found: Mapping[str, Template], language: str, page: int = 0
) -> Screen:
    """The templates of a kind: a button each; ✏️ on those that are not as shipped."""
    if kind is TemplateKind.LIST:
        return lists(found, language)
    _ = translator(language)
    keys = _in_order(kind, found)
    per_page = CARDS_ON_A_PAGE if kind is TemplateKind.CARD else len(keys)
    page = min(page, max(0, len(keys) - 1) // per_page)
    shown = keys[page * per_page : (page + 1) * per_page]
    buttons = [
        Button(
            ("✏️ " if found[key].origin is not Origin.SHIPPED else "")
            + name_of(found[key], language),
            TemplateShow(kind, key).encode(),
        )
        for key in shown
    ]
    wide = 3 if kind is TemplateKind.WARNING else 1
    rows: list[tuple[Button, ...]] = [
        tuple(buttons[at : at + wide]) for at in range(0, len(buttons), wide)
    ]
    turns = []
    if page:
        turns.append(Button(_("⬅️ 上一页"), TemplatesOf(kind, page - 1).encode()))
    if (page + 1) * per_page < len(keys):
        turns.append(Button(_("下一页 ➡️"), TemplatesOf(kind, page + 1).encode()))
    rows += [tuple(turns)] if turns else []
    rows.append((Button(_("⬅️ 模板"), TemplateKinds().encode()),))
    lines = [bold(_(KINDS[kind])), _("✏️ 为改过的")]
    if kind is TemplateKind.CARD:
        lines.append(_("找一张卡片：发 /handbook 和要找的词，打开后按「✏️ 修改」。"))
    return Screen("\n".join(lines), Inline(tuple(rows)))


def shown(
    facts: TemplateFacts, language: str, part: int | None = None, *, zone: tzinfo = BEIJING
) -> Screen:
    """One template as it holds: its text, where it comes from, what can be done with it."""
    _ = translator(language)
    template = facts.template
    kind, key = template.kind, template.key
    if kind is TemplateKind.WARNING:
        part = LEVELS.index(level_of(part)) + 1
    lines = [bold(f"{_(KINDS[kind])} · {name_of(template, language, part)}")]
    lines.append(_origin(facts, language, zone))
    rows: list[tuple[Button, ...]] = []
    edit: tuple[Button, ...] = (Button(_("✏️ 修改"), TemplateEdit(kind, key, part).encode()),)
    if kind is TemplateKind.WARNING:
        level = level_of(part)
        texts = template.texts.texts[level]
        lines += [f"{number}.\n<pre>{escape(text)}</pre>" for number, text in enumerate(texts, 1)]
        rows.append(
            tuple(
                Button(
                    ("· " if other is level else "") + level_mark(other),
                    TemplateShow(kind, key, number).encode(),
                )
                for number, other in enumerate(LEVELS, 1)
            )
        )
    elif kind is TemplateKind.LIST:
        lines += list_lines(template, language)
        rows += list_rows(template, language)
        edit = ()
    elif kind is TemplateKind.FRAME:
        lines.append(f"<pre>{escape(frame_lines(template.frame))}</pre>")
    else:
        lines.append(f"<pre>{escape(template.body.strip())}</pre>")
    rows += [
        (*edit, Button(_("👀 手机上看"), TemplatePhones(kind, key, part).encode())),
        (
            Button(_("🕘 历次版本"), TemplateVersions(kind, key).encode()),
            Button(_("⬅️ 返回"), TemplatesOf(kind).encode()),
        ),
    ]
    return Screen("\n".join(lines), Inline(tuple(rows)))


def ask(template: Template, nonce: str, language: str, part: int | None = None) -> Screen:
    """What it is to say is asked for; what it says now can be copied."""
    _ = translator(language)
    if template.kind is TemplateKind.WARNING:
        words = _("请发来新的用语。可写几种说法，中间空一行，第一种默认用。现在是（按住可复制）：")
        now = "\n\n".join(template.texts.texts[level_of(part)])
    elif template.kind is TemplateKind.LIST:
        words = _("请把下面几行改好发回（按住可复制）；不要这一条了，发「删除」：")
        if part == SCOPE:
            words = _("请把下面几行改好发回（按住可复制）：")
        if part == ONE_MORE:
            words = _("请照这个样子写好新的一条发来（按住可复制）：")
        now = _typed_part(template.task_list, part)
    elif template.kind is TemplateKind.FRAME:
        words = _(
            "请把下面改好，整份发回（按住可复制）。行可以增删、换先后，最多 {most} 行；"
            "「组织（只上墙）：」只印在墙上，「（只聊天）」只在手机上。{{ }} 里的由每张卡自己填上，"
            "可用：{slots}"
        ).format(most=MOST_LINES, slots="".join(f"{{{name}}}" for name in CHINESE.values()))
        now = frame_lines(template.frame)
    else:
        words = _("请发来改好的整张卡片（文字，或 .md 文件）。")
        if template.card.body_en:
            words += "\n" + _("英文一起改，或从 === English 起删去。")
        words += "\n" + _("现在是（按住可复制）：")
        now = template.body.strip()
    head = bold("✏️ " + name_of(template, language, part))
    said = f"{head}\n{escape(words)}\n<pre>{escape(now)}</pre>"
    return Screen(said, Inline((_leave(nonce, language),)))


def _leave(nonce: str, language: str) -> tuple[Button, ...]:
    return (Button(translator(language)("✖️ 取消"), TemplateDiscard(nonce).encode()),)


def _typed_part(tasks: TaskTemplate, part: int | None) -> str:
    if part == SCOPE:
        return scope_lines(tasks)
    return task_lines(tasks.tasks[min(part or 1, len(tasks.tasks)) - 1])


def refused(faults: Iterable[BadTemplate], language: str, nonce: str = "") -> Screen:
    """What was sent cannot be used: where, why, and that it can be sent again.

    :param nonce: of the question that stays open, if there is one.
    """
    _ = translator(language)
    lines = [bold(_("✖️ 没有保存"))]
    lines += [escape(bad_template_line(fault, language)) for fault in faults]
    lines.append(_("改好后再发一次。"))
    return Screen("\n".join(lines), Inline((_leave(nonce, language),)) if nonce else None)


def typed_words(language: str) -> str:
    """What a refusal calls a text that was typed, in place of a file's name."""
    return translator(language)("您发的文字")


def to_confirm(
    what: str, phones: Sequence[tuple[str, str]], place: str, nonce: str, language: str
) -> Screen:
    """The preview on three phones, and the button that alone saves it.

    :param what: the template's name.
    :param place: the division for which it is changed.
    """
    _ = translator(language)
    lines = [bold(_("👀 {what}：改后在手机上是这样").format(what=what))]
    lines += phone_lines(phones)
    lines += ["", _("保存后，{place}和下级都用这一版。").format(place=name(place))]
    rows: Rows = (
        (Button(_("✅ 保存"), TemplateSave(nonce).encode()),),
        _leave(nonce, language),
    )
    return Screen("\n".join(lines), Inline(rows))


def on_phones(template: Template, phones: Sequence[tuple[str, str]], language: str) -> Screen:
    """As it holds now, on three phones."""
    _ = translator(language)
    head = bold("👀 " + name_of(template, language))
    return Screen("\n".join([head, *phone_lines(phones)]))


def saved(template: Template, place: str, language: str) -> Screen:
    """It is saved, or restored."""
    _ = translator(language)
    words = _("✅ 已保存：{what}，第 {version} 版。{place}和下级从现在起使用。").format(
        what=escape(name_of(template, language)), version=template.version, place=name(place)
    )
    rows: Rows = ((Button(_("看一看"), TemplateShow(template.kind, template.key).encode()),),)
    return Screen(words, Inline(rows))


def given_up(template: Template | None, language: str) -> Screen:
    """The division's own holds no more."""
    _ = translator(language)
    if template is None:
        return Screen(_("☑️ 本级的已停用。上级和自带的都没有这一个。"))
    rows: Rows = ((Button(_("看一看"), TemplateShow(template.kind, template.key).encode()),),)
    words = _("☑️ 本级的已停用，现在用的是：{what}").format(what=escape(name_of(template, language)))
    return Screen(words, Inline(rows))


def left(language: str) -> Screen:
    """Nothing was changed."""
    return Screen(translator(language)(_LEFT))


_LEFT = N_("没有改动。")


def lost(language: str) -> str:
    """The button under a preview that waits no more: a toast."""
    return translator(language)("这次修改已经保存过，或已过期。要再改，请发 /templates。")


def versions(
    kind: TemplateKind,
    key: str,
    what: str,
    found: Sequence[tuple[Version, str]],
    place: str,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The versions of a division, the newest first; ``found``: each with who made it."""
    _ = translator(language)
    lines = [bold(_("🕘 {what} · {place}").format(what=what, place=place))]
    rows: list[tuple[Button, ...]] = []
    if not found:
        lines.append(_("本级没有改过，用的是上级的或自带的。"))
    for version, by in found:
        words = _version_words(version, by, language, zone)
        lines.append(escape(words))
        if version.body is not None:
            shown_as = _("看第 {number} 版").format(number=version.number)
            rows.append((Button(shown_as, TemplateVersion(kind, key, version.number).encode()),))
    if found and found[0][0].body is not None:
        rows.append((Button(_("🗑 停用本级的"), TemplateReset(kind, key).encode()),))
    rows.append((Button(_("⬅️ 返回"), TemplateShow(kind, key).encode()),))
    return Screen("\n".join(lines), Inline(tuple(rows)))


def old_version(
    version: Version,
    old: Template | None,
    now: Template | None,
    by: str,
    what: str,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """One version of before, in words, and the button that restores it.

    :param old: what it says; ``None``: this release cannot read it.
    :param now: what holds now: a warning's levels that say something else are marked.
    """
    _ = translator(language)
    lines = [bold(what), escape(_version_words(version, by, language, zone)), ""]
    back = TemplateVersions(version.kind, version.key)
    rows: list[tuple[Button, ...]] = [(Button(_("⬅️ 返回"), back.encode()),)]
    if old is None:
        lines.append(_("这一版现在读不出，不能恢复。"))
    else:
        lines += _in_words(old, now, language)
        restore = TemplateRestore(version.kind, version.key, version.number)
        rows.insert(0, (Button(_("↩️ 恢复这一版"), restore.encode()),))
    return Screen("\n".join(lines), Inline(tuple(rows)))


def _in_words(template: Template, now: Template | None, language: str) -> list[str]:
    """What a template says, as it is read and not as its file is written (HTML)."""
    _ = translator(language)
    if template.kind is TemplateKind.LIST:
        return list_lines(template, language)
    if template.kind is TemplateKind.CARD:
        card = template.card
        english = ["", bold("English"), body_html(card.body_en)] if card.body_en else []
        return [body_html(card.body), *english]
    if template.kind is TemplateKind.FRAME:
        return [f"<pre>{escape(frame_lines(template.frame))}</pre>"]
    lines = []
    for level in LEVELS:
        texts = template.texts.texts[level]
        differs = now is not None and now.texts.texts[level] != texts
        mark = " " + _("（与现在用的不同）") if differs else ""
        lines.append(f"{level_mark(level)}{mark}")
        lines += [f"<blockquote>{escape(text)}</blockquote>" for text in texts]
    return lines


def name_of(template: Template, language: str, part: int | None = None) -> str:
    """What a template is called, plain."""
    if template.kind is TemplateKind.CARD:
        return card_title(template.card, language)
    if template.kind is TemplateKind.LIST:
        return template.task_list.title
    if template.kind is TemplateKind.FRAME:
        return translator(language)("转移卡")
    hazard = template.texts.hazard
    words = hazard_name(hazard, language)
    if part is not None:
        words += " · " + grade_name(hazard, level_of(part), language)
    return shorten(words, 60)


def level_of(part: int | None) -> Level:
    """The level that a part of a warning's template is of."""
    return LEVELS[part - 1] if part is not None and part <= len(LEVELS) else Level.RED


def _in_order(kind: TemplateKind, found: Mapping[str, Template]) -> list[str]:
    if kind is not TemplateKind.WARNING:
        return sorted(found)
    return [hazard.value for hazard in (*WARNED_OF, *RESPONSES) if hazard.value in found]


def _origin(facts: TemplateFacts, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    template = facts.template
    if template.origin is Origin.SHIPPED:
        return _("来源：系统自带")
    if template.origin is Origin.FOLDER:
        return _("来源：本单位目录里的文件")
    return _("来源：{place} 第 {version} 版（{by} {time}）").format(
        place=name(facts.place),
        version=template.version,
        by=name(facts.by) or _("服务器"),
        time=day_clock(template.at, zone),
    )


def _version_words(version: Version, by: str, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    words = _("第 {number} 版 · {time} · {by}").format(
        number=version.number, time=day_clock(version.at, zone), by=by or _("服务器")
    )
    if version.body is None:
        words += " · " + _("停用本级的")
    elif version.restored is not None:
        words += " · " + _("恢复第 {number} 版").format(number=version.restored)
    return words
