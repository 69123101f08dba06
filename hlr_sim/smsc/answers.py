"""How answers leave: at once, late, backwards, twice, or not at all, as faults and knobs have it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from hlr_sim.element import SimulatedElement
from hlr_sim.faults import Fault, Kind
from hlr_sim.smsc.door import Door
from hlr_sim.smsc.line import Line

_GATHERED_FOR_S = 0.05  # answers that wait to be turned round, when no more come
_PART = 4  # of an answer that is cut short


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One response; ``given`` is called when it has left, or when it is certain that it never will."""

    raw: bytes
    given: Callable[[], None]


class Answers:
    """The answers of one connection; ``cut`` ends it."""

    def __init__(self, line: Line, door: Door, element: SimulatedElement, cut: Callable[[], None]) -> None:
        self._line = line
        self._door = door
        self._element = element
        self._cut = cut
        self._late: dict[Answer, asyncio.TimerHandle] = {}
        self._gathered: list[Answer] = []

    def give(self, answer: Answer, fault: Fault | None = None) -> None:
        """Send an answer to a submission, as the knobs have it."""
        knobs = self._door.knobs
        if fault is not None:
            self.give_damaged(answer, fault)
        elif self._door.is_dropped():
            answer.given()
        elif knobs.out_of_order is not None:
            self._gather(answer, knobs.out_of_order)
        elif knobs.resp_delay_s or knobs.resp_jitter_s:
            self._later(answer, knobs.resp_delay_s + self._door.random.random() * knobs.resp_jitter_s)
        else:
            self._out(answer)

    def give_damaged(self, answer: Answer, fault: Fault) -> None:
        """Send any answer after a fault has struck its command."""
        match fault.kind:
            case Kind.LATE:
                self._later(answer, fault.delay_s or 0.0)
                return
            case Kind.HALF_LINE:
                self._line.send(answer.raw[: len(answer.raw) // _PART])
                self._end()
            case Kind.DROP_AFTER:
                self._end()
            case Kind.GARBAGE:
                self._line.send(self._element.random.randbytes(len(answer.raw)))
            case Kind.DUPLICATE:
                self._line.send(answer.raw * 2)
            case Kind.SILENT:
                pass
            case _:
                self._line.send(answer.raw)
        answer.given()

    def give_all(self) -> None:
        """Send what waits: the conversation ends in good order."""
        for answer in tuple(self._late):
            self._late.pop(answer).cancel()
            self._out(answer)
        self._turn_round()

    def forget(self) -> None:
        """The connection is gone: nothing more leaves."""
        waiting = [*self._late, *self._gathered]
        for timer in self._late.values():
            timer.cancel()
        self._late.clear()
        self._gathered.clear()
        for answer in waiting:
            answer.given()

    def _end(self) -> None:
        self._line.shut()
        self._cut()

    def _out(self, answer: Answer) -> None:
        self._line.send(answer.raw)
        answer.given()

    def _later(self, answer: Answer, delay_s: float) -> None:
        def now() -> None:
            del self._late[answer]
            self._out(answer)

        self._late[answer] = asyncio.get_running_loop().call_later(delay_s, now)

    def _gather(self, answer: Answer, enough: int) -> None:
        self._gathered.append(answer)
        if len(self._gathered) >= enough:
            self._turn_round()
        elif len(self._gathered) == 1:
            asyncio.get_running_loop().call_later(_GATHERED_FOR_S, self._turn_round)

    def _turn_round(self) -> None:
        gathered, self._gathered = self._gathered, []
        for answer in reversed(gathered):
            self._out(answer)
