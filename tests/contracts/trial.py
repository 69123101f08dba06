"""What every dialect is tried with: realistic commands, the replies they get, and a conversation to say them in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from hypothesis import strategies as st

from drivers import commands as c
from drivers import subscription as s
from drivers.dialect import Asked, Client, Frame, Module, Server

KEYS = c.Credentials("0" * 31 + "1", "0" * 31 + "2")
PASSWORD = "FAKEpw01"
ICCID = s.Iccid("8933010000000000017")
DIGITS = "0123456789"
SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

imsis = st.text(DIGITS, min_size=15, max_size=15).map(s.Imsi)
msisdns = st.builds(
    lambda a, b: s.Msisdn(f"+{a}{b}"), st.sampled_from("123456789"), st.text(DIGITS, min_size=6, max_size=14)
)
texts = st.text(st.sampled_from("Ab1 éàçœ€[]{}'\";\n\r\0漢😀"), max_size=35) | st.text(max_size=35)
senders = st.text(SAFE, min_size=1, max_size=11) | st.text(DIGITS, min_size=3, max_size=15)

FACETS: dict[type, st.SearchStrategy[s.Facet]] = {
    s.ServiceLock: st.builds(s.ServiceLock, st.booleans()),
    s.OutgoingBar: st.sampled_from(s.OutgoingBar),
    s.IncomingBar: st.sampled_from(s.IncomingBar),
    s.RoamingBar: st.sampled_from(s.RoamingBar),
    s.PacketBar: st.sampled_from(s.PacketBar),
    s.HomeBar: st.builds(s.HomeBar, st.frozensets(st.sampled_from((1, 2, 3, 4)))),
    s.PremiumBar: st.builds(s.PremiumBar, st.booleans()),
    s.RatAccess: st.builds(s.RatAccess, st.frozensets(st.sampled_from(s.Rat))),
    s.ApnAccess: st.builds(s.ApnAccess, st.sampled_from(("internet", "visualvoicemail", "tethering")), st.booleans()),
    s.SpeedCap: st.builds(s.SpeedCap, st.none() | st.integers(1, 4_000_000)),
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
    c.CancelLocation: st.builds(c.CancelLocation, imsis),
    c.ReadSubscriber: st.builds(c.ReadSubscriber, imsis),
    c.ReadKeys: st.builds(c.ReadKeys, imsis),
    c.SendSms: st.builds(c.SendSms, senders, msisdns, texts),
}


def commands_of(module: Module) -> st.SearchStrategy[c.Command]:
    """Any command this dialect says it speaks, each facet in each value."""
    can = module.CAPABILITIES
    plain = [COMMANDS[kind] for kind in can.commands if kind is not c.Provide]
    provided = [st.builds(c.Provide, imsis, FACETS[kind]) for kind in can.facets]
    return st.one_of(*plain, *provided)


def replies_to(module: Module, command: c.Command) -> st.SearchStrategy[c.Reply]:
    """What an element may answer to this command."""
    refusals: st.SearchStrategy[c.Reply] = st.builds(c.Refused, st.sampled_from(c.Why), st.just(""))
    match command:
        case c.ReadSubscriber(imsi):
            subscriptions = st.builds(
                lambda msisdn, facets: _with(s.Subscription(imsi, msisdn), facets),
                msisdns,
                st.tuples(*(FACETS[kind] for kind in module.CAPABILITIES.facets)),
            )
            return st.builds(c.Held, subscriptions) | refusals
        case c.ReadKeys():
            return st.just(c.KeysHeld()) | refusals
        case c.SendSms():
            return st.builds(c.Submitted, st.text(SAFE, min_size=1, max_size=64)) | refusals
        case c.Login() | c.KeepAlive():
            return st.just(c.Done()) | refusals
        case _:
            return (
                st.sampled_from(c.Why).map(lambda why: c.Refused(why, "")) | st.just(c.AlreadySo()) | st.just(c.Done())
            )


def _with(subscription: s.Subscription, facets: Sequence[s.Facet]) -> s.Subscription:
    for facet in facets:
        subscription = subscription.having(facet)
    return subscription


def on_the_wire(command: c.Command) -> c.Command:
    """The command as the element can know it: an ICCID and our own reference never reach it."""
    match command:
        case c.PutKeys() | c.RemoveKeys():
            return replace(command, iccid=s.Iccid(""))
        case c.SendSms():
            return replace(command, reference=0)
        case _:
            return command


def same(read: c.Reply, given: c.Reply) -> bool:
    """Whether a reply arrived as it was given, codes and texts aside; a reason it has no word for is OTHER."""
    match given, read:
        case c.Refused(why), c.Refused(other):
            return other in {why, c.Why.OTHER}
        case ((c.Done() | c.AlreadySo()), _):
            return type(read) is type(given)
        case _:
            return read == given


@dataclass
class Talk:
    """One connection with both its ends, and a word for each thing a test does with it."""

    module: Module
    client: Client = field(init=False)
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.client, self.server = self.module.client({}), self.module.server({})

    def say(self, number: int, command: c.Command) -> Frame:
        return self.client.encode(number, command, KEYS if isinstance(command, c.PutKeys) else None)

    def hear(self, *chunks: bytes) -> list[Asked]:
        return [asked for chunk in chunks for asked in self.server.feed(chunk)]

    def reply(self, *chunks: bytes) -> list[tuple[int, c.Reply]]:
        return [answer for chunk in chunks for answer in self.client.feed(chunk)]


@dataclass(frozen=True, repr=False)
class Trial:
    """Everything a contract test needs, for one dialect."""

    name: str
    module: Module
    commands: st.SearchStrategy[c.Command]
    vocabulary: tuple[type, ...] = get_args(c.Command)
    strategies: dict[type, st.SearchStrategy[c.Command]] = field(default_factory=lambda: dict(COMMANDS))
    on_the_wire: Callable[[c.Command], c.Command] = on_the_wire
    same: Callable[[c.Reply, c.Reply], bool] = same

    def talk(self) -> Talk:
        return Talk(self.module)

    def replies(self, command: c.Command) -> st.SearchStrategy[c.Reply]:
        return replies_to(self.module, command)
