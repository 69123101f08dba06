"""Bad cards in a row, over all readers: one can be faulty, several mean that something else is wrong."""

from __future__ import annotations

from typing import Final

from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult

_BAD: Final = (Outcome.FAILED, Outcome.KEY_REFUSED, Outcome.REFUSED)
_NUMBERS: Final = {1: "one card", 2: "two cards", 3: "three cards", 4: "four cards", 5: "five cards"}


class Streak:
    """Counts cards that ended badly until one is well; ``most`` of them are too many. Not thread-safe.

    A card that is bad again counts once. One that left in the middle is bad the second time, for the first may be its
    contacts or a hasty hand. Strangers and empty readers say nothing of the job either way.
    """

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ValueError("at least one card must be allowed to fail")
        self._most = most
        self._bad: dict[object, str] = {}
        self._torn: set[str | None] = set()

    def judge(self, result: CardResult, *, torn_twice: bool = False) -> str | None:
        """Take one card's result into account; say why to stop, if it is time to."""
        if result.well:
            self._bad.clear()
            self._torn.discard(result.iccid)
        elif self._is_bad(result, torn_twice=torn_twice):
            card = object() if result.iccid is None else result.iccid
            self._bad[card] = f"{result.iccid or 'a card without number'}: {'; '.join(result.reasons)}"
        if len(self._bad) < self._most:
            return None
        count = _NUMBERS.get(self._most, f"{self._most} cards")
        return f"{count} in a row failed: {' | '.join(self._bad.values())}"

    def _is_bad(self, result: CardResult, *, torn_twice: bool) -> bool:
        if result.outcome is not Outcome.TORN:
            return result.outcome in _BAD
        again = result.iccid is not None and result.iccid in self._torn
        self._torn.add(result.iccid)
        return torn_twice or again
