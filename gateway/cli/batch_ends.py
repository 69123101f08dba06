"""How a batch stands when a command leaves it: whether that is what was wished, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gateway.cli.failure import Refused
from gateway.cli.gateway_client import Json

#: what a batch that was followed has to be
AT_ITS_END: Final = ("completed",)
_WELL: Final = ("completed", "pending")
_UNDER_WAY: Final = ("acknowledged", "in_progress", "held")


def check_well(document: Json, wished: Collection[str] = AT_ITS_END) -> None:
    """Raise Refused unless a batch is in one of the states wished, and its rows ended well as far as they ended."""
    if document["state"] not in wished:
        raise Refused(f"the batch is {document['state']}: {next_word(document)}")
    if wrong := _wrong(document):
        raise Refused(f"{wrong} of {document['total']} rows have problems, or their orders have not ended well")


def next_word(document: Json) -> str:
    """Say what a batch that does not go on by itself waits for, or how it ended."""
    match document["state"]:
        case "ready":
            return _next_of_ready(document)
        case "paused":
            return f"go on: linegate batch resume {document['id']}"
        case "receiving":
            return "its file is not here whole; send it again, it goes on"
        case "failed" | "cancelled":
            return anew(document.get("detail"))
        case _:
            return f"follow it: linegate batch show --follow {document['id']}"


def anew(detail: str | None = None) -> str:
    """Say how a file becomes another batch."""
    return f"{detail or 'its rows are placed no more'}; to send the file anew give another --idempotency-key"


def _next_of_ready(document: Json) -> str:
    if document["needs_approval"]:
        return f"somebody else must agree: linegate batch approve {document['id']}"
    if document["problems"]:
        return f"start without the rows that have problems: linegate batch start --accept-problems {document['id']}"
    return f"begin: linegate batch start {document['id']}"


def _wrong(document: Json) -> int:
    """Count the rows that ended otherwise than wished; of a batch that is over also those that wait for a human."""
    spared = _WELL if document["over"] else (*_WELL, *_UNDER_WAY)
    bad = (int(count) for state, count in document["orders"].items() if state not in spared)
    none = (int(document["rows"].get(state, 0)) for state in ("problem", "refused", "cancelled"))
    return sum(bad) + sum(none)
