"""Following a batch: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.cli.failure import Failure, NotReached, Refused
from gateway.cli.gateway_client import GatewayClient, Json
from gateway.cli.printing import console

_LOOK_S: Final = 0.5
_LINE_EACH_S: Final = 5.0
_PATIENCE_S: Final = 60.0  # a gateway may be started again meanwhile: its batches go on
_ENDED: Final = ("completed", "failed", "partial", "cancelled", "rejected")
#: nobody but a person moves these on
WAITING: Final = ("ready", "paused", "receiving")


def follow_to_end(client: GatewayClient, where: str, *, quiet: bool, also_until: tuple[str, ...] = WAITING) -> Json:
    """Return a batch once nothing moves by itself any more. Raises NotReached."""
    with _shown(quiet=quiet) as tell:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                document = client.get(where)
            except (NotReached, Refused) as failure:
                if time.monotonic() > until or not _passes(failure):
                    raise
            else:
                until = time.monotonic() + _PATIENCE_S
                tell(document)
                if document["over"] or document["state"] in also_until:
                    return document
            time.sleep(_LOOK_S)


def _passes(failure: Failure) -> bool:
    """Tell whether to ask again: nobody is there, or a fault."""
    status = (failure.document or {}).get("status", HTTPStatus.OK)
    return isinstance(failure, NotReached) or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def done_of(document: Json) -> int:
    """Count the rows of which it is known how they ended."""
    ended = sum(document["orders"].get(state, 0) for state in _ENDED)
    rows = document["rows"]
    if document["state"] == "validating":
        return sum(rows.get(state, 0) for state in ("valid", "problem"))
    return int(ended + sum(rows.get(state, 0) for state in ("problem", "refused", "cancelled")))


@contextmanager
def _shown(*, quiet: bool) -> Iterator[Callable[[Json], None]]:
    shown = console(stderr=True)
    if quiet:
        yield lambda _: None
    elif shown.is_terminal:
        text = TextColumn("{task.description}", markup=False)
        with Progress(text, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=shown) as bar:
            task = bar.add_task("batch", total=None)
            yield lambda seen: bar.update(
                task, total=seen["total"], completed=done_of(seen), description=_described(seen)
            )
    else:
        yield _Lines(shown.print).tell


class _Lines:
    """One line at each change of state, and every few seconds."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._state = ""
        self._next = 0.0

    def tell(self, seen: Json) -> None:
        now = time.monotonic()
        if seen["state"] != self._state or now >= self._next:
            self._state, self._next = seen["state"], now + _LINE_EACH_S
            self._write(f"{_described(seen)}: {done_of(seen)} of {seen['total']} rows done")


def _described(seen: Json) -> str:
    bad = sum(seen["problems"].values())
    parts = [str(seen["state"]), f"{bad} problems" if bad else "", _rate(seen)]
    return ", ".join(part for part in parts if part)


def _rate(seen: Json) -> str:
    return f"{seen['rate_per_s']:.0f} a second" if seen["rate_per_s"] else ""
