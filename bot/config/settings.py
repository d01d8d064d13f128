"""What can be configured: frozen dataclasses, whose defaults are the built-in defaults.

config.toml in the repository says the same with comments; a test keeps the two equal. The numbers
come from DOMAIN; config.toml says which are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from zoneinfo import ZoneInfo

from alerts.model import Level
from bot.config.reader import Secret, setting
from bot.config.settings_channels import BESIDE_TELEGRAM, ChannelsSettings
from bot.config.settings_daily import DailySettings
from bot.config.settings_duty import DutySettings
from bot.config.settings_evacuation import EvacuationSettings
from bot.config.settings_handbook import HandbookSettings, TemplateSettings
from bot.config.settings_mechanism import MechanismSettings
from bot.config.settings_out import ApiSettings, HookSettings, PublishSettings
from bot.config.settings_patrol import (
    FIRMS_FEEDS,
    DistressSettings,
    FeedSettings,
    FirmsSettings,
    HotspotSettings,
    MediaSettings,
    PatrolSettings,
    SeasonSettings,
    feeds_in_use,
)
from bot.config.settings_responses import ResponseSettings
from bot.config.settings_sources import SourcesSettings
from bot.config.settings_stages import SHIPPED as SHIPPED_STAGES
from bot.config.settings_stages import StageSettings
from bot.config.settings_tasks import TaskSettings
from bot.config.settings_watch import BoardSettings, WatchSettings
from bot.config.settings_water import WaterSettings
from contacts.people import Role
from data.engines import well_formed

LEVELS = tuple(level.value for level in Level)
_ROLES = tuple(role.value for role in Role)
# Where no reservoir, dyke or slope fails, their persons are not called.
_NO_DANGER_OF_WATER = (
    "commander",
    "director",
    "deputy_director",
    "flood_office_head",
    "village_responsible",
    "monitoring_responsible",
    "warning_responsible",
    "evacuation_responsible",
    "inspection_responsible",
    "village_cadre",
    "grid_worker",
    "disaster_informant",
    "place_responsible",
)
_TIERS = ("province", "city", "county", "township", "village")
_CHANNELS = ("telegram", *(channel.value for channel in BESIDE_TELEGRAM))
_MINUTES: Mapping[str, Any] = {"low": 0, "high": 7 * 24 * 60}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class PaceLimits:
    """Telegram's limits for one token: messages a second, a second per chat, a minute per group."""

    per_second: float = setting(30.0, low=0.1, high=1000)
    per_chat_per_second: float = setting(1.0, low=0.01, high=100)
    per_group_per_minute: float = setting(20.0, low=0.1, high=1000)


@dataclass(frozen=True, slots=True)
class BotSettings:
    """One bot; it serves its division and all below that no nearer bot serves."""

    division: str = setting(
        "220000000000",
        pattern=r"\d{12}",
        wanted_zh="12 位区划代码（加引号）",
        wanted_en="a division code of 12 digits in quotes",
    )
    token: Secret = setting(
        Secret(),
        pattern=r"(\d+:[A-Za-z0-9_-]+)?",
        wanted_zh="BotFather 给的令牌，形如 123456:ABC…",
        wanted_en="the token from BotFather, like 123456:ABC...",
        hidden=True,
    )


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Used when ``telegram.mode`` is ``webhook``; Telegram itself takes ports 443, 80, 88, 8443."""

    url: str = setting(
        "",
        pattern=r"(https://\S+)?",
        wanted_zh="https:// 开头的网址",
        wanted_en="an address that begins with https://",
    )
    listen: str = "127.0.0.1"
    port: int = setting(8443, low=1, high=65535)
    path: str = setting(
        "/telegram",
        pattern=r"/\S*",
        wanted_zh="/ 开头的路径",
        wanted_en="a path that begins with /",
    )
    secret_token: Secret = setting(
        Secret(),
        pattern=r"[A-Za-z0-9_-]{0,256}",
        wanted_zh="1 到 256 个字母、数字、_ 或 -",
        wanted_en="1 to 256 letters, digits, _ or -",
        hidden=True,
    )


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """How to reach Telegram, and which bots."""

    api_base_url: str = setting(
        "https://api.telegram.org",
        pattern=r"https?://\S+",
        wanted_zh="http:// 或 https:// 开头的网址",
        wanted_en="an address that begins with http:// or https://",
    )
    mode: str = setting("polling", choices=("polling", "webhook"))
    limits: PaceLimits = field(default_factory=PaceLimits)
    bots: tuple[BotSettings, ...] = setting((BotSettings(),), not_empty=True)
    webhook: WebhookSettings = field(default_factory=WebhookSettings)


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """``url`` is absolute after loading; it may hold a password, so repr hides it."""

    url: str = setting(
        "sqlite:///jiaoying.db",
        pattern=r"(sqlite(\+pysqlite)?|postgresql(\+psycopg)?)://\S*",
        check=well_formed,
        wanted_zh="sqlite:///文件 或 postgresql://…",
        wanted_en="sqlite:///FILE or postgresql://...",
        hidden=True,
    )
    synchronous: str = setting("full", choices=("full", "normal"))


@dataclass(frozen=True, slots=True)
class TimeSettings:
    """The zone times are shown in; they are stored in UTC."""

    zone: str = setting(
        "Asia/Shanghai",
        check=_is_zone,
        wanted_zh="时区名，如 Asia/Shanghai",
        wanted_en="the name of a time zone, such as Asia/Shanghai",
    )

    @property
    def info(self) -> ZoneInfo:
        """The zone itself."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class LadderSettings:
    """One level's rungs, in minutes after release (``report``: after the answer); 0 is never.

    And the channels of three of them; see ``alerts.escalation.RungChannels``.
    """

    remind: float = setting(0.0, **_MINUTES)
    stand_in: float = setting(0.0, **_MINUTES)
    duty_officer: float = setting(0.0, **_MINUTES)
    commander: float = setting(0.0, **_MINUTES)
    repeat: float = setting(0.0, **_MINUTES)
    report: float = setting(0.0, **_MINUTES)
    at_once: tuple[str, ...] = setting(("telegram",), choices=_CHANNELS)
    remind_by: tuple[str, ...] = setting(("telegram",), choices=_CHANNELS)
    stand_in_by: tuple[str, ...] = setting(("telegram",), choices=_CHANNELS)


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """The ladder of each level."""

    red: LadderSettings = field(default_factory=lambda: LadderSettings(2, 5, 8, 15, 10, 30))
    orange: LadderSettings = field(default_factory=lambda: LadderSettings(5, 10, 20, 30, 20, 60))
    yellow: LadderSettings = field(default_factory=lambda: LadderSettings(15, 30, 60))
    blue: LadderSettings = field(default_factory=lambda: LadderSettings(60))


@dataclass(frozen=True, slots=True)
class ExpirySettings:
    """Hours until a warning expires by itself, per level; one number in the file means all four."""

    red: float = setting(24.0, low=0.1, high=24 * 30)
    orange: float = setting(24.0, low=0.1, high=24 * 30)
    yellow: float = setting(24.0, low=0.1, high=24 * 30)
    blue: float = setting(24.0, low=0.1, high=24 * 30)

    @classmethod
    def from_one_value(cls, hours: float) -> Self:
        """``expires_hours = 24``."""
        return cls(hours, hours, hours, hours)


@dataclass(frozen=True, slots=True)
class OverdueSettings:
    """Minutes by which a level's messages and steps may be late before somebody is asked first."""

    red: float = setting(60.0, **_MINUTES)
    orange: float = setting(120.0, **_MINUTES)
    yellow: float = setting(180.0, **_MINUTES)
    blue: float = setting(240.0, **_MINUTES)


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """Who must agree, how long a text may be (characters), when a warning closes; for how long an
    answer can be taken back."""

    second_confirmation: tuple[str, ...] = setting(("red",), choices=LEVELS)
    second_confirmation_tiers: tuple[str, ...] = setting(("province", "city"), choices=_TIERS)
    expires_hours: ExpirySettings = field(default_factory=ExpirySettings)
    overdue_minutes: OverdueSettings = field(default_factory=OverdueSettings)
    max_text: int = setting(1000, low=1, high=3000)
    close: str = setting("answered", choices=("answered", "manual"))
    take_back_minutes: float = setting(5.0, low=0, high=24 * 60)
    stage_ask_minutes: float = setting(30.0, low=1, high=24 * 60)


@dataclass(frozen=True, slots=True)
class HeadquartersSettings:
    """In whose name warnings of a division and of those below it go out; empty: of the person.

    ``weather`` issues the signals that they pass on; empty: none is quoted.
    """

    division: str = setting(
        "220000000000",
        pattern=r"\d{12}",
        wanted_zh="12 位区划代码（加引号）",
        wanted_en="a division code of 12 digits in quotes",
    )
    flood: str = "{place}防汛抗旱指挥部"
    fire: str = "{place}森林防灭火指挥部"
    weather: str = "{place}气象台"


@dataclass(frozen=True, slots=True)
class ActSettings:
    """Minutes after which what somebody did is not done any more without asking them again."""

    release_minutes: float = setting(10.0, low=1, high=24 * 60)
    end_minutes: float = setting(10.0, low=1, high=24 * 60)
    order_minutes: float = setting(10.0, low=1, high=24 * 60)
    other_minutes: float = setting(60.0, low=1, high=24 * 60)
    preview_minutes: float = setting(30.0, low=1, high=24 * 60)
    proposal_minutes: float = setting(60.0, low=1, high=24 * 60)


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """How many households and persons one village is believed to have moved without asking."""

    village_households: int = setting(1000, low=1, high=100_000)
    village_persons: int = setting(3000, low=1, high=100_000)


@dataclass(frozen=True, slots=True)
class CutOffSettings:
    """When a silent village counts as cut off, and when whoever is sent there is asked again;
    minutes. ``minutes`` 0: only when an officer says so."""

    minutes: float = setting(10.0, low=0, high=24 * 60)
    answer_minutes: float = setting(5.0, low=1, high=24 * 60)
    report_minutes: float = setting(60.0, low=1, high=24 * 60)


@dataclass(frozen=True, slots=True)
class TelephoneSettings:
    """Numbers to ring: where no duty officer of the reader's place is known, and the operator's."""

    duty: str = setting(
        "12119",
        pattern=r"[0-9+][0-9 -]{2,19}",
        wanted_zh="电话号码",
        wanted_en="a telephone number",
    )
    administrator: str = setting(
        "",
        pattern=r"([0-9+][0-9 -]{2,19})?",
        wanted_zh="电话号码，或空着",
        wanted_en="a telephone number, or nothing",
    )


@dataclass(frozen=True, slots=True)
class LinkingSettings:
    """For how many days an invite code opens something after it was made."""

    code_days: float = setting(30.0, low=1, high=365)


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """By which way telephone numbers leave: by Telegram and the board, or by the board only. For
    how many days it is kept who was shown whose number, position or photo."""

    phones: str = setting("telegram", choices=("telegram", "board"))
    access_log_days: float = setting(180.0, low=1, high=3650)

    @property
    def board_only(self) -> bool:
        """Whether no number leaves by Telegram."""
        return self.phones == "board"


@dataclass(frozen=True, slots=True)
class AudienceSettings:
    """The roles that get a call: in floods, in forest fires, and where one hazard differs."""

    flood: tuple[str, ...] = setting(
        (
            "commander",
            "director",
            "deputy_director",
            "flood_office_head",
            "village_responsible",
            "monitoring_responsible",
            "warning_responsible",
            "evacuation_responsible",
            "inspection_responsible",
            "village_cadre",
            "grid_worker",
            "disaster_informant",
            "hazard_observer",
            "reservoir_head",
            "reservoir_engineer",
            "reservoir_inspector",
            "dyke_responsible",
            "hazard_point_responsible",
            "place_responsible",
        ),
        choices=_ROLES,
        not_empty=True,
    )
    fire: tuple[str, ...] = setting(
        (
            "commander",
            "director",
            "deputy_director",
            "fire_office_head",
            "village_responsible",
            "ranger",
            "lookout",
            "checkpoint",
        ),
        choices=_ROLES,
        not_empty=True,
    )
    # Empty: as ``flood`` or ``fire``.
    rainstorm: tuple[str, ...] = setting((), choices=_ROLES)
    flash_flood: tuple[str, ...] = setting((), choices=_ROLES)
    river_flood: tuple[str, ...] = setting((), choices=_ROLES)
    geological: tuple[str, ...] = setting((), choices=_ROLES)
    typhoon: tuple[str, ...] = setting((), choices=_ROLES)
    reservoir: tuple[str, ...] = setting((), choices=_ROLES)
    waterlogging: tuple[str, ...] = setting(_NO_DANGER_OF_WATER, choices=_ROLES)
    thunderstorm_gale: tuple[str, ...] = setting(_NO_DANGER_OF_WATER, choices=_ROLES)
    snowstorm: tuple[str, ...] = setting(_NO_DANGER_OF_WATER, choices=_ROLES)
    gale: tuple[str, ...] = setting(_NO_DANGER_OF_WATER, choices=_ROLES)
    hail: tuple[str, ...] = setting(_NO_DANGER_OF_WATER, choices=_ROLES)
    cold_wave: tuple[str, ...] = setting(_NO_DANGER_OF_WATER, choices=_ROLES)
    road_icing: tuple[str, ...] = setting(_NO_DANGER_OF_WATER, choices=_ROLES)
    forest_fire_danger: tuple[str, ...] = setting((), choices=_ROLES)
    forest_fire: tuple[str, ...] = setting((), choices=_ROLES)


@dataclass(frozen=True, slots=True)
class PositionSettings:
    """When a position is doubted (metres, seconds) and how long it is kept (days)."""

    max_accuracy_m: float = setting(1000.0, low=1, high=100_000)
    max_age_seconds: float = setting(300.0, low=1, high=86_400)
    retention_days: int = setting(90, low=1, high=3650)


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """How many days after its end a warning's calls, deliveries and trail may be archived."""

    after_days: int = setting(400, low=30, high=36500)


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """Seconds between two looks at what is due, and between two edits of progress cards."""

    sweep_seconds: float = setting(1.0, low=0.05, high=60)
    card_seconds: float = setting(5.0, low=0.05, high=600)


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The page of ``jiaoying sandbox``, on 127.0.0.1; port 0 takes any free one."""

    port: int = setting(8080, low=0, high=65535)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How much is logged."""

    level: str = setting("INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be configured. Build one with :func:`load`."""

    telegram: TelegramSettings = field(default_factory=TelegramSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    time: TimeSettings = field(default_factory=TimeSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)
    release: ReleaseSettings = field(default_factory=ReleaseSettings)
    headquarters: tuple[HeadquartersSettings, ...] = (HeadquartersSettings(),)
    acts: ActSettings = field(default_factory=ActSettings)
    reports: ReportSettings = field(default_factory=ReportSettings)
    cut_off: CutOffSettings = field(default_factory=CutOffSettings)
    telephones: TelephoneSettings = field(default_factory=TelephoneSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    linking: LinkingSettings = field(default_factory=LinkingSettings)
    audience: AudienceSettings = field(default_factory=AudienceSettings)
    responses: ResponseSettings = field(default_factory=ResponseSettings)
    stages: tuple[StageSettings, ...] = SHIPPED_STAGES
    positions: PositionSettings = field(default_factory=PositionSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    season: SeasonSettings = field(default_factory=SeasonSettings)
    daily: DailySettings = field(default_factory=DailySettings)
    patrol: PatrolSettings = field(default_factory=PatrolSettings)
    duty: DutySettings = field(default_factory=DutySettings)
    hotspots: HotspotSettings = field(default_factory=HotspotSettings)
    firms: FirmsSettings = field(default_factory=FirmsSettings)
    feeds: tuple[FeedSettings, ...] = FIRMS_FEEDS
    sources: SourcesSettings = field(default_factory=SourcesSettings)
    water: WaterSettings = field(default_factory=WaterSettings)
    distress: DistressSettings = field(default_factory=DistressSettings)
    handbook: HandbookSettings = field(default_factory=HandbookSettings)
    tasks: TaskSettings = field(default_factory=TaskSettings)
    evacuation: EvacuationSettings = field(default_factory=EvacuationSettings)
    mechanism: MechanismSettings = field(default_factory=MechanismSettings)
    templates: TemplateSettings = field(default_factory=TemplateSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    board: BoardSettings = field(default_factory=BoardSettings)
    channels: ChannelsSettings = field(default_factory=ChannelsSettings)
    api: ApiSettings = field(default_factory=ApiSettings)
    publish: PublishSettings = field(default_factory=PublishSettings)
    webhooks: tuple[HookSettings, ...] = (HookSettings(),)
    watch: WatchSettings = field(default_factory=WatchSettings)
    sandbox: SandboxSettings = field(default_factory=SandboxSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def hotspot_feeds(self) -> list[FeedSettings]:
        """The feeds of hotspots that are on, the key in their addresses."""
        return feeds_in_use(self.feeds, self.firms)
