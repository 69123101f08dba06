"""A second SIM for the same line, in a car for instance (003 art. 9.3.7)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drivers.subscription import Iccid, Msisdn
from gateway.contract.action import Action, Claims, Refusal, Wish, on_live_line
from gateway.contract.actions import _checks
from gateway.contract.line import Line, Twin


@dataclass(frozen=True, slots=True)
class Details:
    """The second SIM."""

    iccid: Iccid


def claims(details: Details, _msisdn: Msisdn | None) -> Claims:
    """The second SIM."""
    return Claims(iccid=details.iccid)


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order: one twin, of the line's own host, and not beside mobile internet."""
    if line.twin is not None:
        return Refusal("twin-exists", f"the line has a second SIM already, {line.twin.iccid}: remove it first")
    sim = _checks.usable_sim(details.iccid, wish.sim)
    if isinstance(sim, Refusal):
        return sim
    if wish.rules.host_of(sim.imsi) != line.host:
        return Refusal("wrong-host", f"SIM {details.iccid} is not one of host {line.host}: take another SIM")
    twinned = replace(line, twin=Twin(sim.imsi, sim.iccid))
    return _checks.twin(twinned, wish.rules) or twinned


ACTION = Action(details=Details, apply=on_live_line(judge), claims=claims)
