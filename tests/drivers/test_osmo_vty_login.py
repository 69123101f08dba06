"""Logging in at OsmoHLR's terminal: a password, then ``enable``, and nothing in between."""

import asyncio

import pytest

from drivers import commands as c
from drivers.commands import Reply, Why
from drivers.dialects import osmo_vty
from drivers.errors import InDoubt, StreamClosed, Unreachable
from drivers.memory import MemoryStream, memory_pair
from drivers.session import Limits, Session
from drivers.stream import Stream
from drivers.subscription import Imsi, Msisdn, Subscription

A, NUMBER = Imsi("901700000014701"), Msisdn("+491700000001")
READ = c.ReadSubscriber(A)


async def _element(stream: MemoryStream, password: str, then: bytes) -> None:
    """A guarded terminal that knows one subscriber; ``then`` is what it says to ``enable`` instead of a prompt."""
    server = osmo_vty.server({})
    await stream.send(server.to_send())
    try:
        while True:
            data = await stream.receive()
            if then and data == b"enable\n":
                await stream.send(then)
                continue
            for heard in server.feed(data):
                right = heard.command == c.Login("", password) or heard.command == READ
                known = isinstance(heard.command, c.ReadSubscriber)
                reply = c.Held(Subscription(A, NUMBER)) if known else c.Done()
                await stream.send(server.answer(heard.number, reply if right else c.Refused(Why.FORBIDDEN, "")))
            await stream.send(server.to_send())
    except StreamClosed:
        return


async def _ask(password: str, then: bytes = b"") -> Reply:
    """Log in with a password and read the one subscriber."""
    elements: list[asyncio.Task[None]] = []

    async def connect() -> Stream:
        ours, theirs = memory_pair()
        elements.append(asyncio.create_task(_element(theirs, "FAKEpw01", then)))
        return ours

    limits = Limits(answer_timeout_s=1, connect_timeout_s=1)
    session = Session("vty", connect, lambda: osmo_vty.client({}), c.Login("gate", password), limits)
    try:
        return await session.send(READ)
    finally:
        await session.close()
        await asyncio.gather(*elements)


async def test_a_password_is_followed_by_enable_before_anything_else() -> None:
    assert await _ask("FAKEpw01") == c.Held(Subscription(A, NUMBER))


async def test_a_wrong_password_is_told_and_not_repeated() -> None:
    with pytest.raises(Unreachable, match="asks for the password again") as refused:
        await _ask("FAKEpw02")
    assert "FAKEpw02" not in str(refused.value)


async def test_another_password_for_writing_ends_the_conversation() -> None:
    with pytest.raises(InDoubt, match="another password"):
        await _ask("FAKEpw01", b"enable\r\nPassword: ")
