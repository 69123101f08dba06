"""``linegate order bulk``: a file of orders posted many at once and followed to their ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import uvloop
from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from gateway.cli.bulk_client import BulkClient, Placed
from gateway.cli.bulk_rows import BulkRow, count_rows, read_bulk
from gateway.cli.bulk_tally import Tally
from gateway.cli.ends import Ends
from gateway.cli.failure import Refused, WrongUse
from gateway.cli.gateway_client import Address, Json
from gateway.cli.printing import cell, console, rows, show, state, table

_DRAWN_EACH_S = 0.2


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is posted; ``timeout_s`` is how long ends are waited for after the last row, ``None``: for ever."""

    file: Path
    at_once: int = 16
    wait: bool = False
    dry_run: bool = False
    results: Path | None = None
    as_json: bool = False
    timeout_s: float | None = None
    run: str = ""
    patience_s: float = 60.0  # a gateway may be started again meanwhile: its orders go on, and so do we


def bulk(wish: Wish) -> None:
    """Post, follow, tell. Raises Refused when any order was refused or ended badly."""
    if wish.results is not None and wish.results.exists() and wish.results.samefile(wish.file):
        raise WrongUse(f"{wish.results}: is the file to be posted; write the results to another")
    total = count_rows(wish.file)  # also finds a broken line before anything is posted
    began = time.monotonic()
    with ExitStack() as stack:
        results = None if wish.results is None else stack.enter_context(wish.results.open("w", encoding="utf-8"))
        tally = Tally(results, follow=wish.wait and not wish.dry_run)
        bars = stack.enter_context(_Bars(total, wish))
        uvloop.run(_bulk(wish, tally, bars))
    took_s = time.monotonic() - began
    told: Json = {"file": str(wish.file), "rows": total, "accepted": tally.accepted, "replayed": tally.replayed}
    told |= {"states": dict(tally.states), "bad": tally.bad, "seconds": round(took_s, 2)}
    show(told, as_json=wish.as_json, drawn=lambda: _draw(told))
    if tally.wrong:
        raise Refused(f"{tally.wrong} of {total} orders were refused or have not ended well; see --results")


async def _bulk(wish: Wish, tally: Tally, bars: _Bars) -> None:
    address = Address.from_environment()
    left, posted = read_bulk(wish.file, wish.run), asyncio.Event()
    clients = [BulkClient(address, wish.patience_s) for _ in range(wish.at_once)]
    tasks = {asyncio.create_task(bars.draw(tally), name="progress")}
    try:
        await clients[0].greet()
        if wish.wait and not wish.dry_run:
            ends = Ends(address, tally.ended, wish.patience_s)
            tasks.add(asyncio.create_task(ends.listen(), name="ends"))
            await _either(ends.attached, tasks)
        posting = [asyncio.create_task(_post(client, left, wish, tally)) for client in clients]
        tasks.update(posting)
        asyncio.gather(*posting, return_exceptions=True).add_done_callback(lambda _: posted.set())
        await _either(posted, tasks)
        tasks.difference_update(posting)
        tasks.update(asyncio.create_task(_look(client, tally)) for client in clients)
        with suppress(TimeoutError):
            async with asyncio.timeout(wish.timeout_s):
                await _either(tally.quiet, tasks)
        tally.give_up(f"has not ended {wish.timeout_s or 0:g} s after the last one was posted")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in clients:
            await client.close()


async def _either(event: asyncio.Event, tasks: set[asyncio.Task[None]]) -> None:
    """Wait for an event; if one of the tasks fails first, raise what it raised."""
    waiting = asyncio.create_task(event.wait())
    left = set(tasks)
    try:
        while not waiting.done():
            ended, _ = await asyncio.wait({waiting, *left}, return_when=asyncio.FIRST_COMPLETED)
            for task in ended & left:
                task.result()
            left -= ended
    finally:
        waiting.cancel()


async def _post(client: BulkClient, left: Iterator[BulkRow], wish: Wish, tally: Tally) -> None:
    """Post row after row, as long as there are any."""
    for row in left:
        outcome = await (client.preview(row.order) if wish.dry_run else client.place(row.order, row.key))
        if isinstance(outcome, Placed):
            tally.placed(row, outcome)
        else:
            tally.refused(row, outcome)


async def _look(client: BulkClient, tally: Tally) -> None:
    """Look at orders of which more must be known than that they have ended."""
    while True:
        tally.looked(await client.look(await tally.to_look.get()))


class _Bars:
    """The progress on a terminal: how many were accepted, how many are done, how many badly, how many a second."""

    def __init__(self, total: int, wish: Wish) -> None:
        shown = console(stderr=True)
        text = TextColumn("{task.description}", markup=False)
        self._progress = Progress(
            text,
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=shown,
            disable=wish.as_json or not shown.is_terminal,
        )
        self._posted: TaskID = self._progress.add_task("posted", total=total)
        self._done: TaskID = self._progress.add_task("done", total=total)
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    async def draw(self, tally: Tally) -> None:
        """Draw until cancelled."""
        try:
            while True:
                self._drawn(tally)
                await asyncio.sleep(_DRAWN_EACH_S)
        finally:
            self._drawn(tally)

    def _drawn(self, tally: Tally) -> None:
        per_s = tally.done / max(time.monotonic() - self._began, 1e-3)
        refused = tally.states["refused"]
        self._progress.update(
            self._posted, completed=tally.accepted + refused, description=f"accepted, {refused} refused"
        )
        done = f"ended, {tally.wrong} badly, {per_s:.0f} a second"
        self._progress.update(self._done, completed=tally.done, description=done)


def _draw(told: Json) -> RenderableType:
    counts = rows(table("", "state", "orders"), ((state(name), count) for name, count in told["states"].items()))
    parts: list[RenderableType] = [counts]
    if told["bad"]:
        drawn = table("refused, or not ended well (the first ones)", "row", "external id", "state", "why")
        parts.append(rows(drawn, ((b["row"], b["external_id"], state(b["state"]), b["detail"]) for b in told["bad"])))
    again = f", {told['replayed']} of them when the file was posted before" if told["replayed"] else ""
    parts.append(cell(f"{told['rows']} rows in {told['seconds']:g} s; {told['accepted']} accepted{again}"))
    return Group(*parts)
