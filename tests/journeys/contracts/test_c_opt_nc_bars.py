"""Sheet C, OPT-NC Mobilis: what customers close on their own lines ("service restreint")."""

from __future__ import annotations

from tests.journeys.contracts.consumption import local
from tests.journeys.contracts.counter import Counter, Json

CONTRACT = HLR = "opt-nc"
_ALL_OUT = {"national": True, "international": True, "premium": True, "fleet": True}
_NONE_OUT = dict.fromkeys(_ALL_OUT, False)
_OPEN: Json = {"voice_out": _ALL_OUT, "voice_in": True, "sms_out": True, "sms_in": True, "data": True}
#: by bar, what it changes for a phone at home
_CLOSED: dict[str, Json] = {
    "receive_calls_only": {"voice_out": _NONE_OUT},
    "make_calls_only": {"voice_in": False},
    "national_only": {"voice_out": _ALL_OUT | {"international": False}},
    "receive_sms_only": {"sms_out": False},
    "no_data": {"data": False},
    "no_topup": {},
}


async def gets(counter: Counter) -> Json:
    """What the phone gets at home, as far as bars are about it."""
    probe = await counter.probe()
    return {name: probe[name] for name in _OPEN} | {"data": probe["data"]["allowed"]}


async def test_each_bar_closes_what_it_says_and_nothing_else(counter: Counter) -> None:
    """003 art. 9.3.2 | restricted service: each closes its own; effective within the working day after"""
    await counter.activate()
    assert await gets(counter) == _OPEN
    for bar, closed in _CLOSED.items():
        asked = await counter.done("change_bars", add=[bar])
        assert await gets(counter) == _OPEN | closed
        kept = await counter.proof(asked, HLR) if closed else await counter.get(f"/v1/orders/{asked['id']}")
        assert kept["stored_at"] < kept["promised_by"]
        assert local(counter, kept["promised_by"]) <= "2026-03-03 23:59"
        await counter.done("change_bars", remove=[bar])
        assert await gets(counter) == _OPEN
    assert "restrictions choisies" in await counter.told("à jour")


async def test_bars_cumulate_and_survive_a_suspension(counter: Counter) -> None:
    """003 art. 9.3.2 | restricted service: cumulative or alternative; emergency numbers always reachable"""
    await counter.activate()
    for bar in _CLOSED:
        await counter.done("change_bars", add=[bar])
    closed = {"voice_out": _NONE_OUT, "voice_in": False, "sms_out": False, "sms_in": True, "data": False}
    assert await gets(counter) == closed
    await counter.done("suspend", reason="unpaid")
    assert (await counter.probe())["attach"] == "refused:suspended"
    await counter.done("reactivate")
    assert await gets(counter) == closed
    await counter.done("change_bars", remove=["receive_calls_only"])
    assert (await gets(counter))["voice_out"] == _ALL_OUT | {"international": False}
    assert (await counter.line())["bars"] == sorted(set(_CLOSED) - {"receive_calls_only"})


async def test_who_has_barred_top_ups_buys_none(counter: Counter) -> None:
    """003 art. 9.3.2 | no top-up: the purchase fails, and nothing changes"""
    await counter.activate()
    await counter.done("change_bars", add=["no_topup"])
    problem = await counter.refused("top_up", volume="1 GB")
    assert (problem["type"], "no_topup" in problem["detail"]) == ("/problems/top-ups-barred", True)
    assert (await counter.line())["top_ups"] == []


async def test_calls_stay_within_the_fleet(counter: Counter) -> None:
    """003 art. 8.3, 9.3.6 | intra-fleet: out only to the company's own, emergency excepted"""
    await counter.activate(1, "horaire")
    asked = await counter.done("change_bars", add=["fleet_only"])
    probe = await counter.probe()
    assert probe["voice_out"] == _NONE_OUT | {"fleet": True}
    assert (probe["voice_in"], probe["sms_out"]) == (True, True)
    await counter.proof(asked, HLR)
    await counter.done("change_bars", remove=["fleet_only"])
    assert (await counter.probe())["voice_out"] == _ALL_OUT
