"""The random walk of ``tests.stories.walk``: seconds here, minutes where they are asked for.

``JIAOYING_WALK_MINUTES=10 pytest tests/stories/test_random_walk.py`` walks new ways for so long.
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stories.walk import Walk

MINUTES = float(os.environ.get("JIAOYING_WALK_MINUTES", "0"))
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def walk(*, nights: int, steps: int, same: bool) -> None:
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=nights,
            stateful_step_count=steps,
            derandomize=same,  # the test command walks the same ways each time
            database=None,
            deadline=None,
            suppress_health_check=CHECKS,
        ),
    )


def test_a_short_walk() -> None:
    walk(nights=4, steps=30, same=True)


@pytest.mark.skipif(not MINUTES, reason="only where JIAOYING_WALK_MINUTES says so")
def test_a_long_walk() -> None:
    until = time.monotonic() + 60 * MINUTES
    while time.monotonic() < until:
        walk(nights=20, steps=80, same=False)
