"""A process killed while it writes CAP files leaves none that is half there."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from bot.publishing.files import write_all
from tests.waiting import PATIENCE

WHOLE = b"<alert>" + b"x" * 2_000_000 + b"</alert>\n"


def test_no_file_is_seen_before_it_is_whole(tmp_path: Path) -> None:
    for round_ in range(3):
        folder = tmp_path / str(round_)
        child = os.fork()
        if child == 0:
            try:
                for number in range(10_000):
                    write_all(folder, {f"{number % 7}.xml": WHOLE})
            finally:
                os._exit(1)
        give_up = time.monotonic() + PATIENCE
        while len(list(folder.glob("*.xml"))) < 2 + round_ and time.monotonic() < give_up:
            time.sleep(0.001)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found = list(folder.glob("*.xml"))
        assert len(found) >= 2
        assert {file.stat().st_size for file in found} == {len(WHOLE)}
        # What it was at is written over at the next start, and is no file of ours until then.
        assert all(file.name.startswith(".") for file in folder.iterdir() if file not in found)
        write_all(folder, {file.name: WHOLE for file in found})
        assert {file.read_bytes() for file in found} == {WHOLE}
