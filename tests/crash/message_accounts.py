"""Three accounts of the same messages: what phones show, what the journal says, what the message centre was told."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash.message_plan import Alert, Plan, recognise
from tests.crash.message_site import MessageSite
from tests.journeys.agreement import Json
from tests.journeys.player import answered, player
from tests.journeys.site import TOKEN

Row = dict[str, Any]
_PATIENCE_S = 180.0  # a receipt whose message never turns up waits for a minute
_PAGE = 10_000
_MOVING = """SELECT (SELECT count(*) FROM messages WHERE state IN ('queued', 'sending', 'sent'))
    + (SELECT count(*) FROM receipts WHERE outcome = 'parked')
    + (SELECT count(*) FROM orders WHERE action = 'limit_use' AND state NOT IN ('completed', 'failed', 'rejected'))"""
_OWED = "SELECT (SELECT count(*) FROM outgoing) + (SELECT count(*) FROM message WHERE state = 'ENROUTE')"


async def quiet(site: MessageSite) -> bool:
    """Wait until nothing is to be sent, answered, told or done any more; return whether that came about."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + _PATIENCE_S
    while loop.time() < until_s:
        moving, owed = (next(iter(_rows(*of)[0].values())) for of in ((site.journal, _MOVING), (site.inboxes, _OWED)))
        if not moving and not owed:
            return True
        await asyncio.sleep(0.25)
    return False


def alert_of(message: Row) -> Alert:
    """Read which alert a message is from its key: line, limit, period, percentage."""
    _, threshold, _, percent = message["alert_key"].split("|")
    return Alert(message["line"], threshold, int(percent))


@dataclass
class Accounts:
    """Everything as it was read once all was quiet."""

    plan: Plan
    shown: list[Json] = field(repr=False)
    messages: list[Row] = field(repr=False)
    receipts: list[Row] = field(repr=False)
    taken: list[Row] = field(repr=False)  # by the message centre: every part, every time
    counters: list[Row] = field(repr=False)
    orders: list[Row] = field(repr=False)  # by which the gateway acts itself
    told: Counter[str] = field(repr=False)  # events of delivery, by message

    @classmethod
    async def of(cls, plan: Plan, site: MessageSite) -> Accounts:
        """Read everything."""
        delivered = _rows(site.journal, "SELECT data FROM events WHERE type = 'message.delivered'")
        counters = "SELECT msisdn, counter, used FROM usage_counters JOIN lines USING (line_id)"
        return cls(
            plan=plan,
            shown=await _inbox(site),
            messages=_rows(site.journal, "SELECT m.*, l.msisdn AS line FROM messages m JOIN lines l USING (line_id)"),
            receipts=_rows(site.journal, "SELECT * FROM receipts"),
            taken=_rows(site.inboxes, "SELECT * FROM message"),
            counters=_rows(site.journal, counters),
            orders=_rows(site.journal, "SELECT * FROM orders WHERE action = 'limit_use'"),
            told=Counter(json.loads(event["data"])["message_id"] for event in delivered),
        )

    @property
    def flagged(self) -> int:
        """How many messages may have come twice, by the gateway's own account."""
        return sum(message["doubtful"] > 0 for message in self.messages)

    @property
    def copies(self) -> dict[Alert, list[int]]:
        """Where each alert stands in the order of delivery."""
        found: dict[Alert, list[int]] = defaultdict(list)
        for sms in self.shown:
            alert = recognise(sms["to"], sms["text"])
            if alert is not None:
                found[alert].append(sms["id"])
        return found

    @property
    def by_alert(self) -> dict[Alert, Row]:
        """The journal's messages."""
        return {alert_of(message): message for message in self.messages}


def _rows(file: Path, sql: str) -> list[Row]:
    """Read from one of the two files, beside whoever writes it."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        store.row_factory = sqlite3.Row
        return [dict(row) for row in store.execute(sql)]


async def _inbox(site: MessageSite) -> list[Json]:
    """Everything phones show, in the order it came."""
    found: list[Json] = []
    async with player(site.gateway_url, site.sim_url, TOKEN) as client:
        while True:
            after = {"after": found[-1]["id"] if found else 0, "limit": _PAGE}
            page = (await answered(client.network, "GET", "/sms", params=after)).json()["items"]
            found += page
            if len(page) < _PAGE:
                return found
