"""A file that is written for its owner alone, whatever was there before."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from data.private_files import write_private


def mode(file: Path) -> int:
    return stat.S_IMODE(file.lstat().st_mode)


@pytest.mark.parametrize("before", ["nothing", "open to all", "a link elsewhere"])
def test_it_is_the_owners_alone(tmp_path: Path, before: str) -> None:
    file, elsewhere = tmp_path / "report.xlsx", tmp_path / "elsewhere"
    elsewhere.write_bytes(b"theirs")
    if before == "open to all":
        file.write_bytes(b"old")
        file.chmod(0o666)
    elif before == "a link elsewhere":
        file.symlink_to(elsewhere)
    umask = os.umask(0)
    try:
        write_private(file, b"numbers")
    finally:
        os.umask(umask)
    assert mode(file) == 0o600 and file.read_bytes() == b"numbers"
    assert elsewhere.read_bytes() == b"theirs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "report.xlsx"]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_private(tmp_path / "folder", b"numbers")
    with pytest.raises(OSError):
        write_private(tmp_path / "none" / "report.xlsx", b"numbers")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_device_is_written_to_as_it_is() -> None:
    write_private(Path("/dev/null"), b"numbers")
    assert not Path("/dev/null").is_file()
