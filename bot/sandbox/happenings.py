"""What the visitor can let happen: a satellite sees a fire, a patroller is ordered to check in, it
rains, the county's office plans its watches, the day comes to its end.

All go the way that a province uses: a feed that is polled over HTTP, a file that is imported.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from aiohttp import web

from alerts.loop.daily.days import DailyRules, last_over, span_of
from alerts.plans.importing import import_plan
from alerts.plans.sheets import PlanKind
from bot.sandbox.cast.roster import DemoRoster
from bot.sandbox.cast.watches import watches_csv
from bot.sandbox.fast_forward import LONG_STEP, FastForward
from contacts.roster.columns import RosterKind
from contacts.roster.importing import import_file
from data.database import Database

FEED_PATH = "/satellite.csv"
RAIN_PATH = "/rain.csv"
POLL_SECONDS = 15.0
PASSED = timedelta(minutes=70)
"""How old a pass is when it reaches the feed: 60 to 125 minutes (satellites of the FIRMS feed)."""

_HEADER = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,"
    "confidence,version,bright_ti5,frp,daynight"
)
_FIRST_FIRE = (43.708, 128.512)  # latitude, longitude (WGS-84); a walk from 湖东村
_APART = 0.02  # degrees between two fires: each is one of its own
_FILE = "shifts.csv"
_STATIONS_FILE = "stations.csv"
_DUTY_FILE = "duty.csv"
# Invented: the flood of 建始 is replayed here. Millimetres an hour: get ready, go now.
_STATIONS_HEADER = "站码,站名,区划代码,1小时准备转移,1小时立即转移,预警村,在用"
_RAIN_STATION = "{code},威虎岭,222403101000,30,50,黄泥河镇、大石头镇,{used}"
_FIRST_STATION = 90401
_SHOWER, _DOWNPOUR = 34.0, 72.0


class Satellite:
    """The feed of hotspots: empty until the visitor lets a satellite see a fire."""

    def __init__(self) -> None:
        self._rows: list[str] = []

    def see_fire(self, now: datetime) -> None:
        """A pass saw a fire near the patroller's village, each time another one."""
        at, count = now - PASSED, len(self._rows)
        latitude, longitude = _FIRST_FIRE[0], _FIRST_FIRE[1] + count * _APART
        self._rows.append(
            f"{latitude:.5f},{longitude:.5f},331.2,0.42,0.38,{at:%Y-%m-%d},{at:%H%M},"
            "N20,VIIRS,n,2.0NRT,289.1,4.3,D"
        )

    async def answer(self, _request: web.Request) -> web.Response:
        """The feed as FIRMS serves it."""
        return web.Response(text="\n".join([_HEADER, *self._rows]) + "\n", content_type="text/csv")


class RainGauge:
    """The feed of a rain gauge: nothing until the visitor lets it rain.

    Each storm has a gauge of its own, which knows of none before: the tour can be begun anew.
    """

    def __init__(self) -> None:
        self._rows: list[str] = []
        self._storms = 0

    def begin(self) -> str:
        """A storm of its own begins; the stations from now on, as a file for the import."""
        self._storms += 1
        codes = range(_FIRST_STATION, _FIRST_STATION + self._storms)
        rows = [
            _RAIN_STATION.format(code=code, used="是" if code == codes[-1] else "否")
            for code in codes
        ]
        return "\n".join([_STATIONS_HEADER, *rows]) + "\n"

    def rain(self, now: datetime, zone: tzinfo, millimetres: float) -> None:
        """An hour's rain is measured by the gauge of the newest storm."""
        code = _FIRST_STATION + self._storms - 1
        self._rows.append(f"{code},{now.astimezone(zone):%Y-%m-%d %H:%M:%S},{millimetres}")

    async def answer(self, _request: web.Request) -> web.Response:
        """The feed as a county's hydrology serves it."""
        rows = "\n".join(["STCD,TM,DRP", *self._rows])
        return web.Response(text=rows + "\n", content_type="text/csv")


class Happenings:
    """Lets things happen in the sandbox; ``what`` they are called by the page."""

    def __init__(
        self,
        satellite: Satellite,
        gauge: RainGauge,
        fast_forward: FastForward,
        database: Database,
        roster: DemoRoster,
        folder: Path,
        daily: DailyRules,
    ) -> None:
        self._satellite = satellite
        self._gauge = gauge
        self._fast_forward = fast_forward
        self._database = database
        self._roster = roster
        self._folder = folder
        self._daily = daily
        self._zone = daily.zone
        self._planned = False

    async def happen(self, what: str) -> bool:
        """Let it happen; ``False``: there is no such thing.

        What waits for the next look is looked at: some seconds pass.
        """
        if what == "hotspot":
            self._satellite.see_fire(self._fast_forward.now())
            await self._fast_forward.advance(timedelta(seconds=2 * POLL_SECONDS))
        elif what == "shift":
            await asyncio.to_thread(self._order_check_in, self._fast_forward.now())
            await self._fast_forward.advance(timedelta(seconds=10))
        elif what in ("rain", "downpour"):
            now = self._fast_forward.now()
            if what == "rain":
                await asyncio.to_thread(self._enter_stations, self._gauge.begin(), now)
            self._gauge.rain(now, self._zone, _SHOWER if what == "rain" else _DOWNPOUR)
            await self._fast_forward.advance(timedelta(seconds=2 * POLL_SECONDS))
        elif what == "duty":
            await asyncio.to_thread(self._plan_watches, self._fast_forward.now())
            await self._fast_forward.advance(timedelta(seconds=10))
        elif what == "evening":
            await self._fast_forward.advance(self._until_evening(), LONG_STEP)
        else:
            return False
        return True

    def _until_evening(self) -> timedelta:
        """How long until the daily report has been made: a minute more than the day lasts."""
        now = self._fast_forward.now()
        today = last_over(now, self._daily) + timedelta(days=1)
        return span_of(today, self._daily).until - now + timedelta(minutes=1)

    def _plan_watches(self, now: datetime) -> None:
        """The county's office plans its watches, once: who changed theirs since then keeps them."""
        if self._planned:
            return
        file = self._folder / _DUTY_FILE
        file.write_text(watches_csv(self._roster, now.astimezone(self._zone)), encoding="utf-8")
        report = import_file(self._database, RosterKind.DUTY, file, now, zone=self._zone)
        assert not report.problems.total, report.problems
        self._planned = True

    def _enter_stations(self, listed: str, now: datetime) -> None:
        from alerts.sources.gauges.station_import import import_stations  # only where it rains

        file = self._folder / _STATIONS_FILE
        file.write_text(listed, encoding="utf-8")
        report = import_stations(self._database, file, now)
        assert not report.problems.total, report.problems

    def _order_check_in(self, now: datetime) -> None:
        """The patroller is to check in within two minutes, once."""
        begins = now.astimezone(self._zone) + timedelta(minutes=2)
        ends = begins + timedelta(minutes=1)
        file = self._folder / _FILE
        file.write_text(
            "phone,date,start,end,every_minutes\n"
            f"{self._roster.ranger.phone},{begins:%Y-%m-%d},{begins:%H:%M},{ends:%H:%M},1440\n",
            encoding="utf-8",
        )
        report = import_plan(self._database, PlanKind.SHIFTS, file, now, zone=self._zone)
        assert not report.problems.total, report.problems
