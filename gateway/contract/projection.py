"""From what was agreed to what the network should hold: pure, total, and the only place where that is decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from drivers.subscription import IncomingBar, Msisdn, OutgoingBar, PacketBar, RoamingBar, ServiceBar, Subscription
from gateway.contract.line import Kind, Life, Line
from gateway.contract.rulebook.services import Closed, OptionRule, PlanRule
from gateway.contract.rules import Rules

_INCOMING = (IncomingBar.NONE, IncomingBar.WHEN_ROAMING, IncomingBar.ALL)
_PACKET = (PacketBar.NONE, PacketBar.WHEN_ROAMING, PacketBar.ALL)
_NO_VOICE = Closed(services=frozenset({ServiceBar.SPEECH_OUT, ServiceBar.SPEECH_IN}))
_NO_INCOMING_ABROAD = Closed(incoming=IncomingBar.WHEN_ROAMING)
_NOT_DIALLED = (
    "999"  # ITU-T E.164: reserved, so no number of anybody begins with it; with an IMSI less its MCC, 15 digits
)
_Word = TypeVar("_Word", IncomingBar, PacketBar)


def project(line: Line, rules: Rules) -> Subscription | None:
    """Return what the network should hold for the line's SIM; ``None`` when it should hold nothing."""
    if line.life is not Life.ACTIVE:
        return None
    options = [rules.options[name] for name in sorted(line.options)]
    defaults, closed = rules.defaults, _closed(line, options, rules)
    international = any(o.international for o in options)
    return Subscription(
        imsi=line.imsi,
        msisdn=line.msisdn,
        locked=closed.locked,
        outgoing=closed.outgoing,
        incoming=closed.incoming,
        roaming=RoamingBar.NONE if _may_roam(options) else RoamingBar.OUTSIDE_HPLMN,
        packet=closed.packet,
        home_bars=frozenset() if international else frozenset({defaults.international_bar_type}),
        premium_barred=closed.premium,
        rats=defaults.rats.union(*(o.rats for o in options)),
        apns=frozenset[str]().union(*(o.apns for o in options)),
        cap_kbit_s=_cap(line, options, rules.plans[line.plan]),
        service_bars=closed.services,
        caller_id_hidden=any(o.hides_caller_id for o in options),
        diverted_to=defaults.diverts_to,
    )


def project_twin(line: Line, rules: Rules) -> Subscription | None:
    """Return what the network should hold for the line's second SIM: the same, without diversion and data.

    Registers want a number for each subscriber, and the line's is taken: it has one that nobody can dial.
    """
    if line.twin is None or (own := project(line, rules)) is None:
        return None
    inner = Msisdn(f"+{_NOT_DIALLED}{line.twin.imsi[3:]}")
    return replace(own, imsi=line.twin.imsi, msisdn=inner, apns=frozenset(), diverted_to=None)


def _may_roam(options: list[OptionRule]) -> bool:
    return any(o.roaming for o in options) and not any(o.blocks_roaming for o in options)


def _closed(line: Line, options: list[OptionRule], rules: Rules) -> Closed:
    """The strictest of everything that lies over the options."""
    plan = rules.plans[line.plan]
    closed = Closed() if plan.voice else _NO_VOICE
    if not (rules.defaults.incoming_abroad or any(o.incoming_abroad for o in options)):
        closed = stricter(closed, _NO_INCOMING_ABROAD)
    for bar in sorted(line.bars):
        closed = stricter(closed, rules.bars[bar].closed)
    for restriction in line.restrictions:
        closed = stricter(closed, rules.restrictions[restriction.kind].closed)
        if restriction.kind is Kind.FAIR_USE and not plan.fair_use_keeps_roaming_data:
            closed = stricter(closed, Closed(packet=PacketBar.WHEN_ROAMING))
    return closed


def _cap(line: Line, options: list[OptionRule], plan: PlanRule) -> int | None:
    """The lowest of the speeds that were agreed, and of that after fair use."""
    caps = [o.cap_kbit_s for o in options]
    if any(r.kind is Kind.FAIR_USE for r in line.restrictions):
        caps.append(plan.fair_use_cap_kbit_s)
    return min((cap for cap in caps if cap is not None), default=None)


def stricter(one: Closed, other: Closed) -> Closed:
    """Return what is closed when both hold."""
    return Closed(
        outgoing=_stricter_outgoing(one.outgoing, other.outgoing),
        incoming=_stricter(one.incoming, other.incoming, _INCOMING),
        packet=_stricter(one.packet, other.packet, _PACKET),
        services=one.services | other.services,
        premium=one.premium or other.premium,
        locked=one.locked or other.locked,
    )


def _stricter_outgoing(one: OutgoingBar, other: OutgoingBar) -> OutgoingBar:
    bars = {one, other} - {OutgoingBar.NONE}
    if len(bars) <= 1:
        return bars.pop() if bars else OutgoingBar.NONE
    if bars == {OutgoingBar.INTERNATIONAL, OutgoingBar.INTERNATIONAL_EXCEPT_HOME}:
        return OutgoingBar.INTERNATIONAL
    return OutgoingBar.ALL  # no single category covers both: the only one that does bars all


def _stricter(one: _Word, other: _Word, order: tuple[_Word, ...]) -> _Word:
    return max(one, other, key=order.index)
