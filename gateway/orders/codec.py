"""Lines, plans and subscriptions as JSON in the journal; commands keep their names, so old rows stay readable."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, assert_never

from drivers import commands as c
from drivers import subscription as s
from gateway.contract.line import Kind, Life, Line, Reason, Restriction
from gateway.contract.plan import Step
from gateway.orders.line_codec import moment_from_json, more_from_json, more_of_line

_BARS: dict[str, type[s.NetworkAccess | s.OutgoingBar | s.IncomingBar | s.RoamingBar | s.PacketBar]] = {
    bar.__name__: bar for bar in (s.NetworkAccess, s.OutgoingBar, s.IncomingBar, s.RoamingBar, s.PacketBar)
}
_WORDS: dict[str, type[Any]] = {
    word.__name__: word
    for word in (
        c.PutKeys,
        c.RemoveKeys,
        c.CreateSubscriber,
        c.RemoveSubscriber,
        c.ChangeImsi,
        c.ChangeMsisdn,
        c.AssignMsisdn,
        c.ReleaseMsisdn,
        c.CancelLocation,
    )
}


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def dump(value: object) -> str:
    """Write compact JSON."""
    return _ENCODER.encode(value)


def line_to_json(line: Line) -> dict[str, Any]:
    """Lay a line out."""
    return {
        "msisdn": line.msisdn,
        "imsi": line.imsi,
        "iccid": line.iccid,
        "contract": line.contract,
        "host": line.host,
        "plan": line.plan,
        "options": sorted(line.options),
        "restrictions": [restriction_to_json(r) for r in line.restrictions],
        "life": line.life.value,
        **more_of_line(line),
    }


def restriction_to_json(restriction: Restriction) -> dict[str, Any]:
    """Lay a restriction out as the API shows it."""
    return {
        "kind": restriction.kind.value,
        "reason": restriction.reason.value,
        "since": restriction.since.isoformat(),
        "reference": restriction.reference,
        "until": None if restriction.until is None else restriction.until.isoformat(),
    }


def line_from_json(data: dict[str, Any]) -> Line:
    """Read a line back; what an older edition did not write is as it is on a line without it."""
    return Line(
        msisdn=data["msisdn"],
        imsi=data["imsi"],
        iccid=data["iccid"],
        contract=data["contract"],
        host=data["host"],
        plan=data["plan"],
        options=frozenset(data["options"]),
        restrictions=tuple([_restriction_from_json(r) for r in data["restrictions"]]),
        life=Life(data["life"]),
        **more_from_json(data),
    )


def _restriction_from_json(data: dict[str, Any]) -> Restriction:
    since = datetime.fromisoformat(data["since"])
    kind, reason = Kind(data["kind"]), Reason(data["reason"])
    return Restriction(kind, reason, since, data["reference"], moment_from_json(data.get("until")))


def subscription_to_json(subscription: s.Subscription | None) -> dict[str, Any] | None:
    """Lay a subscription out in 3GPP words."""
    if subscription is None:
        return None
    sub = subscription
    return {
        "imsi": sub.imsi,
        "msisdn": sub.msisdn,
        "locked": sub.locked,
        "network_access": sub.access.value,
        "outgoing_bar": sub.outgoing.value,
        "incoming_bar": sub.incoming.value,
        "roaming_bar": sub.roaming.value,
        "packet_bar": sub.packet.value,
        "home_bar_types": sorted(sub.home_bars),
        "premium_barred": sub.premium_barred,
        "rats": sorted(sub.rats),
        "apns": sorted(sub.apns),
        "cap_kbit_s": sub.cap_kbit_s,
        "service_bars": sorted(sub.service_bars),
        "caller_id_hidden": sub.caller_id_hidden,
        "diverted_to": sub.diverted_to,
        "foreign": sorted(sub.foreign),
    }


def step_to_json(step: Step) -> dict[str, Any]:
    """Lay a step out."""
    return {
        "element": step.element,
        "do": _command_to_json(step.command),
        "undo": [_command_to_json(u) for u in step.undo],
    }


def step_from_json(data: dict[str, Any]) -> Step:
    """Read a step back."""
    return Step(data["element"], _command_from_json(data["do"]), tuple(_command_from_json(u) for u in data["undo"]))


def _command_to_json(command: c.Command) -> dict[str, Any]:
    word = {"word": type(command).__name__}
    if isinstance(command, c.Provide):
        return word | {"imsi": command.imsi, "facet": _facet_to_json(command.facet)}
    return word | {name: getattr(command, name) for name in _WORDS[word["word"]].__dataclass_fields__}


def _command_from_json(data: dict[str, Any]) -> c.Command:
    values = {name: value for name, value in data.items() if name != "word"}
    if data["word"] == c.Provide.__name__:
        return c.Provide(values["imsi"], _facet_from_json(*values["facet"]))
    command: c.Command = _WORDS[data["word"]](**values)
    return command


def _facet_to_json(facet: s.Facet) -> list[Any]:
    name = type(facet).__name__
    match facet:
        case s.NetworkAccess() | s.OutgoingBar() | s.IncomingBar() | s.RoamingBar() | s.PacketBar():
            return [name, facet.value]
        case s.ServiceLock(value) | s.PremiumBar(value) | s.CallerId(value):
            return [name, value]
        case s.ServiceBars(bars):
            return [name, sorted(bars)]
        case s.Diversion(to):
            return [name, to]
        case s.HomeBar(types):
            return [name, sorted(types)]
        case s.RatAccess(rats):
            return [name, sorted(rats)]
        case s.ApnAccess(apn, provided):
            return [name, [apn, provided]]
        case s.SpeedCap(cap_kbit_s):
            return [name, cap_kbit_s]
        case _:
            assert_never(facet)


def _facet_from_json(name: str, value: Any) -> s.Facet:  # noqa: ANN401 - each kind of facet has its own value
    if name in _BARS:
        return _BARS[name](value)
    match name:
        case "HomeBar":
            return s.HomeBar(frozenset(value))
        case "RatAccess":
            return s.RatAccess(frozenset(s.Rat(r) for r in value))
        case "ApnAccess":
            return s.ApnAccess(value[0], provided=value[1])
        case "ServiceLock":
            return s.ServiceLock(value)
        case "PremiumBar":
            return s.PremiumBar(value)
        case "ServiceBars":
            return s.ServiceBars(frozenset(s.ServiceBar(bar) for bar in value))
        case "CallerId":
            return s.CallerId(value)
        case "Diversion":
            return s.Diversion(value)
        case _:
            return s.SpeedCap(value)
