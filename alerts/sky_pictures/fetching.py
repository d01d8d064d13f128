"""Fetching the newest picture of a source over HTTP. Blocking: call it in a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from alerts.sky_pictures.addresses import Place, place_in_index, places, time_of_header
from alerts.sky_pictures.images import image_of
from alerts.sky_pictures.model import Kept, SkySource, TimeFrom
from alerts.sources.feeds import MEGABYTE, FeedAnswer, FeedRequest, fetch
from alerts.sources.hotspots import FeedFault

Fetch = Callable[[FeedRequest], FeedAnswer]

INDEX_BYTES = 4 * MEGABYTE


def fetch_newest(
    source: SkySource,
    kept: Kept | None,
    asking: FeedRequest,
    now: datetime,
    by: Fetch = fetch,
) -> FeedAnswer:
    """The newest picture, its own time in ``taken_at``; ``unchanged`` when there is no newer one.

    Never raises: what went wrong is the ``fault``, also when what came is no picture.

    :param kept: the newest picture known.
    :param asking: what is remembered of the last answer, where the address stays the same.
    """
    after = None if kept is None else kept.taken_at
    match source.time_from:
        case TimeFrom.URL:
            answer = _by_times(source, after, now, by)
        case TimeFrom.INDEX:
            answer = _by_index(source, after, now, by)
        case TimeFrom.HEADER:
            answer = by(asking)
            if answer.fault is None and not answer.unchanged:
                at = time_of_header(answer.last_modified, now)
                answer = replace(answer, taken_at=at)
                if at is None:
                    return FeedAnswer(fault=FeedFault.NO_TIME, detail="Last-Modified")
        case TimeFrom.NONE:
            answer = by(asking)
    if answer.fault is None and not answer.unchanged:
        image = image_of(answer.body)
        if isinstance(image, FeedFault):
            return FeedAnswer(fault=image)  # what it says may repeat the address, with its key
    return answer


def _by_times(source: SkySource, after: datetime | None, now: datetime, by: Fetch) -> FeedAnswer:
    tried = places(source, after, now)
    answer = FeedAnswer(unchanged=True)
    for place in tried:
        answer = _picture(source, place, by)
        if not _absent(answer):
            return answer
    # That the next one is not there yet is no fault while the last one is among those tried for.
    known = after is not None and (not tried or tried[-1].taken_at - source.step <= after)
    return FeedAnswer(unchanged=True) if known else answer


def _by_index(source: SkySource, after: datetime | None, now: datetime, by: Fetch) -> FeedAnswer:
    index = by(FeedRequest(source.index, max_bytes=INDEX_BYTES))
    if index.fault is not None:
        return index
    place = place_in_index(source, index.body, now)
    if isinstance(place, FeedFault):
        return FeedAnswer(fault=place, detail="index")
    if after is not None and place.taken_at <= after:
        return FeedAnswer(unchanged=True)
    return _picture(source, place, by)


def _picture(source: SkySource, place: Place, by: Fetch) -> FeedAnswer:
    answer = by(FeedRequest(place.url, max_bytes=source.max_bytes))
    return replace(answer, taken_at=place.taken_at, etag=None, last_modified=None)


def _absent(answer: FeedAnswer) -> bool:
    return answer.fault is FeedFault.REFUSED and answer.detail in ("HTTP 404", "HTTP 410")
