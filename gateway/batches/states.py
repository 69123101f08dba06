"""The words of batches, and what a batch and a row are to the code that moves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gateway.journal.journal import Row


class BatchState(StrEnum):
    """Where a batch is; the orders of its rows have states of their own."""

    RECEIVING = "receiving"  # the file is not here whole
    VALIDATING = "validating"
    READY = "ready"  # validated; waits for a word: start, or approve before it
    RUNNING = "running"  # rows become orders
    PAUSED = "paused"
    COMPLETED = "completed"  # every row is an order, refused or a problem; or it was only to be validated
    CANCELLED = "cancelled"  # rows that are no orders never become any
    FAILED = "failed"  # no row of it can become an order


#: those that nothing happens to any more
OVER: Final = frozenset({BatchState.COMPLETED, BatchState.CANCELLED, BatchState.FAILED})
#: those ``cancel`` ends
CANCELLABLE: Final = tuple(state for state in BatchState if state not in OVER)


class Format(StrEnum):
    """How the file is written."""

    NDJSON = "ndjson"  # one JSON object a line
    CSV = "csv"  # one record a line, below a header


class Start(StrEnum):
    """Who starts it once it is validated."""

    AUTO = "auto"  # the gateway, if nothing was found wrong
    MANUAL = "manual"


class RowState(StrEnum):
    """Where a row is; once placed, its order's state is told instead."""

    RECEIVED = "received"
    VALID = "valid"  # waits to become an order
    PROBLEM = "problem"  # the validation found something wrong
    PLACED = "placed"
    REFUSED = "refused"  # its order was not taken
    CANCELLED = "cancelled"  # never written: what was received or valid when the batch was cancelled


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a file: asks for rows that name nobody; rows may name ``channels`` only (``None``: any).

    ``client`` is whose token it was (``None``: the administrator's, or a client's before that was kept).
    """

    requested_by: Mapping[str, str] | None = None
    channels: tuple[str, ...] | None = None
    client: str | None = None

    def is_client(self, name: str, channels: tuple[str, ...]) -> bool:
        """Tell whether it was this client: by its name, or where that was not kept by its channels."""
        return self.client == name if self.client is not None else self.channels == channels


@dataclass(frozen=True, slots=True)
class Options:
    """How a batch is meant, as it was posted."""

    format: Format
    start: Start = Start.AUTO
    validate_only: bool = False
    sender: Sender = Sender()


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as the journal holds it; ``received`` in bytes, ``lines`` and the counts in lines of the file."""

    seq: int
    batch_id: str
    options: Options
    state: BatchState
    received: int
    complete: bool
    header: str | None
    lines: int
    total: int
    valid: int
    problems: int
    placed: int
    refused: int
    created_at: str
    approved_by: Mapping[str, str] | None
    more: Mapping[str, str | None]

    @classmethod
    def from_row(cls, row: Row) -> Batch:
        """Read a batch back."""
        numbers = ("seq", "received", "lines", "total", "valid", "problems", "placed", "refused")
        by, channels = _json(row["requested_by"]), _json(row["channels"])
        sender = Sender(by, None if channels is None else tuple(channels), row["client"])
        later = ("detail", "approved_at", "validated_at", "started_at", "ended_at")
        return cls(
            batch_id=row["batch_id"],
            options=Options(Format(row["format"]), Start(row["start"]), bool(row["validate_only"]), sender),
            state=BatchState(row["state"]),
            complete=bool(row["complete"]),
            header=row["header"],
            created_at=row["created_at"],
            approved_by=_json(row["approved_by"]),
            more={name: row[name] for name in later},
            **{name: int(row[name]) for name in numbers},
        )


def _json(text: str | None) -> Any:  # noqa: ANN401 - any JSON
    return None if text is None else json.loads(text)
