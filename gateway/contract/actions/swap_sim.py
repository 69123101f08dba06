"""Same number, new SIM; after loss or theft the restriction for it ends with the old SIM (001:6236-6239, 6427)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from drivers.subscription import Iccid, Msisdn
from gateway.contract.action import Action, Claims, Refusal, Wish, on_live_line
from gateway.contract.actions import _checks
from gateway.contract.identity import Name
from gateway.contract.line import LOSS, Line


class SwapReason(StrEnum):
    """Why the old SIM is given up; every swap is billed."""

    LOST = "lost"
    STOLEN = "stolen"
    MALFUNCTION = "malfunction"
    DAMAGED = "damaged"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Details:
    """The SIM in hand, and why; ``host``: the line moves there with it, as a migration between hosts wants."""

    new_iccid: Iccid
    reason: SwapReason
    host: Name | None = None


def claims(details: Details, _msisdn: Msisdn | None) -> Claims:
    """The new SIM."""
    return Claims(iccid=details.new_iccid)


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order."""
    if details.new_iccid == line.iccid:
        return Refusal("same-sim", f"SIM {details.new_iccid} already serves this line: name the new one")
    sim = _checks.usable_sim(details.new_iccid, wish.sim)
    if isinstance(sim, Refusal):
        return sim
    host = wish.rules.host_of(sim.imsi)
    if host is None or host != (details.host or line.host):
        advice = f"the line lives on {line.host}: take a SIM of it, or name details.host to move the line"
        return Refusal("wrong-host", f"SIM {details.new_iccid} belongs to host {host}; {advice}")
    if host != line.host and line.twin is not None:
        return Refusal("twin-exists", "the second SIM cannot move with the line: remove it first, add another there")
    swapped = replace(line, imsi=sim.imsi, iccid=sim.iccid, host=host)
    if details.reason in (SwapReason.LOST, SwapReason.STOLEN):
        return swapped.lifted(lambda restriction: restriction.reason in LOSS)
    return swapped


ACTION = Action(details=Details, apply=on_live_line(judge), claims=claims)
