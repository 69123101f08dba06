"""The words of messages, by contract and language, as ``config/alerts/*.toml`` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drivers.dialects.smpp.text import encode
from drivers.errors import NotSpoken
from gateway.contract.actions import every
from gateway.contract.line import Line
from gateway.contract.table import Table

_LONGEST_MSISDN = "+" + "9" * 15


@dataclass(frozen=True, slots=True)
class Texts:
    """Confirmation texts: language, then action."""

    confirm: Mapping[str, Mapping[str, str]]

    def confirmation(self, language: str, action: str, line: Line) -> str | None:
        """Return the text for a completed order; ``None`` when the contract sends none.

        ``<action>_<state>`` wins over ``<action>``: a line still barred after a reactivation is told so.
        """
        texts = self.confirm.get(language, {})
        text = texts.get(f"{action}_{line.state}", texts.get(action))
        return None if text is None else text.replace("{msisdn}", line.msisdn)


def read_texts(file: str, data: Mapping[str, Any]) -> Texts:
    """Check one file. Raises ConfigError naming file and key."""
    root = Table(file, data)
    if root.text("spec") != "1":
        root.wrong("spec", 'this version reads spec = "1"')
    confirm = {language: _confirmations(table) for language, table in root.tables("confirm").items()}
    root.finish()
    return Texts(confirm)


def _confirmations(table: Table) -> dict[str, str]:
    texts: dict[str, str] = {}
    known = {f"{action}{state}" for action in every() for state in ("", "_active", "_barred", "_suspended")}
    for key in table.names():
        texts[key] = table.text(key)
        if key not in known:
            table.wrong(key, f"is no action (or action_state); actions are: {', '.join(every())}")
        try:
            encode(texts[key].replace("{msisdn}", _LONGEST_MSISDN))
        except NotSpoken as too_long:
            table.wrong(key, f"must fit one segment: {too_long}")
    return texts
