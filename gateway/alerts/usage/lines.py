"""The lines that many numbers belong to, read at once."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from gateway.contract.line import Life
from gateway.journal.bulk import any_of, as_list
from gateway.journal.journal import Journal
from gateway.journal.schema import lines
from gateway.orders.codec import line_from_json
from gateway.orders.order import LineRecord

#: the line a number belongs to comes last: a living one after the ended ones, the newest after the older ones
_BY_NUMBER: Select[Any] = (
    select(lines.c.msisdn, lines.c.line_id, lines.c.body)
    .where(any_of(lines.c.msisdn, "msisdns"))
    .order_by(lines.c.state != Life.TERMINATED.value, lines.c.line_id)
)


async def by_number(journal: Journal, msisdns: Collection[str]) -> dict[str, LineRecord]:
    """Return the line of each number that has one, as ``records.find_line`` would."""
    bodies = {
        row["msisdn"]: (row["line_id"], row["body"]) for row in await journal.rows(_BY_NUMBER, msisdns=as_list(msisdns))
    }
    return {msisdn: LineRecord(line_id, line_from_json(json.loads(body))) for msisdn, (line_id, body) in bodies.items()}
