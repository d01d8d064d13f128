"""Scripted people in action: they read what the bot writes, and act after a while.

The while passes by the sandbox's own clock, so that fast-forward carries everybody along.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from bot.sandbox.bot_api.errors import SandboxMistake
from bot.sandbox.bot_api.world import Event
from bot.sandbox.cast.roster import Character, Temper
from bot.sandbox.cast.script import (
    RINGING,
    Deed,
    Intention,
    Script,
    ending_for,
    reactions,
)
from contacts.divisions.codes import county_of
from contacts.people import PATROLLING, Role

if TYPE_CHECKING:
    from bot.sandbox.bot_api.server import BotApiServer
    from data.geo.boundaries import Boundaries

log = logging.getLogger(__name__)
STRAYING = 4
"""Of this many patrollers, one is far from home when the roll is called and one is silent."""

ELSEWHERE = "222402000000"  # 图们市, where those who are far from home are
SPOTS_TRIED = 50
PICK_UP_SECONDS = 20  # until the owner of a phone that was put away goes on
LOOKED_AT = 5  # messages, when the one that asked has changed
LOOK_SECONDS = 0.2  # real seconds between two looks at the clock


def scripts_for(people: Iterable[Character], seed: int = 1) -> dict[int, Script]:
    """A script for everybody but the visitor's own phones."""
    dice, scripts, villagers, patrollers = Random(seed), {}, 0, 0
    for character in people:
        account, role, temper = character.account, character.role, character.temper
        if temper is Temper.VISITOR:
            continue
        ending, words = "", ""
        if role is Role.VILLAGE_RESPONSIBLE:
            villagers += 1
            ending, words = ending_for(villagers, dice)
        elif role is not Role.DUTY_OFFICER:
            ending = "已完成"
        script = Script(account, role, temper, ending, words, character.division_code)
        if role in PATROLLING:
            patrollers += 1
            script.strays = patrollers % STRAYING == 2
            script.mute = patrollers % STRAYING == 3
        scripts[account] = script
    return scripts


class Cast:
    """All scripted people, and what each is going to do next."""

    def __init__(
        self,
        server: BotApiServer,
        clock: Callable[[], datetime],
        scripts: Mapping[int, Script],
        seed: int = 1,
        boundaries: Callable[[], Boundaries] | None = None,
    ) -> None:
        """
        :param seed: of the people's chance: how long each takes.
        :param boundaries: gives the counties' shapes, for positions; called when the first is sent.
        """
        self._server = server
        self._boundaries = boundaries
        self._clock = clock
        self._scripts = dict(scripts)
        self._dice = Random(seed)
        self._plans: list[tuple[datetime, int, int, Intention]] = []
        self._count = 0
        self._held: dict[int, list[Intention]] = {}  # account -> what it did not do meanwhile

    async def run(self) -> None:
        """Watch and act until cancelled."""
        acting = asyncio.ensure_future(self._keep_acting())
        try:
            with self._server.watch.subscribe() as events:
                async for event in events:
                    self.observe(event)
        finally:
            acting.cancel()

    def observe(self, event: Event) -> None:
        """Show an event to those who would see it; plans what they do about it."""
        if event["type"] not in ("message", "edited") or not event["message"]["from"]["is_bot"]:
            return
        for script in self._readers(event["chat_id"]):
            for intention in reactions(script, event["message"], self._dice):
                at = self._clock() + timedelta(seconds=intention.after)
                self._count += 1
                heapq.heappush(self._plans, (at, self._count, script.account, intention))

    def act_due(self) -> int:
        """Do what is due now.

        :returns: how many deeds were done.
        """
        done, now = 0, self._clock()
        while self._plans and self._plans[0][0] <= now:
            _, _, account, intention = heapq.heappop(self._plans)
            if account in self._held:
                self._held[account].append(intention)
            elif account in self._scripts:
                acted = self._do(account, intention)
                done += acted
                if not acted or intention.plan.startswith(f"{RINGING} "):
                    self._scripts[account].planned.discard(intention.plan)
                if not acted and intention.chat_id == account:
                    self._look_again(account)
        return done

    def hold(self, account: int) -> None:
        """Do not act for this account: the visitor of the page has its phone in hand."""
        self._held.setdefault(account, [])

    def let_go(self, account: int) -> None:
        """The visitor put the phone away: its owner goes on, with what was due meanwhile first."""
        at = self._clock() + timedelta(seconds=PICK_UP_SECONDS)
        for intention in self._held.pop(account, []):
            self._count += 1
            heapq.heappush(self._plans, (at, self._count, account, intention))

    def _look_again(self, account: int) -> None:
        """What was to be pressed has gone: perhaps a newer message asks for the same."""
        for message in self._server.messages(account)[-LOOKED_AT:]:
            if message["from"]["is_bot"]:
                self.observe({"type": "edited", "chat_id": account, "message": message})

    def _readers(self, chat_id: int) -> list[Script]:
        if chat_id > 0:
            script = self._scripts.get(chat_id)
            return [] if script is None else [script]
        group = self._server.world.group(chat_id)
        members = () if group is None else group.members
        return [self._scripts[member] for member in members if member in self._scripts]

    def _do(self, account: int, intention: Intention) -> bool:
        people, chat_id = self._server.people, intention.chat_id
        try:
            if intention.deed is Deed.TAP:
                people.tap(account, chat_id, intention.message_id, text=intention.words)
            elif intention.deed is Deed.LOCATE:
                lon, lat = self._spot(self._scripts[account])
                people.send_location(account, lat, lon, horizontal_accuracy=12.0)
            else:
                people.send_text(account, intention.words)
        except SandboxMistake as mistake:
            log.debug("cast: %s", mistake)  # the button has gone: answered or over meanwhile
            return False
        return True

    def _spot(self, script: Script) -> tuple[float, float]:
        """Somewhere in the person's county, or where they should not be; WGS-84 lon/lat."""
        assert self._boundaries is not None, "nobody can say where they are"
        boundaries = self._boundaries()
        code = ELSEWHERE if script.strays else county_of(script.home) or script.home
        west, south, east, north = boundaries.bounds(code)
        for _ in range(SPOTS_TRIED):
            lon, lat = self._dice.uniform(west, east), self._dice.uniform(south, north)
            if boundaries.contains(code, lon, lat):
                return lon, lat
        return boundaries.centroid(code)

    async def _keep_acting(self) -> None:
        while True:
            self.act_due()
            await asyncio.sleep(LOOK_SECONDS)
