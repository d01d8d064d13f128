"""Figures as people read them: shares, distances, households and persons. Pure."""

from __future__ import annotations

from bot.locale import translator


def bar(done: int, total: int, width: int = 10) -> str:
    """▓▓▓▓░░░░░░; full only when nothing is left, empty only when nothing is done."""
    if total <= 0:
        return "░" * width
    filled = width * done // total
    if done and not filled:
        filled = 1
    return "▓" * filled + "░" * (width - filled)


def percent(done: int, total: int) -> str:
    """71%; never 100% while one is missing."""
    return f"{100 * done // total if total else 100}%"


def distance(metres: float, language: str) -> str:
    """350 米, 2.4 公里."""
    _ = translator(language)
    if metres < 1000:
        return _("{metres} 米").format(metres=max(1, round(metres)))
    return _("{km} 公里").format(km=f"{metres / 1000:.1f}")


def moved_figures(households: int | None, persons: int | None, language: str) -> str:
    """12 户 35 人; what is not known is left out."""
    _ = translator(language)
    parts = []
    if households is not None:
        parts.append(_("{households} 户").format(households=households))
    if persons is not None:
        parts.append(_("{persons} 人").format(persons=persons))
    return " ".join(parts)
