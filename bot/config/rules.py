"""The rules that config.toml sets, as the domain wants them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from alerts.acts import ActRules
from alerts.channels.robots import Robot
from alerts.cut_off.model import CutOffRules
from alerts.drafts.model import Act, ProposalRules
from alerts.drafts.model import Policy as SourcePolicy
from alerts.duty.model import DutyRules
from alerts.escalation import Policy, RungChannels
from alerts.headquarters import Headquarters
from alerts.lifecycle import ChangeKind
from alerts.loop.daily.days import DailyRules
from alerts.loop.evacuation.rules import EvacuationRules
from alerts.loop.mechanism.files import mechanisms
from alerts.loop.tasks.ladder import TaskRules
from alerts.model import WARNED_OF, Family, Hazard, Level
from alerts.oversight.findings import OversightRules
from alerts.patrol.arrival_rules import ArrivalRules
from alerts.patrol.distress.model import DistressRules
from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.positions.model import CheckInRules
from alerts.patrol.red_days.model import RedDayRules
from alerts.patrol.shifts.model import ShiftRules
from alerts.reports import Plausible
from alerts.responses.lists import ResponseList, ResponseLists
from alerts.rules import ChangesTold, Rules
from alerts.season.model import parse_period
from alerts.sky_pictures.model import SkySource, TimeFrom
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.station import LineKind
from alerts.stages.rules import StageRule, StageRules
from alerts.template_files.model import Folders
from alerts.test_calls.model import TestRules
from bot.config.folders import folders_of
from bot.config.settings import LadderSettings, Settings
from bot.config.settings_evacuation import EvacuationSettings
from bot.config.settings_patrol import HotspotSettings
from bot.config.settings_responses import ResponseListSettings
from bot.config.settings_stages import StageSettings
from bot.config.settings_tasks import TaskSettings
from contacts.address_standing import ProofRules
from contacts.channels import Channel
from contacts.divisions.codes import Tier
from contacts.groups import Purpose
from contacts.people import Role


@dataclass(frozen=True, slots=True)
class AllRules:
    """Every topic's rules; made once, when a process starts."""

    warnings: Rules
    shifts: ShiftRules
    hotspots: VerificationRules
    distress: DistressRules
    red_days: RedDayRules
    daily: DailyRules
    oversight: OversightRules
    arrivals: ArrivalRules  # of positions
    headquarters: tuple[Headquarters, ...]
    acts: ActRules
    cut_off: CutOffRules
    tests: TestRules
    proofs: ProofRules
    water: WaterRules
    proposals: ProposalRules
    tasks: TaskRules
    folders: Folders  # of an office's own templates and cards
    evacuation: EvacuationRules
    duty: DutyRules
    sky: tuple[SkySource, ...]  # of satellite and radar pictures: those that are on


def all_rules(settings: Settings) -> AllRules:
    """The rules that these settings mean."""
    warnings = _warnings(settings)
    return AllRules(
        warnings=warnings,
        shifts=_shifts(settings),
        hotspots=_hotspots(settings),
        distress=_distress(settings),
        red_days=_red_days(settings),
        daily=_daily(settings),
        oversight=_oversight(settings),
        arrivals=_arrivals(settings),
        headquarters=tuple(
            Headquarters(entry.division, entry.flood, entry.fire, entry.weather)
            for entry in settings.headquarters
        ),
        acts=ActRules(**asdict(settings.acts)),
        cut_off=CutOffRules(**asdict(settings.cut_off)),
        tests=_tests(settings),
        proofs=_proofs(settings),
        water=_water(settings),
        proposals=_proposals(settings, warnings),
        tasks=_tasks(settings.tasks),
        folders=folders_of(settings),
        evacuation=_evacuation(settings.evacuation),
        duty=DutyRules(**asdict(settings.duty)),
        sky=tuple(_sky(settings)),
    )


def _warnings(settings: Settings) -> Rules:
    release = settings.release
    return Rules(
        policies={level: _policy(getattr(settings.policy, level.value)) for level in Level},
        audience={
            hazard: frozenset(
                Role(role)
                for role in getattr(settings.audience, hazard.value)
                or getattr(settings.audience, hazard.family.value)
            )
            for hazard in WARNED_OF
        },
        second_confirmation_levels=frozenset(map(Level, release.second_confirmation)),
        second_confirmation_tiers=frozenset(map(Tier, release.second_confirmation_tiers)),
        expires_hours={level: getattr(release.expires_hours, level.value) for level in Level},
        responses=_responses(settings),
        stages=_stages(settings),
        stage_ask_minutes=settings.release.stage_ask_minutes,
        response_hours=settings.responses.hours,
        overdue_minutes={level: getattr(release.overdue_minutes, level.value) for level in Level},
        max_text=release.max_text,
        auto_close=release.close == "answered",
        take_back_for=timedelta(minutes=release.take_back_minutes),
        plausible=Plausible(settings.reports.village_households, settings.reports.village_persons),
        code_for=timedelta(days=settings.linking.code_days),
        zone=settings.time.info,
        proofs=_proofs(settings),
        news_by=settings.channels.tells_news,
        changes_told=ChangesTold(
            frozenset(_CHANGES[word] for word in settings.channels.news.changes),
            frozenset(_CHANGES[word] for word in settings.channels.news.by_telephone),
        ),
        robots=tuple(
            Robot(robot.key, robot.division, Purpose(robot.purpose), robot.kind)
            for robot in settings.channels.robots
            if robot.url
        ),
        mechanisms=mechanisms(settings.mechanism.folder, shipped=settings.mechanism.shipped),
    )


_CHANGES = {
    "lowered": ChangeKind.DOWNGRADE,
    "corrected": ChangeKind.CORRECT,
    "extended": ChangeKind.EXTEND,
}
"""By the words of the settings."""


def _evacuation(evacuation: EvacuationSettings) -> EvacuationRules:
    return EvacuationRules(
        frozenset(map(Level, evacuation.levels)), frozenset(map(Hazard, evacuation.hazards))
    )


def _tasks(tasks: TaskSettings) -> TaskRules:
    return TaskRules(
        take=timedelta(minutes=tasks.take_minutes),
        remind=timedelta(hours=tasks.remind_hours),
        overdue=timedelta(minutes=tasks.overdue_minutes),
        climb=timedelta(minutes=tasks.climb_minutes),
        repeat=timedelta(hours=tasks.repeat_hours),
        check=timedelta(hours=tasks.check_hours),
    )


def _proposals(settings: Settings, warnings: Rules) -> ProposalRules:
    """Only policies that name a source or a sender: whoever may send is not everybody."""
    return ProposalRules(
        warnings,
        tuple(
            SourcePolicy(
                Act(entry.act),
                entry.source,
                entry.sender,
                frozenset(map(Hazard, entry.hazards)),
                frozenset(map(Level, entry.levels)),
                entry.areas,
                entry.by,
            )
            for entry in settings.sources.policy
            if entry.source or entry.sender
        ),
        most_released=settings.sources.most_released,
    )


def _stages(settings: Settings) -> StageRules:
    def rule(told: StageSettings) -> tuple[frozenset[str], StageRule]:
        return frozenset(told.hazards), StageRule(
            round(told.hours * 60),
            frozenset(map(Tier, told.tiers)),
            told.actions.strip(),
            frozenset(map(Role, told.roles)),
            Level(told.at_most) if told.at_most else None,
        )

    by_hazards = list(map(rule, settings.stages))
    found = {}
    for hazard in WARNED_OF:
        own = [stage for hazards, stage in by_hazards if hazard.value in hazards]
        of_family = [stage for hazards, stage in by_hazards if hazard.family.value in hazards]
        rules = sorted(own or of_family, key=lambda stage: -stage.lead)
        if rules:
            found[hazard] = tuple(rules)
    return found


def _responses(settings: Settings) -> ResponseLists:
    def listed(told: ResponseListSettings) -> ResponseList:
        own, below, further = (
            frozenset(map(Role, roles)) for roles in (told.own, told.below, told.further)
        )
        return ResponseList(own, below, further, tuple(filter(None, told.titles)))

    return {
        family: {
            level: listed(getattr(getattr(settings.responses, family.value), level.value))
            for level in Level
        }
        for family in Family
    }


def _water(settings: Settings) -> WaterRules:
    water = settings.water
    levels = {
        LineKind.DEFENCE: water.frz,
        LineKind.WARNING: water.wrz,
        LineKind.GUARANTEE: water.grz,
        LineKind.HIGHEST: water.highest,
        LineKind.LIMIT: water.reservoir_limit,
        LineKind.DESIGN: water.reservoir_design,
        LineKind.CHECK: water.reservoir_check,
        LineKind.READY: water.rain_ready,
        LineKind.MOVE: water.rain_move,
    }
    return WaterRules(
        {kind: Level(level) if level else None for kind, level in levels.items()},
        margin_m=water.margin_m,
        margin_share=water.margin_percent / 100,
        calm=timedelta(hours=water.calm_hours),
        jump_m=water.jump_m,
        above_m=water.above_m,
        below_m=water.below_m,
        stuck=timedelta(hours=water.stuck_hours),
        silent=timedelta(minutes=water.silent_minutes),
        silent_rain=timedelta(hours=water.silent_rain_hours),
        keep=timedelta(days=water.keep_days),
    )


def _sky(settings: Settings) -> Iterator[SkySource]:
    for entry in settings.sources.pictures:
        if entry.url or entry.index:
            yield SkySource(
                entry.name,
                entry.title or entry.name,
                entry.url,
                TimeFrom(entry.time),
                timedelta(minutes=entry.step_minutes),
                timedelta(minutes=entry.delay_minutes),
                ZoneInfo(entry.zone),
                entry.index,
                entry.index_list,
                entry.index_time,
                entry.index_picture,
                timedelta(seconds=entry.every_seconds),
                timedelta(minutes=entry.old_minutes),
                entry.max_bytes,
                entry.areas,
                frozenset(map(Hazard, entry.hazards)),
                frozenset(map(Tier, entry.tiers)),
            )


def _tests(settings: Settings) -> TestRules:
    tests = settings.channels.tests
    return TestRules(
        first=time(tests.from_hour),
        last=time(tests.until_hour),
        hours=tests.hours,
        digits=tests.code_digits,
        channels=settings.channels.served,
        zone=settings.time.info,
    )


def _proofs(settings: Settings) -> ProofRules:
    """What counts in coverage: the channels that some ladder names, as long as a proof is good."""
    used: dict[Channel, None] = {}
    for level in Level:
        channels = _policy(getattr(settings.policy, level.value)).channels
        rungs = (channels.at_once, channels.remind_by, channels.stand_in_by)
        used |= dict.fromkeys(channel for rung in rungs for channel in rung)
    days = settings.channels.tests.proof_days
    return ProofRules(tuple(used), timedelta(days=days) if days else None)


def _arrivals(settings: Settings) -> ArrivalRules:
    positions = settings.positions
    return ArrivalRules(
        CheckInRules(positions.max_accuracy_m, positions.max_age_seconds),
        _shifts(settings),
        settings.patrol.roll_call_far_m,
    )


def _policy(ladder: LadderSettings) -> Policy:
    """Minutes; 0 in the file means never. Telegram is always first: it is not in the domain's."""
    minutes = {rung.name for rung in fields(Policy)} - {"channels"}

    def beside_telegram(words: Iterable[str]) -> tuple[Channel, ...]:
        return tuple(Channel(word) for word in words if word != Channel.TELEGRAM.value)

    return Policy(
        **{name: getattr(ladder, name) or None for name in minutes},
        channels=RungChannels(
            **{
                rung.name: beside_telegram(getattr(ladder, rung.name))
                for rung in fields(RungChannels)
            }
        ),
    )


def _shifts(settings: Settings) -> ShiftRules:
    patrol = settings.patrol

    def after(minutes: float) -> float | None:
        return None if minutes < 0 else minutes

    return ShiftRules(
        expected=patrol.expected,
        first=time.fromisoformat(patrol.first),
        last=time.fromisoformat(patrol.last),
        every_minutes=patrol.every_minutes,
        late_minutes=patrol.late_minutes,
        patroller_minutes=after(patrol.patroller_minutes),
        station_minutes=after(patrol.station_minutes),
        county_minutes=after(patrol.county_minutes),
        periods=tuple(parse_period(text) for text in settings.season.periods),
        zone=settings.time.info,
    )


def _hotspots(settings: Settings) -> VerificationRules:
    values = {key.name: getattr(settings.hotspots, key.name) for key in fields(HotspotSettings)}
    return VerificationRules(**values, zone=settings.time.info)


def _distress(settings: Settings) -> DistressRules:
    distress = settings.distress
    return DistressRules(
        confirm_seconds=distress.confirm_seconds,
        repeat_minutes=distress.repeat_minutes,
        colleagues=distress.colleagues,
        colleague_minutes=distress.colleague_minutes,
        colleague_km=distress.colleague_km,
    )


def _red_days(settings: Settings) -> RedDayRules:
    season = settings.season
    return RedDayRules(
        orders_at=time.fromisoformat(season.orders_at),
        zero_report_at=time.fromisoformat(season.zero_report_at),
        remind_minutes=season.remind_minutes,
        list_minutes=season.list_minutes,
        zone=settings.time.info,
    )


def _daily(settings: Settings) -> DailyRules:
    daily = settings.daily
    return DailyRules(
        at=time.fromisoformat(daily.at) if daily.at else None,
        tiers=frozenset(map(Tier, daily.tiers)),
        readers=frozenset(map(Role, daily.readers)),
        zone=settings.time.info,
    )


def _oversight(settings: Settings) -> OversightRules:
    watch = settings.watch
    return OversightRules(
        late_seconds=watch.late_seconds,
        queue_seconds=watch.queue_seconds,
        claimed_seconds=watch.claimed_seconds,
        inbox_seconds=watch.inbox_seconds,
        repeat_minutes=watch.repeat_minutes,
        channels=_proofs(settings).channels,
    )
