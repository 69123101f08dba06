"""A journal with lines in it, Technicophone's contract and texts, and a clock that stands still until it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.alerts.usage import ledger
from gateway.contract.line import Kind, Life, Line, Reason, Restriction
from gateway.contract.rules import Rules
from gateway.journal.journal import Row, Unit
from gateway.journal.sqlite import SqliteJournal
from gateway.orders import records
from gateway.orders.codec import dump
from gateway.orders.desk import Listeners
from gateway.orders.order import LineRecord
from gateway.settings import config_directory, read_settings
from gateway.texts import Texts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBER = Msisdn("+33612345678")
IMSI = Imsi("208010000000001")


@dataclass
class Phones:
    """What the tests of messages to lines work on."""

    journal: SqliteJournal
    contracts: dict[str, Rules]
    texts: dict[str, Texts]
    now: datetime = NOON
    heard: list[str] = field(default_factory=list)

    @classmethod
    def over(cls, path: Path) -> Phones:
        settings = read_settings(config_directory(None), path)
        return cls(SqliteJournal(path / "journal.db"), dict(settings.contracts), dict(settings.texts))

    def clock(self) -> datetime:
        return self.now

    @property
    def listeners(self) -> Listeners:
        return Listeners(lambda: self.heard.append("published"), lambda: self.heard.append("queued"))

    def later(self, **parts: float) -> None:
        self.now += timedelta(**parts)

    async def line(self, msisdn: str = NUMBER, plan: str = "unlimited", state: str = "active") -> LineRecord:
        """Put a line into the journal."""
        held = {"suspended": Kind.SUSPENDED, "barred": Kind.BARRED_OUTGOING}.get(state)
        line = Line(
            msisdn=Msisdn(msisdn),
            imsi=IMSI if msisdn == NUMBER else Imsi(f"20801{msisdn[-10:]}"),
            iccid=Iccid("8933019000000000011"),
            contract="technicophone",
            host="orange",
            plan=plan,
            restrictions=() if held is None else (Restriction(held, Reason.UNPAID, NOON),),
            life=Life(state) if held is None else Life.ACTIVE,
        )
        record, unit = LineRecord(f"line-{msisdn}", line), Unit()
        records.add_line(unit, record, self.now)
        await self.journal.commit(unit)
        return record

    async def speaks(self, record: LineRecord, language: str) -> None:
        unit = Unit()
        ledger.set_agreed(unit, record.line_id, dump({"language": language}), self.now.isoformat())
        await self.journal.commit(unit)

    async def used(self, record: LineRecord, counter: str, period: str, amount: int) -> None:
        unit = Unit()
        ledger.set_used(unit, record.line_id, (counter, period), None, becomes=amount, at=self.now.isoformat())
        await self.journal.commit(unit)

    def rows(self, table: str) -> Sequence[Row]:
        found: Sequence[Row] = self.journal._reader.execute(f"SELECT * FROM {table}").fetchall()
        return found

    @property
    def messages(self) -> Sequence[Row]:
        return self.rows("messages")

    @property
    def events(self) -> list[str]:
        return [row["type"] for row in self.rows("events")]
