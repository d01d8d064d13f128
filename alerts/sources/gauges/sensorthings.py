"""OGC SensorThings (18-088, version 1.1): observations, with whatever was expanded. Pure.

Read are Things with their Datastreams, Datastreams with their Observations, Observations with
their Datastream, MultiDatastreams in the same ways, and the data array extension. What a Datastream
measures is told by its observed property, its name and its unit. The station is the Thing's
property ``STCD``, ``stationCode`` or ``code``, else its ``@iot.id``. Rain falls in the interval of
``phenomenonTime``, where it is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alerts.sources.gauges.collecting import Collected
from alerts.sources.gauges.columns import Shape, in_time, quantity_of, reading
from alerts.sources.gauges.model import Quantity, Read, Reading, ReadingFlaw
from alerts.sources.gauges.values import Flawed
from alerts.sources.hotspots import FeedFault

_CODES = ("STCD", "stcd", "stationCode", "station_code", "code", "localId", "identifier")


@dataclass(frozen=True, slots=True)
class _Stream:
    """What is known of the observations below: whose, of what, in what."""

    station: str
    quantity: Quantity | None = None
    unit: str = ""
    named: bool = False  # whether anything said what it measures


def read(given: Any, shape: Shape, now: datetime) -> Read:
    """The readings of an answer, however much of the model it was asked to expand."""
    entities = given.get("value") if isinstance(given, dict) and "value" in given else given
    if isinstance(entities, dict):
        entities = [entities]
    if not isinstance(entities, list):
        return Read(fault=FeedFault.NOT_JSON)
    found = Collected()
    top = _Stream(shape.station)
    for number, entity in enumerate(entities, start=1):
        _entity(entity, top, number, shape, now, found)
    if isinstance(given, dict) and given.get("@iot.nextLink"):
        found.take(len(entities), Flawed(ReadingFlaw.MORE_PAGES, "@iot.nextLink"))
    return found.result()


def _entity(
    entity: Any, above: _Stream, number: int, shape: Shape, now: datetime, found: Collected
) -> None:
    if not isinstance(entity, dict):
        found.take(number, Flawed(ReadingFlaw.NOT_A_ROW))
    elif isinstance(entity.get("Datastreams"), list) or "MultiDatastreams" in entity:
        _thing(entity, above, number, shape, now, found)
    elif "unitOfMeasurements" in entity:
        parted = list(_parted(entity))
        for single in parted:
            _datastream(single, above, number, shape, now, found)
        if not parted:
            flaw = ReadingFlaw.QUANTITY_UNKNOWN
            found.take(number, Flawed(flaw, "$expand=ObservedProperties"))
    else:
        _datastream(entity, above, number, shape, now, found)


def _thing(
    thing: Any, above: _Stream, number: int, shape: Shape, now: datetime, found: Collected
) -> None:
    stream = _of_thing(thing, above)
    for name in ("Datastreams", "MultiDatastreams"):
        inside = thing.get(name)
        for inner in inside if isinstance(inside, list) else ():
            _entity(inner, stream, number, shape, now, found)
        if thing.get(f"{name}@iot.nextLink"):
            found.take(number, Flawed(ReadingFlaw.MORE_PAGES, f"{name}@iot.nextLink"))


def _datastream(
    entity: Any, above: _Stream, number: int, shape: Shape, now: datetime, found: Collected
) -> None:
    stream = _of_datastream(entity, above)
    if isinstance(entity.get("Observations"), list):
        for observation in entity["Observations"]:
            _observation(observation, stream, number, shape, now, found)
        if entity.get("Observations@iot.nextLink") and not entity["Observations"]:
            found.take(number, Flawed(ReadingFlaw.MORE_PAGES, "$expand=Observations($top=1)"))
    elif isinstance(entity.get("dataArray"), list):
        for observation in _data_array(entity):
            _observation(observation, stream, number, shape, now, found)
    else:
        _observation(entity, stream, number, shape, now, found)


def _observation(
    given: Any, above: _Stream, number: int, shape: Shape, now: datetime, found: Collected
) -> None:
    if not isinstance(given, dict):
        found.take(number, Flawed(ReadingFlaw.NOT_A_ROW))
        return
    stream = above
    if isinstance(given.get("Datastream"), dict):
        stream = _of_datastream(given["Datastream"], above)
    try:
        if "result" not in given:
            raise Flawed(ReadingFlaw.NOT_A_ROW)
        if stream.quantity is None:
            if stream.named:
                found.other += 1
                return
            raise Flawed(ReadingFlaw.QUANTITY_UNKNOWN, given["result"])
        if not stream.station:
            raise Flawed(ReadingFlaw.NO_STATION)
        found.take(number, _reading(given, stream, stream.quantity, shape, now), stream.station)
    except Flawed as error:
        found.take(number, error, stream.station)


def _reading(
    given: Mapping[str, Any], stream: _Stream, quantity: Quantity, shape: Shape, now: datetime
) -> Reading | None:
    written = str(given.get("phenomenonTime") or given.get("resultTime") or "")
    begins, _, ends = written.partition("/")
    at = in_time(ends or begins, shape, now)
    minutes = shape.rain_minutes
    if ends:
        minutes = round((at - in_time(begins, shape, now)).total_seconds() / 60) or minutes
    if minutes < 0:
        raise Flawed(ReadingFlaw.BAD_TIME, written)
    return reading(stream.station, quantity, at, given["result"], stream.unit, minutes, shape)


def _of_thing(thing: Mapping[str, Any], above: _Stream) -> _Stream:
    properties = thing.get("properties")
    if isinstance(properties, dict):
        for name in _CODES:
            if properties.get(name):
                return replace(above, station=str(properties[name]).strip())
    number = thing.get("@iot.id", thing.get("@id"))
    return above if number is None else replace(above, station=str(number))


def _of_datastream(stream: Mapping[str, Any], above: _Stream) -> _Stream:
    found = _of_thing(stream["Thing"], above) if isinstance(stream.get("Thing"), dict) else above
    measured = stream.get("unitOfMeasurement")
    unit = ""
    if isinstance(measured, dict):
        unit = str(measured.get("symbol") or measured.get("name") or "")
    observed = stream.get("ObservedProperty")
    words = [observed.get("name") if isinstance(observed, dict) else None, stream.get("name")]
    said = [str(word) for word in words if word]
    for word in said:
        if (meant := quantity_of(word)) is not None:
            return replace(found, quantity=meant[0], unit=unit, named=True)
    if said and "result" not in stream:
        return replace(found, quantity=None, unit=unit, named=True)
    return found


def _parted(several: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A MultiDatastream, whose results are lists, as a Datastream for each property."""
    units, properties, observations = (
        given if isinstance(given := several.get(name), list) else []
        for name in ("unitOfMeasurements", "ObservedProperties", "Observations")
    )
    for place, (observed, unit) in enumerate(zip(properties, units, strict=False)):
        yield {
            "Thing": several.get("Thing"),
            "ObservedProperty": observed,
            "unitOfMeasurement": unit,
            "Observations": [
                {**one, "result": one["result"][place]}
                for one in observations
                if isinstance(one, dict) and isinstance(one.get("result"), list)
                if place < len(one["result"])
            ],
        }


def _data_array(entity: Mapping[str, Any]) -> Iterator[Any]:
    names = entity.get("components")
    if not isinstance(names, list):
        return
    names = [str(name) for name in names]
    for row in entity["dataArray"]:
        yield dict(zip(names, row, strict=False)) if isinstance(row, list) else row
