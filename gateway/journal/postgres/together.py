"""Reads asked together: what many want to know at once is one question on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.journal.journal import JournalAway, Row
from gateway.journal.postgres.statements import PreparedRead

MOST: Final = 500  #: questions in one
Fetch = Callable[..., Awaitable[Sequence[Row]]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question: its values, and whoever waits for its rows."""

    values: Sequence[object]
    rows: asyncio.Future[Sequence[Row]]

    def answer(self, rows: Sequence[Row]) -> None:
        if not self.rows.done():
            self.rows.set_result(rows)

    def fail(self, failure: Exception) -> None:
        if not self.rows.done():
            self.rows.set_exception(failure)


class Together:
    """Asks each statement once at a time; who comes meanwhile is in the next question, with all who do.

    Nobody is told what was so before they asked, and nobody pays for another's value that cannot be sent.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._waiting: dict[str, list[_Asked]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def rows(self, read: PreparedRead, values: Sequence[object]) -> Sequence[Row]:
        """Return the rows for these values, in no order. Raises what the fetch raises."""
        asked = _Asked(values, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(read.text, []).append(asked)
        if read.text not in self._asking:
            self._asking[read.text] = asyncio.create_task(self._ask_all(read), name="reads")
        return await asked.rows

    async def _ask_all(self, read: PreparedRead) -> None:
        """Ask until nobody waits for this statement any more."""
        waiting = self._waiting[read.text]
        try:
            while waiting:
                await asyncio.sleep(0)  # one more turn of the loop: who has just been answered may ask again
                questions = [asked for asked in waiting[:MOST] if not asked.rows.done()]
                del waiting[:MOST]
                await self._ask(read, questions)
        finally:
            del self._asking[read.text], self._waiting[read.text]
            for asked in waiting:  # the loop is being closed under us
                asked.rows.cancel()

    async def _ask(self, read: PreparedRead, questions: list[_Asked]) -> None:
        if len(questions) == 1:
            await self._ask_alone(read, questions[0])
        elif questions:
            try:
                answers = await self._fetch(
                    read.together, *map(list, zip(*(asked.values for asked in questions), strict=True))
                )
            except JournalAway as away:
                for asked in questions:
                    asked.fail(away)
            except Exception:  # noqa: BLE001 - one of the values, most likely: whoever gave it is told alone
                for asked in questions:
                    await self._ask_alone(read, asked)
            else:
                _hand_out(questions, answers)

    async def _ask_alone(self, read: PreparedRead, asked: _Asked) -> None:
        try:
            asked.answer(await self._fetch(read.text, *asked.values))
        except Exception as failure:  # noqa: BLE001 - whoever asked is told
            asked.fail(failure)


def _hand_out(questions: list[_Asked], answers: Sequence[Row]) -> None:
    """Give each question the rows that bear its number."""
    found: list[list[Row]] = [[] for _ in questions]
    for row in answers:
        found[row["asked_n"] - 1].append(row)
    for asked, rows in zip(questions, found, strict=True):
        asked.answer(rows)
