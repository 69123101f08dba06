"""What technicians' stations found on cards: each fact taken once, and what it makes of the card in the same commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, or_, update

from drivers.subscription import Iccid
from gateway.journal.journal import Conflict, Journal, Row, Unit
from gateway.journal.schema import card_reports, insert_if_absent, row_by, sims
from gateway.stock.cards import THIS_CARD, CardFile, CardState, add_notice, dump, key_reference
from gateway.stock.findings import Found

#: what a finding makes of the card; the others are for the record only
_STATES = {
    Found.PERSONALISED: CardState.PERSONALISED,
    Found.PIN_BLOCKED: CardState.PIN_BLOCKED,
    Found.PIN_UNBLOCKED: CardState.PERSONALISED,
    Found.DEAD: CardState.DEAD,
}

_AT_A_TIME = 50
_REPORT = row_by(card_reports, "key")
_NEW_REPORT = insert_if_absent(card_reports)
_SET_CARD: dict[str, BindParameter[str]] = {name: bindparam(name) for name in ("card", "card_at", "card_by")}
_DIED = update(sims).where(THIS_CARD).values(_SET_CARD)
_BECAME = _DIED.where(or_(sims.c.card_at.is_(None), sims.c.card_at <= bindparam("found_at")))
_ADM1_REFUSED = (
    update(sims)
    .where(
        sims.c.iccid == bindparam("of_card"),
        sims.c.adm1 == bindparam("refused_key", type_=sims.c.adm1.type),
        or_(sims.c.adm1_refused_at.is_(None), sims.c.adm1_refused_at < bindparam("found_at")),
    )
    .values(adm1_refused_at=bindparam("adm1_refused_at"))
)


@dataclass(frozen=True, slots=True)
class Report:
    """One finding of a station; ``report_id`` is the station's own and names it among all of this card.

    ``adm1_ref`` says which ADM1 the card refused, as it was told with the keys; ``sqn`` is the card's, 48 bits.
    """

    iccid: Iccid
    report_id: str
    found: Found
    at: datetime
    station: str
    who: str
    detail: str | None = None
    sqn: int | None = None
    adm1_ref: str | None = None

    @property
    def key(self) -> str:
        """The name under which it is taken once."""
        return f"{self.iccid}/{self.report_id}"

    def told(self) -> dict[str, object]:
        """Lay it out for the trail, without what was not given."""
        said = {
            "iccid": self.iccid,
            "id": self.report_id,
            "station": self.station,
            "who": self.who,
            "at": self.at.isoformat(),
            "detail": self.detail,
            "sqn": self.sqn,
        }
        return {name: value for name, value in said.items() if value is not None}

    def text(self) -> str:
        """Everything it says, to tell a repetition from another report under the same name."""
        return dump({**self.told(), "what": self.found.value, "adm1_ref": self.adm1_ref})


@dataclass(frozen=True, slots=True)
class Trouble:
    """A report that cannot be taken; ``index`` is its place among those told."""

    index: int
    slug: str
    detail: str


@dataclass(slots=True)
class Taken:
    """What became of reports."""

    taken: int = 0
    already: int = 0
    troubles: list[Trouble] = field(default_factory=list)


class Reports:
    """Takes what stations tell, as one journal holds it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._cards = CardFile(journal)

    async def take(self, reports: Sequence[Report], now: datetime, *, all_or_none: bool) -> Taken:
        """Write every report that is new, with what it makes of its card, in one commit. Raises JournalFull.

        ``all_or_none``: where one cannot be taken, none is.
        """
        while True:
            unit, result = await self._sorted_out(reports, now)
            if not unit.writes or (all_or_none and result.troubles):
                return result
            try:
                await self._journal.commit(unit)
            except Conflict:  # the same report came in twice at the same time: now one of them is there
                continue
            return result

    async def _sorted_out(self, reports: Sequence[Report], now: datetime) -> tuple[Unit, Taken]:
        unit, result = Unit(), Taken()
        cards: dict[str, Row | None] = {}
        known: dict[str, str] = {}
        for index, report in enumerate(reports):
            if index % _AT_A_TIME == _AT_A_TIME - 1:
                await asyncio.sleep(0)  # others are served between so many
            if report.iccid not in cards:
                cards[report.iccid] = await self._cards.card(report.iccid)
            if report.key not in known:
                known |= {row["key"]: row["told"] for row in await self._journal.rows(_REPORT, key=report.key)}
            row, before = cards[report.iccid], known.setdefault(report.key, "")
            if row is None:
                detail = f"SIM {report.iccid} is not in stock: import its vendor file, then tell it again"
                result.troubles.append(Trouble(index, "sim-unknown", detail))
            elif before == report.text():
                result.already += 1
            elif before:
                detail = f"report {report.report_id} of SIM {report.iccid} said something else before: give it a new id"
                result.troubles.append(Trouble(index, "report-id-reused", detail))
            else:
                known[report.key] = report.text()
                result.taken += 1
                _write(unit, report, row, now)
        return unit, result


def _write(unit: Unit, report: Report, row: Row, now: datetime) -> None:
    """The report, its event, and what it makes of the card; a station's clock that is ahead wins nothing."""
    at = min(report.at, now).isoformat()
    unit.add(_NEW_REPORT, "report", key=report.key, told=report.text(), taken_at=now.isoformat())
    serving = {} if row["msisdn"] is None else {"msisdn": row["msisdn"]}
    add_notice(unit, f"card.{report.found.value}", now, row, **report.told(), **serving)
    became = _STATES.get(report.found)
    card = {
        "of_card": report.iccid,
        "card": became and became.value,
        "card_at": at,
        "card_by": f"{report.station}/{report.who}",
    }
    if became is CardState.DEAD:
        unit.add(_DIED, **card)
    elif became is not None:
        unit.add(_BECAME, found_at=at, **card)
    elif report.found is Found.ADM_REFUSED and report.adm1_ref in (None, key_reference(row["adm1"])):
        refused = {"refused_key": row["adm1"], "adm1_refused_at": at, "found_at": at}
        unit.add(_ADM1_REFUSED, of_card=report.iccid, **refused)
