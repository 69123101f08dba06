"""A gateway and a message centre as two processes, with lines in service before either of them runs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.contract.line import Life, Line
from gateway.journal.journal import Unit
from gateway.journal.sqlite import SqliteJournal
from gateway.orders import records
from gateway.orders.order import LineRecord
from hlr_sim.sealing import Sealer
from hlr_sim.store import HlrStore
from hlr_sim.subscribers import Radio, Subscriber
from tests.crash.message_plan import TEXTS
from tests.journeys.cards import with_check_digit
from tests.journeys.programs import Program
from tests.journeys.site import Site

WINDOW = 50
#: receipts take their time, so that many are owed at any moment
_KNOBS = """
[elements.smsc.smsc]
receipt_timing = "delayed"
receipt_delay_s = 0.1
receipt_jitter_s = 0.8
"""


@dataclass
class MessageSite(Site):
    """See Site; ``numbers`` are lines of the `unlimited` plan."""

    esme: ClassVar[str] = "reconnect_min_s = 0.05\nreconnect_max_s = 0.5"

    scenario: str = "tcp"
    numbers: Sequence[str] = ()

    @property
    def journal(self) -> Path:
        """The gateway's file."""
        return self.directory / "gateway" / "journal.db"

    @property
    def inboxes(self) -> Path:
        """The message centre's file."""
        return self.sim_data / "smsc.sqlite"

    def start_sim(self) -> Program:
        """See Site."""
        if not self.sim_data.exists():
            with self._scenario.open("a", encoding="utf-8") as scenario:
                scenario.write(_KNOBS)
            self.sim_data.mkdir()
            _put_subscribers(self.sim_data, self.numbers)
        return super().start_sim()

    def _write_config(self, host_key: str | None) -> None:
        super()._write_config(host_key)
        elements, texts = (self.directory / "config" / name for name in ("elements.toml", "alerts/technicophone.toml"))
        before, smsc = elements.read_text(encoding="utf-8").split("[elements.smsc]")
        smsc, windows = re.subn(r"(?m)^window = \d+", f"window = {WINDOW}", smsc)
        assert windows == 1
        elements.write_text(f"{before}[elements.smsc]{smsc}", encoding="utf-8")
        texts.write_text(TEXTS, encoding="utf-8")
        asyncio.run(_put_lines(self.journal, self.numbers))


def _imsi(n: int) -> str:
    return f"20810{n:010d}"


def _put_subscribers(directory: Path, numbers: Sequence[str]) -> None:
    """What an activation of each line would have left in the network."""
    with closing(HlrStore(directory / "sfr.sqlite", Sealer(directory))) as store:
        for n, number in enumerate(numbers):
            only_2g_3g = frozenset({Radio.EUTRAN, Radio.NR})
            apns, home_bar = frozenset({"internet"}), frozenset({1})
            store.put(Subscriber(_imsi(n), number, odb_hplmn=home_bar, access_restriction=only_2g_3g, apns=apns))


async def _put_lines(path: Path, numbers: Sequence[str]) -> None:
    """Put lines straight into the journal: how they came to be does not matter here."""
    journal, unit = SqliteJournal(path), Unit()
    for n, number in enumerate(numbers):
        line = Line(
            msisdn=Msisdn(number),
            imsi=Imsi(_imsi(n)),
            iccid=Iccid(with_check_digit(f"8933010{n:011d}")),
            contract="technicophone",
            host="sfr",
            plan="unlimited",
            options=frozenset({"data", "roaming"}),
            life=Life.ACTIVE,
        )
        records.add_line(unit, LineRecord(f"{n:024d}", line), datetime.now(UTC))
    await journal.commit(unit)
    await journal.close()
