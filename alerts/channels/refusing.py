"""Through what nobody would hear just now: channels that refuse us, robots that no group hears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from alerts.channels import robot_store, trouble_store
from alerts.channels.robots import Robot
from alerts.channels.trouble_store import ChannelTrouble
from alerts.rules import Rules
from contacts.divisions.codes import contains
from data.database import Connection


class Refusing(NamedTuple):
    """Channels, and robots of an area, that took nothing when they were last asked."""

    troubles: Sequence[ChannelTrouble]
    robots: Sequence[Robot]


def refusing(connection: Connection, rules: Rules, area: str, now: datetime) -> Refusing:
    """What refuses us as far as is known, until it takes something again.

    :param area: the code of a division; empty: everywhere.
    """
    here = [robot for robot in rules.robots if not area or contains(area, robot.division_code)]
    return Refusing(
        trouble_store.standing(connection, rules.proofs.channels),
        robot_store.falling_silent(connection, here, now),
    )
