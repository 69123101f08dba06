"""Our literal transcripts, said to a real OsmoHLR byte for byte: what they hold is what it says."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from tests.peers.osmo_hlr import OsmoHlr, osmo_hlr
from tests.transcripts import dialogues_osmo_ctrl, dialogues_osmo_vty
from tests.transcripts.reading import Part

HERE = Path(__file__).parents[1] / "transcripts"
TOLD = {name: told for told in (dialogues_osmo_ctrl, dialogues_osmo_vty) for name in told.DIALOGUES}
LOCKED, GUARDED = "# Locked", "# Guarded"


async def _heard(hlr: OsmoHlr, port: int, parts: list[Part]) -> list[bytes]:
    """Say our part of a dialogue; return the element's, each as long as written down, and what is left at the end."""
    reader, writer = await asyncio.open_connection(hlr.host, port)
    try:
        heard = []
        async with asyncio.timeout(10):
            for part in parts:
                writer.write(part.sent)
                heard.append(await reader.readexactly(len(part.received)))
            writer.write_eof()
            return [*heard, await reader.read()]
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.mark.parametrize("name", TOLD)
async def test_a_real_one_says_what_is_written_down(name: str) -> None:
    told, text = TOLD[name], (HERE / f"{name}.txt").read_text(encoding="utf-8")
    parts = told.PARTS(text)
    async with osmo_hlr(password="FAKEpw01" if GUARDED in text else "") as hlr:
        port = hlr.ctrl_port if told is dialogues_osmo_ctrl else hlr.vty_port
        with contextlib.ExitStack() as stack:
            if LOCKED in text:
                hlr.query("INSERT INTO subscriber (imsi) VALUES (?)", told.A)
                stack.enter_context(hlr.locked())
            *heard, left = await _heard(hlr, port, parts)
    assert left == b"", "it said more than is written down"
    assert [told.OWN.sub(b"", data) for data in heard] == [told.OWN.sub(b"", part.received) for part in parts]
