"""An element whose dialect knows no login and speaks first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from drivers.errors import StreamClosed
from drivers.stream import Stream
from drivers.subscription import Imsi
from hlr_sim.faults import Fault, Kind
from tests.hlr_sim.plain_dialect import GREETING, PlainDialect

if TYPE_CHECKING:
    from tests.hlr_sim.conftest import Bench

ANNA = Imsi("208010000000001")
HELD = b"keysheld\n"


@pytest.fixture
def plain(make_bench: Callable[..., Bench], anna: Imsi) -> Bench:
    """An element that knows Anna."""
    del anna
    return make_bench(PlainDialect(), idle_logout_s=0.01)


async def greeted(bench: Bench) -> Stream:
    stream = bench.connect().stream
    assert await stream.receive() == GREETING
    return stream


async def ask(stream: Stream, *lines: str) -> bytes:
    await stream.send("".join(f"{line}\n" for line in lines).encode())
    async with asyncio.timeout(5):
        return await stream.receive()


async def test_it_greets_first_and_then_answers_whoever_asks(plain: Bench) -> None:
    stream = await greeted(plain)
    assert await ask(stream, f"keys {ANNA}", "dance", "keys 208010000000099") == (
        HELD + b"refused invalid\nrefused not_found\n"
    )


async def test_a_frozen_element_greets_when_it_moves_again(plain: Bench) -> None:
    plain.server.element.freeze(60)
    stream = plain.connect().stream
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stream.receive(), 0.1)
    plain.server.element.thaw()
    assert await stream.receive() == GREETING


async def test_nobody_is_logged_out_or_put_out_for_being_idle(plain: Bench) -> None:
    stream = await greeted(plain)
    plain.time.seconds += 1e9
    with pytest.raises(TimeoutError):  # an element with login would have closed after 0.02 s
        await asyncio.wait_for(stream.receive(), 0.1)
    assert await ask(stream, f"keys {ANNA}") == HELD


async def test_a_session_that_ends_is_a_connection_that_ends(plain: Bench) -> None:
    plain.faults.add(Fault("orange", Kind.SESSION_TIMEOUT, match="RemoveSubscriber"))
    stream = await greeted(plain)
    assert await ask(stream, f"keys {ANNA}", f"delete {ANNA}", f"keys {ANNA}") == HELD
    with pytest.raises(StreamClosed):
        await stream.receive()
    assert plain.hlr.store.find(ANNA) is not None
    assert plain.outcomes() == [("ReadKeys", "keysheld"), ("RemoveSubscriber", "nothing")]
    assert await ask(await greeted(plain), f"delete {ANNA}") == b"done\n"


async def test_the_dialect_says_how_its_element_keeps_keys_and_whom_it_tells(plain: Bench) -> None:
    plain.hlr.attach(ANNA)
    assert await ask(await greeted(plain), f"delete {ANNA}") == b"done\n"
    assert not plain.hlr.store.has_keys(ANNA)
    assert plain.hlr.is_registered(ANNA)
