"""Who may begin, and whether the batch goes on: first one card alone, then all readers, and never more than wanted.

The canary is the first card that has something written to it: while it is treated, and until its result has been
confirmed, no other card is begun. Cards that were turned away, unknown or already as wished prove nothing: the next
one is the canary then, still alone.
"""

from __future__ import annotations

import threading
from enum import StrEnum
from typing import Final

from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult
from sim_readers.job.streak import Streak

LOOK_S: Final = 0.25
"""How soon a stop from outside is seen."""

_ENDS_AS_CANARY = (Outcome.REFUSED, Outcome.FAILED, Outcome.KEY_REFUSED)


class Ending(StrEnum):
    """How a batch came to its end."""

    COMPLETE = "complete"  # as many as wanted; without hot swap: every reader's card
    STOPPED = "stopped"  # from outside
    CANARY_FAILED = "canary_failed"
    CANARY_DECLINED = "canary_declined"
    KEY_REFUSED = "key_refused"  # a card refused its ADM key: most likely the wrong file is loaded
    CARDS_FAILED = "cards_failed"  # several in a row: something is wrong with more than one card
    NO_READER_LEFT = "no_reader_left"
    LEDGER_BROKEN = "ledger_broken"


class Turns:
    """What the readers of a batch share. ``stop`` may be set from anywhere, also by a signal. Thread-safe.

    So many bad cards in a row as ``most_failures`` says end it; ValueError if that is none.
    """

    def __init__(self, readers: int, wanted: int | None, stop: threading.Event, most_failures: int) -> None:
        self._streak = Streak(most_failures)
        self.working = readers
        self._wanted = wanted
        self._stop = stop
        self._changed = threading.Condition()
        self._confirmed = False
        self._asking: CardResult | None = None
        self._under_way = 0
        self._well = 0
        self.ending: tuple[Ending, str] | None = None
        self.crash: BaseException | None = None

    @property
    def over(self) -> bool:
        """Whether no further card is to be begun."""
        return self.ending is not None or self._stop.is_set()

    def end(self, ending: Ending, why: str) -> None:
        """Let no further card begin; the first reason given is the one that counts."""
        with self._changed:
            self.ending = self.ending or (ending, why)
            self._changed.notify_all()

    def broke(self, crash: BaseException) -> None:
        """Keep a mistake of ours to be raised where the batch was started."""
        with self._changed:
            self.crash = self.crash or crash
        self.end(Ending.STOPPED, "a reader's thread broke")

    def gone(self) -> None:
        """One reader fewer is working."""
        with self._changed:
            self.working -= 1
            self._changed.notify_all()

    def enter(self) -> bool:
        """Wait until a card may be treated; tell whether it may, for the batch may have ended meanwhile."""
        with self._changed:
            while not self.over:
                if self._free():
                    self._under_way += 1
                    return True
                self._changed.wait(LOOK_S)
        return False

    def leave(self, result: CardResult | None, *, torn_twice: bool = False) -> None:
        """Give the turn to others; ``None`` if there was no card to be treated after all."""
        with self._changed:
            self._under_way -= 1
            if result is not None:
                self._well += result.well
                self._judge(result, torn_twice=torn_twice)
            if self._well == self._wanted:
                self.end(Ending.COMPLETE, "all the cards that were wanted are done")
            self._changed.notify_all()

    def canary(self) -> CardResult | None:
        """Wait a moment for a canary whose result is to be confirmed."""
        with self._changed:
            if self._asking is None and self.working:
                self._changed.wait(LOOK_S)
            return None if self.over else self._asking

    def confirm(self) -> None:
        """The canary's result is as it should be: all readers may begin."""
        with self._changed:
            self._confirmed, self._asking = True, None
            self._changed.notify_all()

    def pause(self) -> None:
        """Wait a moment before something is tried again."""
        self._stop.wait(LOOK_S)

    def _free(self) -> bool:
        if not self._confirmed:
            return self._under_way == 0 and self._asking is None
        return self._wanted is None or self._well + self._under_way < self._wanted

    def _judge(self, result: CardResult, *, torn_twice: bool) -> None:
        """Look at a result as a canary's, as long as none was confirmed; then as one in a row of others."""
        if self._confirmed:
            if (why := self._streak.judge(result, torn_twice=torn_twice)) is not None:
                self.end(Ending.CARDS_FAILED, f"{why}: see what they have in common before you begin again")
        elif result.outcome is Outcome.WRITTEN:
            self._asking = result
        elif result.outcome in _ENDS_AS_CANARY:
            why = "; ".join(result.reasons)
            self.end(Ending.CANARY_FAILED, f"the first card, {result.iccid}, was not done: {why}")
