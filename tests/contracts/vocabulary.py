"""What can be said to an element and what it may answer: realistic commands, facets and replies, per dialect."""

from collections.abc import Sequence

from hypothesis import strategies as st

from drivers import commands as c
from drivers import subscription as s
from drivers.dialect import Module
from tests.contracts import peers

ICCID = s.Iccid("8933010000000000017")
DIGITS = "0123456789"
SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
FRESH = s.Subscription(s.Imsi("208990000000001"), s.Msisdn("+33612345678"))

imsis = st.builds(
    lambda mcc, rest: s.Imsi(mcc + rest),
    st.sampled_from(("208", "234", "310", "505", "999")),
    st.text(DIGITS, min_size=12, max_size=12),
)
msisdns = st.builds(
    lambda a, b: s.Msisdn(f"+{a}{b}"), st.sampled_from("123456789"), st.text(DIGITS, min_size=6, max_size=14)
)
texts = st.text(st.sampled_from("Ab1 éàçœ€[]{}'\";\n\r\0漢😀"), max_size=35) | st.text(max_size=35)
senders = st.text(SAFE, min_size=1, max_size=11) | st.text(DIGITS, min_size=3, max_size=15)

FACETS: dict[type, st.SearchStrategy[s.Facet]] = {
    s.ServiceLock: st.builds(s.ServiceLock, st.booleans()),
    s.NetworkAccess: st.sampled_from(s.NetworkAccess),
    s.OutgoingBar: st.sampled_from(s.OutgoingBar),
    s.IncomingBar: st.sampled_from(s.IncomingBar),
    s.RoamingBar: st.sampled_from(s.RoamingBar),
    s.PacketBar: st.sampled_from(s.PacketBar),
    s.HomeBar: st.builds(s.HomeBar, st.frozensets(st.sampled_from((1, 2, 3, 4)))),
    s.PremiumBar: st.builds(s.PremiumBar, st.booleans()),
    s.RatAccess: st.builds(s.RatAccess, st.frozensets(st.sampled_from(s.Rat))),
    s.ApnAccess: st.builds(s.ApnAccess, st.sampled_from(("internet", "visualvoicemail", "tethering")), st.booleans()),
    s.SpeedCap: st.builds(s.SpeedCap, st.none() | st.integers(1, 4_000_000)),
    s.ServiceBars: st.builds(s.ServiceBars, st.frozensets(st.sampled_from(s.ServiceBar))),
    s.CallerId: st.builds(s.CallerId, st.booleans()),
    s.Diversion: st.builds(s.Diversion, st.none() | st.text(DIGITS, min_size=1, max_size=15)),
}
COMMANDS: dict[type, st.SearchStrategy[c.Command]] = {
    c.Login: st.builds(c.Login, st.text(SAFE, min_size=1, max_size=15), st.text(SAFE, min_size=1, max_size=8)),
    c.KeepAlive: st.builds(c.KeepAlive),
    c.PutKeys: st.builds(c.PutKeys, imsis, st.just(ICCID)),
    c.RemoveKeys: st.builds(c.RemoveKeys, imsis, st.just(ICCID)),
    c.CreateSubscriber: st.builds(c.CreateSubscriber, imsis, msisdns),
    c.RemoveSubscriber: st.builds(c.RemoveSubscriber, imsis),
    c.ChangeImsi: st.builds(c.ChangeImsi, imsis, imsis),
    c.ChangeMsisdn: st.builds(c.ChangeMsisdn, imsis, msisdns),
    c.AssignMsisdn: st.builds(c.AssignMsisdn, imsis, msisdns),
    c.ReleaseMsisdn: st.builds(c.ReleaseMsisdn, imsis, msisdns),
    c.CancelLocation: st.builds(c.CancelLocation, imsis),
    c.ReadSubscriber: st.builds(c.ReadSubscriber, imsis),
    c.ReadKeys: st.builds(c.ReadKeys, imsis),
    c.ListSubscribers: st.builds(c.ListSubscribers, st.text(DIGITS, max_size=6)),
    c.SendSms: st.builds(c.SendSms, senders, msisdns, texts),
    **peers.COMMANDS,
}


def creates_without_number(module: Module) -> bool:
    """Whether a subscriber of this dialect is created bare and given its number afterwards."""
    return c.AssignMsisdn in module.CAPABILITIES.commands


def is_held(module: Module, facet: s.Facet) -> bool:
    """Whether an element of this dialect has a place for the facet, by its own account."""
    can = module.CAPABILITIES
    return type(facet) in can.facets and not module.fit(FRESH.having(facet), can).missing


def commands_of(module: Module) -> st.SearchStrategy[c.Command]:
    """Any command this dialect says it speaks, each facet in each value it says it holds."""
    can = module.CAPABILITIES
    strategies = dict(COMMANDS)
    if creates_without_number(module):
        strategies[c.CreateSubscriber] = st.builds(c.CreateSubscriber, imsis, st.none())
    plain = [strategies[kind] for kind in strategies if kind in can.commands]
    provided = [
        st.builds(c.Provide, imsis, strategy.filter(lambda facet: is_held(module, facet)))
        for kind, strategy in FACETS.items()
        if kind in can.facets
    ]
    return st.one_of(*plain, *provided)


def replies_to(module: Module, command: c.Command) -> st.SearchStrategy[c.Reply]:
    """What an element may answer to this command."""
    refusals: st.SearchStrategy[c.Reply] = st.builds(c.Refused, st.sampled_from(c.Why), st.just(""))
    match command:
        case c.ReadSubscriber(imsi):
            return st.builds(c.Held, subscriptions(module, imsi)) | refusals
        case c.ReadKeys():
            return st.just(c.KeysHeld()) | refusals
        case c.ListSubscribers(prefix):
            listed = st.lists(imsis.map(lambda imsi: s.Imsi((prefix + imsi)[:15])), max_size=4, unique=True)
            return listed.map(lambda found: c.Listed(tuple(sorted(found)))) | refusals
        case c.SendSms():
            return st.builds(c.Submitted, st.text(SAFE, min_size=1, max_size=64)) | refusals
        case c.Login() | c.KeepAlive():
            return st.just(c.Done()) | refusals
        case _ if (answers := peers.told(command)) is not None:
            return answers | refusals
        case _:
            return st.just(c.AlreadySo()) | st.just(c.Done()) | refusals


def subscriptions(module: Module, imsi: s.Imsi) -> st.SearchStrategy[s.Subscription]:
    """Anything an element of this dialect can hold for the IMSI."""
    can = module.CAPABILITIES
    numbers = msisdns | st.none() if creates_without_number(module) else msisdns
    return st.builds(
        lambda number, facets: module.fit(_with(s.Subscription(imsi, number), facets), can).held,
        numbers,
        st.tuples(*(strategy for kind, strategy in FACETS.items() if kind in can.facets)),
    )


def _with(subscription: s.Subscription, facets: Sequence[s.Facet]) -> s.Subscription:
    for facet in facets:
        subscription = subscription.having(facet)
    return subscription
