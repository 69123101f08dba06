"""Saying to the clearing house what is due, and writing what it answers; whatever had no answer is said again."""

from __future__ import annotations

from typing import Final, assert_never

from drivers import commands as c
from drivers.commands import AlreadySo, Done, PortState, Refused, Reply, Why
from drivers.porting import PortCommand
from drivers.target import Target
from gateway.journal.journal import Row, Unit
from gateway.portability import book, ending, telling, words
from gateway.portability.means import Means

_URGENT: Final = 0  # the lane of what a customer without service waits for
_LATER: Final = frozenset({Why.BUSY, Why.SESSION, Why.OTHER})  # it did nothing, and may when asked again


class Speaker:
    """Says what follows from the table."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def say_all(self, house: Target) -> None:
        """Say everything that is due. Raises DriverError where the clearing house cannot be had."""
        for port in await book.select_rows(self._means.journal, book.TO_SAY):
            command = words.next_word(port)
            if command is not None:
                reply = await house.send(command, lane=_URGENT)
                await self._take(port, command, reply)

    async def _take(self, port: Row, command: PortCommand, reply: Reply) -> None:
        unit = Unit()
        match reply:
            case Done() | AlreadySo():
                await self._done(unit, port, command)
            case Refused(why) if why in _LATER:
                return
            case Refused(_, code):
                await self._refused(unit, port, command, code)
            case _:
                ending.stuck(unit, self._means, port, f"{type(command).__name__}: {type(reply).__name__}")
                await self._means.commit(unit)

    async def _done(self, unit: Unit, port: Row, command: PortCommand) -> None:
        reference, now = port["reference"], self._means.clock().isoformat()
        match command:
            case c.RequestPort(on=on):
                book.put(unit, reference, state=PortState.REQUESTED.value, told_on=on)
                telling.add_event(unit, self._means, "requested", port, donor=port["donor"])
            case c.MovePort(_, on):
                book.put(unit, reference, told_on=on)
                telling.add_event(unit, self._means, "moved", port)
                telling.add_message(unit, self._means, "port_moved", port, await self._means.line_of(port))
            case c.CancelPort():
                await ending.cancelled(unit, self._means, port)
                return
            case c.ConfirmPort():
                ended_at = now if port["outage_s"] is not None else None
                book.put(unit, reference, state=PortState.DONE.value, ended_at=ended_at)
            case c.AnswerPort(_, accepted):
                self._answered(unit, port, yes=accepted)
            case c.ReleasePort():
                book.put(unit, reference, state=PortState.RELEASED.value, released_at=now)
                telling.add_event(unit, self._means, "left", port, recipient=port["recipient"])
            case c.ReadPort() | c.ListPorts():
                return
            case _:
                assert_never(command)
        await self._means.commit(unit)

    def _answered(self, unit: Unit, port: Row, *, yes: bool) -> None:
        if yes:
            book.put(unit, port["reference"], state=PortState.ACCEPTED.value)
            telling.add_event(unit, self._means, "accepted", port, recipient=port["recipient"])
            return
        now, code = self._means.clock().isoformat(), port["answer"]
        why = words.reason(code)
        book.put(unit, port["reference"], state=PortState.REFUSED.value, reason=why, ended_at=now)
        telling.add_event(unit, self._means, "refused", port, reason=why, code=code)

    async def _refused(self, unit: Unit, port: Row, command: PortCommand, code: str) -> None:
        match command:
            case c.RequestPort() if code in words.REFUSALS:
                await ending.refused(unit, self._means, port, code)
                return
            case c.CancelPort() if code == "UNKNOWN_REFERENCE":  # it never heard of it
                await ending.cancelled(unit, self._means, port)
                return
            case c.CancelPort() if code == "TOO_LATE":
                book.put(unit, port["reference"], state=PortState.RELEASED.value)  # so it says
            case c.MovePort() if code in ("TOO_LATE", "WRONG_STATE", "INCOMPLETE"):
                book.put(unit, port["reference"], on_at=port["told_on"])
                telling.add_event(unit, self._means, "move_refused", port, code=code, on=port["told_on"])
            case _:
                ending.stuck(unit, self._means, port, f"{type(command).__name__} was refused: {code}")
        await self._means.commit(unit)
