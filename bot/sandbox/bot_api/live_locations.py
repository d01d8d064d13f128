"""Positions as Telegram gives them, live or not. Pure."""

from __future__ import annotations

from typing import Any


def position(latitude: float, longitude: float, accuracy: float | None) -> dict[str, Any]:
    """A position (WGS-84 degrees) with its accuracy in metres, if the phone tells it."""
    place = {"latitude": latitude, "longitude": longitude}
    return place if accuracy is None else {**place, "horizontal_accuracy": accuracy}


def not_live(place: dict[str, Any]) -> dict[str, Any]:
    """A position that moves no more."""
    return {key: value for key, value in place.items() if key != "live_period"}
