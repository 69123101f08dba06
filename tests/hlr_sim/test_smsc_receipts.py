"""Receipts: every form and time, and that each is told until it is acknowledged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from drivers.dialects.smpp.delivery import MessageState
from drivers.dialects.smpp.pdu import Pdu
from drivers.dialects.smpp.receipt import receipt
from hlr_sim.smsc.ids import CONSTANT_ID, written
from hlr_sim.smsc.knobs import IdStyle, ReceiptForm
from tests.hlr_sim.smsc_esme import PHONE, RECEIPTED_ID, REFERENCE, STATE, Site, id_of, text_of

if TYPE_CHECKING:
    from tests.hlr_sim.smsc_esme import Esme


async def _receipt(site: Site, **knobs: object) -> tuple[str, Pdu]:
    """Submit a message and return its id and its receipt."""
    site.turn(**knobs)
    esme = await site.bound()
    answer = await esme.submit(x0204=b"\0\7")
    return id_of(answer), (await esme.delivered())[0]


def _names(esme: Esme) -> list[str]:
    return [pdu.name for pdu in esme.heard if pdu.name in ("submit_sm_resp", "deliver_sm")]


async def test_an_ordinary_receipt_says_all_there_is_to_say(site: Site) -> None:
    message_id, pdu = await _receipt(site)
    assert pdu.fields["esm_class"] == 0x04
    assert (pdu.fields["source_addr"], pdu.fields["destination_addr"]) == (PHONE.encode(), b"Linegate")
    assert pdu.tlvs == {RECEIPTED_ID: message_id.encode() + b"\0", STATE: b"\2", REFERENCE: b"\0\7"}
    words = (
        rf"id:{message_id} sub:001 dlvrd:001 submit date:\d{{10}} done date:\d{{10}} stat:DELIVRD err:000 text:hello"
    )
    assert re.fullmatch(words, pdu.fields["short_message"].decode())


@pytest.mark.parametrize("form", [form for form in ReceiptForm if form is not ReceiptForm.SPLIT_TEXT])
async def test_every_form_tells_of_its_message(site: Site, form: ReceiptForm) -> None:
    message_id, pdu = await _receipt(site, receipt_form=form)
    told = receipt((pdu.fields["short_message"] or b"").decode(), pdu.tlvs, None)
    assert told is not None
    assert told.state is MessageState.DELIVERED
    assert told.reference == 7
    assert (told.message_id == message_id) == (form is not ReceiptForm.REFERENCE_ONLY)


@pytest.mark.parametrize(
    ("form", "words", "tags"),
    [
        ("tlv_only", b"", {RECEIPTED_ID, STATE, REFERENCE}),
        ("text_only", b"stat:DELIVRD", {REFERENCE}),
        ("reference_only", b"submit date:YYMMDDhhmm", {REFERENCE}),
        ("literal_dates", b"done date:YYMMDDhhmm", {RECEIPTED_ID, STATE, REFERENCE}),
        ("alphabetic_error", b"err:NIL", {RECEIPTED_ID, STATE, REFERENCE}),
    ],
)
async def test_a_form_is_what_its_name_says(site: Site, form: str, words: bytes, tags: set[int]) -> None:
    _, pdu = await _receipt(site, receipt_form=form)
    assert words in (pdu.fields["short_message"] or b"")
    assert bool(pdu.fields["short_message"]) == bool(words)
    assert set(pdu.tlvs) == tags


async def test_an_id_may_lack_its_end(site: Site) -> None:
    message_id, pdu = await _receipt(site, receipt_form="no_nul")
    assert pdu.tlvs[RECEIPTED_ID] == message_id.encode()


async def test_dates_may_have_twelve_digits(site: Site) -> None:
    _, pdu = await _receipt(site, receipt_form="twelve_digit_dates")
    assert re.search(rb"done date:\d{12} ", pdu.fields["short_message"])


async def test_a_text_may_be_split_between_id_and_state(site: Site) -> None:
    site.turn(receipt_form="split_text")
    esme = await site.bound()
    message_id = id_of(await esme.submit()).encode()
    first, second = await esme.delivered(2)
    assert (first.fields["esm_class"], second.fields["esm_class"], first.tlvs, second.tlvs) == (0x44, 0x44, {}, {})
    one, two = first.fields["short_message"], second.fields["short_message"]
    assert (one[:3], one[4:], two[4:]) == (b"\5\0\3", b"\2\1" + one[6:], b"\2\2" + two[6:])
    assert (message_id in one, b"stat:" in one, b"stat:" in two) == (True, False, True)


@pytest.mark.parametrize("style", list(IdStyle))
async def test_ids_in_every_style(site: Site, style: IdStyle) -> None:
    site.turn(message_id=style)
    esme = await site.bound()
    ids = [id_of(await esme.submit()) for _ in range(12)]
    assert ids == [written(n, style) for n in range(1, 13)]
    shapes = {
        IdStyle.HEX: "0000000c",
        IdStyle.HEX_UPPER: "0000000C",
        IdStyle.DECIMAL: "12",
        IdStyle.ZERO_PADDED: "00000000000000000012",
        IdStyle.CONSTANT: CONSTANT_ID,
        IdStyle.EMPTY: "",
    }
    assert ids[-1] == shapes.get(style, ids[-1])
    assert len(set(ids)) == (1 if style in (IdStyle.CONSTANT, IdStyle.EMPTY) else 12)


async def test_the_receipt_may_write_the_id_another_way(site: Site) -> None:
    site.turn(message_id="hex", receipt_id="decimal")
    esme = await site.bound()
    ids = [id_of(await esme.submit()) for _ in range(16)]
    assert [int(text_of(pdu).message_id) for pdu in await esme.delivered(16)] == [int(told, 16) for told in ids]


async def test_a_receipt_comes_after_or_before_the_answer(site: Site) -> None:
    esme = await site.bound()
    await esme.submit()
    await esme.delivered()
    site.turn(receipt_timing="before_resp")
    await esme.submit()
    assert _names(esme) == ["submit_sm_resp", "deliver_sm", "deliver_sm", "submit_sm_resp"]


async def test_a_receipt_may_never_come_or_come_twice(site: Site) -> None:
    esme = await site.bound()
    site.turn(receipt_timing="never")
    await esme.submit()
    site.turn(receipt_timing="duplicate")
    message_id = id_of(await esme.submit())
    assert [text_of(pdu).message_id for pdu in await esme.delivered(2)] == [message_id] * 2


async def test_a_receipt_may_come_late(site: Site) -> None:
    site.turn(receipt_timing="delayed", receipt_delay_s=3600, receipt_jitter_s=10)
    esme = await site.bound()
    message_id = id_of(await esme.submit())
    await site.crash()  # the delay outlives it
    site.turn(receipt_timing="at_once")
    esme = await site.bound()
    mark = id_of(await esme.submit(b"mark"))
    assert [text_of(pdu).message_id for pdu in await esme.delivered()] == [mark]
    site.clock.ahead_s = 3611
    site.smsc.settle()
    assert [text_of(pdu).message_id for pdu in await esme.delivered(2)] == [mark, message_id]


async def test_messages_end_as_the_shares_say(site: Site) -> None:
    site.turn(receipt_states={"UNDELIV": 0.3, "REJECTD": 0.3})
    esme = await site.bound()
    for n in range(60):
        await esme.submit(f"{n}".encode())
    stats = [text_of(pdu).stat for pdu in await esme.delivered(60)]
    assert {"UNDELIV", "REJECTD", "DELIVRD"} == set(stats)
    assert len(site.texts()) == stats.count("DELIVRD")
    failed = next(pdu for pdu in esme.heard if pdu.name == "deliver_sm" and text_of(pdu).stat == "UNDELIV")
    assert (failed.tlvs[STATE], failed.tlvs[0x0423]) == (b"\5", b"\3\0\x1b")


async def test_unknown_tlvs_in_receipts(site: Site) -> None:
    _, pdu = await _receipt(site, unknown_tlvs=True)
    assert {0x1400, 0x1FFF} < set(pdu.tlvs)


async def test_what_nobody_acknowledged_is_told_again_after_a_crash(site: Site) -> None:
    esme = await site.bound(answers=None)
    ids = {id_of(await esme.submit()) for _ in range(5)}
    await esme.delivered(5)
    await site.crash()
    assert site.figures["receipts"]["waiting"] == 5
    esme = await site.bound()
    assert {text_of(pdu).message_id for pdu in await esme.delivered(5)} == ids
    await site.settled(lambda: site.figures["receipts"]["waiting"] == 0)
    await site.crash()
    quiet = await site.bound()
    await quiet.submit(b"mark", registered_delivery=0)
    assert "deliver_sm" not in _names(quiet)


async def test_what_one_receiver_left_unacknowledged_another_gets(site: Site) -> None:
    esme = await site.bound(answers=None)
    message_id = id_of(await esme.submit())
    await esme.delivered()
    other = await site.bound("receiver")
    await esme.stream.close()
    assert text_of((await other.delivered())[0]).message_id == message_id


async def test_receipts_go_to_whoever_receives_and_to_nobody_else(site: Site) -> None:
    transmitter = await site.bound("transmitter")
    ids = [id_of(await transmitter.submit()) for _ in range(4)]
    receivers = [await site.bound("receiver") for _ in range(2)]
    await site.settled(lambda: site.figures["receipts"]["acknowledged"] == 4)
    told = [text_of(pdu).message_id for esme in receivers for pdu in esme.heard if pdu.name == "deliver_sm"]
    assert sorted(told) == ids
    assert "deliver_sm" not in _names(transmitter)


@pytest.mark.parametrize("code", [0x64, 0x14, 0x08])
async def test_what_an_esme_cannot_take_now_it_gets_later(site: Site, code: int) -> None:
    site.turn(retry_s=0.05)
    esme = await site.bound(answers=code)
    message_id = id_of(await esme.submit())
    await esme.delivered(3)
    esme.answers = 0
    await site.settled(lambda: site.figures["receipts"]["acknowledged"] == 1)
    assert {text_of(pdu).message_id for pdu in await esme.delivered(4)} == {message_id}
    assert site.figures["receipts"]["put_off"] >= 3


async def test_what_an_esme_never_wants_it_is_told_once(site: Site) -> None:
    site.turn(retry_s=0.01)
    esme = await site.bound(answers=0x65)
    await esme.submit()
    await site.settled(lambda: site.figures["receipts"]["refused"] == 1)
    assert site.figures["receipts"]["waiting"] == 0


async def test_an_esme_that_does_not_answer_is_told_again(site: Site) -> None:
    site.turn(deliver_timeout_s=0.2)
    esme = await site.bound(answers=None)
    await esme.submit()
    await esme.delivered(2)
    assert site.figures["receipts"]["waiting"] == 1


async def test_no_more_is_sent_than_the_window_lets_through(site: Site) -> None:
    site.turn(deliver_window=3)
    esme = await site.bound(answers=None)
    for _ in range(10):
        await esme.submit()
    assert _names(esme).count("deliver_sm") == 3
    for pdu in [pdu for pdu in esme.heard if pdu.name == "deliver_sm"]:
        await esme.send("deliver_sm_resp", {"message_id": ""}, sequence=pdu.sequence)
    await esme.delivered(6)
    assert site.figures["receipts"]["acknowledged"] == 3
