"""The streams that other tests stand on behave as a line does."""

import pytest

from drivers.errors import StreamClosed
from drivers.memory import memory_pair


async def test_what_one_end_sends_the_other_receives_in_order() -> None:
    left, right = memory_pair()
    await left.send(b"one")
    await left.send(b"two")
    await right.send(b"three")
    assert [await right.receive(), await right.receive(), await left.receive()] == [b"one", b"two", b"three"]


async def test_what_was_sent_before_the_end_still_arrives() -> None:
    left, right = memory_pair()
    await left.send(b"last")
    await left.close()
    assert await right.receive() == b"last"
    for end in (left, right, right):
        with pytest.raises(StreamClosed):
            await end.receive()


async def test_nothing_can_be_sent_after_the_end() -> None:
    left, right = memory_pair()
    await left.close()
    await left.close()
    with pytest.raises(StreamClosed):
        await left.send(b"late")
    with pytest.raises(StreamClosed):
        await right.receive()


async def test_damage_changes_loses_or_cuts() -> None:
    arriving: dict[bytes, bytes | None] = {b"change": b"changed", b"lose": b"", b"cut": None}
    left, right = memory_pair(to_right=lambda data: arriving[data])
    await left.send(b"lose")
    await left.send(b"change")
    assert await right.receive() == b"changed"
    with pytest.raises(StreamClosed, match="cut"):
        await left.send(b"cut")
    with pytest.raises(StreamClosed):
        await right.receive()
