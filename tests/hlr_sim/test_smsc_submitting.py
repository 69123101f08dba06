"""What is submitted: who takes it, how it is read, what is refused, and that it is kept before it is answered."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.commands import SendSms, Submitted
from drivers.dialects.smpp import text
from drivers.dialects.smpp.text import Carriage, LongText
from drivers.subscription import Msisdn
from hlr_sim.smsc import Smsc
from hlr_sim.smsc.message import FIRST
from hlr_sim.smsc.times import read_time, write_time
from tests.hlr_sim.smsc_esme import PHONE, Fields, Site, id_of

LONG = "Votre forfait est épuisé, à très vite. " * 9


async def test_what_is_answered_is_there(site: Site) -> None:
    esme = await site.bound()
    answer = await esme.submit(b"hello", data_coding=0)
    (sms,) = site.smsc.inbox("+" + PHONE, 10)
    assert (sms.text, sms.sender, sms.message_ids, sms.parts) == ("hello", "Linegate", [id_of(answer)], 1)
    assert (sms.bind, sms.submitted_at <= sms.at) == ("smsc-1", True)


async def test_what_was_answered_survives_a_crash(site: Site) -> None:
    esme = await site.bound()
    first = id_of(await esme.submit(b"one"))
    await site.crash()
    esme = await site.bound()
    second = id_of(await esme.submit(b"two"))
    assert site.texts() == ["one", "two"]
    assert int(second, 16) > int(first, 16)


async def test_the_same_text_twice_is_two_messages(site: Site) -> None:
    esme = await site.bound()
    for _ in range(3):
        await esme.submit(b"again")
    assert site.texts("+" + PHONE) == ["again"] * 3


@pytest.mark.parametrize("carrier", list(LongText))
@pytest.mark.parametrize("said", [LONG, "ночь 🌙 " * 40])
async def test_a_long_text_is_joined_whatever_carries_it(site: Site, carrier: LongText, said: str) -> None:
    esme = await site.bound()
    parts = text.split(said, Carriage(carrier), 7)
    for part in reversed(parts):  # in any order
        tlvs: Fields = {f"x{tag:04x}": value for tag, value in part.tlvs.items()}
        more: Fields = {"data_coding": part.data_coding, "esm_class": part.esm_class}
        assert (await esme.submit(part.octets, **more, **tlvs)).status == 0
    (sms,) = site.smsc.inbox(None, 10)
    assert (sms.text, sms.parts, len(sms.message_ids)) == (said, len(parts), len(parts))


async def test_a_message_is_shown_when_its_last_part_is_there(site: Site) -> None:
    esme = await site.bound()
    one, *others = text.split(LONG, Carriage(), 9)
    for part in (one, one, *others[:-1]):  # a part that comes twice is one part
        await esme.submit(part.octets, esm_class=part.esm_class)
    assert not site.texts()
    assert site.figures["parts_waiting"] == len(others) + 1
    await site.crash()
    esme = await site.bound()
    await esme.submit(others[-1].octets, esm_class=others[-1].esm_class)
    assert site.texts() == [LONG]
    assert site.figures["parts_waiting"] == 0


async def test_parts_of_two_messages_are_not_mixed(site: Site) -> None:
    esme = await site.bound()
    texts = {reference: f"{reference} " + LONG for reference in (1, 2)}
    split = {reference: text.split(said, Carriage(), reference) for reference, said in texts.items()}
    for pair in zip(split[1], split[2], strict=True):
        for part in pair:
            await esme.submit(part.octets, esm_class=part.esm_class)
    assert site.texts() == [texts[1], texts[2]]


async def test_data_sm_is_taken_too(site: Site) -> None:
    esme = await site.bound()
    fields = {"service_type": "", "source_addr": "Linegate", "destination_addr": PHONE, "registered_delivery": 1}
    answer = await esme.answer(await esme.send("data_sm", fields, x0424=b"by data sm"))
    assert (answer.name, answer.status) == ("data_sm_resp", 0)
    assert site.texts() == ["by data sm"]
    await esme.delivered()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": "abc"}, 0x0B),
        ({"to": ""}, 0x0B),
        ({"validity_period": "tomorrow"}, 0x62),
        ({"validity_period": "200101000000000+"}, 0x62),
        ({"validity_period": "991399000000000+"}, 0x62),
        ({"schedule_delivery_time": "2"}, 0x61),
        ({"x0424": b"both"}, 0x01),
    ],
)
async def test_what_makes_no_sense_is_refused(site: Site, changed: Fields, code: int) -> None:
    esme = await site.bound()
    answer = await esme.submit(**changed)
    assert answer.status == code
    assert not site.texts()
    assert site.figures["statuses"] == {f"0x{code:02X}": 1}


async def test_a_window_full_of_submissions_is_answered_each_under_its_number(site: Site) -> None:
    esme = await site.bound()
    said = {await esme.say(f"text {n}".encode()): f"text {n}" for n in range(200)}
    answers = await esme.until(lambda pdu: pdu.name == "submit_sm_resp", 200)
    told = {id_of(answer): said[answer.sequence] for answer in answers}
    assert {sms.message_ids[0]: sms.text for sms in site.smsc.inbox(None, 1000)} == told


async def test_a_query_tells_the_state(site: Site) -> None:
    esme = await site.bound()
    message_id = id_of(await esme.submit())
    asked = {"message_id": message_id, "source_addr": "Linegate"}
    answer = await esme.answer(await esme.send("query_sm", asked))
    assert (answer.fields["message_id"], answer.fields["message_state"]) == (message_id.encode(), 2)
    assert read_time(answer.fields["final_date"].decode(), datetime.now(UTC)) is not None
    unknown = await esme.answer(await esme.send("query_sm", asked | {"message_id": "ffff"}))
    assert unknown.status == 0x67
    another = await esme.answer(await esme.send("query_sm", asked | {"source_addr": "Other"}))
    assert another.status == 0x67


async def test_a_scheduled_message_waits_for_its_time(site: Site) -> None:
    esme = await site.bound()
    await esme.submit(b"later", schedule_delivery_time="000000010000000R")
    assert not site.texts()
    site.clock.ahead_s = 3601
    assert site.texts() == ["later"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("260115120000000+", datetime(2026, 1, 15, 12, tzinfo=UTC)),
        ("260115120000304+", datetime(2026, 1, 15, 11, 0, 0, 300_000, tzinfo=UTC)),
        ("260115120000022-", datetime(2026, 1, 15, 17, 30, tzinfo=UTC)),
        ("000001020304000R", datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("", None),
    ],
)
def test_times_are_read(written: str, meant: datetime | None) -> None:
    assert read_time(written, datetime(2026, 1, 1, tzinfo=UTC)) == meant


@pytest.mark.parametrize("written", ["2601151200000", "260115120000099+", "261315120000000+", "x" * 16])
def test_times_that_mean_nothing_are_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is for nobody: an SMSC has one status for all
        read_time(written, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_time_is_written_as_it_is_read() -> None:
    moment = datetime(2026, 1, 15, 12, 30, 45, 700_000, tzinfo=UTC)
    assert read_time(write_time(moment), moment) == moment


def test_a_directory_of_an_older_version_goes_on_where_it_was(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "smsc.sqlite")) as old:
        old.executescript(FIRST + "PRAGMA user_version = 1;")
        row = "INSERT INTO sms (recipient, sender, text, at) VALUES ('+33600000001', 'Linegate', 'old', '2026-01-01');"
        old.executescript(row + row)
    smsc = Smsc(tmp_path / "smsc.sqlite", lambda: datetime(2026, 1, 2, tzinfo=UTC))
    reply = smsc.answer(SendSms("Linegate", Msisdn("+33600000001"), "new"))
    assert reply == Submitted("00000003")
    held = [(sms.message_id, sms.id, sms.text, sms.message_ids) for sms in smsc.inbox(None, 10)]
    smsc.close()
    assert held == [
        ("00000001", 1, "old", ["00000001"]),
        ("00000002", 2, "old", ["00000002"]),
        ("00000003", 3, "new", ["00000003"]),
    ]
