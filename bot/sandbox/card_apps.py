"""WeCom, Feishu and DingTalk in the sandbox: their servers, with everybody of the roster a member.

The ladder of each level names another of them, so that nobody's list is full of all three.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from aiohttp import web

from bot.config.reader import Secret
from bot.config.settings_accounts import DingtalkSettings, FeishuSettings, WecomSettings
from bot.config.settings_channels import ChannelsSettings
from bot.sandbox.cast.roster import Character
from bot.sandbox.providers.card import Card, CardApp
from bot.sandbox.providers.dingtalk import DingtalkServer
from bot.sandbox.providers.feishu import FeishuServer
from bot.sandbox.providers.wecom import Corporation, WecomServer

WECOM, FEISHU, DINGTALK = "wecom", "feishu", "dingtalk"
BY_LEVEL: Mapping[str, tuple[str, ...]] = {
    "red": (WECOM,),
    "orange": (FEISHU,),
    "yellow": (DINGTALK,),
    "blue": (),
}
PER_SECOND = 100.0

_HOST = "127.0.0.1"
_CORPORATION = Corporation()
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
        self._wecom = WecomServer(_CORPORATION, clock)
        self._wecom.callback = callback
        self._feishu = FeishuServer(_APP, _SECRET, clock)
        self._dingtalk = DingtalkServer(_APP, _SECRET, _ROBOT, clock, template=_TEMPLATE)
        self.apps: Mapping[str, CardApp] = {
            WECOM: self._wecom,
            FEISHU: self._feishu,
            DINGTALK: self._dingtalk,
        }
        self._accounts: dict[str, str] = {}  # by number
        for person in people:
            account = self._accounts[person.number] = f"m{person.account}"
            self._wecom.add(account, person.number.removeprefix("+86"))
            self._feishu.has(account, person.number)
            self._dingtalk.has(account, person.number)
        self._runners: list[web.AppRunner] = []
        self._urls: dict[str, str] = {}

    async def start(self) -> None:
        """Serve all three on this machine, at any free ports."""
        for name, application in (
            (WECOM, self._wecom.app),
            (FEISHU, self._feishu.application),
            (DINGTALK, self._dingtalk.application),
        ):
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
        wecom = WecomSettings(
            corp_id=_CORPORATION.corp_id,
            agent_id=_CORPORATION.agent_id,
            secret=Secret(_CORPORATION.secret),
            token=Secret(_CORPORATION.token),
            aes_key=Secret(_CORPORATION.aes_key),
            url=self._urls[WECOM],
            per_second=PER_SECOND,
        )
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
        return replace(channels, wecom=wecom, feishu=feishu, dingtalk=dingtalk)

    def cards(self, number: str) -> dict[str, list[Card]]:
        """What the person with this telephone number has in each app, oldest first."""
        account = self._accounts.get(number, "")
        return {
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
