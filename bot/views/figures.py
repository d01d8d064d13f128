"""Figures as people read them: shares, distances, households and persons. Pure."""

from __future__ import annotations

from bot.locale import N_, translator

_DIRECTIONS = (
    N_("北"),
    N_("东北"),
    N_("东"),
    N_("东南"),
    N_("南"),
    N_("西南"),
    N_("西"),
    N_("西北"),
)


def bar(done: int, total: int, width: int = 10) -> str:
    """A progress bar: ▓▓▓▓░░░░░░. Full only when all is done, empty only when nothing is."""
    if total <= 0:
        return "░" * width
    filled = width * done // total
    if done and not filled:
        filled = 1
    return "▓" * filled + "░" * (width - filled)


def percent(done: int, total: int) -> str:
    """A share: 71%. Never 100% while one is missing."""
    return f"{100 * done // total if total else 100}%"


def distance(metres: float, language: str) -> str:
    """A distance: 350 米, 2.4 公里."""
    _ = translator(language)
    if metres < 1000:
        return _("{metres} 米").format(metres=max(1, round(metres)))
    return _("{km} 公里").format(km=f"{metres / 1000:.1f}")


def direction(degrees: float, language: str) -> str:
    """The nearest of the eight directions, of degrees from north by east: 东北."""
    return translator(language)(_DIRECTIONS[round(degrees / 45.0) % 8])


def moved_figures(households: int | None, persons: int | None, language: str) -> str:
    """Households and persons moved: 12 户 35 人. What is not known is left out."""
    _ = translator(language)
    parts = []
    if households is not None:
        parts.append(_("{households} 户").format(households=households))
    if persons is not None:
        parts.append(_("{persons} 人").format(persons=persons))
    return " ".join(parts)
