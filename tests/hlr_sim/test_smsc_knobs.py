"""Each knob of the message centre does what it says."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from drivers.dialects.smpp import pdu as p
from drivers.errors import StreamClosed
from hlr_sim.smsc.knobs import Knobs, complaints
from tests.hlr_sim.smsc_esme import Site, id_of

if TYPE_CHECKING:
    from tests.hlr_sim.smsc_esme import Esme


async def _statuses(esme: Esme, count: int) -> list[int]:
    return [(await esme.submit(f"{n}".encode(), registered_delivery=0)).status for n in range(1, count + 1)]


@pytest.mark.parametrize("code", [0x05, 0x0D, 0x0E, 0x08])
async def test_binds_are_refused_so_many_times(site: Site, code: int) -> None:
    site.turn(bind_status=code, bind_refusals=2)
    esme = site.connect()
    assert [(await esme.bind()).status for _ in range(3)] == [code, code, 0]


async def test_binds_are_refused_until_the_knob_is_turned_back(site: Site) -> None:
    site.turn(bind_status=0x0D)
    esme = site.connect()
    assert {(await esme.bind()).status for _ in range(4)} == {0x0D}
    site.door.reset()
    assert (await esme.bind()).status == 0


async def test_a_bind_may_be_answered_late_or_never(site: Site) -> None:
    site.turn(bind_delay_s=0.1)
    begun = site.clock()
    await site.bound()
    assert (site.clock() - begun).total_seconds() >= 0.1
    site.turn(bind_delay_s=0, bind_silent=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await site.connect().bind()


async def test_one_account_has_so_many_binds(site: Site) -> None:
    site.turn(max_binds=1)
    first, second = await site.bound(), site.connect()
    assert (await second.bind()).status == 0x05
    await first.send("unbind")
    await first.until_closed()
    assert (await second.bind()).status == 0


@pytest.mark.parametrize(
    ("knobs", "statuses"),
    [
        ({"throttle_every": 3}, [0, 0, 0x58, 0, 0, 0x58]),
        ({"queue_full_every": 2}, [0, 0x14, 0, 0x14, 0, 0x14]),
        ({"system_error_every": 3, "system_error_burst": 2}, [0, 0, 8, 8, 0, 8]),
        ({"vendor_status_every": 2}, [0, 0x400, 0, 0x400, 0, 0x400]),
        ({"vendor_status_every": 6, "vendor_status": 0x4FF}, [0, 0, 0, 0, 0, 0x4FF]),
    ],
)
async def test_submissions_are_refused_by_number(site: Site, knobs: dict[str, object], statuses: list[int]) -> None:
    site.turn(**knobs)
    assert await _statuses(await site.bound(), 6) == statuses
    assert site.texts() == [str(n) for n, code in enumerate(statuses, 1) if code == 0]
    assert site.figures["statuses"] == {f"0x{code:02X}": count for code, count in sorted(Counter(statuses).items())}


async def test_above_a_rate_submissions_are_throttled(site: Site) -> None:
    site.turn(throttle_above_per_s=5)
    esme = await site.bound()
    for n in range(20):
        await esme.say(f"{n}".encode())
    answers = await esme.until(lambda pdu: pdu.name == "submit_sm_resp", 20)
    assert Counter(answer.status for answer in answers) == {0: 5, 0x58: 15}
    later_s = site.door.clock() + 1.1
    site.door.clock = lambda: later_s
    assert (await esme.submit(b"a second later")).status == 0


async def test_above_a_window_submissions_are_refused(site: Site) -> None:
    site.turn(window=3, resp_delay_s=0.1)
    esme = await site.bound()
    for n in range(5):
        await esme.say(f"{n}".encode())
    answers = await esme.until(lambda pdu: pdu.name == "submit_sm_resp", 5)
    assert sorted((answer.sequence - 1, answer.status) for answer in answers) == [
        (1, 0),
        (2, 0),
        (3, 0),
        (4, 0x14),
        (5, 0x14),
    ]
    assert (await esme.submit(b"there is room again")).status == 0


async def test_answers_are_late_by_chance_and_then_out_of_order(site: Site) -> None:
    site.turn(resp_delay_s=0.02, resp_jitter_s=0.2)
    esme = await site.bound()
    said = [await esme.say(f"{n}".encode()) for n in range(20)]
    answers = await esme.until(lambda pdu: pdu.name == "submit_sm_resp", 20)
    heard = [answer.sequence for answer in answers]
    assert sorted(heard) == said
    assert heard != said


async def test_answers_are_gathered_and_given_backwards(site: Site) -> None:
    site.turn(out_of_order=3)
    esme = await site.bound()
    said = [await esme.say(f"{n}".encode()) for n in range(5)]
    answers = await esme.until(lambda pdu: pdu.name == "submit_sm_resp", 5)
    assert [answer.sequence for answer in answers] == [said[n] for n in (2, 1, 0, 4, 3)]


async def test_some_answers_are_dropped_though_the_message_was_taken(site: Site) -> None:
    site.turn(drop_resp_every=2)
    esme = await site.bound()
    said = [await esme.say(f"{n}".encode()) for n in range(4)]
    await esme.delivered(4)
    answered = [pdu.sequence for pdu in esme.heard if pdu.name == "submit_sm_resp"]
    assert answered == [said[0], said[2]]
    assert len(site.texts()) == 4


async def test_some_submissions_get_generic_nack(site: Site) -> None:
    site.turn(generic_nack_every=2)
    esme = await site.bound()
    names = [(await esme.submit(f"{n}".encode())).name for n in range(4)]
    assert names == ["submit_sm_resp", "generic_nack"] * 2
    assert site.texts() == ["0", "2"]


@pytest.mark.parametrize(("body", "fields"), [("none", {}), ("empty_id", {"message_id": b""})])
async def test_a_refusal_has_a_body_or_none(site: Site, body: str, fields: dict[str, bytes]) -> None:
    site.turn(throttle_every=1, error_body=body)
    answer = await (await site.bound()).submit()
    assert (answer.status, answer.fields) == (0x58, fields)


async def test_unknown_tlvs_in_answers(site: Site) -> None:
    site.turn(unknown_tlvs=True, throttle_every=2)
    esme = await site.bound()
    answers = [await esme.submit(), await esme.submit()]
    assert [set(answer.tlvs) for answer in answers] == [{0x1400, 0x1FFF}] * 2
    assert [answer.status for answer in answers] == [0, 0x58]


async def test_queries_may_meet_silence(site: Site) -> None:
    site.turn(query_silent=True)
    esme = await site.bound()
    message_id = id_of(await esme.submit())
    asked = await esme.send("query_sm", {"message_id": message_id, "source_addr": "Linegate"})
    await esme.submit(b"mark")
    assert asked not in [pdu.sequence for pdu in esme.heard if pdu.name == "query_sm_resp"]


async def test_bytes_come_one_at_a_time(site: Site) -> None:
    site.turn(tcp="bytes")
    esme = await site.bound()
    await esme.submit()
    assert set(esme.pieces) == {1}


async def test_bytes_come_in_one_piece(site: Site) -> None:
    site.turn(tcp="coalesced")
    esme = await site.bound()
    esme.pieces.clear()
    for n in range(10):
        await esme.say(f"{n}".encode())
    await esme.delivered(10)
    assert len(esme.pieces) <= 3


async def test_the_centre_unbinds_after_so_many(site: Site) -> None:
    site.turn(unbind_after=3)
    esme = await site.bound()
    assert await _statuses(esme, 3) == [0, 0, 0]
    (unbind,) = await esme.delivered(name="unbind")
    assert (await esme.submit(b"too late")).status == 0x04
    await esme.stream.send(p.encode(p.Pdu("unbind_resp", unbind.sequence)))
    await esme.until_closed()
    assert await _statuses(await site.bound(), 2) == [0, 0]  # the next connection counts anew


async def test_the_centre_says_nothing_more_after_so_many(site: Site) -> None:
    site.turn(half_close_after=2)
    esme = await site.bound()
    assert await _statuses(esme, 2) == [0, 0]
    await esme.say(b"heard, not answered")
    await site.settled(lambda: len(site.texts()) == 3)
    assert len([pdu for pdu in esme.heard if pdu.name == "submit_sm_resp"]) == 2


async def test_the_connection_is_killed_in_the_middle_of_the_window(site: Site) -> None:
    site.turn(kill_after=7)
    esme = await site.bound()
    with suppress(StreamClosed):
        for n in range(20):
            await esme.say(f"{n}".encode())
    await esme.until_closed()
    answered = [pdu for pdu in esme.heard if pdu.name == "submit_sm_resp"]
    assert len(answered) < len(site.texts()) == 7
    assert site.figures["binds"]["transceiver"] == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"throttle_every": 0}, "throttle_every"),
        ({"resp_delay_s": -1}, "resp_delay_s"),
        ({"message_id": "roman"}, "message_id"),
        ({"receipt_states": {"GONE": 0.5}}, "receipt_states"),
        ({"receipt_states": {"UNDELIV": 0.7, "REJECTD": 0.7}}, "receipt_states"),
    ],
)
def test_a_knob_that_cannot_be_turned_so_is_named(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named) as wrong:
        Knobs().turned(changes)
    assert named in complaints(wrong.value)


def test_turning_one_knob_leaves_the_others() -> None:
    turned = Knobs().turned({"window": 5}).turned({"throttle_every": 2, "receipt_states": {"UNDELIV": 0.5}})
    assert (turned.window, turned.throttle_every, turned.receipt_states) == (5, 2, {"UNDELIV": 0.5})
    assert turned.turned({"window": None}).window is None
    assert Knobs().turned(turned.as_json()) == turned
