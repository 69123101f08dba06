"""Taking a file in, piece by piece, each durable before the next: a cut connection loses nothing that was taken."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from gateway.batches import book
from gateway.batches.csv_rows import columns
from gateway.batches.splitting import Piece, Place, RowTooLong, Splitter
from gateway.batches.states import Batch, BatchState, Format, Options
from gateway.journal.journal import Conflict, Journal, Unit
from gateway.orders import records
from gateway.orders.acceptance import KeyReused
from gateway.orders.fair_share import FairShare
from gateway.orders.ids import new_id
from gateway.orders.judgement import Clock

_ROWS_A_COMMIT: Final = 64  #: at the least
_BYTES_AT_ONCE: Final = 2_048  #: of the shortest rows it is a thousand: more would keep others waiting


class NoRows(Exception):
    """The file ended and had no row."""


class NotThere(Exception):
    """The bytes sent do not continue those taken, or no more are awaited; ``batch`` is as it stands."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch.batch_id)
        self.batch = batch


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of a posting."""

    batch: Batch
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Intake:
    """The door of files."""

    journal: Journal
    clock: Clock
    share: FairShare
    most_bytes: int  # of one line
    told: Callable[[], None]

    async def post(
        self, options: Options, key: str | None, payload_hash: str, body: AsyncIterator[bytes], *, last: bool
    ) -> Posted:
        """Take a new batch and the first part of its file, or all of it; nothing is kept of a file without a row.

        Under a key that was used, the bytes must be those taken before; those behind them are taken now.
        Raises KeyReused, NoRows, BadHeader, RowTooLong, JournalFull; ClientDisconnect when it ends in between.
        """
        known = None if key is None else await records.answer_for_key(self.journal, key)
        if known is not None:
            return Posted(await self._again(known, payload_hash, options, body, last=last), replayed=True)
        upload = _Upload(self, options, key, payload_hash)
        return Posted(await upload.watched(body, last=last))

    async def append(self, batch: Batch, offset: int, body: AsyncIterator[bytes], *, last: bool) -> Batch:
        """Take the part of the file that begins at ``offset`` bytes. Raises NotThere and as ``post``."""
        if batch.state is not BatchState.RECEIVING or offset != batch.received:
            raise NotThere(batch)
        return await _Upload(self, batch.options, batch=batch).watched(body, last=last)

    async def _again(
        self,
        known: tuple[str, dict[str, str]],
        payload_hash: str,
        options: Options,
        body: AsyncIterator[bytes],
        *,
        last: bool,
    ) -> Batch:
        batch = await book.batch(self.journal, known[1]["id"])
        if known[0] != payload_hash or batch is None:
            raise KeyReused
        return await _Upload(self, options, batch=batch, again=True).watched(body, last=last)


class _Upload:
    """One part of a file on its way in."""

    def __init__(  # noqa: PLR0913 - what tells a first posting from one that goes on
        self,
        intake: Intake,
        options: Options,
        key: str | None = None,
        payload_hash: str = "",
        *,
        batch: Batch | None = None,
        again: bool = False,
    ) -> None:
        """``again``: what was taken before comes once more, from the first byte on."""
        self._intake = intake
        self._options = options
        self._key = (key, payload_hash)
        self._batch = batch
        self._again = again
        going_on = None if batch is None or again else Place(batch.received, batch.lines, batch.header)
        self._splitter = Splitter(options.format, going_on or Place(), intake.most_bytes)
        self._known_lines = 0 if batch is None or not again else batch.lines

    async def watched(self, body: AsyncIterator[bytes], *, last: bool) -> Batch:
        """Take what comes, giving way to whoever is in a hurry."""
        async with self._intake.share.watched():
            return await self.run(body, last=last)

    async def run(self, body: AsyncIterator[bytes], *, last: bool) -> Batch:
        """Take what comes; with ``last`` the file is whole at its end."""
        broken: list[Exception] = []
        try:
            async for data in _until_broken(body, broken):
                for begin in range(0, len(data), _BYTES_AT_ONCE):
                    began = time.perf_counter()
                    self._splitter.feed(data[begin : begin + _BYTES_AT_ONCE])
                    await self._flush(_ROWS_A_COMMIT)
                    await self._intake.share.give_way(time.perf_counter() - began)
            if last and not broken:
                self._splitter.finish()
        except RowTooLong as wrong:
            await self._fail(str(wrong))
            raise
        await self._flush(1)  # whole rows that came before a break are kept
        if broken:
            raise broken[0]
        return await self._ended(last=last)

    async def _flush(self, least: int) -> None:
        if self._splitter.waiting < least and least > 1:
            return
        piece = self._splitter.take()
        if self._options.format is Format.CSV and piece.header is not None:
            columns(piece.header)
        fresh = await self._compared(piece)
        if fresh.rows or (self._batch is not None and fresh.offset > self._batch.received):
            await self._write(fresh)

    def _offset(self) -> int:
        return 0 if self._batch is None else self._batch.received

    async def _compared(self, piece: Piece) -> Piece:
        """Compare what was taken before; return what is new. Raises KeyReused where it differs."""
        again = [row for row in piece.rows if row[0] <= self._known_lines]
        if self._batch is not None and again:
            there = await book.texts(self._intake.journal, self._batch.batch_id, again[0][0], len(again))
            if [(row["n"], row["text"]) for row in there] != again:
                raise KeyReused
        fresh = Piece(piece.rows[len(again) :], piece.offset, piece.lines, piece.header)
        if (
            self._again
            and self._batch is not None
            and ((self._batch.complete and fresh.rows) or _other_header(self._batch.header, piece.header))
        ):
            raise KeyReused
        return fresh

    async def _write(self, piece: Piece) -> None:
        """Make rows durable, with the batch itself before the first. Raises NotThere, KeyReused, JournalFull."""
        intake, unit = self._intake, Unit()
        if self._batch is None:
            now = intake.clock()
            batch_id = new_id(now)
            book.add(unit, batch_id, self._options, now)
            if self._key[0] is not None:
                records.add_key(unit, self._key[0], self._key[1], {"id": batch_id}, now)
        else:
            batch_id = self._batch.batch_id
        book.take(unit, batch_id, self._offset(), piece)
        try:
            await intake.journal.commit(unit)
        except Conflict as conflict:
            if conflict.what == "key":
                batch_id = await self._twin()
            raise NotThere(await self._now(batch_id)) from None
        self._batch = await self._now(batch_id)

    async def _twin(self) -> str:
        """Return the batch posted under the same key just now. Raises KeyReused where it is meant otherwise."""
        key, payload_hash = self._key
        known = None if key is None else await records.answer_for_key(self._intake.journal, key)
        if known is None or known[0] != payload_hash:
            raise KeyReused
        return str(known[1]["id"])

    async def _ended(self, *, last: bool) -> Batch:
        """Say that the file is whole, if it is; a file of which nothing is here yet may still be announced."""
        if self._batch is None and not last:
            await self._write(self._splitter.take())
        batch = self._batch
        if batch is None or (last and not batch.total):
            raise NoRows
        if last and self._again and self._splitter.take().lines < batch.lines:
            raise KeyReused
        if last and batch.state is BatchState.RECEIVING:
            unit = Unit()
            book.move(unit, batch, BatchState.VALIDATING, self._intake.clock(), complete=1)
            await self._moved(unit, batch)
        return await self._now(batch.batch_id)

    async def _fail(self, detail: str) -> None:
        """A file that cannot be taken whole is not waited for."""
        batch, now = self._batch, self._intake.clock()
        if batch is not None and batch.state is BatchState.RECEIVING:
            unit = Unit()
            book.move(unit, batch, BatchState.FAILED, now, detail=detail, ended_at=now.isoformat())
            await self._moved(unit, batch)

    async def _moved(self, unit: Unit, batch: Batch) -> None:
        try:
            await self._intake.journal.commit(unit)
        except Conflict:
            raise NotThere(await self._now(batch.batch_id)) from None
        self._intake.told()

    async def _now(self, batch_id: str) -> Batch:
        found = await book.batch(self._intake.journal, batch_id)
        if found is None:
            raise LookupError(batch_id)
        return found


def _other_header(known: str | None, given: str | None) -> bool:
    """Tell whether the columns are others than those of the rows that were taken."""
    return known is not None and given is not None and given != known


async def _until_broken(body: AsyncIterator[bytes], broken: list[Exception]) -> AsyncIterator[bytes]:
    """Give what comes; how it broke off is kept for later, as what came before is taken first."""
    try:
        async for data in body:
            yield data
    except Exception as fault:  # noqa: BLE001 - raised again once what came is durable
        broken.append(fault)
