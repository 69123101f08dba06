"""Finding the message a receipt is about: by id as that centre writes ids, else by reference and recipient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from drivers.dialects.smpp.delivery import MessageState as Told
from drivers.dialects.smpp.delivery import Receipt
from drivers.dialects.smpp.matching import IdForm, candidates, canonical, is_final
from gateway.alerts.outbox import book, evidence
from gateway.alerts.outbox.parking import Arrived
from gateway.journal.journal import Journal, Row


@dataclass(slots=True)
class Sent:
    """A message some parts of which an SMSC has; ``parts``: what each was last told to be."""

    row: Row
    parts: dict[int, Told | None] = field(default_factory=dict)

    @property
    def message_id(self) -> str:
        """Which it is."""
        return str(self.row["message_id"])

    @property
    def complete(self) -> bool:
        """Whether all its parts are known, and for each nothing more will come."""
        final = [told is not None and is_final(told) for told in self.parts.values()]
        return len(final) >= (self.row["segments"] or 1) and all(final)

    def open(self, n: int) -> bool:
        """Whether something more is to be told of a part."""
        told = self.parts.get(n)
        return told is None or not is_final(told)


@dataclass(frozen=True, slots=True)
class Found:
    """The part a receipt is about; ``by_id``: its id says so, not only reference and recipient."""

    sent: Sent
    n: int
    by_id: bool


class Finder:
    """For the receipts of one commit: what has been found stays, with what was learnt meanwhile."""

    def __init__(self, journal: Journal, forms: Mapping[str, IdForm], trusted: timedelta) -> None:
        """``forms``: how each centre writes ids; ``trusted``: how long a mere reference is believed."""
        self._journal = journal
        self._forms = forms
        self._trusted = trusted
        self._seen: dict[str, Sent] = {}

    async def find(self, arrived: Arrived) -> Found | None:
        """Return the one part it can be about; a guess between two is no find."""
        receipt = arrived.receipt
        form = self._forms.get(arrived.centre, IdForm.ANY)
        for candidate in candidates(receipt.message_id, form):
            rows = await evidence.by_key(self._journal, canonical(candidate))
            if len(rows) == evidence.MOST_FOUND and receipt.about is None:
                continue
            here = [row for row in rows if row["smsc"] == arrived.centre and _same_phone(row, receipt)]
            same = [row for row in here if row["smsc_id"] == candidate]
            alike = [] if form is IdForm.AS_IS else [row for row in here if _same_reference(row, receipt)]
            found = await self._one(same or alike, receipt)
            if found is not None:
                return found
        return await self._by_reference(receipt, arrived.at)

    async def _by_reference(self, receipt: Receipt, at: datetime) -> Found | None:
        """The newest part of that phone with that reference of which something is still to be told."""
        if receipt.reference is None:
            return None
        rows = await evidence.by_reference(self._journal, receipt.reference, at - self._trusted)
        theirs = [row for row in rows if row["msisdn"] == receipt.about] if receipt.about is not None else list(rows)
        if receipt.about is None and len({row["message_id"] for row in theirs}) > 1:
            return None
        found = [Found(await self._sent(row), row["n"], by_id=False) for row in theirs]
        newest = [each for each in found if each.sent.message_id == theirs[0]["message_id"]]
        waiting = sorted((each for each in newest if each.sent.open(each.n)), key=lambda each: each.n)
        return waiting[0] if waiting else next(iter(newest), None)

    async def _one(self, rows: Sequence[Row], receipt: Receipt) -> Found | None:
        """Of parts with one id: the only one, else the only one of that phone and reference that waits."""
        if len(rows) > 1 and receipt.about is not None:
            rows = [row for row in rows if row["msisdn"] == receipt.about]
        if len(rows) > 1 and receipt.reference is not None:
            rows = [row for row in rows if row["reference"] == receipt.reference]
        found = [Found(await self._sent(row), row["n"], by_id=True) for row in rows]
        if len(found) <= 1:
            return found[0] if found else None
        waiting = [each for each in found if each.sent.open(each.n)]
        if not waiting:
            return found[0]  # all is known of all of them: it tells nothing new, whichever it is
        return waiting[0] if len(waiting) == 1 else None

    async def _sent(self, row: Row) -> Sent:
        known = self._seen.get(row["message_id"])
        if known is not None:
            return known
        sent = Sent(row, {row["n"]: _told(row["part_state"])})
        if (row["segments"] or 1) > 1:
            parts = await book.parts(self._journal, row["message_id"])
            sent.parts = {part["n"]: _told(part["receipt_state"]) for part in parts}
        self._seen[row["message_id"]] = sent
        return sent


def _same_phone(part: Row, receipt: Receipt) -> bool:
    """Tell whether the receipt is about that phone, as far as it says; written nationally it lacks the country code.

    Ids coincide by chance, and a phone may send what looks like a receipt for somebody else's message.
    """
    return receipt.about is None or str(part["msisdn"]).endswith(receipt.about.lstrip("+0"))


def _same_reference(part: Row, receipt: Receipt) -> bool:
    return receipt.reference in (None, part["reference"])


def _told(written: str | None) -> Told | None:
    return None if written is None else Told(written)
