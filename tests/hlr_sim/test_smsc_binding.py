"""Coming to the message centre and leaving it: binds, enquiries, unbinds, and who is cut off."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from tests.hlr_sim.smsc_esme import Site, site_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["transceiver", "transmitter", "receiver"])
async def test_each_kind_of_bind_is_answered_and_counted(site: Site, kind: str) -> None:
    answer = await site.connect().bind(kind)
    assert (answer.name, answer.status, answer.fields["system_id"]) == (f"bind_{kind}_resp", 0, b"SMSC")
    assert answer.tlvs[0x0210] == b"\x34"
    assert site.figures["binds"] == {"receiver": 0, "transceiver": 0, "transmitter": 0} | {kind: 1}


@pytest.mark.parametrize(("user", "password", "code"), [("linegate", "wrong", 0x0E), ("nobody", "FAKEpw01", 0x0F)])
async def test_a_wrong_account_is_told_what_is_wrong(site: Site, user: str, password: str, code: int) -> None:
    esme = site.connect()
    assert (await esme.bind(user=user, password=password)).status == code
    assert (await esme.submit()).status == 0x04
    assert (await esme.bind()).status == 0  # may try again


async def test_a_second_bind_on_one_connection_is_refused(site: Site) -> None:
    esme = await site.bound()
    assert (await esme.bind("receiver")).status == 0x05
    assert (await esme.submit()).status == 0


async def test_nothing_is_submitted_before_a_bind_or_by_a_receiver(site: Site) -> None:
    assert (await site.connect().submit()).status == 0x04
    receiver = await site.bound("receiver")
    assert (await receiver.submit()).status == 0x04
    assert not site.texts()


async def test_many_connections_at_once(site: Site) -> None:
    esmes = [await site.bound() for _ in range(8)]
    for esme in esmes:
        assert (await esme.submit()).status == 0
    assert site.figures["binds"]["transceiver"] == 8
    assert len(site.texts()) == 8


async def test_an_unbind_is_answered_and_ends_the_connection(site: Site) -> None:
    esme = await site.bound()
    said = [await esme.say(b"before") for _ in range(5)]
    await esme.answer(await esme.send("unbind"))
    await esme.until_closed()
    answered = [pdu.sequence for pdu in esme.heard if pdu.name == "submit_sm_resp"]
    assert answered == said
    assert site.figures["binds"]["transceiver"] == 0


async def test_an_enquiry_is_answered_even_before_a_bind(site: Site) -> None:
    esme = site.connect()
    assert (await esme.answer(await esme.send("enquire_link"))).name == "enquire_link_resp"


@pytest.mark.parametrize("command", [0x07, 0x08, 0x21, 0x0BAD])  # replace_sm cancel_sm submit_multi nonsense
async def test_what_is_not_served_gets_generic_nack_and_the_talk_goes_on(site: Site, command: int) -> None:
    esme = await site.bound()
    await esme.stream.send(struct.pack(">LLLL", 20, command, 0, 77) + b"body")
    answer = await esme.answer(77)
    assert (answer.name, answer.status) == ("generic_nack", 0x03)
    assert (await esme.submit()).status == 0


async def test_a_request_with_a_broken_body_is_refused_and_the_talk_goes_on(site: Site) -> None:
    esme = await site.bound()
    await esme.stream.send(struct.pack(">LLLL", 18, 0x04, 0, 77) + b"\0\5")
    answer = await esme.answer(77)
    assert (answer.name, answer.status) == ("submit_sm_resp", p.INVALID_MESSAGE_LENGTH)
    assert (await esme.submit()).status == 0


async def test_lost_framing_ends_the_connection(site: Site) -> None:
    esme = await site.bound()
    await esme.stream.send(struct.pack(">LLLL", 7, 0x04, 0, 1))
    await esme.until_closed()
    assert (esme.heard[-1].name, esme.heard[-1].status) == ("generic_nack", 0x02)


async def test_whoever_does_not_bind_is_cut_off(site: Site) -> None:
    site.turn(bind_timeout_s=0.05)
    await site.connect().until_closed()
    esme = await site.bound()
    assert (await esme.submit()).status == 0


async def test_whoever_says_nothing_for_long_is_unbound(tmp_path: Path) -> None:
    async with site_in(tmp_path) as site:
        site.spec = replace(site.spec, idle_logout_s=0.2)
        site.smsc.close()
        site.open()
        esme = await site.bound()
        (unbind,) = await esme.delivered(name="unbind")
        await esme.stream.send(p.encode(Pdu("unbind_resp", unbind.sequence)))
        await esme.until_closed()
        assert site.figures["binds"]["transceiver"] == 0


async def test_the_centre_asks_whether_its_esme_is_there(site: Site) -> None:
    site.turn(enquire_link_s=0.05, deliver_timeout_s=0.3)
    esme = await site.bound()
    await esme.delivered(3, "enquire_link")
    assert not esme.closed
    silent = await site.bound(answers_enquiries=False)
    await silent.until_closed()
    assert [pdu.name for pdu in silent.heard] == ["bind_transceiver_resp", "enquire_link"]
