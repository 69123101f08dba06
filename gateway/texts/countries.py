"""Countries as messages name them, by ISO 3166-1 alpha-2 code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def country_names() -> Mapping[str, Mapping[str, str]]:
    """Return each known country's names by language."""
    data = tomllib.loads(files("gateway.texts").joinpath("countries.toml").read_text("utf-8"))
    languages = data["languages"]
    return {code: dict(zip(languages, names, strict=True)) for code, names in data["names"].items()}


def country_name(code: str, language: str) -> str:
    """Name a country; in another language than those there are, in English, and an unknown one by its code."""
    names = country_names().get(code, {})
    return names.get(language) or names.get("en", code)
