"""The configured feeds and rules for checking hotspots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.patrol.hotspots.model import VerificationRules
from bot.config.errors import SettingError
from bot.config.load import load
from bot.config.rules import all_rules


def test_the_defaults_are_the_rules_defaults() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert all_rules(load(None, {})).hotspots == replace(VerificationRules(), zone=zone)


def test_a_feed_by_the_environment_and_its_key_never_shows() -> None:
    url = "https://firms.example/api/area/csv/SECRETKEY/VIIRS_SNPP_NRT/121,40,132,47/1"
    settings = load(None, {"JIAOYING_FEEDS__0__URL": url, "JIAOYING_FEEDS__1__NAME": "fy3"})
    assert [(feed.name, feed.url) for feed in settings.feeds] == [("firms", url), ("fy3", "")]
    assert "SECRETKEY" not in repr(settings)


def test_the_four_feeds_of_firms_are_on_once_there_is_a_key() -> None:
    assert load(None, {}).hotspot_feeds == []
    settings = load(None, {"JIAOYING_FIRMS__KEY": "5ecretKey"})
    feeds = settings.hotspot_feeds
    assert [feed.name for feed in feeds] == ["SNPP", "NOAA-20", "NOAA-21", "MODIS"]
    products = [feed.url.split("/csv/")[1].split("/121,")[0] for feed in feeds]
    assert products == [
        f"5ecretKey/{product}_NRT"
        for product in ("VIIRS_SNPP", "VIIRS_NOAA20", "VIIRS_NOAA21", "MODIS")
    ]
    assert "5ecretKey" not in repr(settings) + repr(feeds)


def test_a_wrong_address_is_not_quoted() -> None:
    with pytest.raises(SettingError) as caught:
        load(None, {"JIAOYING_FEEDS__0__URL": "ftp://x/SECRETKEY"})
    assert "SECRETKEY" not in str(caught.value)


def test_two_feeds_of_one_name_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[[feeds]]\nname = 'a'\n[[feeds]]\nname = 'a'\n")
    with pytest.raises(SettingError, match="feeds"):
        load(file, {})
    file.write_text("feeds = []\n")
    assert load(file, {}).feeds == ()
