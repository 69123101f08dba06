"""The requests of one connection, looked at on their own."""

import asyncio

from drivers.commands import Submitted
from drivers.errors import InDoubt, Unreachable
from drivers.esme.window import Window
from tests.drivers.timelapse import timelapse


@timelapse
async def test_after_deafness_everybody_is_waited_for_anew() -> None:
    lost_s: list[float] = []
    window = Window("east", 2, 10, lost_s.append)
    answer = window.add(1, b"one")
    assert window.to_write() == b"one"
    window.deafen()
    await asyncio.sleep(95)
    window.listen()
    await asyncio.sleep(9)
    assert not answer.done()
    await asyncio.sleep(2)
    assert isinstance(answer.exception(), InDoubt)
    assert len(lost_s) == 1


@timelapse
async def test_what_the_line_did_not_take_in_time_was_never_sent() -> None:
    window = Window("east", 2, 10, lambda _: None)
    answer = window.add(1, b"one")
    await asyncio.sleep(11)
    assert isinstance(answer.exception(), Unreachable)
    assert window.to_write() == b""


@timelapse
async def test_who_has_gone_is_not_sent_from_beyond_the_window() -> None:
    window = Window("east", 1, 10, lambda _: None)
    window.add(1, b"one")
    gone, third = window.add(2, b"two"), window.add(3, b"three")
    assert window.to_write() == b"one"
    gone.cancel()
    assert window.answered(1, Submitted("a")) is not None
    assert window.refill()
    assert window.to_write() == b"three"
    assert not third.done()
    window.fail("it is over")
    assert isinstance(third.exception(), InDoubt)


@timelapse
async def test_what_a_broken_line_refused_was_never_sent_and_what_it_took_before_is_in_doubt() -> None:
    window = Window("east", 3, 10, lambda _: None)
    before = window.add(1, b"one")
    assert window.to_write() == b"one"
    refused, still_here = window.add(2, b"two"), window.add(3, b"three")
    assert window.to_write() == b"twothree"
    window.unsent()
    assert window.fail("the line had ended") == 1
    assert isinstance(before.exception(), InDoubt)
    assert [type(answer.exception()) for answer in (refused, still_here)] == [Unreachable, Unreachable]
