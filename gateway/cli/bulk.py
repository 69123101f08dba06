"""``linegate order bulk``: a file of orders posted many at once and followed to their ends."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from gateway.cli.bulk_client import BulkClient
from gateway.cli.bulk_rows import BulkRow, count_rows, read_bulk
from gateway.cli.failure import Refused
from gateway.cli.gateway_client import Address, Json
from gateway.cli.printing import console, rows, show, table

_ENDED_WELL = {"completed", "would_be_accepted", "acknowledged", "pending"}
_MOST_DRAWN = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is posted."""

    file: Path
    at_once: int
    wait: bool
    dry_run: bool
    results: Path | None
    as_json: bool


@dataclass(slots=True)
class _Tally:
    """What became of the rows so far; details are kept of the bad ones only."""

    progress: Progress
    posted: TaskID
    ended: TaskID
    results: IO[str] | None
    states: Counter[str] = field(default_factory=Counter)
    bad: list[Json] = field(default_factory=list)

    def note(self, row: BulkRow, outcome: Json) -> None:
        """Take one row's outcome."""
        state = str(outcome["state"])
        self.states[state] += 1
        told = {"row": row.number, "external_id": row.order.get("external_id"), **outcome}
        if state not in _ENDED_WELL and len(self.bad) < _MOST_DRAWN:
            self.bad.append(told)
        if self.results is not None:
            self.results.write(json.dumps(told) + "\n")
        counts = ", ".join(f"{count} {name}" for name, count in self.states.most_common())
        self.progress.update(self.ended, advance=1, description=counts)


def bulk(wish: Wish) -> None:
    """Post, follow, tell. Raises Refused when any order was refused or ended badly."""
    total = count_rows(wish.file)  # also finds a broken line before anything is posted
    with ExitStack() as stack:
        progress = stack.enter_context(_progress(quiet=wish.as_json))
        results = None if wish.results is None else stack.enter_context(wish.results.open("w", encoding="utf-8"))
        posted, ended = (progress.add_task(word, total=total) for word in ("posted", "ended"))
        tally = _Tally(progress, posted, ended, results)
        asyncio.run(_bulk(wish, tally))
    told: Json = {"file": str(wish.file), "rows": total, "states": dict(tally.states), "bad": tally.bad}
    show(told, as_json=wish.as_json, drawn=lambda: _draw(told))
    wrong = sum(count for state, count in tally.states.items() if state not in _ENDED_WELL)
    if wrong:
        raise Refused(f"{wrong} of {total} orders were refused or ended badly; correct them and post the file again")


async def _bulk(wish: Wish, tally: _Tally) -> None:
    left = read_bulk(wish.file)
    async with BulkClient(Address.from_environment(), wish.at_once) as client:
        workers = [asyncio.create_task(_work(client, left, wish, tally)) for _ in range(wish.at_once)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()


async def _work(client: BulkClient, left: Iterator[BulkRow], wish: Wish, tally: _Tally) -> None:
    """Post row after row, then look what became of them, the first one first: most have ended by then."""
    followed: list[tuple[BulkRow, str]] = []
    for row in left:
        outcome = await (client.preview(row.order) if wish.dry_run else client.place(row.order, row.key))
        tally.progress.advance(tally.posted)
        if outcome.get("id") is None or not wish.wait:
            tally.note(row, outcome)
        else:
            followed.append((row, str(outcome["id"])))
    for row, order_id in followed:
        tally.note(row, await client.until_ended(order_id))


def _progress(*, quiet: bool) -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
        console=console(stderr=True),
        disable=quiet or not console(stderr=True).is_terminal,
    )


def _draw(told: Json) -> RenderableType:
    if not told["bad"]:
        return rows(table("", "state", "orders"), told["states"].items())
    drawn = table("refused or ended badly", "row", "external id", "state", "why")
    return rows(drawn, ((b["row"], b["external_id"], b["state"], b.get("detail")) for b in told["bad"]))
