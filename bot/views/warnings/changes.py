"""Changing a running warning: what of it, the preview, the confirm button, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from alerts.expiry.model import minute_of
from alerts.lifecycle import AlertMessage, ChangeKind, MessageType, Terms
from alerts.model import Alert, Hazard, Level
from alerts.updates.model import Changed
from bot.actions.changes import ChangeStep, ChangeTap
from bot.actions.warnings import StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, clock, day_clock, span
from bot.views.screen import (
    Button,
    Inline,
    Rows,
    Screen,
    bold,
    escape,
    name,
    quote,
    shorten,
)
from bot.views.vocabulary import grade_name, headline, kind_name, level_mark, level_name, with_thing
from bot.views.warnings.change_menu import back, edits, in_language
from bot.views.warnings.change_news import what_changed
from bot.views.warnings.parts import MOST_OF_PLACE, exercise_mark, heading, on_button


def kinds_named(kinds: Sequence[ChangeKind], language: str) -> str:
    """The same of several: 升级、延长."""
    _ = translator(language)
    return _("、").join(kind_name(kind, language) for kind in kinds)


@dataclass(frozen=True, slots=True)
class LastChange:
    """What was done last to a warning: when, by whom; ``was``: the level before, if it changed;
    ``number``: of its message, with which the version began."""

    kinds: tuple[ChangeKind, ...]
    at: datetime
    by: str = ""
    was: Level | None = None
    number: int = 0


def last_change(messages: Sequence[AlertMessage], by: Callable[[int], str]) -> LastChange | None:
    """What was done last to a warning while it ran; ``None``: it is as it was released.

    :param messages: those of the warning, the first first.
    :param by: the name of a person.
    """
    changes = [n for n, each in enumerate(messages) if each.type is MessageType.UPDATE]
    if not changes or not changes[-1]:
        return None
    last, before = messages[changes[-1]], messages[changes[-1] - 1]
    was = before.terms.level if before.terms.level is not last.terms.level else None
    return LastChange(last.kinds, last.sent_at, by(last.by_id), was, last.number)


def last_change_line(
    alert: Alert, last: LastChange | None, language: str, zone: tzinfo = BEIJING
) -> list[str]:
    """Which version it is, what changed last and since when (HTML); nothing while it is the first.

    ✏️ 第 2 版（04:10 县指挥）：升级 🟠→🔴、延长.
    """
    if last is None:
        return []
    _ = translator(language)
    words = _("✏️ 第 {version} 版（{time}）：{kinds}").format(
        version=last.number or alert.version,  # its end is a message of its own
        time=f"{clock(last.at, zone)} {escape(last.by)}".strip(),
        kinds=what_was_changed(alert, last, language),
    )
    return [words]


def what_was_changed(alert: Alert, last: LastChange, language: str) -> str:
    """What it was, plain: 升级 🟠→🔴、延长."""
    _ = translator(language)
    return _("、").join(_with_level(kind, alert, last, language) for kind in last.kinds)


def _with_level(kind: ChangeKind, alert: Alert, last: LastChange, language: str) -> str:
    words = kind_name(kind, language)
    if last.was is None or kind not in (ChangeKind.UPGRADE, ChangeKind.DOWNGRADE):
        return words
    return f"{words} {level_mark(last.was)}→{level_mark(alert.level)}"


@dataclass(frozen=True, slots=True)
class Changing:
    """A change as it stands: the warning, what it would do, and where, in words.

    ``place`` and ``new_place`` name its areas before and after; ``added`` and ``dropped`` the
    divisions that come and go.
    """

    alert: Alert
    changed: Changed
    place: str
    new_place: str
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def terms(self) -> Terms:
        """What the warning would say."""
        return self.changed.after

    @property
    def kinds(self) -> tuple[ChangeKind, ...]:
        """All that the change is, the weightiest first."""
        return self.changed.kinds


def preview(
    changing: Changing,
    seconds: float,
    language: str,
    *,
    nonce: str,
    note: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """What changes and whom it reaches; the confirm button says what, where and how many.

    :param seconds: to tell everybody at today's pace.
    :param note: HTML above it.
    """
    _ = translator(language)
    alert = changing.alert
    mark = exercise_mark(alert.exercise, language)
    parts = [note] if note else []
    parts.append(bold(f"{mark} {_('变更前请核对')}".strip()))
    parts += change_lines(changing, language, zone)
    if _level_alone(changing):
        parts.append(_("等级变了，内容没有变。要改内容，请按「✏️ 改内容」。"))
    parts.append(_("🚀 约 {span}发完").format(span=span(max(seconds, 1), language)))
    if changing.changed.second_person:
        parts.append(waits_for_second(changing.alert.hazard, language))
    words, signal = _signal(changing, language)
    parts += words
    yes = Button(
        confirm_words(changing, language, zone),
        ChangeTap(alert.id, ChangeStep.CONFIRM, nonce).encode(),
    )
    stop = Button(_("✖️ 取消"), ChangeTap(alert.id, ChangeStep.STOP).encode())
    return Screen("\n\n".join(parts), Inline(((yes,), *edits(alert, language), *signal, (stop,))))


def waits_for_second(hazard: Hazard, language: str) -> str:
    """That a second person must confirm, and what holds until then."""
    _ = translator(language)
    words = _("🔐 须由第二名指挥员确认后才会变更；确认前，原来的{thing}照样有效。")
    return with_thing(words, hazard, language)


def _signal(changing: Changing, language: str) -> tuple[list[str], Rows]:
    """Whether the weather signal is quoted once the level changes (HTML), and the button for it."""
    alert, terms = changing.alert, changing.terms
    if not alert.issued_by or terms.level is alert.level:
        return [], ()
    _ = translator(language)
    new = _("📡 引用{service}的{level}信号").format(
        service=alert.issued_by, level=level_name(terms.level, language)
    )
    told, offered = escape(new), _("📡 不引用气象信号")
    if not terms.issued_by:
        words = _("📡 原来引用的是{level}信号，等级变了就不再引用；要引用新的，请按「📡」。")
        told, offered = words.format(level=level_name(alert.level, language)), new
    button = Button(offered, ChangeTap(alert.id, ChangeStep.SIGNAL).encode())
    return [told], ((button,),)


def change_lines(changing: Changing, language: str, zone: tzinfo = BEIJING) -> list[str]:
    """What a change is, what the warning says then, and whom it reaches: paragraphs (HTML)."""
    _ = translator(language)
    text = changing.terms.description
    head = _("内容不变：") if text == changing.alert.description else _("内容改为：")
    return [
        _title_line(changing, language),
        "\n".join(_differences(changing, language, zone)),
        f"{head}\n{quote(in_language(text, language))}",
        "\n".join(_figures(changing, language)),
    ]


def _level_alone(changing: Changing) -> bool:
    """Whether the level changes and the words do not."""
    levels = {ChangeKind.UPGRADE, ChangeKind.DOWNGRADE}
    same = changing.terms.description == changing.alert.description
    return same and bool(levels.intersection(changing.kinds))


def confirm_words(changing: Changing, language: str, zone: tzinfo = BEIJING) -> str:
    """The confirm button: ✅ 确认升级 🔴红·敦化市·叫应46人. The last thing that is read."""
    _ = translator(language)
    what = kinds_named(changing.kinds, language) if len(changing.kinds) < 3 else _("变更")
    what = _("{what}（演练）").format(what=what) if changing.alert.exercise else what
    return _("✅ 确认{what} {detail}·{many}").format(
        what=what,
        detail=_detail(changing, language, zone),
        many=_many(changing.changed, language),
    )


def _detail(changing: Changing, language: str, zone: tzinfo) -> str:
    """Level or time, and where: what of it is new."""
    _ = translator(language)
    kinds, terms = changing.kinds, changing.terms
    place = on_button(changing.new_place, language)
    if kinds[0] is ChangeKind.ADD_AREA:
        return "+" + shorten(_("、").join(changing.added), MOST_OF_PLACE)
    if kinds[0] is ChangeKind.NARROW:
        return "−" + shorten(_("、").join(changing.dropped), MOST_OF_PLACE)
    if kinds[0] is ChangeKind.EXTEND:
        return _("至{until}·{place}").format(until=day_clock(terms.expires_at, zone), place=place)
    level = grade_name(changing.alert.hazard, terms.level, language).removesuffix("色")
    return f"{level_mark(terms.level)}{level}·{place}"


def _many(counts: Changed, language: str) -> str:
    _ = translator(language)
    if counts.called or counts.asked:
        return _("叫应{persons}人").format(persons=counts.called + counts.asked)
    if counts.stood_down:
        return _("停叫{persons}人").format(persons=counts.stood_down)
    return _("告知{persons}人").format(persons=counts.told)


def _title_line(changing: Changing, language: str) -> str:
    alert, terms = changing.alert, changing.terms
    mark = level_mark(terms.level)
    if terms.level is not alert.level:
        mark = f"{level_mark(alert.level)}→{mark}"
    return bold(f"{mark} {headline(terms.level, alert.hazard, changing.new_place, language)}")


def _differences(changing: Changing, language: str, zone: tzinfo) -> list[str]:
    """What differs, a line each (HTML), in the words that people will read; until when it holds."""
    _ = translator(language)
    before, terms = changing.changed.before, changing.terms
    lines = what_changed(
        before,
        replace(terms, description=before.description),  # the text has a paragraph of its own
        changing.kinds,
        language,
        hazard=changing.alert.hazard,
        added=changing.added,
        removed=changing.dropped,
        zone=zone,
    )
    if terms.areas != before.areas:
        lines.append(_("📍 变更后：{place}").format(place=name(changing.new_place)))
    if minute_of(terms.expires_at) == minute_of(before.expires_at):
        until = day_clock(terms.expires_at, zone)
        lines.append(_("⏱ 仍有效至 {until}").format(until=until))
    return lines


def _figures(changing: Changing, language: str) -> list[str]:
    _ = translator(language)
    counts, lines = changing.changed, []
    if counts.called:
        lines.append(
            _("👥 新叫应 {count} 人（Telegram 能送达 {reachable} 人）").format(
                count=counts.called, reachable=counts.called_reachable
            )
        )
    if counts.asked:
        if ChangeKind.UPGRADE in changing.kinds:
            words = _("🔁 升级：原来的 {count} 人全部重新叫应，已回应的也要再回应")
        else:  # their area was left out, and comes back
            words = _("🔁 重新叫应 {count} 人：所在区域又划入，须再次回应")
        lines.append(words.format(count=counts.asked))
    if counts.told:
        lines.append(_("ℹ️ 只告知变更、不用再回应 {count} 人").format(count=counts.told))
    if counts.stood_down:
        words = _("✋ 不再叫应，并告知对他们不再有效 {count} 人")
        lines.append(words.format(count=counts.stood_down))
    if counts.groups_left:
        words = _("💬 告知不再有效的工作群 {groups} 个")
        lines.append(words.format(groups=counts.groups_left))
    if counts.groups:
        lines.append(_("💬 工作群 {groups} 个").format(groups=counts.groups))
    if ChangeKind.ADD_AREA in changing.kinds and not counts.called:
        lines.append(bold(_("⚠️ 新加的区域里没有可叫应的人，请先导入通讯录。")))
    return lines


def outdated(alert: Alert, place: str, language: str) -> Screen:
    """What a preview becomes whose button is pressed after it was made anew, or left."""
    _ = translator(language)
    text = heading(alert, _("这份核对已作废，没有变更。请看最新的，或重新开始。"), place, language)
    again = Button(_("✏️ 重新变更"), ChangeTap(alert.id, ChangeStep.MENU).encode())
    return Screen(text, Inline(((again,), back(alert, language))))


def stopped(alert: Alert, place: str, language: str) -> Screen:
    """It was left; nothing was changed."""
    _ = translator(language)
    text = heading(
        alert,
        with_thing(_("没有变更，{thing}照原样有效。"), alert.hazard, language),
        place,
        language,
    )
    return Screen(text, Inline((back(alert, language),)))


def changed_meanwhile(
    alert: Alert, last: LastChange | None, language: str, zone: tzinfo = BEIJING
) -> str:
    """Above the preview when somebody else changed the warning first (HTML)."""
    _ = translator(language)
    words = _("⚠️ 刚刚有人改过这次{thing}，您的还没有生效，请再核对：")
    words = bold(with_thing(words, alert.hazard, language))
    return "\n".join([words, *last_change_line(alert, last, language, zone)])


def nothing_changes(language: str) -> str:
    """Above the menu when what was chosen is what holds already (HTML)."""
    _ = translator(language)
    return bold(_("ℹ️ 和现在完全一样，没有可变更的。"))


def text_renewed(language: str) -> str:
    """Above the preview of a text that was edited (HTML)."""
    _ = translator(language)
    return bold(_("✏️ 内容已按您的修改更新，之前的核对作废。"))


def same_warnings(hazard: Hazard, language: str) -> str:
    """Above the preview of a change that was drafted as a warning of its own (HTML)."""
    _ = translator(language)
    words = _("✏️ 作为对已有{thing}的变更：不会另发一条，已回应的人不用重复回应。")
    return bold(with_thing(words, hazard, language))


def changed_now(changing: Changing, version: int, language: str, zone: tzinfo = BEIJING) -> Screen:
    """What the preview becomes once it is done."""
    _ = translator(language)
    counts = changing.changed
    words = _("✅ 已变更（第 {version} 版）：{kinds}").format(
        version=version, kinds=kinds_named(changing.kinds, language)
    )
    lines = [_title_line(changing, language), bold(words)]
    if changing.alert.exercise:
        lines[0] = bold(exercise_mark(True, language)) + lines[0]
    done = []
    if counts.called:
        done.append(_("新叫应 {count} 人").format(count=counts.called))
    if counts.asked:
        done.append(_("重新叫应 {count} 人").format(count=counts.asked))
    if counts.told:
        done.append(_("告知 {count} 人").format(count=counts.told))
    if counts.stood_down:
        done.append(_("停叫 {count} 人").format(count=counts.stood_down))
    if done:
        lines.append(_("，").join(done))
    lines.append(_("⏱ 有效至 {until}").format(until=day_clock(changing.terms.expires_at, zone)))
    look = Button(_("📊 看态势"), StatusOf(changing.alert.id).encode())
    return Screen("\n".join(lines), Inline(((look,),)))
