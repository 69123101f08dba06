"""Both dialects at a real OsmoHLR, over real sockets: what is written on one interface is read on both."""

import asyncio
from dataclasses import replace

import pytest

from drivers import commands as c
from drivers.commands import Credentials, Why
from drivers.dialects import osmo_vty
from drivers.errors import Unreachable
from drivers.session import Session
from drivers.stream import connect_tcp
from drivers.subscription import Iccid, Imsi, Msisdn, NetworkAccess, Subscription
from tests.peers.doors import LIMITS, sessions, vty
from tests.peers.osmo_hlr import OsmoHlr, osmo_hlr

A, B, ABSENT = Imsi("901700000014701"), Imsi("901700000014702"), Imsi("901700000014709")
NUMBER, OTHER = Msisdn("+491700000001"), Msisdn("+491700000002")
ICCID = Iccid("8933010000000000017")
MILENAGE = Credentials("0" * 31 + "1", "0" * 31 + "2")
COMP128 = Credentials("0" * 31 + "3")
BOTH_NAMES = ("ctrl", "vty")


async def _held(*readers: Session, imsi: Imsi = A) -> Subscription | None:
    """What every reader says alike."""
    told = [await reader.send(c.ReadSubscriber(imsi)) for reader in readers]
    assert told[0] == told[-1] or all(isinstance(reply, c.Refused) for reply in told)
    return told[0].subscription if isinstance(told[0], c.Held) else None


async def _done(session: Session, *commands: c.Command) -> None:
    for command in commands:
        reply = await session.send(command)
        assert isinstance(reply, c.Done), reply


async def _why(session: Session, command: c.Command, keys: Credentials | None = None) -> Why:
    reply = await session.send(command, keys)
    assert isinstance(reply, c.Refused), reply
    return reply.why


@pytest.mark.parametrize("writer", BOTH_NAMES)
async def test_a_line_lives_and_dies_on_one_interface_and_both_tell_it(hlr: OsmoHlr, writer: str) -> None:
    async with sessions(hlr) as both:
        write = both[BOTH_NAMES.index(writer)]
        assert await _held(*both) is None
        await _done(write, c.KeepAlive(), c.CreateSubscriber(A, None))
        assert await _held(*both) == Subscription(A, None)
        await _done(write, c.AssignMsisdn(A, NUMBER))
        assert await _held(*both) == Subscription(A, NUMBER)
        await _done(write, c.ReleaseMsisdn(A, NUMBER))
        assert await _held(*both) == Subscription(A, None)
        await _done(write, c.RemoveSubscriber(A))
        assert await _held(*both) is None


@pytest.mark.parametrize("writer", BOTH_NAMES)
async def test_keys_are_held_replaced_and_gone_with_their_subscriber(hlr: OsmoHlr, writer: str) -> None:
    async with sessions(hlr) as both:
        write = both[BOTH_NAMES.index(writer)]
        await _done(write, c.CreateSubscriber(A, None))
        for reader in both:
            assert await _why(reader, c.ReadKeys(A)) is Why.NOT_FOUND
            assert (await reader.send(c.ReadSubscriber(A))).keys is False  # type: ignore[union-attr]  # it is Held
        for ki in ("0" * 31 + "1", "0" * 31 + "4"):
            assert isinstance(await write.send(c.PutKeys(A, ICCID), replace(MILENAGE, ki=ki)), c.Done)
            assert hlr.query("SELECT k, opc FROM auc_3g") == [(ki, MILENAGE.opc)]
        for reader in both:
            assert await reader.send(c.ReadKeys(A)) == c.KeysHeld()
            assert (await reader.send(c.ReadSubscriber(A))).keys is True  # type: ignore[union-attr]  # it is Held
        await _done(write, c.RemoveSubscriber(A))
        assert hlr.query("SELECT * FROM auc_3g") == []


@pytest.mark.parametrize("writer", BOTH_NAMES)
async def test_keys_without_opc_are_those_of_a_2g_card(hlr: OsmoHlr, writer: str) -> None:
    async with sessions(hlr) as both:
        write = both[BOTH_NAMES.index(writer)]
        await _done(write, c.CreateSubscriber(A, None))
        assert isinstance(await write.send(c.PutKeys(A, ICCID), COMP128), c.Done)
        assert hlr.query("SELECT algo_id_2g, ki FROM auc_2g") == [(1, COMP128.ki)]  # libosmocore: COMP128v1
        for reader in both:
            assert await reader.send(c.ReadKeys(A)) == c.KeysHeld()


async def test_every_mode_and_a_changed_number_are_told_by_both(hlr: OsmoHlr) -> None:
    async with sessions(hlr) as (ctrl, terminal):
        await _done(terminal, c.CreateSubscriber(A, None), c.ChangeMsisdn(A, NUMBER))
        for mode in (NetworkAccess.CS_ONLY, NetworkAccess.PS_ONLY, NetworkAccess.NONE, NetworkAccess.BOTH):
            await _done(terminal, c.Provide(A, mode))
            assert await _held(ctrl, terminal) == Subscription(A, NUMBER, access=mode)
        await _done(terminal, c.ChangeMsisdn(A, OTHER))
        assert await _held(ctrl, terminal) == Subscription(A, OTHER)


async def test_only_those_that_begin_with_the_prefix_are_listed(hlr: OsmoHlr) -> None:
    elsewhere = Imsi("208990901700001")
    async with sessions(hlr) as (ctrl, terminal):
        assert await terminal.send(c.ListSubscribers("")) == c.Listed(())
        await _done(ctrl, *(c.CreateSubscriber(imsi, None) for imsi in (elsewhere, A, B)))
        assert await terminal.send(c.ListSubscribers("")) == c.Listed((elsewhere, A, B))
        assert await terminal.send(c.ListSubscribers("90170")) == c.Listed((A, B))
        assert await terminal.send(c.ListSubscribers(B)) == c.Listed((B,))
        assert await terminal.send(c.ListSubscribers("1")) == c.Listed(())


async def test_a_long_list_comes_whole(hlr: OsmoHlr) -> None:
    imsis = [Imsi(f"9017{n:011d}") for n in range(3000)]
    hlr.query(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999) "
        "INSERT INTO subscriber (imsi, msisdn) SELECT printf('9017%011d', i), printf('49170%010d', i) FROM n"
    )
    async with sessions(hlr) as (_, terminal):
        assert await terminal.send(c.ListSubscribers("9017")) == c.Listed(tuple(imsis))


@pytest.mark.parametrize("writer", BOTH_NAMES)
async def test_refusals_are_told_apart(hlr: OsmoHlr, writer: str) -> None:
    async with sessions(hlr) as both:
        write = both[BOTH_NAMES.index(writer)]
        await _done(write, *(c.CreateSubscriber(imsi, None) for imsi in (A, B)), c.AssignMsisdn(A, NUMBER))
        assert await _why(write, c.CreateSubscriber(A, None)) is Why.EXISTS
        assert await _why(write, c.AssignMsisdn(B, NUMBER)) is Why.CONFLICT
        await _done(write, c.AssignMsisdn(A, NUMBER))
        about = (c.RemoveSubscriber, c.ReadSubscriber, c.ReadKeys)
        for command in (
            *(kind(ABSENT) for kind in about),
            c.AssignMsisdn(ABSENT, OTHER),
            c.ReleaseMsisdn(ABSENT, OTHER),
        ):
            assert await _why(write, command) is Why.NOT_FOUND
        assert await _why(write, c.PutKeys(ABSENT, ICCID), MILENAGE) is Why.NOT_FOUND


async def test_the_terminal_refuses_what_it_alone_is_told(hlr: OsmoHlr) -> None:
    async with sessions(hlr) as (_, terminal):
        await _done(terminal, *(c.CreateSubscriber(imsi, None) for imsi in (A, B)), c.ChangeMsisdn(A, NUMBER))
        assert await _why(terminal, c.ChangeMsisdn(B, NUMBER)) is Why.CONFLICT
        assert await _why(terminal, c.ChangeMsisdn(ABSENT, OTHER)) is Why.NOT_FOUND
        assert await _why(terminal, c.Provide(ABSENT, NetworkAccess.NONE)) is Why.NOT_FOUND


async def test_who_is_not_let_write_hears_so(hlr: OsmoHlr) -> None:
    terminal = Session("view", lambda: connect_tcp(hlr.host, hlr.vty_port), lambda: osmo_vty.client({}), None, LIMITS)
    try:
        assert await _why(terminal, c.ReadSubscriber(A)) is Why.NOT_FOUND
        assert await _why(terminal, c.CreateSubscriber(A, None)) is Why.FORBIDDEN
    finally:
        await terminal.close()


async def test_another_hand_is_seen_at_once(hlr: OsmoHlr) -> None:
    async with sessions(hlr) as both:
        await _done(both[0], c.CreateSubscriber(A, None), c.AssignMsisdn(A, NUMBER))
        hlr.query("UPDATE subscriber SET nam_cs = 0, msisdn = '4917' WHERE imsi = ?", A)
        assert await _held(*both) == Subscription(A, Msisdn("+4917"), access=NetworkAccess.PS_ONLY)


@pytest.mark.parametrize("writer", BOTH_NAMES)
async def test_two_hundred_in_a_window_of_twenty_each_get_their_own_answer(hlr: OsmoHlr, writer: str) -> None:
    imsis = [Imsi(f"9017000001{n:05d}") for n in range(200)]
    async with sessions(hlr) as both:
        write = both[BOTH_NAMES.index(writer)]
        made = await asyncio.gather(*(write.send(c.CreateSubscriber(imsi, None)) for imsi in imsis))
        assert {type(reply) for reply in made} == {c.Done}
        numbered = await asyncio.gather(
            *(write.send(c.AssignMsisdn(imsi, Msisdn(f"+49{imsi[5:]}"))) for imsi in imsis),
        )
        assert {type(reply) for reply in numbered} == {c.Done}
        for reader in both:
            told = await asyncio.gather(*(reader.send(c.ReadSubscriber(imsi)) for imsi in imsis))
            assert told == [c.Held(Subscription(imsi, Msisdn(f"+49{imsi[5:]}"))) for imsi in imsis]


async def test_a_password_opens_the_terminal_and_nothing_else_does() -> None:
    async with osmo_hlr(password="FAKEpw01") as guarded:
        right, wrong, none = vty(guarded, "FAKEpw01"), vty(guarded, "FAKEpw02"), vty(guarded)
        try:
            await _done(right, c.CreateSubscriber(A, None))
            with pytest.raises(Unreachable, match="asks for the password again"):
                await wrong.send(c.ReadSubscriber(A))
            with pytest.raises(Unreachable, match="none is configured"):
                await none.send(c.ReadSubscriber(A))
        finally:
            for session in (right, wrong, none):
                await session.close()


async def test_a_password_nobody_asks_for_is_told_as_such(hlr: OsmoHlr) -> None:
    terminal = vty(hlr, "FAKEpw01")
    try:
        with pytest.raises(Unreachable, match="take it out of the configuration") as refused:
            await terminal.send(c.ReadSubscriber(A))
        assert "FAKEpw01" not in str(refused.value)
    finally:
        await terminal.close()
