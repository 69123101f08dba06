"""SMSCs that do not want us, or not yet: asked seldom, by one connection for all, and at once when a human says so."""

import asyncio
import dataclasses
import logging

import pytest

from tests.drivers.esme.centres import PLAIN, esme_with
from tests.drivers.esme.smsc import Smsc, nothing, refusing
from tests.drivers.timelapse import soon, timelapse


@pytest.mark.parametrize("status", [0x0D, 0x0E, 0x0F])
def test_who_is_not_wanted_does_not_hammer_and_says_why(status: int, caplog: pytest.LogCaptureFixture) -> None:
    @timelapse
    async def run() -> None:
        smsc = Smsc(bind=refusing(status))
        async with esme_with((PLAIN, smsc), wait=False) as esme:
            (centre,) = esme.centres
            await asyncio.sleep(179)
            assert len(smsc.calls_s) == 3
            assert f"0x{status:02X}" in centre.reason
            assert centre.paused == (centre.reason, None)
            assert not centre.connected
            smsc.bind = Smsc().bind
            centre.hold("a new password", None)  # somebody has mended it and does not want to wait
            centre.release()
            await soon(lambda: esme.usable)
            assert esme.centres[0].paused is None
            assert centre.reason == ""

    with caplog.at_level(logging.DEBUG):
        run()
    assert f"0x{status:02X}" in caplog.text
    assert "FAKEpw01" not in caplog.text


@timelapse
async def test_of_many_connections_one_asks_for_all_whether_we_are_wanted() -> None:
    smsc = Smsc(bind=refusing(0x0E))
    async with esme_with((dataclasses.replace(PLAIN, connections=8), smsc), wait=False) as esme:
        (centre,) = esme.centres
        await asyncio.sleep(179)
        assert 3 <= len(smsc.calls_s) <= 4
        assert not centre.healthy(asyncio.get_running_loop().time())
        smsc.bind = Smsc().bind
        await asyncio.sleep(125)
        assert centre.figures().bound == 8


@timelapse
async def test_of_many_connections_one_asks_again_when_somebody_has_mended_it_or_thinks_so() -> None:
    smsc = Smsc(bind=refusing(0x0E))
    async with esme_with((dataclasses.replace(PLAIN, connections=8), smsc), wait=False) as esme:
        (centre,) = esme.centres
        await asyncio.sleep(10)
        calls = len(smsc.calls_s)
        centre.hold("a new password", None)
        centre.release()
        await asyncio.sleep(10)
        assert len(smsc.calls_s) == calls + 1
        smsc.bind = Smsc().bind
        centre.hold("a better one", None)
        centre.release()
        await soon(lambda: centre.figures().bound == 8)


@timelapse
async def test_an_smsc_that_is_silent_to_the_first_bind_does_not_keep_the_others_from_asking() -> None:
    smsc = Smsc(bind=nothing)
    async with esme_with((dataclasses.replace(PLAIN, connections=3), smsc), wait=False):
        await asyncio.sleep(2)
        assert len(smsc.calls_s) == 3


@timelapse
async def test_being_told_again_and_again_that_there_is_no_maintenance_shortens_no_pause() -> None:
    smsc = Smsc(bind=refusing(0x0E))
    async with esme_with((PLAIN, smsc), wait=False) as esme:
        for _ in range(110):
            await asyncio.sleep(1)
            esme.centres[0].release()
        assert len(smsc.calls_s) == 2


@timelapse
async def test_an_older_connection_of_ours_is_waited_out() -> None:
    smsc = Smsc(bind=refusing(0x05))
    async with esme_with((PLAIN, smsc), wait=False) as esme:
        await asyncio.sleep(20)
        assert 2 < len(smsc.calls_s) < 20
        smsc.bind = Smsc().bind
        await asyncio.sleep(60)
        assert esme.usable
