"""What the tiers of a warning owe, from the numbers that are kept of its calls."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from alerts.completeness import Standing, standings
from alerts.progress_store import CALLS
from contacts.divisions.codes import CODE_LENGTH, LAST_CODE, Tier
from data.tables.alerts import call_counts, uncalled_villages
from data.tables.beyond_answers import cut_off_villages


def standings_of(
    connection: Connection, alert_id: int, tier: Tier, low: str = "", high: str = LAST_CODE
) -> dict[str, Standing]:
    """How each division of ``tier`` in ``[low, high]`` stands, by code: three short statements."""
    finest = tier.below or tier
    counted = call_counts.c
    code = func.substr(counted.division_code, 1, finest.digits)
    waiting = (
        select(code, func.sum(counted.waiting))
        .where(
            counted.alert_id == alert_id,
            counted.division_code.between(low, high),
            # What is shorter takes back who was counted twice: it is no division.
            func.length(counted.division_code) == CODE_LENGTH,
        )
        .group_by(code)
        # Where a narrowing left out everybody nothing is owed.
        .having(func.sum(CALLS) > 0)
    )
    nobody = uncalled_villages.c
    uncalled = select(nobody.division_code, nobody.villages).where(
        nobody.alert_id == alert_id, nobody.division_code.between(low, high)
    )
    gone = cut_off_villages.c
    cut_off = select(gone.division_code).where(
        gone.alert_id == alert_id, gone.ended_at.is_(None), gone.division_code.between(low, high)
    )
    return standings(
        tier,
        [
            (row[0].ljust(CODE_LENGTH, "0"), int(row[1]))
            for row in connection.execute(waiting).all()
        ],
        [(row[0], int(row[1])) for row in connection.execute(uncalled).all()],
        connection.execute(cut_off).scalars().all(),
    )
