"""Open a line: a SIM from stock, a free number, a plan and options; what was chosen is added to the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from drivers.subscription import Iccid, Msisdn
from gateway.contract.action import Action, Claims, Refusal, Wish
from gateway.contract.actions import _checks
from gateway.contract.identity import Name
from gateway.contract.line import Life, Line


@dataclass(frozen=True, slots=True)
class PortIn:
    """The number comes from another operator."""

    rio: str
    mandate: str
    date: date
    temporary_msisdn: Msisdn | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What is ordered; ``customer`` is whose line it is, by the order system's own name for them."""

    contract: Name
    iccid: Iccid
    plan: Name
    options: tuple[Name, ...] = ()
    host: Name | None = None
    port_in: PortIn | None = None
    customer: str | None = None


def claims(details: Details, msisdn: Msisdn | None) -> Claims:
    """The SIM and the number."""
    return Claims(iccid=details.iccid, msisdn=msisdn)


def apply(line: Line | None, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order: the line must not be there yet (001:6169-6189)."""
    if details.port_in is not None:
        return Refusal("not-implemented", "bringing a number in is not offered yet: activate with a number of your own")
    if line is not None and line.life is not Life.ORDERED:
        return Refusal("line-exists", f"{line.msisdn} is already in service: change the line instead of activating it")
    if wish.msisdn is None:
        return Refusal("msisdn-missing", "an activation names its line by msisdn", timeless=True)
    wrong = (
        _checks.plan(details.plan, wish.rules)
        or _checks.options(details.options, wish.rules)
        or _checks.number(wish.msisdn, wish)
        or (None if details.customer is None else _checks.lines_of_customer(wish))
    )
    if wrong is not None:
        return wrong
    sim = _checks.usable_sim(details.iccid, wish.sim)
    if isinstance(sim, Refusal):
        return sim
    host = wish.rules.host_of(sim.imsi)
    if host is None or (details.host is not None and details.host != host):
        owner = f"belongs to host {host}" if host else f"belongs to no host of {wish.rules.name}"
        return Refusal("wrong-host", f"SIM {details.iccid} {owner}: order that host, or take a SIM of {details.host}")
    return Line(
        msisdn=wish.msisdn,
        imsi=sim.imsi,
        iccid=sim.iccid,
        contract=wish.rules.name,
        host=host,
        plan=details.plan,
        options=wish.rules.at_activation(details.plan).union(details.options),
        life=Life.ACTIVE,
        customer=details.customer,
        opened_at=wish.now,
    )


ACTION = Action(details=Details, apply=apply, addressed_by=("msisdn",), claims=claims, opens_line=True)
