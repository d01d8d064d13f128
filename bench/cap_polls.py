"""(z) A poll of 5,000 CAP warnings: read, located, kept, proposed, committed. They are GENERATED.

As much as a whole country may have in one answer on its worst day: most of it elsewhere, a fifth of
it in Jilin, half of that by polygons of 60 points against the villages of a province.
"""

from __future__ import annotations

import math
import random
import time
from datetime import timedelta
from pathlib import Path

from alerts.sources.cap.intake import Brought, CapFeed, Form, take_in
from alerts.sources.feed_store import claim, feed_states
from alerts.sources.feeds import FeedAnswer
from bench.scene import Row, filled, now
from bench.shapes import Province
from bot.app import tune_interpreter
from bot.config.load import load
from bot.config.rules import all_rules
from contacts.divisions.leaves import leaves_of

MESSAGES = 5_000
VILLAGES = 13_000  # as Jilin has
POINTS = 60
EVENTS = ("11B03", "11B06", "11B20", "11B09", "11B17")
WORDS = "预计未来三小时有强降水。" * 8
COLOURS = ("Blue", "Yellow", "Orange", "Red")


def cap_polls(folder: Path, *, quick: bool) -> list[Row]:
    """Seconds for a poll that is all new, for the same again, and for one that is all ours."""
    database = filled(folder / "z.db", 100)
    land, rules = Province(VILLAGES), all_rules(load(None, {})).proposals
    count = MESSAGES // 5 if quick else MESSAGES
    at = now()
    leaves_of(land.gazetteer)  # once after an import; see (x)
    tune_interpreter()  # as every process of the bot does

    def poll(name: str, body: bytes) -> tuple[Brought, float]:
        feed = CapFeed(name, Form.CAP, timedelta(minutes=1))
        state = database.do(lambda c: claim(c, name, name, at))
        if state is None:
            state = next(s for s in database.read(feed_states) if s.name == name)
        began = time.perf_counter()
        brought = take_in(database, feed, state, FeedAnswer(body), at, land, rules)
        return brought, time.perf_counter() - began

    body = answer(count, 0.2)
    brought, first = poll("country", body)
    _, again = poll("country", body)
    ours, every = poll("province", answer(count, 1.0))
    database.close()
    label = (
        f"{count:,} CAP warnings in one poll ({len(body) / 1e6:.0f} MB): {brought.proposed} drafts"
    )
    return [
        Row("z", f"{label}, s", f"{first:.2f}", "≤ 5", first <= 5),
        Row("z", "the same poll again, s", f"{again:.2f}", "", None),
        Row("z", f"all of them ours: {ours.proposed:,} drafts, s", f"{every:.2f}", "", None),
    ]


def answer(count: int, share: float) -> bytes:
    """An Atom feed with whole messages; ``share`` of them about Jilin."""
    draw = random.Random(f"{count} {share}")
    entries = "".join(
        f"<entry><id>{n}</id><content>{message(n, draw, share)}</content></entry>"
        for n in range(count)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()


def message(number: int, draw: random.Random, share: float) -> str:
    """One message of the shape of GB/T 35965.1, or with a polygon."""
    here = draw.random() < share
    at = now()
    if draw.random() < 0.5:
        code = f"22{draw.choice(('0103', '0284', '2403', '0602'))}" if here else "440100"
        area = f"<geocode>{code}000000</geocode>"
    else:
        lat, lon = (draw.uniform(42, 45), draw.uniform(124, 129)) if here else (20.0, 110.0)
        area = f"<polygon>{ring(lat, lon, draw.uniform(0.1, 0.4))}</polygon>"
    return (
        f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{number}</identifier>'
        f"<sender>station {number % 300}</sender><sent>{at:%Y-%m-%dT%H:%M:%S}+00:00</sent>"
        "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>"
        f"<language>zh-CN</language><eventType>{draw.choice(EVENTS)}</eventType>"
        f"<severity>{draw.choice(COLOURS)}</severity><senderName>气象台{number % 300}</senderName>"
        f"<headline>预警 {number}</headline><description>{WORDS}</description>"
        f"<area><areaDesc>地区 {number}</areaDesc>{area}</area></info></alert>"
    )


def ring(lat: float, lon: float, wide: float) -> str:
    """A polygon around a spot, lat,lon."""
    turns = [2 * math.pi * n / POINTS for n in range(POINTS)]
    return " ".join(
        f"{lat + wide * math.sin(turn):.4f},{lon + wide * math.cos(turn):.4f}" for turn in turns
    )
