"""A filled database for the tests of the use cases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.database import Database
from tests.roster import fill


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/test.db")
    fill(made)
    yield made
    made.close()
