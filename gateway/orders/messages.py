"""The SMS outbox: queued in the commit that asks for them, sent once; an unanswered one is parked, never repeated."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from drivers.commands import Refused, SendSms, Submitted, Why
from drivers.element import Element
from drivers.errors import InDoubt, NotSpoken, Unreachable
from drivers.subscription import Msisdn
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.schema import insert_row, messages, row_by, update_row
from gateway.orders.judgement import Clock

_log = logging.getLogger(__name__)
_PAUSE_S = 1.0
_AT_ONCE = 10  # about an SMSC's window: what is claimed and not sent when we stop is never sent

_NEW = insert_row(messages)
_QUEUED = select(messages).where(messages.c.state == "queued").order_by(messages.c.created_at).limit(bindparam("most"))
_STATE = update_row(messages, "message_id", "state", "smsc_id", "detail", "sent_at")
_PARK_UNSURE = update(messages).where(messages.c.state == "sending").values(state="parked", detail="gateway stopped")
_OF_ORDER = row_by(messages, "order_id")


def queue_message(unit: Unit, message_id: str, order_id: str, content: tuple[str, Msisdn, str], now: datetime) -> None:
    """Queue one message; ``content`` is sender, recipient and text."""
    sender, msisdn, text = content
    unit.add(
        _NEW,
        message_id=message_id,
        order_id=order_id,
        msisdn=msisdn,
        sender=sender,
        text=text,
        state="queued",
        created_at=now.isoformat(),
        **dict.fromkeys(("smsc_id", "detail", "sent_at")),
    )


async def messages_of_order(journal: Journal, order_id: str) -> Sequence[Row]:
    """Return what was sent about an order."""
    return await journal.rows(_OF_ORDER, order_id=order_id)


class Outbox:
    """Sends what is queued; woken by ``wake``, and by itself now and then."""

    def __init__(self, journal: Journal, smsc: Element | None, clock: Clock) -> None:
        """Without an SMSC messages stay queued until one is configured."""
        self._journal = journal
        self._smsc = smsc
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something may have been queued."""
        self._woken.set()

    async def run(self) -> None:
        """Send for ever; what was being sent when the gateway last stopped is parked first: it may have gone out."""
        unit = Unit()
        unit.add(_PARK_UNSURE)
        await self._journal.commit(unit)
        while True:
            self._woken.clear()
            try:
                quiet = await self._send_some()
            except Exception:  # noqa: BLE001 - a fault of ours must not end confirmations for good
                _log.exception("the outbox stopped; it goes on after a pause")
                quiet = True
            if quiet:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PAUSE_S):
                        await self._woken.wait()

    async def _send_some(self) -> bool:
        """Send one batch; return whether there is nothing more to do now."""
        if self._smsc is None or self._smsc.paused is not None:  # nothing is claimed that cannot be sent
            return True
        batch = await self._journal.rows(_QUEUED, most=_AT_ONCE)
        if not batch:
            return True
        claimed = Unit()
        for row in batch:
            _set(claimed, row["message_id"], "sending")
        await self._journal.commit(claimed)  # before sending: a crash leaves "sending", which is never sent again
        states = await asyncio.gather(*(self._send(self._smsc, row) for row in batch))
        return "queued" in states

    async def _send(self, smsc: Element, row: Row) -> str:
        """Send one message and write at once what became of it."""
        unit = Unit()
        state = await self._submit(smsc, row, unit)
        await self._journal.commit(unit)
        return state

    async def _submit(self, smsc: Element, row: Row, unit: Unit) -> str:
        message_id = row["message_id"]
        try:
            reply = await smsc.send(SendSms(row["sender"], Msisdn(row["msisdn"]), row["text"]))
        except Unreachable as away:
            return _set(unit, message_id, "queued", detail=str(away))
        except InDoubt as unanswered:
            return _set(unit, message_id, "parked", detail=str(unanswered))
        except NotSpoken as wrong:
            return _set(unit, message_id, "failed", detail=str(wrong))
        if isinstance(reply, Submitted):
            return _set(unit, message_id, "sent", smsc_id=reply.message_id, sent_at=self._clock().isoformat())
        if isinstance(reply, Refused) and reply.why is Why.BUSY:
            return _set(unit, message_id, "queued", detail=reply.code)
        return _set(unit, message_id, "failed", detail=getattr(reply, "code", ""))


def _set(unit: Unit, message_id: str, state: str, **values: str) -> str:
    columns: dict[str, str | None] = dict.fromkeys(("smsc_id", "detail", "sent_at"))
    unit.add(_STATE, where_message_id=message_id, state=state, **(columns | values))
    return state
