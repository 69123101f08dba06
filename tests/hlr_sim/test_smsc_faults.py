"""Scripted misfortune at the message centre: what is carried out, and what is heard of it."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.commands import Why
from drivers.errors import StreamClosed
from hlr_sim.faults import Fault, Kind
from tests.hlr_sim.smsc_esme import Site


def _script(site: Site, kind: Kind, match: str = "SendSms", **more: Any) -> None:  # noqa: ANN401 - any part of a fault
    site.faults.add(Fault("smsc", kind, match, **more))


def _log(site: Site) -> list[tuple[str, str, str | None]]:
    return [(entry.command, entry.outcome, entry.fault) for entry in site.server.element.log.since(0)]


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        (Kind.BUSY, {}, 0x58),
        (Kind.REFUSE, {}, 0x45),
        (Kind.REFUSE, {"why": Why.NOT_FOUND}, 0x0B),
        (Kind.SESSION_TIMEOUT, {}, 0x04),
    ],
)
async def test_refused_is_not_taken(site: Site, kind: Kind, more: dict[str, Any], code: int) -> None:
    _script(site, kind, **more)
    esme = await site.bound()
    assert (await esme.submit()).status == code
    assert not site.texts()
    assert _log(site)[-1][2] == kind
    again = (await esme.submit()).status
    assert again == (0x04 if kind is Kind.SESSION_TIMEOUT else 0)


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LOST])
async def test_silence_after_or_instead_of_taking(site: Site, kind: Kind) -> None:
    _script(site, kind)
    esme = await site.bound()
    lost = await esme.say(b"first")
    assert (await esme.submit(b"second")).status == 0
    assert lost not in [pdu.sequence for pdu in esme.heard if pdu.name == "submit_sm_resp"]
    assert site.texts() == (["first", "second"] if kind is Kind.SILENT else ["second"])
    assert _log(site)[1] == ("SendSms", "submitted" if kind is Kind.SILENT else "nothing", kind)


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.HALF_LINE])
async def test_a_cut_before_or_after_taking(site: Site, kind: Kind) -> None:
    _script(site, kind, after=1)
    esme = await site.bound()
    first = await esme.say(b"first")
    for text in (b"struck", b"never heard"):
        await esme.say(text)
    await esme.until_closed()
    assert [pdu.sequence for pdu in esme.heard if pdu.name == "submit_sm_resp"] == [first]
    assert site.texts() == (["first"] if kind is Kind.DROP_BEFORE else ["first", "struck"])


async def test_garbage_in_place_of_an_answer(site: Site) -> None:
    _script(site, Kind.GARBAGE)
    esme = await site.bound()
    before = sum(esme.pieces)
    await esme.say(b"taken all the same")
    await site.settled(lambda: sum(esme.pieces) > before)
    assert site.texts() == ["taken all the same"]


async def test_an_answer_twice(site: Site) -> None:
    _script(site, Kind.DUPLICATE)
    esme = await site.bound()
    said = await esme.say()
    await esme.until(lambda pdu: pdu.name == "submit_sm_resp" and pdu.sequence == said, 2)
    assert len(site.texts()) == 1


async def test_a_late_answer_lets_others_pass(site: Site) -> None:
    _script(site, Kind.LATE, delay_s=0.1)
    esme = await site.bound()
    late, prompt = await esme.say(b"late"), await esme.say(b"prompt")
    answers = await esme.until(lambda pdu: pdu.name == "submit_sm_resp", 2)
    assert [answer.sequence for answer in answers] == [prompt, late]
    assert site.texts() == ["late", "prompt"]


async def test_standing_still_and_then_doing_everything(site: Site) -> None:
    _script(site, Kind.FREEZE, delay_s=60)
    esme = await site.bound()
    said = [await esme.say(f"{n}".encode()) for n in range(3)]
    await site.settled(lambda: site.server.element.is_frozen)
    other = site.connect()
    waiting = await other.send("enquire_link")
    assert not site.texts()
    site.server.element.thaw()
    for sequence in said:
        assert (await esme.answer(sequence)).status == 0
    assert (await other.answer(waiting)).status == 0


async def test_a_connection_refused(site: Site) -> None:
    site.faults.add(Fault("smsc", Kind.REFUSE_CONNECT))
    with pytest.raises(StreamClosed):
        await site.connect().bind()
    await site.bound()


@pytest.mark.parametrize(("kind", "code"), [(Kind.BUSY, 0x58), (Kind.REFUSE, 0x45)])
async def test_binds_and_enquiries_are_struck_by_name(site: Site, kind: Kind, code: int) -> None:
    _script(site, kind, "Login")
    _script(site, kind, "KeepAlive")
    esme = site.connect()
    assert [(await esme.bind()).status for _ in range(2)] == [code, 0]
    enquiries = [await esme.send("enquire_link") for _ in range(2)]
    assert [(await esme.answer(sequence)).status for sequence in enquiries] == [code, 0]


async def test_the_log_tells_of_everything_but_texts(site: Site) -> None:
    esme = await site.bound()
    await esme.submit(b"nobody else's business")
    await esme.submit(to="1")
    assert _log(site) == [
        ("Login", "done", None),
        ("SendSms", "submitted", None),
        ("?", "refused:not_found", None),
    ]
    assert "business" not in repr(site.server.element.log.since(0))
