"""Take a line over as the network already holds it: what the drift audit and a register's import order."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drivers.subscription import Iccid, Msisdn
from gateway.contract.action import Action, Claims, Lane, Manner, Refusal, Wish
from gateway.contract.actions import _checks, activate
from gateway.contract.identity import Name
from gateway.contract.line import Kind, Life, Line, Reason, Restriction


@dataclass(frozen=True, slots=True)
class Details:
    """What the line is found to be; ``barred`` and ``suspended`` give the reason if that restriction holds."""

    contract: Name
    iccid: Iccid
    plan: Name
    options: tuple[Name, ...] = ()
    barred: Reason | None = None
    suspended: Reason | None = None


def claims(details: Details, msisdn: Msisdn | None) -> Claims:
    """The SIM and the number, where the line is new."""
    return Claims(iccid=details.iccid, msisdn=msisdn)


def apply(line: Line | None, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order: a new line as an activation would be, a living one if the SIM is its own."""
    if line is None or line.life is Life.ORDERED:
        wished = activate.Details(details.contract, details.iccid, details.plan, details.options)
        opened = activate.apply(line, wished, wish)
        return opened if isinstance(opened, Refusal) else _as_found(opened, details, wish)
    if line.iccid != details.iccid or line.life is Life.TERMINATED:
        return Refusal("other-sim", f"{line.msisdn} is served by SIM {line.iccid}: audit the line before adopting it")
    wrong = _checks.plan(details.plan, wish.rules) or _checks.options(details.options, wish.rules)
    return wrong or _as_found(line, details, wish)


def _as_found(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Set what was found, and keep since when a restriction already known has held."""
    found = replace(line, plan=details.plan, options=frozenset(details.options))
    for kind, reason in ((Kind.BARRED_OUTGOING, details.barred), (Kind.SUSPENDED, details.suspended)):
        if reason is None:
            found = found.lifted(lambda held, kind=kind: held.kind is kind)  # type: ignore[misc]  # the loop's kind
        elif reason not in wish.rules.restrictions[kind].reasons:
            return Refusal("reason-unknown", f"{wish.rules.name} knows no {kind.value} for {reason.value}")
        else:
            found = found.restricted(Restriction(kind, reason, wish.now))
    return found


ACTION = Action(
    details=Details,
    apply=apply,
    lane=Lane.AUDIT,
    manner=Manner.ADOPTS,
    addressed_by=("msisdn",),
    claims=claims,
    opens_line=True,
)
