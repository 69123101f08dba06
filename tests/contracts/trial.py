"""A conversation to try a dialect in: both its ends, what crossed the line, and how to compare what was meant."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import get_args

from hypothesis import strategies as st

from drivers import commands as c
from drivers import subscription as s
from drivers.dialect import Asked, Client, Frame, Module, Server
from tests.contracts.vocabulary import commands_of, replies_to

KEYS = c.Credentials("0" * 31 + "1", "0" * 31 + "2")
PASSWORD = "FAKEpw01"


@dataclass(frozen=True)
class Said:
    """One command, what was answered, and the bytes of both."""

    number: int
    command: c.Command
    reply: c.Reply
    sent: bytes
    received: bytes


Round = list[Said]
"""Commands said together, before the first of them is answered; one at a time where the dialect wants it so."""


def meant(command: c.Command | None) -> tuple[object, ...]:
    """The command as the element can know it: an ICCID, our own reference and a number taken away never reach it.

    To give a number and to change it is the same word. Kinds are compared because the values of two bars can be equal.
    """
    match command:
        case c.PutKeys() | c.RemoveKeys():
            return type(command), replace(command, iccid=s.Iccid(""))
        case c.SendSms():
            return type(command), replace(command, reference=0)
        case c.AssignMsisdn(imsi, msisdn):
            return meant(c.ChangeMsisdn(imsi, msisdn))
        case c.ReleaseMsisdn(imsi):
            return type(command), imsi
        case c.Provide(imsi, facet):
            return type(command), imsi, type(facet), facet
        case _:
            return type(command), command


def is_meant(heard: c.Command | None, said: c.Command) -> bool:
    """Whether the element has heard what was said; one that knows no users asks for the password alone."""
    if isinstance(heard, c.Login) and isinstance(said, c.Login) and heard.user == "":
        return heard.password == said.password
    return meant(heard) == meant(said)


def same(read: c.Reply, given: c.Reply) -> bool:
    """Whether a reply arrived as it was given, codes and texts aside.

    A reason the dialect has no word for is OTHER; where it has none for "already so", that is done.
    """
    match given, read:
        case c.Refused(why), c.Refused(other):
            return other in {why, c.Why.OTHER}
        case c.Done(), _:
            return isinstance(read, c.Done)
        case c.AlreadySo(), _:
            return isinstance(read, c.AlreadySo | c.Done)
        case _:
            return read == given


@dataclass
class Talk:
    """One connection with both its ends, and a word for each thing a test does with it."""

    module: Module
    greeted: bool = True
    client: Client = field(init=False)
    server: Server = field(init=False)
    greeting: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.client, self.server = self.module.client({}), self.module.server({})
        self.greeting = self.server.to_send()
        if self.greeted:
            assert self.client.feed(self.greeting) == []

    def say(self, number: int, command: c.Command) -> Frame:
        return self.client.encode(number, command, KEYS if isinstance(command, c.PutKeys) else None)

    def hear(self, *chunks: bytes) -> list[Asked]:
        return [asked for chunk in chunks for asked in self.server.feed(chunk)]

    def answer(self, number: int, reply: c.Reply) -> bytes:
        return self.server.to_send() + self.server.answer(number, reply) + self.server.to_send()

    def reply(self, *chunks: bytes) -> list[tuple[int, c.Reply]]:
        return [answer for chunk in chunks for answer in self.client.feed(chunk)]

    def say_again(self, said: Round) -> None:
        for one in said:
            assert self.say(one.number, one.command).data == one.sent


def _is_no_login(command: c.Command) -> bool:
    return not isinstance(command, c.Login)


def _logins(commands: list[c.Command]) -> int:
    """How often somebody logs in: first and once, for what is said as a password later would be a command."""
    return sum(isinstance(command, c.Login) for command in commands)


@dataclass(frozen=True, repr=False)
class Trial:
    """Everything a contract test needs, for one dialect."""

    name: str
    module: Module
    vocabulary: tuple[type, ...] = get_args(c.Command)

    @cached_property
    def commands(self) -> st.SearchStrategy[c.Command]:
        """What the dialect says it speaks."""
        return commands_of(self.module)

    @property
    def one_at_a_time(self) -> bool:
        return self.module.CAPABILITIES.max_window == 1

    def talk(self, *, greeted: bool = True) -> Talk:
        return Talk(self.module, greeted)

    def shown(self, command: c.Command) -> str:
        """What a log would tell of the command, and an element that echoes, and both at most."""
        return self.talk().say(1, command).masked

    def replies(self, command: c.Command) -> st.SearchStrategy[c.Reply]:
        return replies_to(self.module, command)

    def dialogue(self, data: st.DataObject, *, min_size: int = 1, unlike: bool = False) -> list[Round]:
        """Say a few commands, together where the dialect allows it, and answer each."""
        key = self.shown if unlike else None
        several = st.lists(self.commands, min_size=min_size, max_size=4, unique_by=key)
        drawn = sorted(data.draw(several.filter(lambda commands: _logins(commands) <= 1)), key=_is_no_login)
        commands = list(enumerate(drawn, 1))
        talk, size = self.talk(), 1 if self.one_at_a_time else len(commands)
        return [self._round(data, talk, commands[n : n + size]) for n in range(0, len(commands), size)]

    def _round(self, data: st.DataObject, talk: Talk, commands: list[tuple[int, c.Command]]) -> Round:
        sent = [talk.say(number, command).data for number, command in commands]
        replies = [data.draw(self.replies(command)) for _, command in commands]
        asked = talk.hear(b"".join(sent))
        received = [talk.answer(one.number, reply) for one, reply in zip(asked, replies, strict=True)]
        assert [number for number, _ in talk.reply(*received)] == [number for number, _ in commands]
        return [
            Said(number, command, reply, there, back)
            for (number, command), reply, there, back in zip(commands, replies, sent, received, strict=True)
        ]
