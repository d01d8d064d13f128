"""Another system in a story: it asks the API of the running bot, with a token of its own."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import jsonschema
import yaml

from bot.api import bearer
from bot.config.settings_out import ApiSettings
from contacts import people_store, token_making
from contacts.api_tokens import PUBLIC_BYTES, SECRET_BYTES, Scope
from tests.stories.story import Story

OPENAPI = Path(__file__).parents[2] / "docs" / "api.openapi.yaml"

OPEN = ApiSettings(url="https://api.example.gov.cn", port=0)
"""For ``story_of(..., api=OPEN)``."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the API answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    json: Any = None

    @property
    def code(self) -> str:
        """Of a refusal."""
        return str(self.json["error"]["code"])


@dataclass(slots=True)
class OtherSystem:
    """A program that has a token, or any header its test wants."""

    story: Story
    session: aiohttp.ClientSession
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    keys: int = 0

    async def get(self, path: str, **headers: str) -> Heard:
        """GET ``/api/v1`` and this path."""
        return await self.asks("GET", path, headers=headers)

    async def posts(self, path: str, body: Any = None, key: str | None = None) -> Heard:
        """POST a JSON body, by a key of its own unless one is given."""
        self.keys += 1
        key = f"story-key-{self.keys:04d}" if key is None else key
        headers = {"Idempotency-Key": key} if key else {}
        return await self.asks("POST", path, body, headers)

    async def asks(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Heard:
        """Ask, and let the bot do all that follows."""
        assert self.story.app.api is not None
        url = f"http://127.0.0.1:{self.story.app.api.port}/api/v1{path}"
        given = {**self.headers, **(headers or {})}
        if self.token:
            given.setdefault("Authorization", f"Bearer {self.token}")
        data = {"data": body} if isinstance(body, bytes) else {"json": body}
        async with self.session.request(method, url, headers=given, **data) as answer:
            raw = await answer.read()
            told = await answer.json() if answer.content_type == "application/json" else None
            heard = Heard(answer.status, answer.headers.copy(), raw, told)
        await self.story.settled()
        as_described(method.lower(), path.partition("?")[0], heard)
        return heard


@cache
def described() -> dict[str, Any]:
    """What docs/api.openapi.yaml says."""
    found: dict[str, Any] = yaml.safe_load(OPENAPI.read_text(encoding="utf-8"))
    return found


def as_described(method: str, path: str, heard: Heard) -> None:
    """The answer is what the OpenAPI file says of this path and status."""
    if heard.json is None:
        return
    said = described()
    steps = [template for template in said["paths"] if _is_of(template, path)]
    told = said["paths"][steps[0]].get(method) if steps else None
    answers = {} if told is None else told["responses"]
    answer = answers.get(str(heard.status)) or said["components"]["responses"]["Refused"]
    schema = answer["content"]["application/json"]["schema"]
    jsonschema.validate(heard.json, {**schema, "components": said["components"]})


def _is_of(template: str, path: str) -> bool:
    return bool(re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path))


def made_token(
    story: Story,
    name: str,
    scopes: Iterable[Scope] = (),
    division: str = "",
    days: int = 30,
    system: str = "省应急平台",
) -> str:
    """A token of somebody in the story."""

    def unit(c: Any) -> str:
        person = people_store.person(c, story[name].row["id"])
        assert person is not None
        person = replace(person, unproven=False)
        where = division or person.division_code
        chance = secrets.token_bytes(PUBLIC_BYTES + SECRET_BYTES)
        made = token_making.make(c, person, system, scopes, where, days, chance, story.clock())
        return made[1].text

    return str(story.app.database.do(unit))


@asynccontextmanager
async def other_system(story: Story, token: str = "") -> AsyncIterator[OtherSystem]:
    """Another system, for as long as the block lasts; a wrong token is refused at once."""
    with patch.object(bearer, "GUESS_SECONDS", 0):
        async with aiohttp.ClientSession() as session:
            yield OtherSystem(story, session, token)
