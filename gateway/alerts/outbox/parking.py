"""What waits for its other half: receipts without their message, and messages in doubt without their receipt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from drivers.dialects.smpp.delivery import MessageState, Receipt
from drivers.dialects.smpp.matching import candidates, canonical
from drivers.subscription import Msisdn
from gateway.journal.journal import Row


@dataclass(frozen=True, slots=True)
class Arrived:
    """A receipt as one centre told it; ``seq``: of its row, if it has been parked."""

    centre: str
    receipt: Receipt
    at: datetime
    seq: int | None = None

    @classmethod
    def from_row(cls, row: Row) -> Arrived:
        """Read one back."""
        receipt = Receipt(
            message_id=row["smsc_id"],
            state=MessageState(row["state"]),
            about=None if row["about"] is None else Msisdn(row["about"]),
            reference=row["reference"],
            error=row["error"],
            done_at=row["done_at"],
        )
        return cls(row["smsc"], receipt, datetime.fromisoformat(row["at"]), row["seq"])


class ParkedReceipts:
    """Those that came before the answer they belong to; by what that answer will make them known."""

    def __init__(self) -> None:
        self.last = 0  # the newest row known
        self._waiting: dict[int, Arrived] = {}  # by row, so the oldest first
        self._known: defaultdict[tuple[str, str | int], set[int]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, rows: Iterable[Row]) -> None:
        """Take receipts in that have just been written as parked."""
        for row in rows:
            arrived = Arrived.from_row(row)
            self.last = max(self.last, row["seq"])
            self._waiting[row["seq"]] = arrived
            for name in _names(arrived):
                self._known[name].add(row["seq"])

    def of_part(self, centre: str, smsc_id: str, reference: int) -> Iterator[Arrived]:
        """Those that may be about a part."""
        if not self._waiting:
            return
        found = self._known.get((centre, canonical(smsc_id)), set()) | self._known.get(("", reference), set())
        yield from (self._waiting[seq] for seq in sorted(found))

    def all(self) -> list[Arrived]:
        """Everything that waits, the oldest first."""
        return list(self._waiting.values())

    def older_than(self, moment: datetime) -> list[Arrived]:
        """Those that have waited too long."""
        found: list[Arrived] = []
        for arrived in self._waiting.values():
            if arrived.at > moment:
                break
            found.append(arrived)
        return found

    def remove(self, seq: int) -> None:
        """One waits no more."""
        arrived = self._waiting.pop(seq, None)
        if arrived is None:
            return
        for name in _names(arrived):
            self._known[name].discard(seq)
            if not self._known[name]:
                del self._known[name]


class Doubts:
    """Messages that may have gone out unheard of, by reference and recipient."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], str] = {}

    def note(self, reference: int, msisdn: str, message_id: str) -> None:
        """A message is in doubt."""
        self._known[reference, msisdn] = message_id

    def of(self, receipt: Receipt) -> str | None:
        """Return the message that a receipt is about; without both reference and recipient it is no proof."""
        if receipt.reference is None or receipt.about is None:
            return None
        return self._known.get((receipt.reference, receipt.about))

    def forget(self, reference: int | None, msisdn: str) -> None:
        """A message is in doubt no more."""
        if reference is not None:
            self._known.pop((reference, msisdn), None)


def _names(arrived: Arrived) -> set[tuple[str, str | int]]:
    """What the part it is about may be known as."""
    receipt = arrived.receipt
    names: set[tuple[str, str | int]] = {(arrived.centre, canonical(one)) for one in candidates(receipt.message_id)}
    if receipt.reference is not None:
        names.add(("", receipt.reference))
    return names
