"""The manual's page on messages: its example reads, and it names every key a file of texts may have."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from gateway.contract.table import ConfigError
from gateway.orders.messages import MessageState
from gateway.texts import read_texts
from gateway.texts.template import FILLED_WITH

MANUAL = (Path(__file__).parents[2] / "docs" / "messages.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
QUOTED = {word for quoted in re.findall(r"`([^`\n]+)`", MANUAL) for word in re.findall(r"\w+", quoted)}
TOLD = QUOTED | {word for example in EXAMPLES for word in re.findall(r"\w+", example)}


def test_the_example_is_a_file_that_reads() -> None:
    texts = read_texts("alerts/c.toml", tomllib.loads(EXAMPLES[0]))
    rendered = texts.render("visit", "en", {"when": "10 h"})
    assert rendered is not None
    assert (rendered.text, rendered.quiet) == ("Your visit: 10 h.", True)


@pytest.mark.parametrize("table", ["templates.visit", "roaming", "roaming.zones.joined_2026", "queries"])
def test_every_key_is_told(table: str) -> None:
    """A key nobody knows is refused with the list of those there are."""
    toml = EXAMPLES[0] + EXAMPLES[1] + '[queries]\n[queries.words]\nvisit = ["IM"]\n'
    toml = toml.replace(f"[{table}]", f"[{table}]\nunheard_of = 1", 1)
    with pytest.raises(ConfigError) as wrong:
        read_texts("alerts/c.toml", tomllib.loads(toml))
    (mistake,) = (m for m in wrong.value.mistakes if "unheard_of" in m)
    assert f"{table}.unheard_of" in mistake
    known = mistake.rpartition("knows: ")[2].split(", ")
    assert [key for key in known if key not in TOLD] == []


def test_every_place_and_every_state_is_told() -> None:
    places = {name for values in FILLED_WITH.values() for name in values}
    assert (places | {state.value for state in MessageState}) - TOLD == set()
