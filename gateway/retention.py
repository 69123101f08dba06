"""How long what has ended stays where it is, as ``[retention]`` of ``linegate.toml`` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.contract.table import Table

_LONGEST_DAYS: Final = 36_500


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """In days; 0: for good.

    ``orders_days``: an order that ended longer ago is moved to the archive. ``keys_days``: an Idempotency-Key older
    than this is forgotten, and what is posted under it again is new.
    """

    orders_days: int = 400
    keys_days: int = 90


def read_retention(table: Table) -> RetentionSettings:
    """Read the table."""
    usual = RetentionSettings()
    return RetentionSettings(
        orders_days=table.number("orders_days", usual.orders_days, most=_LONGEST_DAYS),
        keys_days=table.number("keys_days", usual.keys_days, most=_LONGEST_DAYS),
    )
