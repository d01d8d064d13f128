"""Samples of every agency are read, and mean in our words what they say: see samples/README.md.

``python -m tests.unit.cap.test_samples`` prints how many were read, what failed and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.sources.cap.drafting import parts_of
from alerts.sources.cap.feeds import FeedEntry, read_feed
from alerts.sources.cap.lists import read_qweather, read_weather_list
from alerts.sources.cap.meaning import event_table
from alerts.sources.cap.model import CapAlert, CapType, Doubt, Unreadable

SAMPLES = Path(__file__).parent / "samples"
ZONE = ZoneInfo("Asia/Shanghai")

MEANT: dict[str, list[tuple[str, str, str]]] = {
    "bmkg.xml": [("Alert", "thunderstorm_gale", "yellow")],
    "bom.xml": [("Update", "clear", "")],
    "cma.xml": [("Alert", "rainstorm", "orange")],
    "cma_cancel.xml": [("Cancel", "rainstorm", "red")],
    "cma_update.xml": [("Update", "rainstorm", "red")],
    "dwd.xml": [("Alert", "thunderstorm_gale", "orange")],
    "environment_canada.xml": [("Alert", "rainstorm", "yellow")],
    "inmet.xml": [("Alert", "rainstorm", "orange")],
    "jma.xml": [("Alert", "rainstorm", "red")],
    "met_eireann.xml": [("Cancel", "gale", "yellow")],
    "meteoalarm.xml": [("Update", "rainstorm", "orange")],
    "metservice.xml": [("Update", "rainstorm", "orange")],
    "ncdr.xml": [("Alert", "rainstorm", "orange")],
    "nws.xml": [("Update", "flash_flood", "orange")],
    "pagasa.xml": [("Alert", "rainstorm", "orange")],
    "qweather.json": [("Update", "rainstorm", "orange")],
    "qweather_v7.json": [("Alert", "rainstorm", "orange")],
    "sachet.xml": [("Alert", "rainstorm", "orange")],
    "smn_mexico.xml": [("Alert", "thunderstorm_gale", "yellow")],
    "weather_list.json": [
        ("Alert", "rainstorm", "orange"),
        ("Alert", "thunderstorm_gale", "yellow"),
        ("Alert", "flash_flood", "yellow"),
        ("Alert", "not_ours", ""),
    ],
}


def entries(file: Path) -> tuple[FeedEntry, ...]:
    body = file.read_bytes()
    if file.name.startswith("qweather"):
        return read_qweather(body, ZONE).entries
    if file.suffix == ".json":
        return read_weather_list(body, ZONE).entries
    return read_feed(body, ZONE, "https://alerts.example/feed").entries


def meant(alert: CapAlert) -> Iterator[tuple[str, str, str]]:
    parts = parts_of(alert, event_table())
    kind = alert.type.value
    if parts.clear:
        yield kind, "clear", ""
    elif parts.none is not None:
        yield kind, parts.none.value, ""
    for part in parts.parts:
        yield kind, part.hazard.value, part.level.value


def sample(name: str) -> CapAlert:
    found = entries(SAMPLES / name)[0].alert
    assert found is not None
    return found


@pytest.mark.parametrize("name", MEANT)
def test_a_sample_means_what_it_says(name: str) -> None:
    found = entries(SAMPLES / name)
    assert all(entry.alert is not None and entry.raw for entry in found)
    assert [one for e in found if e.alert for one in meant(e.alert)] == MEANT[name]


def test_every_sample_is_looked_at_and_named_in_the_readme() -> None:
    files = {file.name for file in SAMPLES.iterdir()} - {"README.md"}
    assert files - MEANT.keys() == {"nws_feed.atom", "sachet.rss"}
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(files) if f"`{name}`" not in readme] == []


def test_feeds_lead_to_their_messages() -> None:
    first, second = entries(SAMPLES / "nws_feed.atom")
    assert first.link.endswith(".cap")
    assert second.link == "https://alerts.example/alerts/2"
    (item,) = entries(SAMPLES / "sachet.rss")
    assert item.link == "https://alerts.example/FetchXMLFile?identifier=1782800000000019"


def test_what_stands_out_in_single_samples() -> None:
    cma = sample("cma_update.xml")
    assert cma.identifier == "22240341600000_20260702041000"
    assert cma.sender_code == "22240341600000"
    assert [ref.identifier for ref in cma.references] == ["22240341600000_20260702025500"]
    assert [c for _, c in cma.infos[0].areas[0].geocodes] == ["222403101000", "222403101000"]
    assert cma.sent == datetime(2026, 7, 2, 4, 10, tzinfo=ZONE)
    canada = sample("environment_canada.xml")
    assert Doubt.SIGNED in canada.doubts
    assert len(canada.infos) == 2
    assert len(canada.infos[0].areas) == 2
    assert [len(ring) for ring in sample("bmkg.xml").infos[0].areas[0].rings] == [4, 4]
    assert sample("smn_mexico.xml").identifier == "SMN-EJ-2026-0630-12"
    assert sample("smn_mexico.xml").infos[0].description == "Precaución."
    assert len(sample("smn_mexico.xml").infos[0].areas[0].rings[0]) == 4
    assert sample("pagasa.xml").infos[0].areas[0].circles[0].km == 25.5
    assert sample("meteoalarm.xml").references[0].sender == "http://www.example-met.es"
    assert sample("qweather.json").type is CapType.UPDATE
    assert sample("weather_list.json").sender == "敦化市气象台"
    assert parts_of(sample("sachet.xml"), event_table()).parts[0].first.language == "en-IN"


def report() -> str:
    """How many samples were read, and what failed and why."""
    read, failed = 0, []
    for file in sorted(SAMPLES.iterdir()):
        if file.name == "README.md":
            continue
        try:
            for entry in entries(file):
                if entry.flaw is None:
                    read += 1
                else:
                    failed.append(f"{file.name}: {entry.flaw.value} {entry.text}")
        except Unreadable as error:
            failed.append(f"{file.name}: {error.flaw.value} {error.text}")
    return "\n".join([f"read {read}, failed {len(failed)}", *failed])


if __name__ == "__main__":
    print(report())
