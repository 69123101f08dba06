"""The serving node we play, octet by octet: against literal messages, and against an HLR of three lines."""

import asyncio

import pytest

from tests.peers import gsup

IMSI = "901700000015001"
ID_GET = bytes.fromhex("0011fe 0401080107010201030104010501010100")
UPDATE_CS = bytes.fromhex("000fee 05 04 0108 09710000005100f1 280102")


def test_a_location_update_is_written_to_the_letter() -> None:
    assert gsup.message(gsup.UPDATE_LOCATION, IMSI, {0x28: b"\x02"}) == UPDATE_CS


@pytest.mark.parametrize("imsi", [IMSI, "90170123456789", "001010000000000"])
def test_digits_are_read_as_they_are_written(imsi: str) -> None:
    assert gsup.text(gsup.digits(imsi)) == imsi


def test_who_we_are_is_written_to_the_letter() -> None:
    assert gsup.identity("VLR") == bytes.fromhex("0018fe 05 000708 302f302f3000 000501 564c5200 000500 564c5200")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("06010809710000005100f1", gsup.Message(gsup.LOCATION_RESULT, IMSI)),
        ("05010809710000005100f102010b", gsup.Message(gsup.LOCATION_ERROR, IMSI, cause=gsup.PLMN_NOT_ALLOWED)),
        ("14010809710000005100f1", gsup.Message(gsup.DELETE_DATA, IMSI)),
        ("10010809710000005100f10806059471000099280102", gsup.Message(gsup.INSERT_DATA, IMSI, "4917000099", gsup.CS)),
        ("10010809710000005100f1080100280102", gsup.Message(gsup.INSERT_DATA, IMSI, None, gsup.CS)),
        (
            "10010809710000005100f1080605947100009905071001011202012a280101",
            gsup.Message(gsup.INSERT_DATA, IMSI, "4917000099", gsup.PS),
        ),
    ],
)
def test_what_the_hlr_says_is_understood(body: str, message: gsup.Message) -> None:
    assert gsup.read(bytes.fromhex(body)) == message


async def test_it_says_who_it_is_answers_pings_and_confirms_what_it_is_told() -> None:
    said: asyncio.Queue[bytes] = asyncio.Queue()

    async def hlr(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes.fromhex("0001fe 00"))
        said.put_nowait(await reader.readexactly(4))
        writer.write(ID_GET)
        said.put_nowait(await reader.readexactly(27))
        said.put_nowait(await reader.readexactly(18))
        writer.write(bytes.fromhex("000cee 05 10 0108 09710000005100f1"))
        said.put_nowait(await reader.readexactly(15))
        writer.write(bytes.fromhex("000cee 05 06 0108 09710000005100f1"))
        writer.write(bytes.fromhex("000cee 05 14 0108 09710000005100f1"))
        said.put_nowait(await reader.readexactly(15))
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hlr, "127.0.0.1", 0)
    async with server, gsup.Node("127.0.0.1", "VLR", server.sockets[0].getsockname()[1]) as node:
        assert await node.location_update(IMSI, gsup.CS) is None
        assert await node.told(IMSI, gsup.DELETE_DATA) == gsup.Message(gsup.DELETE_DATA, IMSI)
        assert [await said.get() for _ in range(5)] == [
            bytes.fromhex("0001fe 01"),
            gsup.identity("VLR"),
            UPDATE_CS,
            bytes.fromhex("000cee 05 12 0108 09710000005100f1"),
            bytes.fromhex("000cee 05 16 0108 09710000005100f1"),
        ]
    assert node.pushed(IMSI) == (gsup.Message(gsup.DELETE_DATA, IMSI),)
