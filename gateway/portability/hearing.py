"""Taking in what the clearing house tells: each file that changed, in its order, with how far we have read."""

from __future__ import annotations

from typing import Final

from drivers.commands import ListPorts, PortFile, PortsListed, PortState
from drivers.errors import Garbled
from drivers.target import Target
from gateway.contract.actions import change_port_date
from gateway.journal.journal import Row, Unit
from gateway.portability import asking, book, ending, telling
from gateway.portability.means import Means, own_order

_LANE: Final = 0
_FORWARD: Final = ("new", *(state.value for state in PortState))


class Listener:
    """Reads the clearing house's files and writes what they change."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def hear_all(self, house: Target) -> None:
        """Take in everything that changed since the last look. Raises DriverError where it cannot be had."""
        while True:
            since = await book.mark(self._means.journal, house.name)
            reply = await house.send(ListPorts(since), lane=_LANE)
            if not isinstance(reply, PortsListed):
                raise Garbled(f"{house.name} does not list its files: {reply}")
            if not reply.files:
                return
            for file in reply.files:
                unit = Unit()
                book.set_mark(unit, house.name, file.seq)
                await self._hear(unit, file)

    async def _hear(self, unit: Unit, file: PortFile) -> None:
        port = await book.of_file(self._means.journal, file.reference)
        if port is None:
            await asking.asked_out(unit, self._means, file)
        elif port["ended_at"] is not None or (port["waits"] and port["state"] in ("refused", "cancelled")):
            if file.state is PortState.DONE:
                book.put(unit, port["reference"], confirmed_at=file.confirmed_at)
            await self._means.commit(unit)
        elif port["direction"] == book.IN:
            await self._coming(unit, port, file)
        else:
            await self._leaving(unit, port, file)

    async def _coming(self, unit: Unit, port: Row, file: PortFile) -> None:
        if file.state in (PortState.REFUSED, PortState.CANCELLED) and port["dropped"] is None:
            await ending.refused(unit, self._means, port, file.reason or file.state.value)
            return
        if file.state in (PortState.REFUSED, PortState.CANCELLED):
            await ending.cancelled(unit, self._means, port)
            return
        if _goes_on(port, file):
            self._advance(unit, port, file)
        elif file.state is PortState.DONE:
            book.put(unit, port["reference"], confirmed_at=file.confirmed_at)
        elif port["told_on"] != file.on:
            book.put(unit, port["reference"], told_on=file.on)
        await self._means.commit(unit)

    def _advance(self, unit: Unit, port: Row, file: PortFile) -> None:
        values = {"state": file.state.value, "told_on": file.on, "released_at": file.released_at, "stuck": None}
        if file.state is PortState.DONE:  # our own word, told back
            ended_at = None if port["outage_s"] is None else self._means.clock().isoformat()
            values |= {"confirmed_at": file.confirmed_at, "ended_at": ended_at}
        book.put(unit, port["reference"], **values)
        if file.state in (PortState.ACCEPTED, PortState.RELEASED):
            telling.add_event(unit, self._means, file.state.value, port, donor=file.donor)

    async def _leaving(self, unit: Unit, port: Row, file: PortFile) -> None:
        reference, now = port["reference"], self._means.clock().isoformat()
        if file.state is PortState.CANCELLED:
            await ending.withdrawn(unit, self._means, port)
            return
        if file.state is PortState.DONE:
            ended = {"state": "done", "released_at": file.released_at, "confirmed_at": file.confirmed_at}
            book.put(unit, reference, **ended, ended_at=now)
            await self._means.commit(unit)
            return
        if file.on != port["told_on"]:
            await self._moved(unit, port, file)
            return
        await self._means.commit(unit)

    async def _moved(self, unit: Unit, port: Row, file: PortFile) -> None:
        """Follow the day of a number that leaves: it is the other operator's to change."""
        record = await self._means.line_of(port)
        planned = asking.planned(file, self._means.contracts.get(str(port["contract"])))
        if planned is None or record is None:
            await self._means.commit(unit)
            return
        day, on_at = planned
        book.put(unit, port["reference"], on_at=on_at, told_on=file.on, day=day.isoformat())
        details = change_port_date.Details(day, port["reference"])
        await self._means.commit_with(unit, own_order("change_port_date", record, details))


def _goes_on(port: Row, file: PortFile) -> bool:
    """Tell whether a file has come further than we know."""
    return _FORWARD.index(file.state.value) > _FORWARD.index(port["state"])
