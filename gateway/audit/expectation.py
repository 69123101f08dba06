"""What should be held for one IMSI, as the journal has it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from drivers.errors import NotSpoken
from drivers.subscription import Iccid, Imsi
from gateway.contract.action import SimState
from gateway.contract.line import Life
from gateway.contract.plan import Picture
from gateway.journal.journal import Journal
from gateway.orders import records
from gateway.orders.judgement import Judge
from gateway.orders.order import LineRecord, LineRef
from gateway.stock.shelf import Shelf


@dataclass(frozen=True, slots=True)
class StockedSim:
    """What the stock knows of an IMSI."""

    iccid: Iccid
    state: SimState
    line_id: str | None

    @classmethod
    def from_row(cls, row: Mapping[str, Any] | None) -> StockedSim | None:
        """Read it."""
        return None if row is None else cls(Iccid(row["iccid"]), SimState(row["state"]), row["line_id"])


@dataclass(frozen=True, slots=True)
class Expected:
    """What an element should hold for an IMSI (``wanted`` ``None``: nothing), and whose IMSI that is."""

    element: str
    imsi: Imsi
    wanted: Picture | None
    record: LineRecord | None
    sim: StockedSim | None = None

    @property
    def lines(self) -> frozenset[str]:
        """The lines whose orders may change this."""
        named = (None if self.record is None else self.record.line_id, None if self.sim is None else self.sim.line_id)
        return frozenset(line_id for line_id in named if line_id is not None)


@dataclass(frozen=True, slots=True)
class Unclear:
    """What should be held cannot be told."""

    record: LineRecord
    why: str
    element: str = ""

    @property
    def imsi(self) -> Imsi:
        """Whose."""
        return self.record.line.imsi


class Expectations:
    """Answers from the journal; nobody else's business is ``None``."""

    def __init__(self, journal: Journal, judge: Judge, shelf: Shelf) -> None:
        self._journal = journal
        self._judge = judge
        self._shelf = shelf

    def of_line(self, record: LineRecord) -> Expected | Unclear | None:
        """Tell what should be held for a line; of an ended one nothing, where it was served."""
        line = record.line
        if line.life is Life.ORDERED:
            return None
        try:
            picture = self._judge.picture(replace(line, life=Life.ACTIVE))
        except NotSpoken as missing:
            return Unclear(record, str(missing))
        except KeyError as missing:  # contracts are files: what a line was agreed under may be gone from them
            return Unclear(record, f"the contract {line.contract} no longer has {missing}: put it back")
        if picture is None:
            return None
        return Expected(picture.element, line.imsi, picture if line.life is Life.ACTIVE else None, record)

    async def of_line_again(self, line_id: str) -> Expected | Unclear | None:
        """Read the line anew; an ended one whose IMSI serves another is that one's business."""
        record = await records.line(self._journal, line_id)
        if record is None:
            return None
        if record.line.life is Life.TERMINATED:
            heir = await records.find_line(self._journal, LineRef(imsi=record.line.imsi))
            if heir is not None and heir.line_id != line_id:
                return None
        return self.of_line(record)

    async def of_stranger(self, element: str, imsi: Imsi) -> Expected | Unclear | None:
        """Tell whose an IMSI is that no line had a moment ago; a line's own, on its own element, is its business."""
        record, sim = await self._whose(imsi)
        if record is not None and record.line.twin is not None and record.line.twin.imsi == imsi:
            return self._of_twin(record, element)
        if record is not None and record.line.life is Life.ACTIVE:
            served = self.of_line(record)
            if not isinstance(served, Expected) or served.element == element:
                return None
        if record is not None and record.line.life is Life.ORDERED:
            record = None  # its SIM is reserved for it, which says it all: it is no line yet
        return Expected(element, imsi, None, record, sim)

    async def _whose(self, imsi: Imsi) -> tuple[LineRecord | None, StockedSim | None]:
        """Find the line whose SIM it is, the second one too, and what the stock knows of it."""
        sim = StockedSim.from_row(await self._shelf.sim_row_of_imsi(imsi))
        record = await records.find_line(self._journal, LineRef(imsi=imsi))
        if record is None and sim is not None and sim.state is SimState.ACTIVE and sim.line_id is not None:
            served = await records.line(self._journal, sim.line_id)
            record = served if served is not None and served.line.twin is not None else None
        return record, sim

    def _of_twin(self, record: LineRecord, element: str) -> Expected | Unclear:
        """Tell what should be held for a line's second SIM."""
        try:
            picture = self._judge.pictures(record.line)[1]
        except NotSpoken as missing:
            return Unclear(record, str(missing))
        served_here = picture is not None and picture.element == element
        imsi = record.line.imsi if record.line.twin is None else record.line.twin.imsi
        return Expected(element, imsi, picture if served_here else None, record)
