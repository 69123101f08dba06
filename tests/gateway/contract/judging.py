"""Every action with an order of it, and the words in which tests put them to the judges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from drivers.subscription import Msisdn
from gateway.contract.action import Refusal, Sim, SimState, Wish
from gateway.contract.actions import (
    activate,
    add_twin,
    adopt,
    bar_outgoing,
    cancel_port_in,
    change_bars,
    change_number,
    change_options,
    change_plan,
    change_port_date,
    complete_port,
    end_port,
    every,
    lift_limit,
    limit_use,
    port_in,
    port_out,
    reactivate,
    record_notice,
    remove_twin,
    repair,
    report_lost,
    suspend,
    swap_sim,
    terminate,
    top_up,
)
from gateway.contract.actions.swap_sim import SwapReason
from gateway.contract.identity import Name
from gateway.contract.line import Bar, Direction, Kind, Life, Line, Porting, Reason, Restriction, Twin
from gateway.contract.rio import rio_for
from tests.gateway.cards import Card, card
from tests.gateway.contract import island
from tests.gateway.contract.strategies import NOW, RULES

NUMBER, OTHER = island.NUMBER, Msisdn("+33612345679")
LINE = Line(
    NUMBER, card(1).imsi, card(1).iccid, RULES.name, "orange", "unlimited", frozenset({"data"}), life=Life.ACTIVE
)
PORT_DAY = date(2026, 3, 12)
COMING = rio_for("02", "P", "ABC123", OTHER)
LEAVING = rio_for("01", "P", "ABC123", NUMBER)
TWIN = Twin(card(3).imsi, card(3).iccid)
AWAITING = replace(island.line(), porting=Porting(Direction.IN, OTHER, COMING, PORT_DAY, "M-1", reference="F-1"))
DETAILS: dict[str, Any] = {
    "activate": activate.Details(Name(RULES.name), card(2).iccid, Name("unlimited"), (Name("4g"),)),
    "add_twin": add_twin.Details(card(2).iccid),
    "adopt": adopt.Details(Name(RULES.name), card(2).iccid, Name("metered"), (Name("4g"),), suspended=Reason.UNPAID),
    "bar_outgoing": bar_outgoing.Details(Reason.UNPAID, "R-1"),
    "cancel_port_in": cancel_port_in.Details(),
    "change_bars": change_bars.Details((Bar.NO_DATA,)),
    "change_number": change_number.Details(OTHER),
    "change_options": change_options.Details(add=(Name("4g"),), remove=(Name("data"),)),
    "change_plan": change_plan.Details(Name("metered")),
    "change_port_date": change_port_date.Details(date(2026, 3, 20)),
    "complete_port": complete_port.Details("F-1"),
    "end_port": end_port.Details("F-1", "incapacity"),
    "lift_limit": lift_limit.Details(Kind.FAIR_USE, "fair_use 2026-03"),
    "limit_use": limit_use.Details(Kind.FAIR_USE, "fair_use 2026-03"),
    "port_in": port_in.Details(OTHER, COMING, "M-1", PORT_DAY),
    "port_out": port_out.Details(LEAVING, PORT_DAY, "02"),
    "reactivate": reactivate.Details(),
    "record_notice": record_notice.Details(Name("reminder")),
    "remove_twin": remove_twin.Details(),
    "repair": repair.Details(),
    "report_lost": report_lost.Details(Reason.LOST),
    "suspend": suspend.Details(Reason.FRAUD),
    "swap_sim": swap_sim.Details(card(2).iccid, SwapReason.LOST),
    "terminate": terminate.Details("moved"),
    "top_up": top_up.Details(volume="5 GB"),
}
#: what makes sense on some lines only; the other actions do on every line of Technicophone's in service
READY: dict[str, Line] = {
    **dict.fromkeys(("add_twin", "change_bars", "port_in", "port_out", "record_notice", "top_up"), island.line()),
    **dict.fromkeys(("cancel_port_in", "change_port_date", "complete_port", "end_port"), AWAITING),
    "remove_twin": replace(island.line(), twin=TWIN),
}


def sim(one: Card, state: SimState = SimState.STOCK, *, ours: bool | None = None) -> Sim:
    return Sim(one.iccid, one.imsi, state, state is SimState.STOCK if ours is None else ours)


def wish(**changed: Any) -> Wish:  # noqa: ANN401 - fields of Wish
    return replace(Wish(rules=RULES, now=NOW, msisdn=NUMBER, sim=sim(card(2)), ports=True), **changed)


def judged(action: str, line: Line | None, details: Any = None, **changed: Any) -> Line | Refusal:  # noqa: ANN401 - each action's own
    contract = island.ISLAND if line is not None and line.contract == island.ISLAND.name else RULES
    asked = DETAILS[action] if details is None else details
    return every()[action].apply(line, asked, wish(**{"rules": contract} | changed))


def agreed(action: str, line: Line | None, details: Any = None, **changed: Any) -> Line:  # noqa: ANN401 - each action's own
    """The next line, where there must be one."""
    result = judged(action, line, details, **changed)
    assert isinstance(result, Line), result
    return result


def refused(result: Line | Refusal) -> str:
    assert isinstance(result, Refusal), result
    assert len(result.detail) > 20
    return result.slug


def restricted(*held: tuple[Kind, Reason]) -> Line:
    return replace(LINE, restrictions=tuple(Restriction(kind, reason, NOW) for kind, reason in held))


def kinds(result: Line | Refusal) -> list[tuple[Kind, Reason]]:
    assert isinstance(result, Line), result
    return [(r.kind, r.reason) for r in result.restrictions]
