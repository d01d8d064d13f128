"""When evacuation cards are sent by themselves. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.model import Alert, Hazard, Level

SENT_FOR = frozenset(
    {
        Hazard.RAINSTORM,
        Hazard.FLASH_FLOOD,
        Hazard.RIVER_FLOOD,
        Hazard.GEOLOGICAL,
        Hazard.WATERLOGGING,
        Hazard.TYPHOON,
        Hazard.RESERVOIR,
    }
)


@dataclass(frozen=True, slots=True)
class EvacuationRules:
    """After the answer to a warning of these levels and hazards its village's card is sent."""

    levels: frozenset[Level] = frozenset({Level.RED})
    hazards: frozenset[Hazard] = SENT_FOR

    def sends(self, alert: Alert) -> bool:
        """Whether whoever answers this warning is sent a card."""
        return (
            alert.in_force
            and not alert.held
            and alert.level in self.levels
            and alert.hazard in self.hazards
        )
