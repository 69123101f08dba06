"""One reader of a batch and the loop of its thread: a card comes, is treated, goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sim_readers.errors import NoReader
from sim_readers.job.admission import Admission
from sim_readers.job.events import Again, Asked, Begun, ReaderLost, TurnedAway, Waiting
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult, Workshop
from sim_readers.job.tally import Tally
from sim_readers.job.turns import LOOK_S, Ending, Turns
from sim_readers.ledger import LedgerBroken
from sim_readers.reader import Reader

_PATIENCE_S: Final = 10.0
"""How long a reader may be away or in somebody else's hands before it is given up."""


class ReaderLoop:
    """One reader at work. ``run`` is its thread's whole life."""

    def __init__(  # noqa: PLR0913 - a reader, and the five things all readers of a batch share
        self, reader: Reader, workshop: Workshop, turns: Turns, admission: Admission, tally: Tally, *, hot_swap: bool
    ) -> None:
        self.reader = reader
        self._workshop = workshop
        self._turns = turns
        self._admission = admission
        self._tally = tally
        self._hot_swap = hot_swap
        self._trouble_since: float | None = None
        self._torn_twice = False

    def run(self) -> None:
        """Treat cards until the batch is over; never raises."""
        try:
            self._work()
        except NoReader as lost:
            self._lose(lost)
        except LedgerBroken as broken:
            self._turns.end(Ending.LEDGER_BROKEN, str(broken))
        except BaseException as crash:  # noqa: BLE001 - it is raised again where the batch was started
            self._turns.broke(crash)
        finally:
            self._turns.gone()

    def _work(self) -> None:
        while self._card_comes() and self._turns.enter():
            result: CardResult | None = None
            self._torn_twice = False
            try:
                result = self._treat()
            except NoReader as trouble:
                self._bear(trouble)
                continue
            finally:
                self._turns.leave(result, torn_twice=self._torn_twice)
            if not (self._hot_swap and self._card_goes()):
                return

    def _card_comes(self) -> bool:
        if self._trouble_since is None:
            self._tally.tell(Waiting(self.reader.name))
        return self._wait(self.reader.wait_for_card if self._hot_swap else self._look)

    def _card_goes(self) -> bool:
        return self._wait(self.reader.wait_for_removal)

    def _look(self, timeout_s: float) -> bool:
        """Without hot swap one look is enough: connecting will say whether a card is there."""
        self.reader.wait_for_card(timeout_s)
        return True

    def _wait(self, happens: Callable[[float], bool]) -> bool:
        """Wait for a card to come or go, in slices; tell whether it did before the batch was over. Raises NoReader."""
        while not self._turns.over:
            try:
                if happens(LOOK_S):
                    return True
                self._trouble_since = None
            except NoReader as trouble:
                self._bear(trouble)
        return False

    def _bear(self, trouble: NoReader) -> None:
        """Wait a moment for a reader that is away or busy. Raises NoReader when it has been so for too long."""
        now = self._workshop.timer()
        if self._trouble_since is None:
            self._trouble_since = now
            self._tally.tell(Asked(self.reader.name, str(trouble)))
        elif now - self._trouble_since >= _PATIENCE_S:
            raise trouble
        self._turns.pause()

    def _treat(self) -> CardResult | None:
        """Do one card; ``None`` if there was none to be done. Raises NoReader, LedgerBroken."""
        if self._key_was_refused():
            return None
        self._tally.tell(Begun(self.reader.name))
        result, turned = self._visit()
        if turned is None and result.outcome is Outcome.TORN:
            result, turned = self._once_more(result)
        self._trouble_since = None
        if turned is not None:
            self._tally.tell(turned)
            return None
        return self._account(result)

    def _once_more(self, torn: CardResult) -> tuple[CardResult, TurnedAway | None]:
        """Connect again to a card that is still there: what it holds is read anew, and no wrong key is repeated."""
        try:
            if not self.reader.wait_for_card(0.0):
                return torn, None
            self._tally.tell(Again(self.reader.name, "; ".join(torn.reasons)))
            result, turned = self._visit()
        except NoReader:
            return torn, None  # the next wait will find out about the reader
        self._torn_twice = result.outcome is Outcome.TORN
        return _joined(torn, result), turned

    def _visit(self) -> tuple[CardResult, TurnedAway | None]:
        """Power the card once, from its ATR to its end."""
        with self._admission.visit(self.reader.name) as visitor:
            result = replace(self._workshop, source=visitor.find).apply(self.reader)
        return result, visitor.turned

    def _account(self, result: CardResult) -> CardResult | None:
        """Tell of a result; ``None`` if there was no card after all."""
        self._key_was_refused()
        nothing = result.outcome is Outcome.NO_CARD and self._hot_swap
        if not nothing:
            self._tally.ended(result)
        if self._hot_swap and result.outcome in (Outcome.NO_CARD, Outcome.TORN):
            self._tally.tell(Asked(self.reader.name, "; ".join(result.reasons)))
        return None if nothing else result

    def _key_was_refused(self) -> bool:
        """End the batch as soon as a card, in whatever reader, has refused its ADM key; tell whether one has."""
        iccid = self._workshop.bench.guard.stopped_by
        if iccid is None:
            return False
        why = f"card {iccid} refused its ADM key: check that the right file is loaded"
        self._turns.end(Ending.KEY_REFUSED, why)
        return True

    def _lose(self, lost: NoReader) -> None:
        try:
            self._tally.tell(ReaderLost(self.reader.name, str(lost)))
        except Exception as crash:  # noqa: BLE001 - whoever observes broke: raised again where the batch was started
            self._turns.broke(crash)


def _joined(torn: CardResult, again: CardResult) -> CardResult:
    """Add up what one card cost in two connections; if it has gone meanwhile, it is still a torn one."""
    last = torn if again.outcome is Outcome.NO_CARD else again
    return replace(last, apdus=torn.apdus + again.apdus, duration_s=torn.duration_s + again.duration_s)
