"""Our literal transcripts, said to a real OsmoHLR byte for byte: what they hold is what it says."""

import asyncio
import contextlib
import re
from pathlib import Path

import pytest

from tests.peers.osmo_hlr import OsmoHlr, osmo_hlr
from tests.transcripts import dialogues_osmo_ctrl, dialogues_osmo_vty
from tests.transcripts.reading import Part

HERE = Path(__file__).parents[1] / "transcripts"
TOLD = {name: told for told in (dialogues_osmo_ctrl, dialogues_osmo_vty) for name in told.DIALOGUES}
LOCKED, GUARDED = "# Locked", "# Guarded"


async def _replay(hlr: OsmoHlr, port: int, parts: list[Part], own: re.Pattern[bytes]) -> None:
    reader, writer = await asyncio.open_connection(hlr.host, port)
    try:
        for part in parts:
            writer.write(part.sent)
            async with asyncio.timeout(5):
                heard = await reader.readexactly(len(part.received))
            assert own.sub(b"", heard) == own.sub(b"", part.received)
        writer.write_eof()
        async with asyncio.timeout(5):
            assert await reader.read() == b"", "it said more than is written down"
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.mark.parametrize("name", TOLD)
async def test_a_real_one_says_what_is_written_down(name: str) -> None:
    told, text = TOLD[name], (HERE / f"{name}.txt").read_text(encoding="utf-8")
    async with osmo_hlr(password="FAKEpw01" if GUARDED in text else "") as hlr:
        port = hlr.ctrl_port if told is dialogues_osmo_ctrl else hlr.vty_port
        if LOCKED not in text:
            await _replay(hlr, port, told.PARTS(text), told.OWN)
            return
        hlr.query("INSERT INTO subscriber (imsi) VALUES (?)", told.A)
        with hlr.locked():
            await _replay(hlr, port, told.PARTS(text), told.OWN)
