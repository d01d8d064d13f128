"""What ``release --places`` means: codes, names and kinds of places."""

import pytest

from bot.console.alerts import meant_place
from contacts.places import KnownPlaces, Place, PlaceKind

TOWN, OTHER = "222403100000", "222403101000"
KNOWN = KnownPlaces(
    [
        Place("R1", PlaceKind.RESERVOIR, "红旗水库", TOWN),
        Place("S1", PlaceKind.SCHOOL, "中心小学", TOWN),
        Place("S2", PlaceKind.SCHOOL, "中心小学", OTHER),
    ]
)


@pytest.mark.parametrize(
    ("written", "areas", "meant"),
    [
        ("R1", (), "R1"),
        ("红旗水库", (), "R1"),
        ("水库", (), "reservoir"),
        ("reservoir", (), "reservoir"),
        ("中心小学", (OTHER,), "S2"),
        # Which is not clear: the release refuses the word.
        ("中心小学", (), "中心小学"),
        ("东风水库", (), "东风水库"),
    ],
)
def test_a_place_by_code_name_or_kind(written: str, areas: tuple[str, ...], meant: str) -> None:
    assert meant_place(KNOWN, written, areas) == meant
