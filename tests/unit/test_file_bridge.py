"""A file of another bot is brought over once, and what cannot be had leaves as words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from bot.telegram import file_bridge
from bot.telegram.bot_api import Upload
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.file_bridge import MOST_BYTES, MOST_TRIES, FileBridge
from bot.telegram.outgoing import FilesOfOthers, Request
from data.errors import StoreBusy

NOW = datetime(2026, 7, 1, tzinfo=UTC)
US, OWNER = 7, 8
WORDS = {"chat_id": 5, "text": "a photo"}
LOST = Outcome(OutcomeKind.TEMPORARY, reason=Reason.NOT_CONNECTED)
TOO_LONG = Outcome(OutcomeKind.PERMANENT, reason=Reason.TOO_LONG)


class Owner:
    """The bot that was given the files."""

    def __init__(self) -> None:
        self.failures: list[Outcome] = []
        self.paths: list[str] = []

    async def file_path(self, file_id: str, most_bytes: int) -> str | Outcome:
        assert most_bytes == MOST_BYTES
        self.paths.append(file_id)
        await asyncio.sleep(0)
        return self.failures.pop(0) if self.failures else f"photos/{file_id}"

    async def download(
        self, path: str, write: Callable[[bytes], object], most_bytes: int
    ) -> Outcome:
        assert most_bytes == MOST_BYTES
        write(b"half of ")
        if path.endswith("cut"):
            return LOST
        write(path.encode())
        return Outcome(OutcomeKind.SENT)


class Us:
    """The bot that sends."""

    bot_id = str(US)

    def __init__(self) -> None:
        self.called: list[tuple[str, Any]] = []
        self.uploaded: list[tuple[str, Any, list[Upload]]] = []
        self.answer = Outcome(OutcomeKind.SENT, {"photo": [{"file_id": "s"}, {"file_id": "own"}]})

    async def call(self, method: str, payload: Mapping[str, Any]) -> Outcome:
        self.called.append((method, dict(payload)))
        return Outcome(OutcomeKind.SENT, {"message_id": 1})

    async def upload(
        self, method: str, fields: Mapping[str, Any], files: Sequence[Upload]
    ) -> Outcome:
        self.uploaded.append((method, orjson.loads(orjson.dumps(fields)), list(files)))
        return self.answer


class Scene:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.us, self.owner = Us(), Owner()
        self.known: dict[str, str] = {}
        self.out = False

        def remember(_c: Any, *, bot_id: int, ids: Mapping[str, str], now: datetime) -> None:
            assert (bot_id, now) == (US, NOW)
            self.known.update(ids)

        def known_at(_c: Any, bot_id: int, ids: Sequence[str]) -> dict[str, str]:
            assert bot_id == US
            return {file_id: self.known[file_id] for file_id in ids if file_id in self.known}

        monkeypatch.setattr(file_bridge, "remember", remember)
        monkeypatch.setattr(file_bridge, "known_at", known_at)
        owners: Any = {OWNER: self.owner}
        this: Any = self
        self.bridge = FileBridge(self.us, owners, this, lambda: NOW)  # type: ignore[arg-type]

    async def ask(self, query: Callable[[Any], Any]) -> Any:
        return query(None)

    async def run(self, unit: Callable[[Any], None]) -> None:
        if self.out:
            raise StoreBusy("locked")
        unit(None)

    async def send(self, method: str = "sendPhoto", owner: int = OWNER, **fields: Any) -> Outcome:
        body = {"chat_id": 5, **(fields or {"photo": "theirs"})}
        names = [part["media"] for part in body["media"]] if "media" in body else []
        names = names or [value for key, value in body.items() if key not in ("chat_id", "caption")]
        files = FilesOfOthers(dict.fromkeys(names, owner), WORDS)
        return await self.bridge.call(Request(method, orjson.dumps(body)), files)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


@pytest.mark.parametrize(
    ("field", "filename"),
    [
        ("photo", "photo.jpg"),
        ("video", "video.mp4"),
        ("video_note", "video.mp4"),
        ("voice", "a.oga"),
        ("document", "file"),
    ],
)
async def test_a_file_is_brought_over_once_and_then_known(
    scene: Scene, field: str, filename: str
) -> None:
    result = [{"file_id": "s"}, {"file_id": "own"}] if field == "photo" else {"file_id": "own"}
    scene.us.answer = Outcome(OutcomeKind.SENT, {field: result})
    assert (await scene.send(**{field: "theirs"})).ok
    [(_, fields, [upload])] = scene.us.uploaded
    assert fields == {"chat_id": 5, field: "attach://file0"}
    assert upload == Upload("file0", b"half of photos/theirs", filename)
    assert scene.known == {"theirs": "own"}
    assert (await scene.send(**{field: "theirs"})).ok
    assert scene.us.called == [("sendPhoto", {"chat_id": 5, field: "own"})]
    assert scene.owner.paths == ["theirs"]


async def test_of_an_album_only_what_is_not_known_is_brought_over(scene: Scene) -> None:
    scene.known = {"b": "own b"}
    media = [
        {"type": "photo", "media": "a"},
        {"type": "video", "media": "b"},
        {"type": "video", "media": "c"},
    ]
    scene.us.answer = Outcome(
        OutcomeKind.SENT,
        [
            {"photo": [{"file_id": "own a"}]},
            {"video": {"file_id": "x"}},
            {"video": {"file_id": "own c"}},
        ],
    )
    await scene.send("sendMediaGroup", media=media)
    [(method, fields, uploads)] = scene.us.uploaded
    assert method == "sendMediaGroup"
    assert [part["media"] for part in fields["media"]] == [
        "attach://file0",
        "own b",
        "attach://file2",
    ]
    assert [(upload.field, upload.filename) for upload in uploads] == [
        ("file0", "photo.jpg"),
        ("file2", "video.mp4"),
    ]
    assert scene.known == {"a": "own a", "b": "own b", "c": "own c"}


async def test_the_same_file_for_two_chats_is_downloaded_once(scene: Scene) -> None:
    await asyncio.gather(scene.send(), scene.send())
    assert scene.owner.paths == ["theirs"]
    assert scene.bridge._under_way == {}


async def test_a_file_that_cannot_be_had_now_is_tried_some_times_and_then_said_in_words(
    scene: Scene,
) -> None:
    scene.owner.failures = [LOST] * (MOST_TRIES + 1)
    for _ in range(MOST_TRIES - 1):
        assert await scene.send() == LOST
        assert scene.us.called == []
    assert (await scene.send()).ok
    assert scene.us.called == [("sendMessage", WORDS)]
    assert len(scene.owner.paths) == MOST_TRIES
    # Another file has tries of its own.
    assert await scene.send(photo="other") == LOST


@pytest.mark.parametrize("file_id", ["cut"])
async def test_a_download_that_is_cut_is_tried_again(scene: Scene, file_id: str) -> None:
    assert await scene.send(photo=file_id) == LOST
    assert (scene.us.called, scene.us.uploaded) == ([], [])


async def test_what_can_never_be_had_is_said_in_words_at_once(scene: Scene) -> None:
    scene.owner.failures = [TOO_LONG]
    await scene.send()
    await scene.send(owner=99)  # a bot that is ours no more
    assert scene.us.called == [("sendMessage", WORDS)] * 2
    assert scene.us.uploaded == []


@pytest.mark.parametrize(
    ("answer", "in_words"),
    [
        (Outcome(OutcomeKind.PERMANENT, reason=Reason.BAD_REQUEST), True),
        (TOO_LONG, True),
        (Outcome(OutcomeKind.PERMANENT, reason=Reason.BLOCKED), False),
        (Outcome(OutcomeKind.UNCERTAIN, reason=Reason.BAD_REQUEST), False),
    ],
)
async def test_what_telegram_does_not_take_is_said_in_words(
    scene: Scene, answer: Outcome, in_words: bool
) -> None:
    scene.us.answer = answer
    outcome = await scene.send()
    assert scene.us.called == ([("sendMessage", WORDS)] if in_words else [])
    assert outcome.ok if in_words else outcome == answer
    assert scene.known == {}


async def test_what_was_sent_is_sent_also_when_it_cannot_be_remembered(scene: Scene) -> None:
    scene.out = True
    assert (await scene.send()).ok
    assert len(scene.us.uploaded) == 1
    scene.out = False
    scene.us.answer = Outcome(OutcomeKind.SENT, True)  # it tells nothing of the file
    assert (await scene.send()).ok
    assert scene.known == {}
