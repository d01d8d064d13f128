"""Coverage: in which villages nobody can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from bot.locale import N_, translator
from bot.views.screen import Screen, bold, escape
from contacts.coverage import Coverage, Gap, GapReason
from contacts.coverage_store import Readiness
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.groups import Group
from contacts.people import Contact

LISTED = 20
"""How many villages are named; the rest are counted."""

_REASONS: Mapping[GapReason, str] = {
    GapReason.NOBODY: N_("没有登记人员"),
    GapReason.NOT_LINKED: N_("没有人绑定 Telegram"),
    GapReason.UNREACHABLE: N_("绑定的人联系不上"),
}


_NEXT_STEPS: Mapping[GapReason | Contact, str] = {
    GapReason.NOBODY: N_(
        "没有登记人员：请乡镇把责任人的姓名、电话、职务报给管理员，导入通讯录。没登记的人打不开邀请链接。"
    ),
    GapReason.NOT_LINKED: N_(
        "没有绑定：请责任人打开自己的邀请链接，或给机器人发 /start，按「分享手机号」。"
    ),
    Contact.NEVER_STARTED: N_("没有打开过机器人：请本人打开邀请链接，按「开始」。"),
    Contact.BLOCKED: N_(
        "屏蔽了机器人：请本人在 Telegram 里打开机器人，按「解除屏蔽」，再发一句话。"
    ),
    Contact.DEACTIVATED: N_(
        "Telegram 账号已注销：请管理员先解除原来的绑定，再请本人用新账号打开新的邀请链接。"
    ),
    Contact.BOT_DOWN: N_("机器人暂时无法发言：请管理员马上检查机器人；修好前请打电话。"),
}
"""What helps, by what is wrong: in the order in which it is told."""


def coverage_message(
    coverage: Coverage,
    gazetteer: Gazetteer,
    language: str,
    place: str,
    groups: Sequence[Group] = (),
    unwatched: Sequence[Division] = (),
) -> Screen:
    """Answer to /coverage: counts, the villages where nobody can be reached, and what helps.

    :param groups: those in which the bot cannot speak.
    :param unwatched: counties and above without a duty officer.
    """
    _ = translator(language)
    head = bold(_("👥 覆盖：{place}").format(place=place))
    lines = [*coverage_lines(coverage, gazetteer, language)]
    lines += map(partial(_group_line, language=language), groups)
    if unwatched:
        lines.append(_unwatched_line(unwatched, gazetteer, language))
    steps = [*next_steps(coverage, language, unwatched=bool(unwatched))]
    return Screen("\n".join([head, *map(escape, lines), *_under_heading(steps, language)]))


def next_steps(coverage: Coverage, language: str, *, unwatched: bool) -> Iterator[str]:
    """What helps: a line for each cause there is."""
    _ = translator(language)
    lost = coverage.lost
    for cause, words in _NEXT_STEPS.items():
        found = cause in lost if isinstance(cause, Contact) else coverage.of(cause) > 0
        if found:
            yield _(words)
    if unwatched:
        yield _(
            "没有值班员：请在通讯录登记值班员，或导入值班表；没有值班员，未回应名单就没有人接。"
        )


def _under_heading(steps: Sequence[str], language: str) -> list[str]:
    if not steps:
        return []
    _ = translator(language)
    return ["", bold(_("怎么办")), *(f"• {escape(step)}" for step in steps)]


def _unwatched_line(
    unwatched: Sequence[Division], gazetteer: Gazetteer, language: str, most: int | None = LISTED
) -> str:
    _ = translator(language)
    shown = unwatched[: most or None]
    return _("没有值班员的区划 {count} 个：{names}{more}").format(
        count=len(unwatched),
        names="、".join(gazetteer.name(division.code) for division in shown),
        more="……" if len(unwatched) > len(shown) else "",
    )


def coverage_lines(
    coverage: Coverage, gazetteer: Gazetteer, language: str, *, most: int | None = LISTED
) -> Iterator[str]:
    """Lines: counts, and the villages where nobody can be reached.

    :param most: how many villages to name; ``None`` for all.
    """
    _ = translator(language)
    if not coverage.counties:
        yield _("通讯录里还没有任何县的人员：请先导入。")
        return
    words = _("启用 {counties} 个县，{villages} 个村中 {covered} 个联系得上，{gaps} 个联系不上")
    yield words.format(
        counties=len(coverage.counties),
        villages=coverage.villages,
        covered=coverage.covered,
        gaps=len(coverage.gaps),
    )
    for county in coverage.counties:
        yield _("  {name}：{covered}/{villages}").format(
            name=gazetteer.name(county.code), covered=county.covered, villages=county.villages
        )
    for reason, words in _REASONS.items():
        if coverage.of(reason):
            yield _("  {reason}：{count} 个村").format(reason=_(words), count=coverage.of(reason))
    shown = coverage.gaps if most is None else coverage.gaps[:most]
    for gap in shown:
        yield _gap_line(gap, gazetteer, language)
    more = len(coverage.gaps) - len(shown)
    if more:
        yield _("……另有 {more} 个村未列出").format(more=more)
    if coverage.counties_unused:
        yield _("另有 {count} 个县没有任何人员，未计入。").format(count=coverage.counties_unused)


def readiness_lines(
    readiness: Readiness, gazetteer: Gazetteer, language: str, *, most: int | None = LISTED
) -> Iterator[str]:
    """Everything ``jiaoying check`` prints about the roster."""
    _ = translator(language)
    yield _("区划 {divisions} 个").format(divisions=readiness.divisions)
    yield _("人员 {persons} 人：已绑定 {linked}，未绑定 {unlinked}，联系不上 {unreachable}").format(
        persons=readiness.persons,
        linked=readiness.linked,
        unlinked=readiness.unlinked,
        unreachable=readiness.unreachable,
    )
    yield _("工作群 {groups} 个").format(groups=readiness.groups)
    for group in readiness.groups_removed:
        yield _group_line(group, language)
    if readiness.without_duty_officer:
        yield _unwatched_line(readiness.without_duty_officer, gazetteer, language, most)
    yield from coverage_lines(readiness.coverage, gazetteer, language, most=most)
    unwatched = bool(readiness.without_duty_officer)
    steps = [*next_steps(readiness.coverage, language, unwatched=unwatched)]
    if steps:
        yield _("怎么办")
        yield from (f"  • {step}" for step in steps)


def readiness_facts(readiness: Readiness, *, most: int | None = LISTED) -> dict[str, Any]:
    """The same as JSON; ``gaps`` is cut at ``most``, ``villages_silent`` counts all of them."""
    coverage = readiness.coverage
    return {
        "divisions": readiness.divisions,
        "persons": readiness.persons,
        "linked": readiness.linked,
        "unlinked": readiness.unlinked,
        "unreachable": readiness.unreachable,
        "groups": readiness.groups,
        "groups_removed": [group.chat_id for group in readiness.groups_removed],
        "without_duty_officer": [each.code for each in readiness.without_duty_officer],
        "villages": coverage.villages,
        "villages_covered": coverage.covered,
        "villages_silent": len(coverage.gaps),
        "counties": [
            {"code": county.code, "villages": county.villages, "covered": county.covered}
            for county in coverage.counties
        ],
        "counties_unused": coverage.counties_unused,
        "gaps": [
            {"code": gap.code, "name": gap.name, "reason": gap.reason.value}
            for gap in (coverage.gaps if most is None else coverage.gaps[:most])
        ],
    }


def _group_line(group: Group, language: str) -> str:
    _ = translator(language)
    words = (
        _("  机器人在群“{title}”（{chat_id}）里不能发言：请群主允许它发消息")
        if group.contact is Contact.REFUSED
        else _("  机器人已被移出群“{title}”（{chat_id}）：请重新拉入")
    )
    return words.format(title=group.title, chat_id=group.chat_id)


def _gap_line(gap: Gap, gazetteer: Gazetteer, language: str) -> str:
    _ = translator(language)
    return _("  {code} {place}：{reason}").format(
        code=gap.code, place=gazetteer.path(gap.code), reason=_(_REASONS[gap.reason])
    )
