"""WeCom, Feishu and DingTalk in the sandbox: their servers, with everybody of the roster a member.

The ladder of each level names another of them, so that nobody's list is full of all three. WeCom's
cipher is an extra: where it is not installed there is no WeCom, and Feishu in its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from aiohttp import web

from bot.config.reader import Secret
from bot.config.settings_accounts import DingtalkSettings, FeishuSettings, WecomSettings
from bot.config.settings_channels import ChannelsSettings
from bot.sandbox.cast.roster import Character
from bot.sandbox.providers.card import Card, CardApp
from bot.sandbox.providers.dingtalk import DingtalkServer
from bot.sandbox.providers.feishu import FeishuServer

if TYPE_CHECKING:
    from bot.sandbox.providers.wecom import WecomServer

WECOM, FEISHU, DINGTALK = "wecom", "feishu", "dingtalk"
_CIPHER = find_spec("cryptography") is not None
BY_LEVEL: Mapping[str, tuple[str, ...]] = {
    "red": (WECOM if _CIPHER else FEISHU,),
    "orange": (FEISHU,),
    "yellow": (DINGTALK,),
    "blue": (),
}
PER_SECOND = 100.0

_HOST = "127.0.0.1"
_SECRET, _APP, _ROBOT, _TEMPLATE = "secret-of-the-sandbox", "app-sandbox", "robot", "template"


class CardApps:
    """The three servers, and the apps on everybody's phone.

    :param callback: where WeCom tells of what members do.
    """

    def __init__(
        self, clock: Callable[[], datetime], people: Iterable[Character], callback: str
    ) -> None:
        self._clock = clock
        self._typed: defaultdict[tuple[str, str], list[Card]] = defaultdict(list)
        self._wecom = _wecom(clock, callback) if _CIPHER else None
        self._feishu = FeishuServer(_APP, _SECRET, clock)
        self._dingtalk = DingtalkServer(_APP, _SECRET, _ROBOT, clock, template=_TEMPLATE)
        self.apps: dict[str, CardApp] = {FEISHU: self._feishu, DINGTALK: self._dingtalk}
        if self._wecom is not None:
            self.apps = {WECOM: self._wecom, **self.apps}
        self._accounts: dict[str, str] = {}  # by number
        for person in people:
            account = self._accounts[person.number] = f"m{person.account}"
            if self._wecom is not None:
                self._wecom.add(account, person.number.removeprefix("+86"))
            self._feishu.has(account, person.number)
            self._dingtalk.has(account, person.number)
        self._runners: list[web.AppRunner] = []
        self._urls: dict[str, str] = {}

    async def start(self) -> None:
        """Serve all three on this machine, at any free ports."""
        served = {FEISHU: self._feishu.application, DINGTALK: self._dingtalk.application}
        if self._wecom is not None:
            served[WECOM] = self._wecom.app
        for name, application in served.items():
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
            self._runners.append(runner)
            await runner.setup()
            await web.TCPSite(runner, _HOST, 0).start()
            self._urls[name] = f"http://{_HOST}:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Serve no more."""
        for runner in self._runners:
            await runner.cleanup()

    def named_in(self, channels: ChannelsSettings) -> ChannelsSettings:
        """The settings with these servers, once they are started."""
        feishu = FeishuSettings(_APP, Secret(_SECRET), self._urls[FEISHU], PER_SECOND)
        dingtalk = DingtalkSettings(
            client_id=_APP,
            client_secret=Secret(_SECRET),
            robot_code=_ROBOT,
            card_template_id=_TEMPLATE,
            url=self._urls[DINGTALK],
            people_url=self._urls[DINGTALK],
            per_second=PER_SECOND,
        )
        named = replace(channels, feishu=feishu, dingtalk=dingtalk)
        if self._wecom is None:
            return named
        corporation = self._wecom.corporation
        wecom = WecomSettings(
            corp_id=corporation.corp_id,
            agent_id=corporation.agent_id,
            secret=Secret(corporation.secret),
            token=Secret(corporation.token),
            aes_key=Secret(corporation.aes_key),
            url=self._urls[WECOM],
            per_second=PER_SECOND,
        )
        return replace(named, wecom=wecom)

    def cards(self, number: str) -> dict[str, list[Card]]:
        """What the person with this telephone number has in each app, oldest first."""
        account = self._accounts.get(number, "")
        return {WECOM: []} | {
            name: sorted(
                [*app.messages(account), *self._typed[name, number]], key=lambda card: card.at
            )
            for name, app in self.apps.items()
        }

    async def press(self, name: str, number: str, card_id: str, key: str) -> None:
        """The person presses a button of a card.

        :raises KeyError: there is no such app, person or card, or it has no such button.
        """
        account = self._accounts[number]
        cards = {card.id: card for card in self.apps[name].messages(account)}
        if key not in cards[card_id].buttons:
            raise KeyError(key)
        await self.apps[name].press(card_id, account, key)

    async def write(self, name: str, number: str, text: str) -> None:
        """The person types something to the bot in this app.

        :raises KeyError: there is no such app or person.
        """
        account, app = self._accounts[number], self.apps[name]
        if app is not self._wecom:  # whose server keeps it
            card = Card("", account, self._clock(), "", text, mine=True)
            self._typed[name, number].append(card)
        await app.write(account, text)


def _wecom(clock: Callable[[], datetime], callback: str) -> WecomServer:
    from bot.sandbox.providers.wecom import Corporation, WecomServer

    server = WecomServer(Corporation(), clock)
    server.callback = callback
    return server
