"""What can be configured of the ways to reach people besides Telegram."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from bot.config.reader import Secret, setting
from bot.config.setting_kinds import a_pace, a_secret, a_url, unheard_on_the_way
from bot.config.settings_accounts import DingtalkSettings, FeishuSettings, WecomSettings
from bot.config.settings_clouds import AliyunSettings, TencentSettings, TwilioSettings
from contacts.channels import Channel

BESIDE_TELEGRAM = (
    Channel.VOICE,
    Channel.SMS,
    Channel.WECOM,
    Channel.FEISHU,
    Channel.DINGTALK,
    Channel.EMAIL,
)
"""The channels that a ladder may name beside Telegram."""

TWILIO = "twilio"

GATEWAY = "gateway"
"""The provider that is a county's own server."""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """``[channels.page]``: where the answer page listens, and the address it is reached by.

    Without a ``url`` there is none. ``hours``: how long a link is good; 0: as long as its warning.
    """

    url: str = a_url("")
    listen: str = "127.0.0.1"
    port: int = setting(8091, low=0, high=65535)
    secret: Secret = a_secret(at_least=32)
    hours: float = setting(0.0, low=0, high=168)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """``[channels.gateway]``: a county's own server that rings people up and writes SMS.

    Off without a ``secret``. ``url``: where calls are handed to it; ``pull``: it fetches them from
    us instead. ``port``: where we take its reports and answers, 0 is nowhere.
    """

    url: str = a_url("")
    secret: Secret = a_secret(at_least=32)
    listen: str = "127.0.0.1"
    port: int = setting(8092, low=0, high=65535)
    pull: bool = False

    @property
    def pushes(self) -> bool:
        """Whether calls are handed to the county's server."""
        return bool(self.url and self.secret) and not self.pull

    @property
    def missing(self) -> str:
        """The key without which no gateway can work; empty when nothing is missing."""
        if not self.secret:
            return "secret"
        if not (self.url or self.pull):
            return "url"
        return "" if self.port else "port"  # without it no answer would ever arrive


@dataclass(frozen=True, slots=True)
class CallbacksSettings:
    """``[channels.callbacks]``: where clouds tell us what became of calls, and answers.

    ``url``: the address by which they reach the port, through a proxy with TLS.
    """

    url: str = a_url("")
    listen: str = "127.0.0.1"
    port: int = setting(8093, low=0, high=65535)


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """``[channels.voice]``: who rings people up, and how many calls leave a second."""

    provider: str = setting(GATEWAY, choices=(GATEWAY, "aliyun", "twilio"))
    per_second: float = a_pace(10.0)


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """``[channels.sms]``: who writes SMS, and how many leave a second."""

    provider: str = setting(GATEWAY, choices=(GATEWAY, "aliyun", "tencent", "twilio"))
    per_second: float = a_pace(20.0)


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """``[channels.email]``: the office's mail server; without a ``url`` nobody gets e-mails."""

    url: Secret = setting(
        Secret(),
        pattern=r"(smtps?://\S{1,500})?",
        wanted_zh="smtps://用户:密码@服务器:465，或 smtp://…:587",
        wanted_en="smtps://user:password@server:465, or smtp://…:587",
        hidden=True,
    )
    sender: str = setting(
        "",
        pattern=r"([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+)?",
        wanted_zh="发件邮箱，如 yj@example.gov.cn",
        wanted_en="the address e-mails come from",
    )
    per_second: float = a_pace(2.0)

    @property
    def missing(self) -> str:
        """The key without which it cannot work; empty when nothing is missing."""
        if not self.url:
            return "url"
        return "" if self.sender else "sender"


APPRISE = "apprise"
"""A robot by the library of that name, an extra of the installation."""


@dataclass(frozen=True, slots=True)
class RobotSettings:
    """One of ``[[channels.robots]]``: the robot of a division's group. Off without a ``url``.

    ``kind``: whose group; ``apprise`` for any other that this library reaches by a ``url`` of its
    own. ``secret``: where the robot wants its requests signed (Feishu, DingTalk).
    """

    kind: str = setting("wecom", choices=("wecom", "feishu", "dingtalk", APPRISE))
    division: str = setting(
        "",
        pattern=r"(\d{12})?",
        wanted_zh="12 位区划代码",
        wanted_en="a division code of 12 digits",
    )
    purpose: str = setting("all", choices=("flood", "fire", "all"))
    url: Secret = setting(
        Secret(),
        pattern=r"([a-z][a-z0-9+.-]*://\S{1,500})?",
        check=unheard_on_the_way,
        wanted_zh="机器人的 webhook 网址，https:// 开头；kind 为 apprise 时是 Apprise 的网址",
        wanted_en="the robot's webhook, which begins with https://; of kind apprise: its own URL",
        hidden=True,
    )
    secret: Secret = a_secret()

    @property
    def key(self) -> str:
        """By which it is known in the database, where its address must not be."""
        text = f"{self.kind} {self.division} {self.url.reveal()}"
        return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class TestsSettings:
    """``[channels.tests]``: test calls, and how long what they prove counts.

    ``from_hour`` and ``until_hour``: nobody is rung by a test outside of them, by local time; the
    same twice: at any hour. ``proof_days``: 0 is for ever. ``hours``: so long a test goes on.
    """

    __test__ = False  # for pytest, which collects what is called so

    from_hour: int = setting(7, low=0, high=23)
    until_hour: int = setting(21, low=0, high=23)
    hours: float = setting(4.0, low=0.5, high=72)
    code_digits: int = setting(4, low=4, high=6)
    proof_days: int = setting(180, low=0, high=3650)


CHANGES = ("lowered", "corrected", "extended")


@dataclass(frozen=True, slots=True)
class NewsSettings:
    """``[channels.news]``: which changes of a warning that goes on are told who has no Telegram.

    ``changes``: by apps and e-mail. ``by_telephone``: by SMS, voice and the duty officer. That a
    warning is over, or no more for there, and a rise of its level, everybody hears.
    """

    changes: tuple[str, ...] = setting(CHANGES, choices=CHANGES)
    by_telephone: tuple[str, ...] = setting(CHANGES, choices=CHANGES)


@dataclass(frozen=True, slots=True)
class ChannelsSettings:
    """``[channels]``: a table for each."""

    page: PageSettings = field(default_factory=PageSettings)
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    callbacks: CallbacksSettings = field(default_factory=CallbacksSettings)
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    sms: SmsSettings = field(default_factory=SmsSettings)
    aliyun: AliyunSettings = field(default_factory=AliyunSettings)
    tencent: TencentSettings = field(default_factory=TencentSettings)
    twilio: TwilioSettings = field(default_factory=TwilioSettings)
    wecom: WecomSettings = field(default_factory=WecomSettings)
    feishu: FeishuSettings = field(default_factory=FeishuSettings)
    dingtalk: DingtalkSettings = field(default_factory=DingtalkSettings)
    email: EmailSettings = field(default_factory=EmailSettings)
    tests: TestsSettings = field(default_factory=TestsSettings)
    news: NewsSettings = field(default_factory=NewsSettings)
    robots: tuple[RobotSettings, ...] = (RobotSettings(),)

    def provider(self, channel: Channel) -> str:
        """Who serves a channel: the name of its table."""
        if channel is Channel.VOICE:
            return self.voice.provider
        return self.sms.provider if channel is Channel.SMS else channel.value

    def missing(self, channel: Channel) -> str:
        """The key without which a channel cannot work (``gateway.secret``); empty: it can."""
        provider = self.provider(channel)
        told = getattr(self, provider).missing
        key = told(channel) if callable(told) else told
        if not key and channel is Channel.EMAIL and not self.page.url:
            return "page.url"  # an e-mail is answered there and nowhere else
        if provider == TWILIO and not (key or self.callbacks.url):
            return "callbacks.url"  # it is told with each call where to ask what a key means
        return f"{provider}.{key}" if key else ""

    def per_second(self, channel: Channel) -> float | None:
        """How many leave by a channel a second; ``None`` where a gateway fetches them."""
        provider = self.provider(channel)
        if provider == GATEWAY and self.gateway.pull:
            return None
        table = self.voice if channel is Channel.VOICE else self.sms
        if channel not in (Channel.VOICE, Channel.SMS):
            table = getattr(self, provider)
        return table.per_second

    @property
    def served(self) -> tuple[Channel, ...]:
        """The channels beside Telegram whose provider has all that it needs."""
        return tuple(channel for channel in BESIDE_TELEGRAM if not self.missing(channel))

    @property
    def tells_news(self) -> frozenset[Channel]:
        """The channels that can tell what asks for no answer: the end of a warning, a card.

        A cloud does with templates of its own for it.
        """
        by_template = {
            (Channel.SMS, "aliyun"): self.aliyun.sms_news_template,
            (Channel.SMS, "tencent"): self.tencent.news_template_id,
            (Channel.VOICE, "aliyun"): self.aliyun.voice_news_template,
        }
        without = {
            channel
            for (channel, provider), template in by_template.items()
            if self.provider(channel) == provider and not template
        }
        return frozenset(self.served) - without

    def uses(self, provider: str) -> bool:
        """Whether a provider serves any channel, and has all that it needs for it."""
        return any(self.provider(channel) == provider for channel in self.served)
