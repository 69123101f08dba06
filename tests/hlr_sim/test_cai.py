"""An element that speaks CAI: prompts, one command after the other, and the same misfortunes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import pytest

from drivers import commands as c
from drivers import dialects
from drivers.commands import Done, Login, Refused, Reply, Why
from drivers.errors import Garbled, StreamClosed
from drivers.subscription import Iccid, Imsi, Msisdn, NetworkAccess, OutgoingBar, PacketBar
from hlr_sim.faults import Fault, Kind
from hlr_sim.subscribers import OdbOutgoing
from tests.hlr_sim.conftest import PASSWORD, SPEC

if TYPE_CHECKING:
    from tests.hlr_sim.conftest import Bench, Peer

ANNA, BORIS = Imsi("208010000000001"), Imsi("208010000000002")
BAR = c.Provide(ANNA, OutgoingBar.ALL)
READ_KEYS = c.ReadKeys(ANNA)
PROMPT = b"Enter command: "


@pytest.fixture
def ema(make_bench: Callable[..., Bench], anna: Imsi) -> Bench:
    """An element that knows Anna."""
    del anna
    return make_bench(dialect="cai")


@pytest.fixture
async def asker(ema: Bench) -> AsyncIterator[Peer]:
    """A logged-in conversation."""
    opened = connected(ema)
    assert isinstance(await opened.log_in(), Done)
    yield opened
    await opened.stream.close()


def connected(ema: Bench) -> Peer:
    opened = ema.connect()
    opened.client = dialects.load("cai").client({})
    return opened


def why(reply: Reply) -> Why | None:
    return reply.why if isinstance(reply, Refused) else None


def is_barred(bench: Bench) -> bool:
    held = bench.hlr.store.find(ANNA)
    return held is not None and held.odb_outgoing is OdbOutgoing.BAOC


async def test_it_prompts_before_anything_is_said(ema: Bench) -> None:
    stream = ema.connect().stream
    assert await stream.receive() == PROMPT
    await stream.send(f"LOGIN:{SPEC.user}:{PASSWORD};".encode())
    assert await stream.receive() == b"RESP:0;\r\n" + PROMPT
    await stream.close()


async def test_a_wrong_login_is_forbidden_and_none_at_all_has_no_session(ema: Bench) -> None:
    opened = connected(ema)
    assert why(await opened.ask(READ_KEYS)) is Why.SESSION
    assert why(await opened.ask(Login(SPEC.user, "something"))) is Why.FORBIDDEN
    assert isinstance(await opened.log_in(), Done)
    ema.time.seconds += SPEC.idle_logout_s + 1
    assert why(await opened.ask(READ_KEYS)) is Why.SESSION


async def test_a_whole_line_of_commands(asker: Peer) -> None:
    assert isinstance(await asker.ask(c.PutKeys(BORIS, Iccid("")), c.Credentials("0" * 31 + "1")), Done)
    assert why(await asker.ask(c.CreateSubscriber(BORIS, Msisdn("+33612345678")))) is Why.CONFLICT
    assert isinstance(await asker.ask(c.ChangeImsi(ANNA, BORIS)), Done)
    assert isinstance(await asker.ask(c.Provide(BORIS, NetworkAccess.CS_ONLY)), Done)
    held = await asker.ask(c.ReadSubscriber(BORIS))
    assert isinstance(held, c.Held)
    assert held.subscription.access is NetworkAccess.CS_ONLY
    assert isinstance(await asker.ask(c.RemoveSubscriber(BORIS)), Done)
    assert isinstance(await asker.ask(c.ReadKeys(BORIS)), c.KeysHeld)


async def test_commands_sent_at_once_are_answered_one_after_the_other(asker: Peer) -> None:
    for command in (BAR, READ_KEYS, c.ReadKeys(BORIS)):
        await asker.say(command)
    replies = [await asker.hear() for _ in range(3)]
    assert [type(reply) for reply in replies] == [Done, c.KeysHeld, Refused]


async def test_a_serving_node_is_told_of_a_bar(ema: Bench, asker: Peer) -> None:
    ema.hlr.attach(ANNA)
    assert isinstance(await asker.ask(c.Provide(ANNA, PacketBar.ALL)), Done)
    registration = ema.hlr.registration(ANNA)
    assert registration is not None
    assert registration.copy == ema.hlr.store.find(ANNA)


@pytest.mark.parametrize(
    ("kind", "error", "barred"),
    [
        (Kind.HALF_LINE, StreamClosed, True),
        (Kind.DROP_AFTER, StreamClosed, True),
        (Kind.DROP_BEFORE, StreamClosed, False),
        (Kind.GARBAGE, Garbled, True),
    ],
)
async def test_an_answer_that_does_not_arrive_whole(
    ema: Bench, asker: Peer, kind: Kind, error: type[Exception], *, barred: bool
) -> None:
    ema.faults.add(Fault("orange", kind))
    await asker.say(BAR)
    with pytest.raises(error):
        await asker.hear()
    assert is_barred(ema) is barred


async def test_an_answer_too_many_is_noticed(ema: Bench, asker: Peer) -> None:
    ema.faults.add(Fault("orange", Kind.DUPLICATE))
    await asker.say(BAR)
    with pytest.raises(Garbled):
        await asker.hear()


@pytest.mark.parametrize(("kind", "told"), [(Kind.BUSY, Why.BUSY), (Kind.SESSION_TIMEOUT, Why.SESSION)])
async def test_a_scripted_refusal_carries_nothing_out(ema: Bench, asker: Peer, kind: Kind, told: Why) -> None:
    ema.faults.add(Fault("orange", kind))
    assert why(await asker.ask(BAR)) is told
    assert not is_barred(ema)
