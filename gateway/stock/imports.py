"""Vendor files into stock: sealed, counted, and nothing that is there is ever overwritten."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from gateway.contract.action import SimState
from gateway.journal.journal import Conflict, Journal, Unit
from gateway.journal.schema import insert_if_absent, row_by, sims
from gateway.stock.vault import Vault
from gateway.stock.vendor import SECRETS, Problem, VendorFile, VendorSim, parse

_CARDS_AT_ONCE = 500
_NEW = insert_if_absent(sims, "imsi")
_BY_ICCID = row_by(sims, "iccid")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file."""

    customer: str
    batch: str
    rows: int
    imported: int
    already_there: int
    problems: tuple[Problem, ...]


async def import_vendor_file(text: str, journal: Journal, vault: Vault, now: datetime) -> ImportReport:
    """Put a file's cards into stock; a card that is there with the same IMSI is left as it is, with another refused."""
    found = await asyncio.to_thread(parse, text)
    imported = already_there = 0
    problems = list(found.problems)
    for start in range(0, len(found.sims), _CARDS_AT_ONCE):
        cards = found.sims[start : start + _CARDS_AT_ONCE]
        units = await asyncio.to_thread(_units, found, cards, vault, now)
        written = await asyncio.gather(*(_write(journal, unit) for unit in units))  # one commit for all of them
        imported += sum(written)
        for card in (c for c, new in zip(cards, written, strict=True) if not new):
            there = await journal.rows(_BY_ICCID, iccid=card.iccid)
            if there and there[0]["imsi"] == card.imsi:
                already_there += 1
            else:
                detail = "is in stock with another ICCID or IMSI; nothing was overwritten"
                problems.append(Problem(card.line, "ICCID/IMSI", detail, card.iccid))
    return ImportReport(found.customer, found.batch, found.rows, imported, already_there, tuple(problems))


async def _write(journal: Journal, unit: Unit) -> bool:
    """Write one card; tell whether it was new."""
    try:
        await journal.commit(unit)
    except Conflict:
        return False
    return True


def _units(found: VendorFile, cards: list[VendorSim], vault: Vault, now: datetime) -> list[Unit]:
    return [_unit(found, card, vault, now) for card in cards]


def _unit(found: VendorFile, card: VendorSim, vault: Vault, now: datetime) -> Unit:
    unit = Unit()
    sealed = {n: vault.seal(card.iccid, n, card.secrets[n]) if n in card.secrets else None for n in SECRETS}
    unit.add(
        _NEW,
        "there",
        iccid=card.iccid,
        imsi=card.imsi,
        state=SimState.STOCK.value,
        line_id=None,
        order_id=None,
        customer=found.customer,
        batch=found.batch,
        profile=found.profile,
        imported_at=now.isoformat(),
        **sealed,
    )
    return unit
