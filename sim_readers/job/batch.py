"""A batch: cards come and go in several readers at once, and each is done once, or set aside with a reason.

One thread per reader; nobody else speaks to it. What stops them all: a refused ADM key, a canary that was not done, a
ledger that cannot be written, several bad cards in a row, and whoever asks for it. A card that has been begun is always
finished.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from sim_readers.job.admission import Admission
from sim_readers.job.events import BatchEvent
from sim_readers.job.journal import Step
from sim_readers.job.reader_loop import ReaderLoop
from sim_readers.job.report import BatchReport
from sim_readers.job.runner import CardResult, Workshop
from sim_readers.job.tally import Tally
from sim_readers.job.turns import Ending, Turns
from sim_readers.reader import Reader


class Batch:
    """One run over the readers given.

    ``observe`` is called from the readers' threads, never twice at the same time; it must not block for long.
    ``confirm_canary`` is asked in the thread that called ``run``, once, after the first card that was written; readers
    wait meanwhile. ``wanted``: cards this run is to finish, those it finds done already not counted; ``None``: as many
    as come. ``stop``, set from anywhere, ends the batch after the cards under way. Without ``hot_swap`` each reader's
    present card is treated once. ``most_failures``: so many cards in a row, over all readers, that were treated and are
    not well end the batch; a card taken out in the middle is not one of them, nor is one of which nothing is known.
    Raises ValueError for no reader, one reader twice, or fewer cards wanted or failures borne than one.
    """

    def __init__(  # noqa: PLR0913 - each is a decision of the caller's, all but two by name
        self,
        workshop: Workshop,
        readers: Sequence[Reader],
        *,
        observe: Callable[[BatchEvent], None],
        confirm_canary: Callable[[CardResult], bool],
        wanted: int | None,
        stop: threading.Event,
        hot_swap: bool = True,
        most_failures: int = 3,
    ) -> None:
        if not readers or len({reader.name for reader in readers}) < len(readers):
            raise ValueError("a batch needs readers, each of them once")
        if wanted is not None and wanted < 1:
            raise ValueError("at least one card must be wanted")
        self._workshop = workshop
        self._confirm_canary = confirm_canary
        self._turns = Turns(len(readers), wanted, stop, most_failures)
        self._tally = Tally(observe)
        self._one_card = not hot_swap and len(readers) == 1
        admission = Admission(workshop.source, self._is_done)
        self._loops = [
            ReaderLoop(reader, workshop, self._turns, admission, self._tally, hot_swap=hot_swap) for reader in readers
        ]

    def run(self) -> BatchReport:
        """Work until the end, and say what became of it.

        Raises what ``confirm_canary``, ``observe`` or the workshop's source raise, after the cards under way.
        """
        begun = self._workshop.timer()
        threads = [threading.Thread(target=loop.run, name=f"batch {loop.reader.name}") for loop in self._loops]
        for thread in threads:
            thread.start()
        try:
            while self._turns.working:
                self._ask_for_canary()
        except BaseException:
            self._turns.end(Ending.STOPPED, "it was interrupted")
            raise
        finally:
            for thread in threads:
                thread.join()
        if self._turns.crash is not None:
            raise self._turns.crash
        ending, why = self._turns.ending or self._ending()
        return self._tally.report(ending, why, self._workshop.timer() - begun)

    def _ask_for_canary(self) -> None:
        canary = self._turns.canary()
        if canary is None:
            return
        if self._one_card or self._confirm_canary(canary):
            self._turns.confirm()
        else:
            self._turns.end(Ending.CANARY_DECLINED, f"the first card, {canary.iccid}, was not found to be right")

    def _ending(self) -> tuple[Ending, str]:
        """Say why all readers have ended although nothing ended the batch."""
        if self._turns.over:
            return Ending.STOPPED, "it was stopped"
        if self._tally.lost_all(len(self._loops)):
            return Ending.NO_READER_LEFT, "no reader is left: plug them in and begin again, finished cards are known"
        return Ending.COMPLETE, "every reader's card had its turn"

    def _is_done(self, iccid: str) -> bool:
        bench = self._workshop.bench
        return bench.journal.step(bench.job.name, iccid) is Step.DONE
