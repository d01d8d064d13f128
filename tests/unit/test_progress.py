"""The numbers of calls."""

from alerts.progress import Progress


def test_nothing_more_is_asked_of_whoever_answered_or_was_discharged() -> None:
    assert Progress(calls=20, acknowledged=8, proxied=4, discharged=2, cancelled=1).closed == 14
