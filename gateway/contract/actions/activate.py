"""Open a line: a SIM from stock, a free number, a plan and options; what was chosen is added to the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drivers.subscription import Iccid, Msisdn
from gateway.contract.action import Action, Claims, Refusal, Wish
from gateway.contract.actions import _checks, _porting
from gateway.contract.actions._porting import PortIn
from gateway.contract.identity import Name
from gateway.contract.line import Life, Line


@dataclass(frozen=True, slots=True)
class Details:
    """What is ordered; ``customer`` is whose line it is, by the order system's own name for them.

    ``delivered_at``: the SIM was handed to the post; without a word of the customer, the contract says when the line
    is activated by itself (002 mobile 2.1).
    """

    contract: Name
    iccid: Iccid
    plan: Name
    options: tuple[Name, ...] = ()
    host: Name | None = None
    port_in: PortIn | None = None
    customer: str | None = None
    delivered_at: datetime | None = None


def claims(details: Details, msisdn: Msisdn | None) -> Claims:
    """The SIM and the number; of a number that is to come, and a temporary one, both.

    When its turn comes, an activation names its line by the number that this has: the other is kept for it already.
    """
    if details.port_in is None:
        return Claims(iccid=details.iccid, msisdn=msisdn)
    temporary = details.port_in.temporary_msisdn
    return Claims(iccid=details.iccid, msisdn=temporary, coming=None if msisdn == temporary else msisdn)


def apply(line: Line | None, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order: the line must not be there yet (001:6169-6189)."""
    if line is not None and line.life is not Life.ORDERED:
        return Refusal("line-exists", f"{line.msisdn} is already in service: change the line instead of activating it")
    if wish.msisdn is None:
        return Refusal("msisdn-missing", "an activation names its line by msisdn", timeless=True)
    wrong = (
        _checks.plan(details.plan, wish.rules)
        or _checks.options(details.options, wish.rules)
        or (None if details.customer is None else _checks.lines_of_customer(wish))
    )
    if wrong is not None:
        return wrong
    opening = _porting.opening(line, details.port_in, wish, wish.msisdn)
    if isinstance(opening, Refusal):
        return opening
    sim = _checks.usable_sim(details.iccid, wish.sim)
    if isinstance(sim, Refusal):
        return sim
    host = wish.rules.host_of(sim.imsi)
    if host is None or (details.host is not None and details.host != host):
        owner = f"belongs to host {host}" if host else f"belongs to no host of {wish.rules.name}"
        return Refusal("wrong-host", f"SIM {details.iccid} {owner}: order that host, or take a SIM of {details.host}")
    return Line(
        msisdn=opening.msisdn,
        imsi=sim.imsi,
        iccid=sim.iccid,
        contract=wish.rules.name,
        host=host,
        plan=details.plan,
        options=wish.rules.at_activation(details.plan).union(details.options),
        life=Life.ACTIVE,
        bars=wish.rules.defaults.bars,
        customer=details.customer,
        opened_at=wish.now,
        porting=opening.porting,
    )


ACTION = Action(details=Details, apply=apply, addressed_by=("msisdn",), claims=claims, opens_line=True)
