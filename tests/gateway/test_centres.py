"""What ``elements.toml`` says of a short message centre."""

from pathlib import Path
from typing import Any

import pytest

from gateway.centres import read_centre
from gateway.contract.table import Table
from gateway.elements import read_element

SMSC = {"role": "smsc", "dialect": "smpp", "transport": "tcp", "host": "smsc.example", "port": 2775, "user": "linegate"}


def _mistakes(**also: Any) -> list[str]:  # noqa: ANN401 - as TOML has it
    mistakes: list[str] = []
    read_element("east", Table("elements.toml", SMSC | also, "", mistakes), Path())
    return mistakes


def test_statuses_are_met_however_they_are_written() -> None:
    mistakes: list[str] = []
    table = Table("elements.toml", {"throttling": ["0x58", "0x0b", "0x40A", "0x40b", "0x0058"]}, "", mistakes)
    assert read_centre(table, "tcp", Path()).throttling == {"0x58", "0x0B", "0x40A", "0x40B"}
    assert mistakes == []


def test_a_tag_may_be_written_in_capitals() -> None:
    mistakes: list[str] = []
    table = Table("elements.toml", {"vendor_tlvs": {"0x14A1": "00fF"}}, "", mistakes)
    assert read_centre(table, "tcp", Path()).vendor_tlvs == {0x14A1: b"\0\xff"}
    assert mistakes == []


def test_a_centre_as_it_should_be_is_no_mistake() -> None:
    assert _mistakes() == []


@pytest.mark.parametrize(
    ("also", "named"),
    [
        ({"transport": "ssh"}, "transport"),  # it would be spoken to in the clear
        ({"dialect_options": {"system_type": "VMS"}}, "dialect_options"),
        ({"also": SMSC}, "also"),
        ({"user": "sixteen letters!"}, "user"),
        ({"user": "linégate"}, "user"),
        ({"esme": {"system_type": "thirteen char"}}, "user"),
    ],
)
def test_what_would_be_passed_over_in_silence_or_could_never_be_said_is_refused(
    also: dict[str, Any], named: str
) -> None:
    assert any(f"elements.toml: {named}: " in mistake for mistake in _mistakes(**also))


def test_a_password_of_nine_characters_is_named_before_anybody_binds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EAST_PASSWORD", "FAKEpw012")
    (mistake,) = _mistakes(password_env="EAST_PASSWORD")
    assert "password of bind_transceiver takes at most 8" in mistake
    assert "FAKEpw012" not in mistake
