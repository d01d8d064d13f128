"""A warning that a machine proposes: to whoever decides whether it goes out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from alerts.drafts.model import ProposalKind, ProposalState, StoredProposal, WhyAsked
from alerts.model import Alert, Hazard
from alerts.updates.model import Changed
from bot.actions.drafts import (
    ProposalChange,
    ProposalDismiss,
    ProposalPreview,
    ProposalShow,
)
from bot.actions.warnings import StatusOf
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock
from bot.views.patrol.fire_danger import issued_line
from bot.views.screen import Button, Inline, Screen, bold, escape, name, shorten
from bot.views.vocabulary import level_name
from bot.views.warnings.parts import body, plain_title

MOST_NOTES = 12
"""Lines of what is to be known beside the warning (ours): figures, what was doubtful."""

LISTED = 10
"""Proposals in one list (ours)."""

_HEADS: Mapping[ProposalKind, str] = {
    ProposalKind.NEW: N_("📥 有预警待您决定：发不发？"),
    ProposalKind.UPDATE: N_("📥 预警有变更，待您决定"),
    ProposalKind.LIFT: N_("📥 来源已解除预警，待您决定"),
}
_DONE: Mapping[ProposalKind, str] = {
    ProposalKind.NEW: N_("✅ {by} {time} 已发布"),
    ProposalKind.UPDATE: N_("✅ {by} {time} 已变更预警"),
    ProposalKind.LIFT: N_("✅ {by} {time} 已解除预警"),
}
_LOOK: Mapping[ProposalKind, str] = {
    ProposalKind.NEW: N_("👁 预览发布"),
    ProposalKind.UPDATE: N_("👁 预览变更"),
    ProposalKind.LIFT: N_("👁 预览解除"),
}
_NOT: Mapping[ProposalKind, str] = {
    ProposalKind.NEW: N_("✖️ 不发"),
    ProposalKind.UPDATE: N_("✖️ 不变更"),
    ProposalKind.LIFT: N_("✖️ 不解除"),
}
_DISMISSED: Mapping[ProposalKind, str] = {
    ProposalKind.NEW: N_("✖️ {by} {time} 决定不发"),
    ProposalKind.UPDATE: N_("✖️ {by} {time} 决定不变更"),
    ProposalKind.LIFT: N_("✖️ {by} {time} 决定不解除"),
}
_EXPIRED: Mapping[ProposalKind, str] = {
    ProposalKind.NEW: N_("⌛ {time} 已过时效，没有发布"),
    ProposalKind.UPDATE: N_("⌛ {time} 已过时效，没有变更"),
    ProposalKind.LIFT: N_("⌛ {time} 已过时效，没有解除"),
}
_BY_KIND: Mapping[ProposalState, Mapping[ProposalKind, str]] = {
    ProposalState.RELEASED: _DONE,
    ProposalState.DISMISSED: _DISMISSED,
    ProposalState.EXPIRED: _EXPIRED,
}
_STATES: Mapping[ProposalState, str] = {
    ProposalState.OPEN: N_("⏳ 待决定"),
    ProposalState.SUPERSEDED: N_("♻️ {time} 来源有了新的，这一条作废"),
    ProposalState.IGNORED: N_("按设置不叫应"),
}
_WHY_ASKED: Mapping[WhyAsked, str] = {
    WhyAsked.NOBODY_RELEASES: N_("设置里指定的发布人不在名册中或无权发布，所以请您决定。"),
    WhyAsked.SAME_IN_FORCE: N_("当地已有同类预警生效，没有自动再发一份，请您决定。"),
    WhyAsked.TOO_MANY: N_("这个来源一小时内自动发布太多，已停下来请您决定。"),
    WhyAsked.NOT_POSSIBLE: N_("这一条不能自动发布（没有可叫应的人，或内容不全），请您决定。"),
    WhyAsked.DRAFT_ONLY: N_("这个来源没有时效和解除信息，只作草稿，不自动发布。"),
}


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """A proposal with the names that a message about it needs."""

    stored: StoredProposal
    place: str
    by: str = ""  # whoever decided
    may_decide: bool = True
    asked: tuple[str, ...] = ()  # who may decide, with their numbers, where the reader may not


def proposed(shown: ShownProposal, language: str, *, zone: tzinfo = BEIJING) -> Screen:
    """What a machine proposes, and what became of it; the buttons while it is open."""
    _ = translator(language)
    stored = shown.stored
    proposal = stored.proposal
    receded = proposal.kind is ProposalKind.LIFT and proposal.picture
    head = bold(_("📥 水情已退，是否解除预警，待您决定") if receded else _(_HEADS[proposal.kind]))
    title = bold(plain_title(proposal.draft, shown.place, language))
    words = f"<blockquote>{body(proposal.draft, language)}</blockquote>"
    lines = [head, title, words]
    if proposal.draft.hazard is Hazard.FOREST_FIRE_DANGER:
        issuer = proposal.sender or proposal.draft.issued_by
        lines.append(issued_line(proposal.draft.level, issuer, language))
    measured = bool(proposal.picture)  # by a gauge, which issues nothing: the notes name it
    if proposal.sender and proposal.sender != proposal.draft.issued_by and not measured:
        lines.append(_("发布单位：{sender}").format(sender=name(proposal.sender)))
    source = _("来源：{source} · 收到 {time} · 有效至 {until}")
    lines.append(
        source.format(
            source=name(proposal.source),
            time=day_clock(stored.created_at, zone),
            until=day_clock(proposal.valid_until, zone),
        )
    )
    lines += [f"• {escape(shorten(_(note), 200))}" for note in proposal.notes[:MOST_NOTES]]
    if (more := len(proposal.notes) - MOST_NOTES) > 0:
        lines.append(_("……另有 {count} 条说明").format(count=more))
    if not stored.open:
        lines.append(bold(_state(shown, language, zone)))
        return Screen("\n".join(lines), _look(stored, language))
    if stored.why_asked is not None:
        lines.append(_(_WHY_ASKED[stored.why_asked]))
    if not shown.may_decide:
        lines.append(bold(_("您不能发布，请打电话请指挥员决定。")))
        lines += [f"• {escape(line)}" for line in shown.asked]
        return Screen("\n".join(lines))
    return Screen("\n".join(lines), Inline(_keys(stored, language)))


def _keys(stored: StoredProposal, language: str) -> tuple[tuple[Button, ...], ...]:
    _ = translator(language)
    return (
        (Button(_(_LOOK[stored.proposal.kind]), ProposalPreview(stored.id).encode()),),
        (Button(_(_NOT[stored.proposal.kind]), ProposalDismiss(stored.id).encode()),),
    )


def change_preview(
    shown: ShownProposal,
    alert: Alert,
    would: Changed,
    changed: Sequence[str],
    language: str,
    *,
    note: str = "",
) -> Screen:
    """What the proposed change of a warning in force does; the button that makes it says so.

    :param changed: all that would be different, a line each.
    :param note: that it is not what was shown before.
    """
    _ = translator(language)
    after = would.after
    lines = [note] if note else []
    lines += [bold(_("变更前请核对")), *changed]
    if after.description == alert.description:
        lines.append(f"<blockquote>{body(shown.stored.proposal.draft, language)}</blockquote>")
    for number, said in (
        (would.asked, _("重新叫应 {count} 人")),
        (would.called, _("新叫应 {count} 人")),
        (would.told, _("只告知变化 {count} 人")),
        (would.stood_down, _("不再叫应 {count} 人")),
    ):
        if number:
            lines.append("• " + said.format(count=number))
    if would.second_person:
        lines.append(_("🔐 须由第二名指挥员确认后才会变更；确认前，原来的照样有效。"))
    stored = shown.stored
    yes = Button(
        _("✅ 确认变更为{level}").format(level=level_name(after.level, language)),
        ProposalChange(stored.id, max(1, alert.version)).encode(),
    )
    no = Button(_("✖️ 不变更"), ProposalDismiss(stored.id).encode())
    return Screen("\n".join(lines), Inline(((yes,), (no,))))


def changed_meanwhile(language: str) -> str:
    """Above a preview that is shown again."""
    return translator(language)("⚠️ 预警刚被别人变更过，请再核对一遍。")


def no_more_in_force(language: str) -> str:
    """That there is nothing to be changed any more."""
    return translator(language)("这条预警已不再有效，没有什么可变更的。")


def proposed_list(
    rows: Sequence[ShownProposal], total: int, language: str, *, zone: tzinfo = BEIJING
) -> Screen:
    """What waits for a decision: a line and a button each."""
    _ = translator(language)
    if not rows:
        return Screen(_("没有待决定的预警。"))
    lines = [bold(_("📥 待决定的预警：{count} 条").format(count=total))]
    keys = []
    for shown in rows[:LISTED]:
        stored = shown.stored
        title = plain_title(stored.proposal.draft, shown.place, language)
        until = day_clock(stored.proposal.valid_until, zone)
        words = _("{title}（{source}，有效至 {until}）")
        source = stored.proposal.sender or stored.proposal.source
        lines.append(words.format(title=name(title), source=name(source), until=until))
        keys.append((Button(shorten(title, 40), ProposalShow(stored.id).encode()),))
    if (more := total - len(rows[:LISTED])) > 0:
        lines.append(_("……另有 {count} 条，较早收到").format(count=more))
    return Screen("\n".join(lines), Inline(tuple(keys)))


def proposed_many(more: int, language: str) -> Screen:
    """That so many came at once that they are not all said one by one."""
    _ = translator(language)
    words = _("📥 另有 {count} 条预警一次收到，待决定。发 /drafts 看全部。")
    return Screen(bold(words.format(count=more)))


def _state(shown: ShownProposal, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    stored = shown.stored
    time = "" if stored.decided_at is None else day_clock(stored.decided_at, zone)
    by_kind = _BY_KIND.get(stored.state)
    words = _STATES[stored.state] if by_kind is None else by_kind[stored.proposal.kind]
    return _(words).format(by=shown.by, time=time).strip()


def _look(stored: StoredProposal, language: str) -> Inline | None:
    if stored.alert_id is None:
        return None
    words = translator(language)("📊 看态势")
    return Inline(((Button(words, StatusOf(stored.alert_id).encode()),),))
