"""The report of a warning as rows of words and figures, for both file formats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from alerts.calls import Call, CallState, Via
from alerts.loop.mechanism.standing import Answer
from alerts.model import Hazard
from alerts.progress import Progress
from alerts.report import Speed
from alerts.report_facts import CallLine, ReportFacts
from alerts.reports import latest_of_each
from bot.locale import translator
from bot.views.channels import how_it_went
from bot.views.report.trail_words import TrailReader, act_name, actor_name, via_name
from bot.views.vocabulary import (
    called_name,
    grade_name,
    hazard_name,
    organisation_name,
    proxy_name,
    report_name,
    state_name,
    tier_name,
)
from bot.views.warnings.departments import answer_name
from bot.views.warnings.left_out import not_counted_on
from bot.views.warnings.stages import stage_lines

Cell = str | int | float | datetime | None


def overview(
    facts: ReportFacts,
    language: str,
    zone: tzinfo,
    moving: Sequence[tuple[str, Cell]] = (),
) -> list[tuple[str, Cell]]:
    """The warning itself: rows of a name and its value.

    :param moving: of who was to move (``evacuated.overview_rows``).
    """
    _ = translator(language)
    helped = facts.summary.help
    alert, counts, speed = facts.alert, facts.summary.progress, facts.summary.speed
    rows: list[tuple[str, Cell]] = [
        (_("预警"), ("【演练】" if alert.exercise else "") + alert.headline),
        (_("编号（CAP）"), alert.identifier),
        (_("等级"), grade_name(alert.hazard, alert.level, language)),
        (_("灾种"), hazard_name(alert.hazard, language)),
        (_("区域"), facts.areas),
        (_("内容"), alert.description),
        (_("状态"), state_name(alert.state, alert.hazard, language)),
        (_("信号发布单位"), alert.issued_by),
        (_("发布人"), facts.sender),
        (_("第二确认人"), facts.confirmed_by),
        (_("发布时间"), local_time(alert.released_at, zone)),
        (_("解除时间"), local_time(alert.lifted_at, zone)),
        (_("取消时间"), local_time(alert.cancelled_at, zone)),
        (_("销号时间"), local_time(alert.closed_at, zone)),
        (_("销号原因"), alert.close_reason),
    ]
    if facts.plan is not None:
        rows.append((_("预计发生时间"), local_time(facts.plan.onset_at, zone)))
        rows.append((_("分阶段计划"), "\n".join(stage_lines(facts.plan, language, zone))))
    rows += zip(_count_names(language), _counts(counts), strict=True)
    rows += [
        (_("半数回应用时（秒）"), None if speed is None else round(speed.median)),
        (_("最慢回应（秒）"), None if speed is None else round(speed.slowest)),
        (_("转移户数"), counts.households),
        (_("转移人数"), counts.persons),
        *moving,
        (_("没有人可叫的村"), facts.summary.uncalled or None),
        (_("部门"), _departments_told(facts, language)),
        (_("求助"), helped.asked or None),
        (_("求助已接手"), helped.taken if helped.asked else None),
        (_("求助已解决"), helped.resolved if helped.asked else None),
    ]
    return [(name, value) for name, value in rows if value not in (None, "")]


def breakdown(facts: ReportFacts, language: str) -> list[list[Cell]]:
    """The counts by division, then by tier; the first row is the header."""
    _ = translator(language)
    header = [_("区划"), *_count_names(language), _("半数用时（秒）"), _("最慢（秒）")]
    rows: list[list[Cell]] = [list(header)]
    for code, (counts, speed) in facts.summary.by_division.items():
        rows.append([facts.places[code], *_counts(counts), *_seconds(speed)])
    blanks: list[Cell] = [None] * len(_count_names(language))
    for tier, speed in facts.summary.by_tier.items():
        rows.append([tier_name(tier, language), *blanks, *_seconds(speed)])
    return rows


def call_rows(facts: ReportFacts, language: str, zone: tzinfo) -> list[list[Cell]]:
    """A row for every call; the first row is the header."""
    _ = translator(language)
    header = [
        _("区划"), _("姓名"), _("职务"), _("电话"), _("叫应时间"), _("送达时间"), _("回应时间"),
        _("用时（秒）"), _("方式"), _("反馈"), _("户"), _("人"), _("说明"),
    ]  # fmt: skip
    return [list(header), *(_call_row(line, facts, language, zone) for line in facts.calls)]


def report_rows(facts: ReportFacts, language: str, zone: tzinfo) -> list[list[Cell]]:
    """A row for every report as it was made, in order; the first row is the header."""
    _ = translator(language)
    header = [_("时间"), _("区划"), _("姓名"), _("反馈"), _("户"), _("人"), _("说明")]
    made = sorted(
        ((fact, line) for line in facts.calls for fact in line.reports),
        key=lambda pair: pair[0].reported_at,
    )
    rows: list[list[Cell]] = [
        [
            local_time(fact.reported_at, zone),
            line.place if fact.where is None else facts.named[fact.where],
            line.person.name,
            report_name(fact.report, language),
            fact.households,
            fact.persons,
            fact.text,
        ]
        for fact, line in made
    ]
    return [list(header), *rows]


def help_rows(facts: ReportFacts, language: str, zone: tzinfo) -> list[list[Cell]]:
    """A row for everybody who needed help: who took it on, when it was settled."""
    _ = translator(language)
    header = [
        _("时间"), _("区划"), _("姓名"), _("反馈"), _("说明"),
        _("接手人"), _("接手时间"), _("解决人"), _("解决时间"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            local_time(request.asked_at, zone),
            facts.places[request.division_code],
            facts.names.get(request.person_id, ""),
            report_name(request.report, language),
            request.text,
            facts.names.get(request.taken_by or 0, ""),
            local_time(request.taken_at, zone),
            facts.names.get(request.resolved_by or 0, ""),
            local_time(request.resolved_at, zone),
        ]
        for request in facts.help
    ]
    return [list(header), *rows]


def department_rows(facts: ReportFacts, language: str) -> list[list[Cell]]:
    """A row for every department that was called; the first row is the header."""
    _ = translator(language)
    header = [
        _("区划"), _("部门"), _("回应"), _("姓名"), _("任务"), _("办结"), _("未接手"), _("逾期"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            facts.places[one.division_code],
            organisation_name(one.organisation, language),
            answer_name(one.answer, language),
            "、".join(one.names),
            one.owing.every or None,
            one.owing.handed_in if one.owing.every else None,
            one.owing.open or None,
            one.owing.overdue or None,
        ]
        for one in facts.departments
    ]
    return [list(header), *rows]


def _departments_told(facts: ReportFacts, language: str) -> str:
    """How many departments answered, and who did not; empty where none was called."""
    _ = translator(language)
    every = facts.departments
    if not every:
        return ""
    silent = [one for one in every if one.answer is not Answer.ANSWERED]
    done = len(every) - len(silent)
    told = _("已回应 {done} / {every}").format(done=done, every=len(every))
    names = [organisation_name(one.organisation, language) for one in silent]
    missing = _("、").join(dict.fromkeys(names))
    return told + ("；" + _("未回应：{names}").format(names=missing) if missing else "")


def trail_rows(facts: ReportFacts, language: str, zone: tzinfo) -> list[list[Cell]]:
    """A row for every entry of the audit trail; the first row is the header."""
    _ = translator(language)
    rows: list[list[Cell]] = [[_("时间"), _("操作人"), _("动作"), _("对象"), _("详情")]]
    reader = TrailReader(
        language,
        zone,
        calls={line.call.id: f"{line.person.name}（{line.place}）" for line in facts.calls},
        people=facts.names,
        places=facts.places,
    )
    for entry in facts.trail:
        rows.append(
            [
                local_time(entry.at, zone),
                actor_name(entry.actor, language),
                act_name(entry.action, language),
                reader.subject(entry.subject),
                reader.detail(entry.detail),
            ]
        )
    return rows


def answered_how(call: Call, facts: ReportFacts, language: str) -> str:
    """How a call came to its end, and who answered for the person; empty while it is open."""
    _ = translator(language)
    if call.answered_via is Via.PROXY:
        by = facts.names.get(call.proxy_by or 0, "")
        return f"{proxy_name(call.proxy_how, language)} {by}".strip()
    if call.answered_via is not None:
        return _("本人：{how}").format(how=via_name(call.answered_via, language))
    return _("销号") if call.discharge_reason else ""


def _call_row(line: CallLine, facts: ReportFacts, language: str, zone: tzinfo) -> list[Cell]:
    call = line.call
    told = latest_of_each(line.reports)
    return [
        line.place,
        line.person.name,
        called_name(call, line.person, language),
        line.person.phone,
        local_time(line.first_called_at, zone),
        local_time(call.delivered_at, zone),
        local_time(call.answered_at, zone),
        None if line.seconds is None else round(line.seconds),
        answered_how(call, facts, language),
        "；".join(dict.fromkeys(report_name(fact.report, language) for fact in told)) or None,
        line.households,
        line.persons,
        "；".join(fact.text for fact in told if fact.text)
        or _why(line, facts.alert.hazard, language),
    ]


def _why(line: CallLine, hazard: Hazard, language: str) -> str | None:
    """Why a call was taken off the list; how it went by other channels when nobody answered."""
    _ = translator(language)
    call = line.call
    if call.answered:
        return None
    if call.stood_down:
        return _("原来叫的人已有着落，不用顶替")
    if call.left_out:
        return not_counted_on(hazard, language)
    tried = "；".join(how_it_went(way, language) for way in line.tried)
    over = _("预警结束时还没有回应") if call.state is CallState.CANCELLED else None
    return call.discharge_reason or tried or over


def _count_names(language: str) -> tuple[str, ...]:
    _ = translator(language)
    return (_("应叫"), _("本人回应"), _("代答"), _("已反馈"), _("销号"), _("未回应"), _("联系不上"))


def _counts(counts: Progress) -> tuple[int, ...]:
    return (
        counts.calls,
        counts.acknowledged,
        counts.proxied,
        counts.reported,
        counts.discharged,
        counts.waiting + counts.cancelled,  # once it is over nobody waits: they never answered
        counts.unreachable,
    )


def _seconds(speed: Speed | None) -> list[Cell]:
    return [None, None] if speed is None else [round(speed.median), round(speed.slowest)]


def local_time(at: datetime | None, zone: tzinfo) -> datetime | None:
    """A time as a cell shows it: of the place, to the second."""
    return None if at is None else at.astimezone(zone).replace(tzinfo=None, microsecond=0)
