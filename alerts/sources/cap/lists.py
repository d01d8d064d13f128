"""Warnings in lists of JSON: the national weather service's, and QWeather's. Pure.

The national list says little: who issued what and when, in a title. It has no end, no polygon and
no cancelling, so what comes of it is a draft only. Its identifiers have 14 digits of the unit and
14 of the time, without the serial of GB/T 35965.1.
"""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import Any

import orjson

from alerts.sources.amounts import Unfit, json_of
from alerts.sources.cap.feeds import FeedEntry, FeedRead
from alerts.sources.cap.model import (
    CapAlert,
    CapArea,
    CapInfo,
    CapType,
    Doubt,
    Flaw,
    Reference,
    Unreadable,
)
from alerts.sources.cap.reading import LONGEST_IDENTIFIER
from alerts.sources.cap.times import time_of
from alerts.sources.cap.xml import is_page
from alerts.sources.encodings import text_of
from alerts.sources.hotspots import FeedFault

_ISSUED = re.compile(r"^(?P<service>\S+?(?:气象[台局]|预警信息发布中心))")
_ENDED = re.compile("解除|取消")
_AND_NEW = re.compile("(?:解除|取消).{0,60}(?:发布|变更|更新|[升降]级?为)")
_ABOVE = re.compile(r"(?:省|自治区|自治州|地区|盟|市|州)(?=\S+?(?:市|县|区|旗|州)气象)")


def read_weather_list(body: bytes, zone: tzinfo) -> FeedRead:
    """The national service's list: ``data.page.list`` or ``data``, of objects with ``alertid`` or
    ``id``, ``title`` or ``headline``, ``issuetime`` or ``effective``.

    :raises Unreadable: it is none.
    """
    whole = _loaded(body)
    data = whole.get("data") if isinstance(whole, dict) else whole
    if isinstance(data, dict):
        page = data.get("page")
        data = page.get("list") if isinstance(page, dict) else data.get("list")
    if not isinstance(data, list):
        raise Unreadable(Flaw.NOT_CAP, "no list")
    return FeedRead(tuple(_row(row, zone) for row in data))


def _row(row: Any, zone: tzinfo) -> FeedEntry:
    raw = orjson.dumps(row)
    if not isinstance(row, dict):
        return FeedEntry("", raw, flaw=Flaw.NOT_CAP)
    identifier = _text(row, "alertid", "id", "identifier")[:LONGEST_IDENTIFIER]
    title = _text(row, "title", "headline")[:LONGEST_IDENTIFIER]
    if not identifier or not title:
        return FeedEntry(identifier, raw, flaw=Flaw.NO_IDENTIFIER)
    doubts: set[Doubt] = set()
    sent = time_of(_text(row, "issuetime", "effective", "sendTime"), zone, doubts)
    unit, _, stamp = identifier.partition("_")
    sent = sent or time_of(stamp, zone, doubts)
    if sent is None:
        return FeedEntry(identifier, raw, flaw=Flaw.NO_TIME)
    issued = _ISSUED.match(title)
    service = "" if issued is None else _short(issued["service"])
    info = CapInfo(
        "zh-CN",
        event_codes=tuple(("eventType", code) for code in [_text(row, "eventType")] if code),
        severity=_text(row, "severity"),
        effective=sent,
        sender_name=service,
        headline=title,
        description=_text(row, "description", "issuecontent") or title,
    )
    over = _ENDED.search(title) and not _AND_NEW.search(title)
    ended = CapType.CANCEL if over else CapType.ALERT
    alert = CapAlert(
        identifier,
        service,
        sent,
        ended,
        infos=(info,),
        sender_code=unit if unit.isdigit() and len(unit) == 14 else "",
        doubts=frozenset(doubts - {Doubt.NO_ZONE}),
    )
    return FeedEntry(identifier, raw, alert)


def _short(service: str) -> str:
    """吉林省延边朝鲜族自治州敦化市气象台 is 敦化市气象台: the list writes the whole path."""
    while (match := _ABOVE.search(service)) is not None:
        service = service[match.end() :]
    return service


def read_qweather(body: bytes, zone: tzinfo) -> FeedRead:
    """QWeather's warnings of a spot: ``/weatheralert/v1/current`` and, until it ended, ``/v7``.

    :raises Unreadable: it is none, or QWeather refused to answer: its code.
    """
    whole = _loaded(body)
    if not isinstance(whole, dict):
        raise Unreadable(Flaw.NOT_CAP, "no object")
    if "alerts" in whole or "metadata" in whole:
        rows = whole.get("alerts") or []
        return FeedRead(tuple(_current(row, zone) for row in rows if isinstance(row, dict)))
    if whole.get("code") not in (None, "200", 200):
        raise Unreadable(Flaw.NOT_CAP, f"code {whole['code']}"[:40])
    if not isinstance(whole.get("warning"), list):
        raise Unreadable(Flaw.NOT_CAP, "no warning")
    return FeedRead(tuple(_of_v7(row, zone) for row in whole["warning"] if isinstance(row, dict)))


def _current(row: dict[str, Any], zone: tzinfo) -> FeedEntry:
    """``messageType`` is an object today; its snapshots of 2025 had ``msgType`` and others."""
    kind, event, colour = row.get("messageType"), row.get("eventType"), row.get("color")
    kind = kind if isinstance(kind, dict) else {}
    event = event if isinstance(event, dict) else {}
    colour = colour if isinstance(colour, dict) else {}
    earlier = kind.get("supersedes") or row.get("relatedAlertIds") or []
    codes = [str(event.get("code") or row.get("icon") or "")]
    return _warning(
        row,
        zone,
        kind=str(kind.get("code") or row.get("msgType") or "alert"),
        earlier=[str(one) for one in (earlier if isinstance(earlier, list) else [earlier]) if one],
        codes=codes,
        event=str(event.get("name") or row.get("event") or ""),
        colour=str(colour.get("code") or ""),
        times=("issuedTime", "effectiveTime", "expireTime"),
        words=("senderName", "headline", "description"),
    )


def _of_v7(row: dict[str, Any], zone: tzinfo) -> FeedEntry:
    status = str(row.get("status") or "active").lower()
    return _warning(
        row,
        zone,
        kind={"active": "alert"}.get(status, status),
        earlier=[str(row["related"])] if row.get("related") else [],
        codes=[str(row.get("type") or "")],
        event=str(row.get("typeName") or ""),
        colour=str(row.get("severityColor") or ""),
        times=("pubTime", "startTime", "endTime"),
        words=("sender", "title", "text"),
    )


def _warning(
    row: dict[str, Any],
    zone: tzinfo,
    *,
    kind: str,
    earlier: list[str],
    codes: list[str],
    event: str,
    colour: str,
    times: tuple[str, str, str],
    words: tuple[str, str, str],
) -> FeedEntry:
    raw, identifier = orjson.dumps(row), _text(row, "id")[:LONGEST_IDENTIFIER]
    if not identifier:
        return FeedEntry("", raw, flaw=Flaw.NO_IDENTIFIER)
    doubts: set[Doubt] = set()
    sent, effective, expires = (time_of(_text(row, name), zone, doubts) for name in times)
    sender, headline, text = (_text(row, name) for name in words)
    sender = sender[:LONGEST_IDENTIFIER]
    sent = sent or effective
    if sent is None:
        return FeedEntry(identifier, raw, flaw=Flaw.NO_TIME)
    types = {"update": CapType.UPDATE, "cancel": CapType.CANCEL}
    info = CapInfo(
        "zh-CN",
        event,
        tuple(("qweather", code) for code in codes if code),
        colour or _text(row, "severity"),
        effective=effective,
        expires=expires,
        sender_name=sender,
        headline=headline,
        description=text,
        instruction=_text(row, "instruction"),
        areas=(CapArea(),),
    )
    references = tuple(Reference(one.replace("\0", "")[:LONGEST_IDENTIFIER]) for one in earlier)
    alert = CapAlert(
        identifier,
        sender,
        sent,
        types.get(kind.lower(), CapType.ALERT),
        references=references,
        infos=(info,),
        doubts=frozenset(doubts),
    )
    return FeedEntry(identifier, raw, alert)


def _loaded(body: bytes) -> Any:
    try:
        return json_of(text_of(body, "replace"))
    except Unfit as error:
        if is_page(body):
            raise Unreadable(Flaw.PAGE) from None
        too_large = error.fault is FeedFault.TOO_LARGE
        raise Unreadable(Flaw.TOO_LARGE if too_large else Flaw.NOT_JSON, str(error)) from None


def _text(row: dict[str, Any], *names: str) -> str:
    for name in names:
        value = row.get(name)
        if value is not None and str(value).strip():
            return str(value).replace("\0", "").strip()
    return ""
