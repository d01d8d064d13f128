"""A file that somebody gave is read whole, or it is said why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import files
from data.errors import InvalidInput
from data.files import FileProblem, read_file

MEGA = 1024 * 1024


def refusal(path: Path) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        read_file(path)
    return refused.value


def test_why_a_file_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = refusal(tmp_path / "no")
    assert (missing.code, missing.facts) == (FileProblem.NOT_FOUND, {"file": str(tmp_path / "no")})
    folder = refusal(tmp_path)
    assert folder.code is FileProblem.UNREADABLE
    assert folder.facts == {"file": str(tmp_path), "reason": "Is a directory"}
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 3 * MEGA)
    file = tmp_path / "roster.csv"
    file.write_bytes(b"a" * 3 * MEGA)
    assert len(read_file(file)) == 3 * MEGA
    file.write_bytes(b"a" * (3 * MEGA + 1))
    large = refusal(file)
    assert (large.code, large.facts) == (FileProblem.TOO_LARGE, {"file": "roster.csv", "most": 3})
