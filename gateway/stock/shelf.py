"""SIMs and numbers by state: what may be taken, and the writes that take it, put it in service or end it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, update

from drivers.commands import Credentials
from drivers.subscription import Iccid, Msisdn
from gateway.contract.action import Sim, SimState
from gateway.contract.line import Direction, Life, Line
from gateway.journal.journal import Journal, Unit
from gateway.journal.schema import insert_if_absent, numbers, row_by, sims, update_row
from gateway.stock.cards import DEAD, NOT_DEAD
from gateway.stock.vault import Vault, VaultError

_SIM = row_by(sims, "iccid")
_SIM_OF_IMSI = row_by(sims, "imsi")
_NUMBER = row_by(numbers, "msisdn")
_NEW_NUMBER = insert_if_absent(numbers)
_RESERVE_SIM = (
    update(sims)
    .where(
        sims.c.iccid == bindparam("where_iccid"),
        NOT_DEAD,
        or_(
            sims.c.state == SimState.STOCK.value,
            and_(sims.c.state == SimState.RESERVED.value, sims.c.order_id == bindparam("for_order")),
        ),
    )
    .values(state=SimState.RESERVED.value, line_id=bindparam("for_line"), order_id=bindparam("for_order"))
)
_RESERVE_NUMBER = (
    update(numbers)
    .where(
        numbers.c.msisdn == bindparam("where_msisdn"),
        or_(
            numbers.c.state == "free",
            and_(numbers.c.state == "quarantine", numbers.c.free_at <= bindparam("now")),
            and_(numbers.c.state == "reserved", numbers.c.order_id == bindparam("for_order")),
        ),
    )
    .values(state="reserved", line_id=bindparam("for_line"), order_id=bindparam("for_order"), free_at=None)
)
#: a number that once left may come back
_COME_BACK = (
    update(numbers)
    .where(numbers.c.msisdn == bindparam("where_msisdn"), numbers.c.state == "ported_out")
    .values(state="free", line_id=None, order_id=None, free_at=None)
)
_RELEASE_SIMS = (
    update(sims)
    .where(sims.c.order_id == bindparam("of_order"), sims.c.state == SimState.RESERVED.value)
    .values(state=SimState.STOCK.value, line_id=None, order_id=None)
)
_RELEASE_NUMBERS = (
    update(numbers)
    .where(numbers.c.order_id == bindparam("of_order"), numbers.c.state == "reserved")
    .values(state="free", line_id=None, order_id=None)
)
_SIM_STATE = update_row(sims, "iccid", "state", "line_id", "order_id")
_NUMBER_STATE = update_row(numbers, "msisdn", "state", "line_id", "order_id", "free_at")


class Shelf:
    """The stock as one journal holds it."""

    def __init__(self, journal: Journal, vault: Vault) -> None:
        self._journal = journal
        self._vault = vault

    async def sim_row(self, iccid: str) -> Mapping[str, Any] | None:
        """Return a SIM's record, secrets sealed."""
        rows = await self._journal.rows(_SIM, iccid=iccid)
        return rows[0] if rows else None

    async def sim_row_of_imsi(self, imsi: str) -> Mapping[str, Any] | None:
        """Return the record of the SIM with this IMSI."""
        rows = await self._journal.rows(_SIM_OF_IMSI, imsi=imsi)
        return rows[0] if rows else None

    async def sim(self, iccid: Iccid, order_id: str | None) -> Sim | None:
        """Return what an order may know of a SIM; ``ours`` if it is free, or reserved by that very order."""
        row = await self.sim_row(iccid)
        if row is None:
            return None
        state, dead = SimState(row["state"]), row["card"] == DEAD
        free = state is SimState.STOCK or (state is SimState.RESERVED and row["order_id"] == order_id)
        return Sim(Iccid(row["iccid"]), row["imsi"], state, ours=free and not dead, dead=dead)

    async def number_row(self, msisdn: str) -> Mapping[str, Any] | None:
        """Return a number's record; none was kept of numbers never used."""
        rows = await self._journal.rows(_NUMBER, msisdn=msisdn)
        return rows[0] if rows else None

    async def number_free(self, msisdn: Msisdn, order_id: str | None, now: datetime, *, comes: bool = False) -> bool:
        """Tell whether an order may take a number; one that has left may only come back from another operator."""
        row = await self.number_row(msisdn)
        if row is None or row["state"] == "free" or (comes and row["state"] == "ported_out"):
            return True
        if row["state"] == "quarantine":
            return str(row["free_at"]) <= now.isoformat()
        return bool(row["state"] == "reserved" and row["order_id"] == order_id)

    async def credentials(self, iccid: Iccid) -> Credentials:
        """Open a SIM's keys, at the moment they are sent. Raises VaultError."""
        row = await self.sim_row(iccid)
        if row is None or row["ki"] is None:
            raise VaultError(f"no keys are kept for SIM {iccid}")
        opc = row["opc"]
        return Credentials(
            self._vault.open(iccid, "ki", row["ki"]),
            None if opc is None else self._vault.open(iccid, "opc", opc),
        )

    def open_secret(self, row: Mapping[str, Any], column: str) -> str | None:
        """Open one secret of a SIM's record, if it has it. Raises VaultError."""
        sealed = row[column]
        return None if sealed is None else self._vault.open(Iccid(row["iccid"]), column, sealed)


def reserve_sim(unit: Unit, iccid: Iccid, line_id: str, order_id: str) -> None:
    """Take a SIM off the shelf, once or again for the same order; the unit conflicts ("sim") if another was quicker."""
    unit.add(_RESERVE_SIM, "sim", where_iccid=iccid, for_line=line_id, for_order=order_id)


def reserve_number(unit: Unit, msisdn: Msisdn, line_id: str, order_id: str, now: datetime) -> None:
    """Take a number, once or again for the same order; the unit conflicts ("number") if another was quicker."""
    unit.add(_NEW_NUMBER, msisdn=msisdn, state="free", line_id=None, order_id=None, free_at=None)
    unit.add(
        _RESERVE_NUMBER,
        "number",
        where_msisdn=msisdn,
        now=now.isoformat(),
        for_line=line_id,
        for_order=order_id,
    )


def reserve_coming(unit: Unit, msisdn: Msisdn, line_id: str, order_id: str, now: datetime) -> None:
    """Keep a number that is to come from another operator; otherwise as ``reserve_number``."""
    unit.add(_COME_BACK, where_msisdn=msisdn)
    reserve_number(unit, msisdn, line_id, order_id, now)


def keep_for(unit: Unit, msisdn: Msisdn, line_id: str, order_id: str) -> None:
    """Hand a reserved number on to another order of the same line."""
    values = {"state": "reserved", "line_id": line_id, "order_id": order_id, "free_at": None}
    unit.add(_NUMBER_STATE, where_msisdn=msisdn, **values)


def let_go(unit: Unit, msisdn: Msisdn) -> None:
    """Forget a number that was to come, and does not."""
    unit.add(_NUMBER_STATE, where_msisdn=msisdn, state="free", line_id=None, order_id=None, free_at=None)


def release(unit: Unit, order_id: str) -> None:
    """Put back whatever an order had reserved."""
    unit.add(_RELEASE_SIMS, of_order=order_id)
    unit.add(_RELEASE_NUMBERS, of_order=order_id)


@dataclass(frozen=True, slots=True)
class Change:
    """A line before and after an order; ``None`` before it was opened."""

    line_id: str
    before: Line | None
    after: Line


def settle(unit: Unit, change: Change, now: datetime, quarantine: timedelta) -> None:
    """Move SIMs and numbers to where the line's change puts them; a SIM that has served never returns to stock.

    What a line has that was never opened stays reserved by its activation.
    """
    line_id, before, after = change.line_id, change.before, change.after
    free_at = now + quarantine
    if after.life is Life.ORDERED:
        return
    _settle_coming(unit, before, after)
    if after.life is Life.TERMINATED:
        _sim(unit, after.iccid, SimState.RETIRED, line_id)
        if before is not None and before.twin is not None:
            _sim(unit, before.twin.iccid, SimState.RETIRED, line_id)
        _leave_number(unit, after.msisdn, None if _leaves(before) else free_at)
        return
    if before is None or before.iccid != after.iccid:
        _sim(unit, after.iccid, SimState.ACTIVE, line_id)
        if before is not None:
            _sim(unit, before.iccid, SimState.REPLACED, line_id)
    _settle_twin(unit, change)
    if before is None or before.msisdn != after.msisdn:
        unit.add(
            _NUMBER_STATE,
            where_msisdn=after.msisdn,
            state="assigned",
            line_id=line_id,
            order_id=None,
            free_at=None,
        )
        if before is not None:
            _leave_number(unit, before.msisdn, free_at)


def _settle_coming(unit: Unit, before: Line | None, after: Line) -> None:
    """Forget the number that was to come when it has not."""
    was = None if before is None else before.porting
    if was is None or was.direction is Direction.OUT or after.porting is not None:
        return
    if after.life is Life.TERMINATED or after.msisdn != was.msisdn:
        let_go(unit, was.msisdn)


def _leaves(before: Line | None) -> bool:
    """Tell whether the number of a line that ends goes to another operator."""
    was = None if before is None else before.porting
    return before is not None and was is not None and was.direction is Direction.OUT and was.msisdn == before.msisdn


def _settle_twin(unit: Unit, change: Change) -> None:
    was, twin = None if change.before is None else change.before.twin, change.after.twin
    if was == twin:
        return
    if twin is not None:
        _sim(unit, twin.iccid, SimState.ACTIVE, change.line_id)
    if was is not None:
        _sim(unit, was.iccid, SimState.RETIRED, change.line_id)


def _sim(unit: Unit, iccid: Iccid, state: SimState, line_id: str) -> None:
    unit.add(_SIM_STATE, where_iccid=iccid, state=state.value, line_id=line_id, order_id=None)


def _leave_number(unit: Unit, msisdn: Msisdn, free_at: datetime | None) -> None:
    """Take a number out of service: free again from a time on, or another operator's."""
    unit.add(
        _NUMBER_STATE,
        where_msisdn=msisdn,
        state="ported_out" if free_at is None else "quarantine",
        line_id=None,
        order_id=None,
        free_at=None if free_at is None else free_at.isoformat(),
    )
