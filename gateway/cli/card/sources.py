"""Where a card's own data come from: a vendor's file, a pySim list, or the gateway's vault. They stay in memory."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from gateway.cli.card.disclosure import Reason, keys_told
from gateway.cli.failure import NotReached, Refused, WrongUse
from gateway.cli.gateway_client import GatewayClient
from gateway.stock import vendor
from gateway.stock.vendor_cards import card_data
from sim_readers.card_data import CardData
from sim_readers.job.runner import NotOurs, Source
from sim_readers.pysim import csv_rows
from sim_readers.secret import Secret

_MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class FileCards:
    """All cards of one file, or of several that have no card in common."""

    name: str
    cards: Mapping[str, CardData]

    def __call__(self, iccid: str) -> CardData:
        """Find a card. Raises NotOurs."""
        data = self.cards.get(iccid)
        if data is None:
            raise NotOurs(f"card {iccid} is not in {self.name}: see that the right file is loaded")
        if not data.imsi:
            raise NotOurs(f"card {iccid} has no IMSI in {self.name}: add it there")
        return data


def read_cards(file: Path) -> FileCards:
    """Read a vendor's output file or a pySim list, told apart by what is in it. Raises WrongUse with its problems."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as missing:
        raise WrongUse(f"{file.name}: cannot be read ({missing.strerror})") from missing
    except UnicodeDecodeError:
        raise WrongUse(f"{file.name}: is not UTF-8") from None
    problems, cards = _read_csv(text) if is_csv(text) else _read_vendor(text)
    if problems:
        more = f"\n  and {len(problems) - _MOST_TOLD} more" if len(problems) > _MOST_TOLD else ""
        listed = "\n  ".join(problems[:_MOST_TOLD])
        raise WrongUse(f"{file.name} cannot be used, and nothing was done:\n  {listed}{more}")
    if not cards:
        raise WrongUse(f"{file.name}: there is no card in it")
    return FileCards(file.name, {card.iccid: card for card in cards})


def read_all(files: Sequence[Path]) -> FileCards:
    """Read several files as if they were one. Raises WrongUse with the problems of a file, or what two files share."""
    read = [read_cards(file) for file in files]
    homes: dict[str, FileCards] = {}
    for one in read:
        for number in (number for card in one.cards.values() for number in (card.iccid, card.imsi) if number):
            if (other := homes.setdefault(number, one)) is not one:
                raise WrongUse(f"{number} is in {other.name} and in {one.name}: nothing was done; use one of them")
    return FileCards(" or ".join(one.name for one in read), {i: card for one in read for i, card in one.cards.items()})


class VaultCards:
    """The gateway's vault; whoever asks is in its audit. ``references`` name the ADM1 keys it gave, by ICCID."""

    def __init__(self, client: GatewayClient, station: str, reason: Reason, *, without_adm: bool = False) -> None:
        self._client = client
        self._station = station
        self._reason = reason
        self._without_adm = without_adm
        self.references: dict[str, str] = {}
        self._lock = threading.Lock()

    def reach(self) -> None:
        """See that the gateway is there and takes our token. Raises NotReached, WrongUse."""
        self._client.get("/v1/orders", limit=1)

    def __call__(self, iccid: str) -> CardData:
        """Ask for a card's keys. Raises NotOurs when the gateway refuses, NotReached, WrongUse."""
        try:
            told = keys_told(self._client, iccid, self._reason, self._station, without_adm=self._without_adm)
        except Refused as refused:
            raise NotOurs(f"the gateway does not give the keys of card {iccid}: {refused}") from None
        if told.adm1_ref is not None:
            with self._lock:
                self.references[iccid] = told.adm1_ref
        return told.card


def patient(source: Source) -> Source:
    """Let one card wait when the gateway is away for a moment, instead of ending a whole batch."""

    def find(iccid: str) -> CardData:
        try:
            return source(iccid)
        except NotReached as away:
            raise NotOurs(f"{away}; then insert card {iccid} again") from away

    return find


def with_adm(source: Source, typed: Secret) -> Source:
    """Put an ADM1 that was typed in place of the one that is kept."""
    return lambda iccid: replace(source(iccid), adm1=typed)


def printed(source: Source, scanned: str) -> Source:
    """Let only the card pass whose printed number was scanned."""

    def find(iccid: str) -> CardData:
        if iccid != scanned:
            raise NotOurs(f"the number printed is {scanned}, the card in the reader is {iccid}: it is another card")
        return source(iccid)

    return find


def is_csv(text: str) -> bool:
    """Whether a text is a pySim list, not a vendor's file."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return "," in first and "iccid" in first.lower()


def _read_csv(text: str) -> tuple[list[str], list[CardData]]:
    found = csv_rows.read_cards(text)
    return [_told("row", p.row, p.column, p.detail) for p in found.problems], [one.card for one in found.cards]


def _read_vendor(text: str) -> tuple[list[str], list[CardData]]:
    found = vendor.parse(text)
    problems = [_told("line", p.line, p.column, p.detail) for p in found.problems]
    return problems, [card_data(sim.iccid, sim.imsi, sim.secrets) for sim in found.sims]


def _told(word: str, number: int, column: str, detail: str) -> str:
    where = f"{word} {number}, " if number else ""
    return f"{where}{column + ': ' if column else ''}{detail}"
