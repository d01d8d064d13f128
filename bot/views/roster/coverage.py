"""Coverage in words: in which villages and places whose warning reaches nobody, and what helps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import partial

from alerts.model import WARNED_OF, Family, Hazard
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day
from bot.views.screen import Screen, bold, escape
from bot.views.vocabulary import family_name, hazard_name, held_name
from contacts.coverage import (
    Coverage,
    Doubt,
    Gap,
    GapReason,
    HazardCoverage,
    HeldPost,
    leading_posts,
)
from contacts.coverage_store import Readiness
from contacts.divisions.codes import Tier, tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.groups import Group
from contacts.people import Contact
from contacts.roster_dates import RosterDate, roster_dates

LISTED = 20
"""How many villages are named; the rest are counted."""

LISTED_IN_CHAT = 10
"""How many of each list stand in one message, which holds 4096 characters (ours)."""

_NAMED_TOGETHER = 3
"""How many divisions with the same date are named; the rest are counted."""

_REASONS: Mapping[GapReason, str] = {
    GapReason.NOBODY: N_("没有登记人员"),
    GapReason.NOT_CALLED: N_("登记的人不负责这类预警"),
    GapReason.DOUBTED: N_("登记的人可能已离任"),
    GapReason.NOT_LINKED: N_("没有人绑定 Telegram"),
    GapReason.UNPROVEN: N_("没有人绑定 Telegram，号码也没核实"),
    GapReason.UNREACHABLE: N_("绑定的人联系不上"),
}


_NEXT_STEPS: Mapping[GapReason | Contact, str] = {
    GapReason.NOBODY: N_(
        "没有登记人员：请乡镇把责任人的姓名、电话、职务报给管理员，导入通讯录。没登记的人打不开邀请链接。"
    ),
    GapReason.NOT_CALLED: N_(
        "不负责这类预警：请补登记负责的人（如包保责任人），或请管理员核对这类预警叫应哪些岗位。"
    ),
    GapReason.DOUBTED: N_(
        "新名册里没有，或本人说已不管：请乡镇核实；还在的写进名册再导入，离任的由管理员停用，并登记接任的人。"
    ),
    GapReason.NOT_LINKED: N_(
        "没有绑定：请责任人打开自己的邀请链接，或给机器人发 /start，按「分享手机号」。"
    ),
    GapReason.UNPROVEN: N_(
        "没有绑定、号码没核实：请指挥员按「📞 测试呼叫」，本人接到按 1 就算核实；"
        "能用 Telegram 的请打开邀请链接。"
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

_DOUBTS: Mapping[Doubt, str] = {
    Doubt.LEFT_OUT: N_("新名册里没有"),
    Doubt.DENIED: N_("本人说不是了"),
}


def coverage_message(
    readiness: Readiness,
    gazetteer: Gazetteer,
    language: str,
    area: str,
    now: datetime,
    zone: tzinfo = BEIJING,
    refusing: Sequence[str] = (),
) -> Screen:
    """Answer to /coverage: counts, where nobody can be reached, and what helps.

    :param area: the code of the division that it is about.
    :param refusing: channels and robots by which nobody would hear (``channels.refusing_lines``).
    """
    _ = translator(language)
    head = bold(_("👥 覆盖：{place}").format(place=gazetteer.name(area)))
    lines = [
        *coverage_lines(readiness.coverage, gazetteer, language, most=LISTED_IN_CHAT, within=area)
    ]
    lines += date_lines(readiness.posts, gazetteer, language, area, now, zone, most=LISTED_IN_CHAT)
    lines += person_lines(readiness.posts, gazetteer, language, most=LISTED_IN_CHAT)
    lines += map(partial(_group_line, language=language), readiness.groups_removed)
    lines += refusing
    unwatched = readiness.without_duty_officer
    if unwatched:
        lines.append(_unwatched_line(unwatched, gazetteer, language))
    steps = [*next_steps(readiness.coverage, language, unwatched=bool(unwatched))]
    return Screen("\n".join([head, *map(escape, lines), *_under_heading(steps, language)]))


def next_steps(coverage: Coverage, language: str, *, unwatched: bool) -> Iterator[str]:
    """What helps: a line for each cause there is."""
    _ = translator(language)
    causes = coverage.causes | coverage.lost
    for cause, words in _NEXT_STEPS.items():
        if cause in causes:
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
        names=_("、").join(gazetteer.name(division.code) for division in shown),
        more="……" if len(unwatched) > len(shown) else "",
    )


def coverage_lines(
    coverage: Coverage,
    gazetteer: Gazetteer,
    language: str,
    *,
    most: int | None = LISTED,
    within: str = "",
) -> Iterator[str]:
    """Lines: counts, by hazard and by county, and where nobody can be reached.

    :param most: how many villages to name; ``None`` for all.
    :param within: the division that the reader asked about: villages are named from below it, and
        without the code that who writes the next file needs.
    """
    _ = translator(language)
    if not coverage.counties:
        yield _("这里的县都还没有登记人员：请先导入通讯录。")
        return
    words = _("启用 {counties} 个县，{villages} 个村：{covered} 个各类预警都叫得应，{gaps} 个不全")
    yield words.format(
        counties=len(coverage.counties),
        villages=coverage.villages,
        covered=coverage.covered,
        gaps=coverage.villages - coverage.covered,
    )
    for found in coverage.by_hazard:
        yield from _hazard_lines(found, language)
    for county in coverage.counties:
        yield _("  {name}：{covered}/{villages}").format(
            name=gazetteer.name(county.code), covered=county.covered, villages=county.villages
        )
    for reason, words in _REASONS.items():
        if coverage.of(reason):
            yield _("  {reason}：{count} 个村").format(reason=_(words), count=coverage.of(reason))
    yield from _gap_lines(coverage.gaps, gazetteer, language, most, within)
    if coverage.place_gaps:
        yield _("联系不上的水库、学校等地点 {count} 个：").format(
            count=coverage.places - coverage.places_covered
        )
        yield from _gap_lines(coverage.place_gaps, gazetteer, language, most, within)
    if coverage.counties_unused:
        yield _("另有 {count} 个县没有任何人员，未计入。").format(count=coverage.counties_unused)


def hazards_text(family: str, hazards: Sequence[str], language: str, *, whole: bool) -> str:
    """防汛; of some hazards only 防汛（暴雪、寒潮）."""
    _ = translator(language)
    if not family:
        return _("、").join(hazards)
    name = family_name(Family(family), language)
    if whole:
        return name
    named = _("、").join(hazard_name(Hazard(hazard), language) for hazard in hazards)
    return _("{family}（{hazards}）").format(family=name, hazards=named)


def _hazard_lines(found: HazardCoverage, language: str) -> Iterator[str]:
    if not found.family:
        return
    _ = translator(language)
    name = hazards_text(found.family, found.hazards, language, whole=found.whole)
    yield _("  {name}：{covered}/{villages} 个村叫得应{stand_ins}{places}").format(
        name=name,
        covered=found.covered,
        villages=found.villages,
        stand_ins=_("，其中 {count} 个只靠替补").format(count=found.by_stand_in)
        if found.by_stand_in
        else "",
        places=_("；地点 {covered}/{places}").format(
            covered=found.places_covered, places=found.places
        )
        if found.places
        else "",
    )
    channels = found.channels
    others = _("，已核实的电话、短信等 {count}").format(count=channels.by_channel)
    yield _(
        "    叫 {called} 人：机器人 {by_bot}{others}，只能打电话 {by_telephone}，联系不上 {lost}；"
        "从未回应过 {never}"
    ).format(
        called=channels.called,
        by_bot=channels.by_bot,
        others=others if channels.by_channel else "",
        by_telephone=channels.by_telephone,
        lost=channels.lost,
        never=channels.never_proven,
    )


def _gap_lines(
    gaps: Sequence[Gap], gazetteer: Gazetteer, language: str, most: int | None, within: str
) -> Iterator[str]:
    for gap in gaps[:most]:
        yield _gap_line(gap, gazetteer, language, within)
    yield from _more(len(gaps), most, language)


def _more(count: int, most: int | None, language: str) -> Iterator[str]:
    """How many of ``count`` are not listed, where only ``most`` are."""
    if most is not None and count > most:
        yield translator(language)("……另有 {more} 个未列出").format(more=count - most)


def readiness_lines(
    readiness: Readiness,
    gazetteer: Gazetteer,
    language: str,
    now: datetime,
    zone: tzinfo = BEIJING,
    *,
    area: str | None = None,
    most: int | None = LISTED,
) -> Iterator[str]:
    """Everything ``jiaoying check`` prints about the roster.

    :param area: the code of the division that it is about; all of them when left out.
    """
    _ = translator(language)
    if area is not None:
        yield gazetteer.path(area)
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
    yield from date_lines(readiness.posts, gazetteer, language, area, now, zone, most=most)
    yield from person_lines(readiness.posts, gazetteer, language, most=most)
    unwatched = bool(readiness.without_duty_officer)
    steps = [*next_steps(readiness.coverage, language, unwatched=unwatched)]
    if steps:
        yield _("怎么办")
        yield from (f"  • {step}" for step in steps)


def tier_dated(area: str | None) -> Tier:
    """By which divisions the roster's dates are told: those just below, counties of a province."""
    if area is None or tier_of(area).depth < Tier.COUNTY.depth:
        return Tier.COUNTY
    return tier_of(area).below or Tier.VILLAGE


def date_lines(
    posts: Sequence[HeldPost],
    gazetteer: Gazetteer,
    language: str,
    area: str | None,
    now: datetime,
    zone: tzinfo = BEIJING,
    *,
    most: int | None = LISTED,
) -> Iterator[str]:
    """Lines: how old the roster of each division is, the oldest first; nothing of an empty one."""
    _ = translator(language)
    dates = roster_dates(posts, tier_dated(area), now)
    if not dates:
        return
    yield _("名册核对：")
    oldest_first = sorted(
        dates, key=lambda date: (date.oldest is not None, date.oldest or now, date.code)
    )
    alike: defaultdict[str, list[RosterDate]] = defaultdict(list)
    for date in oldest_first:
        alike[date_text(date, language, now, zone)].append(date)
    for told, group in [*alike.items()][:most]:
        names = _("、").join(
            dated_name(date, gazetteer.name(date.code), area, language)
            for date in group[:_NAMED_TOGETHER]
        )
        if len(group) > _NAMED_TOGETHER:
            names = _("{names}等 {count} 个").format(names=names, count=len(group))
        yield _("  {name}：{told}").format(name=names, told=told)
    yield from _more(len(alike), most, language)


def dated_name(date: RosterDate, name: str, area: str | None, language: str) -> str:
    """The division; 敦化市本级 where it is of the offices there only, and not of all below."""
    if tier_of(date.code).depth >= tier_dated(area).depth:
        return name
    return translator(language)("{name}本级").format(name=name)


def date_text(date: RosterDate, language: str, now: datetime, zone: tzinfo = BEIJING) -> str:
    """自4月20日起未核对, or when it was confirmed."""
    _ = translator(language)
    if date.oldest is None:
        return _("没有核对日期，请导入新名册")
    oldest = day(date.oldest, now, language, zone)
    if date.old == date.persons:
        told = _("自{day}起未核对").format(day=oldest)
    elif date.old:
        told = _("{count} 人自{day}起未核对").format(count=date.old, day=oldest)
    else:
        told = _("{day}核对").format(day=oldest)
    if date.undated:
        told += _("，{count} 人没有核对日期").format(count=date.undated)
    return told


def person_lines(
    posts: Sequence[HeldPost], gazetteer: Gazetteer, language: str, *, most: int | None = LISTED
) -> Iterator[str]:
    """Lines: who is not linked, and of whom it is in doubt whether they are still there."""
    _ = translator(language)
    told = leading_posts(posts)
    for words, found in (
        (N_("未绑定 {count} 人："), [post for post in told if not post.holder.linked]),
        (N_("可能已离任 {count} 人："), [post for post in told if post.holder.doubt]),
    ):
        if not found:
            continue
        yield _(words).format(count=len(found))
        for post in found[:most]:
            yield _("  {place} {role} {name}{doubt}").format(
                place=gazetteer.path(post.division_code),
                role=held_name(post, language),
                name=post.holder.name,
                doubt=doubt_text(post, language),
            )
        yield from _more(len(found), most, language)


def doubt_text(post: HeldPost, language: str) -> str:
    """（新名册里没有）, where somebody is in doubt."""
    doubt = post.holder.doubt
    if doubt is None:
        return ""
    _ = translator(language)
    return _("（{why}）").format(why=_(_DOUBTS[doubt]))


def _group_line(group: Group, language: str) -> str:
    _ = translator(language)
    words = (
        _("  机器人在群「{title}」（{chat_id}）里不能发言：请群主允许它发消息")
        if group.contact is Contact.REFUSED
        else _("  机器人已被移出群「{title}」（{chat_id}）：请重新拉入")
    )
    return words.format(title=group.title, chat_id=group.chat_id)


def _gap_line(gap: Gap, gazetteer: Gazetteer, language: str, within: str) -> str:
    _ = translator(language)
    reason = _(_REASONS[gap.reason])
    if gap.hazards:
        reason = _("{hazards}：{reason}").format(hazards=gap_hazards(gap, language), reason=reason)
    if gap.division_code not in ("", gap.code):
        path = gazetteer.path_below(gap.division_code, within)
        return _("  {place}：{reason}").format(place=f"{path} {gap.name}", reason=reason)
    if within:
        path = gazetteer.path_below(gap.code, within)
        return _("  {place}：{reason}").format(place=path, reason=reason)
    return _("  {code} {place}：{reason}").format(
        code=gap.code, place=gazetteer.path(gap.code), reason=reason
    )


def gap_hazards(gap: Gap, language: str) -> str:
    """Of which hazards nobody can be reached: whole families by their name."""
    told: list[str] = []
    rest = dict.fromkeys(gap.hazards)
    for family in Family:
        hazards = [hazard.value for hazard in WARNED_OF if hazard.family is family]
        if all(hazard in rest for hazard in hazards):
            told.append(family_name(family, language))
            for hazard in hazards:
                del rest[hazard]
    told += [hazard_name(Hazard(hazard), language) for hazard in rest]
    return translator(language)("、").join(told)
