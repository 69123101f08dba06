"""What came to lines after the first edition, as JSON: absent means none, so that older journals stay readable."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from gateway.contract.line import Bar, Direction, Line, Notice, Offence, OptionEnd, Porting, TopUp, Twin


def more_of_line(line: Line) -> dict[str, Any]:
    """Lay out bars, dates, twin, top-ups, offences and porting."""
    return {
        "bars": sorted(line.bars),
        "ends": {end.option: end.at.isoformat() for end in line.ends},
        "customer": line.customer,
        "opened_at": _written(line.opened_at),
        "plan_since": _written(line.plan_since),
        "twin": None if line.twin is None else {"imsi": line.twin.imsi, "iccid": line.twin.iccid},
        "top_ups": [
            {"what": t.what, "bought_at": _written(t.bought_at), "begun_at": _written(t.begun_at)} for t in line.top_ups
        ],
        "offences": [{"ladder": o.ladder, "at": _written(o.at)} for o in line.offences],
        "notices": [{"name": n.name, "at": _written(n.at), "until": _written(n.until)} for n in line.notices],
        "porting": None if line.porting is None else _porting_to_json(line.porting),
    }


def more_from_json(data: dict[str, Any]) -> dict[str, Any]:
    """Read back what ``more_of_line`` wrote, as arguments of ``Line``."""
    twin, porting = data.get("twin"), data.get("porting")
    return {
        "bars": frozenset(Bar(bar) for bar in data.get("bars", ())),
        "ends": tuple(OptionEnd(option, _read(at)) for option, at in data.get("ends", {}).items()),
        "customer": data.get("customer"),
        "opened_at": moment_from_json(data.get("opened_at")),
        "plan_since": moment_from_json(data.get("plan_since")),
        "twin": None if twin is None else Twin(twin["imsi"], twin["iccid"]),
        "top_ups": tuple(
            TopUp(t["what"], _read(t["bought_at"]), moment_from_json(t["begun_at"])) for t in data.get("top_ups", ())
        ),
        "offences": tuple(Offence(o["ladder"], _read(o["at"])) for o in data.get("offences", ())),
        "notices": tuple(
            Notice(n["name"], _read(n["at"]), moment_from_json(n.get("until"))) for n in data.get("notices", ())
        ),
        "porting": None if porting is None else _porting_from_json(porting),
    }


def moment_from_json(written: str | None) -> datetime | None:
    """Read a time that may be absent."""
    return None if written is None else _read(written)


def _porting_to_json(porting: Porting) -> dict[str, Any]:
    return {
        "direction": porting.direction.value,
        "msisdn": porting.msisdn,
        "rio": porting.rio,
        "day": porting.day.isoformat(),
        "mandate": porting.mandate,
        "moved": porting.moved,
        "reference": porting.reference,
        "recipient": porting.recipient,
        "cancelled": porting.cancelled,
    }


def _porting_from_json(data: dict[str, Any]) -> Porting:
    return Porting(
        direction=Direction(data["direction"]),
        msisdn=data["msisdn"],
        rio=data["rio"],
        day=date.fromisoformat(data["day"]),
        mandate=data["mandate"],
        moved=data["moved"],
        reference=data["reference"],
        recipient=data.get("recipient"),
        cancelled=data.get("cancelled", False),
    )


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _read(written: str) -> datetime:
    return datetime.fromisoformat(written)
