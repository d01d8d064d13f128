"""docs/api.openapi.yaml and the server have the same paths, and the same errors in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import yaml

from bot.api.server import BASE, ApiServer

FILE = Path(__file__).parents[2] / "docs" / "api.openapi.yaml"
MANUAL = Path(__file__).parents[2] / "docs" / "api.md"
VERBS = {"get", "post", "put", "patch", "delete"}


def described() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def test_the_file_has_the_routes_and_no_other() -> None:
    server = ApiServer.__new__(ApiServer)
    server._services = server._bearers = Mock()
    routes = {(route.method.lower(), route.path.removeprefix(BASE)) for route in server.routes()}
    paths = described()["paths"]
    said = {(verb, path) for path, told in paths.items() for verb in VERBS & set(told)}
    assert said == routes


def test_what_acts_wants_a_key_and_every_reference_is_there() -> None:
    file = described()
    for path, told in file["paths"].items():
        if "post" in told and not path.endswith("/preview"):
            assert {"$ref": "#/components/parameters/Key"} in told["post"]["parameters"], path
    for reference in re.findall(r'"#/([\w/]+)"', FILE.read_text(encoding="utf-8")):
        at: Any = file
        for step in reference.split("/"):
            at = at[step]


def test_the_manual_names_every_path() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    for path in described()["paths"]:
        written = path.replace("/{identifier}.xml", "/")
        for name, number in (("alert", "12"), ("change", "5"), ("draft", "7")):
            written = written.replace(f"{{{name}}}", number)
        assert f"$API{written}" in manual, path
