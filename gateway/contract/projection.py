"""From what was agreed to what the network should hold: pure, total, and the only place where that is decided."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.subscription import IncomingBar, OutgoingBar, PacketBar, RoamingBar, Subscription
from gateway.contract.line import Kind, Life, Line
from gateway.contract.rules import OptionRule, PlanRule, RestrictionRule, Rules


@dataclass(frozen=True, slots=True)
class _Overlay:
    """The strictest of all restrictions that hold."""

    locked: bool = False
    outgoing: OutgoingBar = OutgoingBar.NONE
    incoming: IncomingBar = IncomingBar.NONE
    packet: PacketBar = PacketBar.NONE
    cap_kbit_s: int | None = None

    def under(self, rule: RestrictionRule) -> _Overlay:
        """Return this overlay with one more restriction over it."""
        return _Overlay(
            locked=self.locked or rule.locked,
            outgoing=_stricter_outgoing(self.outgoing, rule.outgoing),
            incoming=_stricter_incoming(self.incoming, rule.incoming),
            packet=_stricter_packet(self.packet, rule.packet),
            cap_kbit_s=self.cap_kbit_s,
        )

    def under_fair_use(self, plan: PlanRule) -> _Overlay:
        """Return this overlay with what fair use closes on the plan."""
        packet = PacketBar.NONE if plan.fair_use_keeps_roaming_data else PacketBar.WHEN_ROAMING
        return _Overlay(
            self.locked, self.outgoing, self.incoming, _stricter_packet(self.packet, packet), plan.fair_use_cap_kbit_s
        )


def project(line: Line, rules: Rules) -> Subscription | None:
    """Return what the network should hold for the line; ``None`` when it should hold nothing."""
    if line.life is not Life.ACTIVE:
        return None
    options = [rules.options[name] for name in sorted(line.options)]
    overlay = _overlay(line, rules)
    return Subscription(
        imsi=line.imsi,
        msisdn=line.msisdn,
        locked=overlay.locked,
        outgoing=overlay.outgoing,
        incoming=overlay.incoming,
        roaming=RoamingBar.NONE if _may_roam(options) else RoamingBar.OUTSIDE_HPLMN,
        packet=overlay.packet,
        home_bars=frozenset() if any(o.international for o in options) else frozenset({rules.international_bar_type}),
        rats=rules.default_rats.union(*(o.rats for o in options)),
        apns=frozenset[str]().union(*(o.apns for o in options)),
        cap_kbit_s=overlay.cap_kbit_s,
    )


def _may_roam(options: list[OptionRule]) -> bool:
    return any(o.roaming for o in options) and not any(o.blocks_roaming for o in options)


def _overlay(line: Line, rules: Rules) -> _Overlay:
    overlay = _Overlay()
    for restriction in line.restrictions:
        overlay = overlay.under(rules.restrictions[restriction.kind])
        if restriction.kind is Kind.FAIR_USE:
            overlay = overlay.under_fair_use(rules.plans[line.plan])
    return overlay


def _stricter_outgoing(one: OutgoingBar, other: OutgoingBar) -> OutgoingBar:
    bars = {one, other} - {OutgoingBar.NONE}
    if len(bars) <= 1:
        return bars.pop() if bars else OutgoingBar.NONE
    if bars == {OutgoingBar.INTERNATIONAL, OutgoingBar.INTERNATIONAL_EXCEPT_HOME}:
        return OutgoingBar.INTERNATIONAL
    return OutgoingBar.ALL  # no single category covers both: the only one that does bars all


def _stricter_incoming(one: IncomingBar, other: IncomingBar) -> IncomingBar:
    order = (IncomingBar.NONE, IncomingBar.WHEN_ROAMING, IncomingBar.ALL)
    return max(one, other, key=order.index)


def _stricter_packet(one: PacketBar, other: PacketBar) -> PacketBar:
    order = (PacketBar.NONE, PacketBar.WHEN_ROAMING, PacketBar.ALL)
    return max(one, other, key=order.index)
