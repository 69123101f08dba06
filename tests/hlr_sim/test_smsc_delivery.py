"""Phones that are off, barred or unknown, messages that grow too old, and messages phones send themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drivers.dialects.smpp import text
from drivers.dialects.smpp.submission import Part
from hlr_sim.smsc.phones import Phone
from tests.hlr_sim.smsc_esme import PHONE, REFERENCE, STATE, Esme, Site, id_of, text_of

OFF = Phone("+" + PHONE, reachable=False)
ON = replace(OFF, reachable=True)
SHORT = "000000000100000R"  # one minute


async def _waiting(site: Site, esme: Esme, count: int = 1, **more: Any) -> list[str]:  # noqa: ANN401 - fields and TLVs
    site.smsc.put_phone(OFF)
    return [id_of(await esme.submit(f"waiting {n}".encode(), **more)) for n in range(count)]


async def test_a_phone_that_is_off_gets_its_messages_when_it_is_on(site: Site) -> None:
    esme = await site.bound()
    ids = await _waiting(site, esme, 3)
    assert not site.texts()
    assert site.figures["messages"] == {"ENROUTE": 3}
    site.smsc.put_phone(ON)
    assert site.texts() == ["waiting 0", "waiting 1", "waiting 2"]
    assert [text_of(pdu).message_id for pdu in await esme.delivered(3)] == ids


async def test_what_waits_goes_on_waiting_after_a_crash(site: Site) -> None:
    await _waiting(site, await site.bound(), 2)
    await site.crash()
    assert not site.texts()
    esme = await site.bound()
    site.smsc.put_phone(ON)
    assert site.texts() == ["waiting 0", "waiting 1"]
    assert {text_of(pdu).stat for pdu in await esme.delivered(2)} == {"DELIVRD"}


async def test_what_is_too_old_is_not_delivered_any_more(site: Site) -> None:
    esme = await site.bound()
    await _waiting(site, esme, validity_period=SHORT)
    site.clock.ahead_s = 61
    site.smsc.settle()
    (receipt,) = await esme.delivered()
    assert (text_of(receipt).stat, receipt.tlvs[STATE]) == ("EXPIRED", b"\3")
    site.smsc.put_phone(ON)
    assert not site.texts()


async def test_expiry_needs_nobody_to_look(site: Site) -> None:
    site.turn(validity_s=0.1)
    esme = await site.bound()
    await _waiting(site, esme)
    (receipt,) = await esme.delivered()
    assert text_of(receipt).stat == "EXPIRED"


async def test_a_message_that_expired_while_the_centre_was_down_is_told(site: Site) -> None:
    await _waiting(site, await site.bound(), validity_period=SHORT)
    site.clock.ahead_s = 61
    await site.crash()
    esme = await site.bound()
    site.smsc.settle()
    assert text_of((await esme.delivered())[0]).stat == "EXPIRED"


@pytest.mark.parametrize(
    ("registered", "phone", "stats"),
    [
        (0, ON, []),
        (1, ON, ["DELIVRD"]),
        (1, OFF, ["EXPIRED"]),
        (2, ON, []),
        (2, OFF, ["EXPIRED"]),
        (0x10, OFF, ["ENROUTE"]),
        (0x11, OFF, ["ENROUTE", "EXPIRED"]),
        (0x11, ON, ["DELIVRD"]),
    ],
)
async def test_receipts_are_those_that_were_asked_for(
    site: Site, registered: int, phone: Phone, stats: list[str]
) -> None:
    site.smsc.put_phone(phone)
    esme = await site.bound()
    await esme.submit(b"asked", registered_delivery=registered, validity_period=SHORT)
    site.clock.ahead_s = 61
    site.smsc.settle()
    await esme.submit(b"mark", to="33600000001", registered_delivery=1)
    told = await esme.delivered(len(stats) + 1)
    assert [text_of(pdu).stat for pdu in told[:-1]] == stats
    assert [pdu.fields["esm_class"] for pdu in told[:-1]] == [0x20 if stat == "ENROUTE" else 0x04 for stat in stats]


async def test_an_esme_that_asked_is_told_when_a_phone_is_back(site: Site) -> None:
    esme = await site.bound()
    await _waiting(site, esme, x0421=b"\1")
    site.smsc.put_phone(ON)
    (alert,) = await esme.delivered(name="alert_notification")
    assert (alert.fields["source_addr"], alert.fields["esme_addr"]) == (PHONE.encode(), b"Linegate")


async def test_nobody_else_is_told_unless_the_hand_or_the_knob_says_so(site: Site) -> None:
    esme = await site.bound()
    for alert, knob in ((False, False), (True, False), (False, True)):
        site.turn(alerts=knob)
        await _waiting(site, esme)
        site.smsc.put_phone(ON, alert=alert)
    await esme.delivered(3)
    assert len([pdu for pdu in esme.heard if pdu.name == "alert_notification"]) == 2


async def test_a_number_nobody_has_is_refused(site: Site) -> None:
    site.smsc.put_phone(replace(ON, known=False))
    esme = await site.bound()
    assert (await esme.submit()).status == 0x0B
    await site.crash()
    esme = await site.bound()
    assert (await esme.submit()).status == 0x0B
    assert (await esme.submit(to="33600000001")).status == 0


async def test_in_transaction_mode_the_answer_tells_whether_it_arrived(site: Site) -> None:
    esme = await site.bound()
    assert (await esme.submit(b"now", esm_class=2)).status == 0
    site.smsc.put_phone(OFF)
    assert (await esme.submit(b"or never", esm_class=2)).status == 0xFE
    site.smsc.put_phone(ON)
    assert site.texts() == ["now"]


async def test_a_barred_line_is_delivered_to_unless_bars_are_honoured(site: Site) -> None:
    barred = {"+" + PHONE}
    site.smsc.phones.barred = barred.__contains__
    esme = await site.bound()
    await esme.submit(b"first")
    assert site.texts() == ["first"]
    site.turn(honour_bars=True, retry_s=0.05)
    await esme.submit(b"second")
    await esme.submit(b"to another", to="33600000001")
    assert site.texts() == ["first", "to another"]
    barred.clear()
    await site.settled(lambda: site.texts() == ["first", "to another", "second"])


@pytest.mark.parametrize("said", ["Stop", "Je ne comprends pas ce message, rappelez-moi. " * 5, "漢字" * 100])
async def test_what_a_phone_sends_arrives_in_parts_when_it_is_long(site: Site, said: str) -> None:
    esme = await site.bound("receiver")
    count = site.smsc.send_from("+" + PHONE, "20555", said, "linegate")
    heard = await esme.delivered(count)
    fields = [pdu.fields for pdu in heard]
    parts = [text.read_part(Part(f["short_message"], f["data_coding"] or 0, f["esm_class"] or 0)) for f in fields]
    assert text.join(parts) == said
    assert (count > 1) == (len(said) > 160)
    assert {(f["source_addr"], f["destination_addr"]) for f in fields} == {(PHONE.encode(), b"20555")}


async def test_what_a_phone_sent_waits_for_somebody_to_receive_it(site: Site) -> None:
    site.smsc.send_from("+" + PHONE, "20555", "anybody?", "linegate")
    await site.crash()
    transmitter = await site.bound("transmitter")
    assert (await transmitter.submit(registered_delivery=0)).status == 0
    esme = await site.bound("receiver")
    assert (await esme.delivered())[0].fields["short_message"] == b"anybody?"
    await site.settled(lambda: site.figures["from_phones"]["waiting"] == 0)
    assert not [pdu for pdu in transmitter.heard if pdu.name == "deliver_sm"]


async def test_the_reference_of_a_message_comes_back_in_its_receipt(site: Site) -> None:
    esme = await site.bound()
    await esme.submit(x0204=b"\x12\x34")
    assert (await esme.delivered())[0].tlvs[REFERENCE] == b"\x12\x34"
