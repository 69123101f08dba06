"""The cards themselves: what is known of each, its ADM1 put right, and the trail of who had which secret.

What is known of a card is in its SIM's row; every fact is an event besides, found by the card it is about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select, update

from drivers.subscription import Iccid
from gateway.contract.action import SimState
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.schema import events, lines, row_by, sims


class CardState(StrEnum):
    """What is known of a card; nothing at all until a station has told something. A dead one stays dead."""

    PERSONALISED = "personalised"
    PIN_BLOCKED = "pin_blocked"
    DEAD = "dead"


DEAD = CardState.DEAD.value
NOT_DEAD = or_(sims.c.card.is_(None), sims.c.card != DEAD)
_SERVES = and_(lines.c.line_id == sims.c.line_id, sims.c.state == SimState.ACTIVE.value)
_CARD = select(sims, lines.c.msisdn).select_from(sims.outerjoin(lines, _SERVES))
_BY = {name: _CARD.where(sims.c[name] == bindparam(name)) for name in ("iccid", "imsi")}
_TRAIL = (
    row_by(events, "iccid").where(events.c.seq > bindparam("after")).order_by(events.c.seq).limit(bindparam("most"))
)
_NEW_EVENT = insert(events).values({name: bindparam(name) for name in ("at", "type", "line_id", "data", "iccid")})
THIS_CARD = and_(sims.c.iccid == bindparam("of_card"), NOT_DEAD)
_NEW_ADM1 = update(sims).where(THIS_CARD).values(adm1=bindparam("adm1"), adm1_refused_at=None)


class CardFile:
    """What is known of cards, as one journal holds it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def card(self, iccid: str) -> Row | None:
        """Return a SIM's record with the ``msisdn`` of the line it serves, if it does; secrets sealed."""
        rows = await self._journal.rows(_BY["iccid"], iccid=iccid)
        return rows[0] if rows else None

    async def card_of_imsi(self, imsi: str) -> Row | None:
        """Return the same of the SIM with this IMSI."""
        rows = await self._journal.rows(_BY["imsi"], imsi=imsi)
        return rows[0] if rows else None

    async def trail(self, iccid: str, after: int, most: int) -> Sequence[Row]:
        """Return what happened to a card after an event and who had its secrets, oldest first."""
        return await self._journal.rows(_TRAIL, iccid=iccid, after=after, most=most)


def key_reference(sealed: bytes | None) -> str | None:
    """Name a sealed key without telling anything of it: it changes whenever the key is put in anew."""
    return None if sealed is None else hashlib.sha256(sealed).hexdigest()[:16]


def add_notice(unit: Unit, kind: str, at: datetime, row: Mapping[str, Any], /, **data: object) -> None:
    """Write an event about a card; it is found by the card, and by the line it belongs to."""
    told = dump({"iccid": row["iccid"], **data})
    unit.add(_NEW_EVENT, at=at.isoformat(), type=kind, line_id=row["line_id"], data=told, iccid=row["iccid"])


def replace_adm1(unit: Unit, iccid: Iccid, sealed: bytes) -> None:
    """Put another ADM1 in place and forget that one was refused; the unit conflicts ("card") if the card is dead."""
    unit.add(_NEW_ADM1, "card", of_card=iccid, adm1=sealed)


def dump(value: object) -> str:
    """Write compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
