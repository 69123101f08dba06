"""Sheet C, OPT-NC Mobilis: what a line gets by its plan, its options and its cards."""

from __future__ import annotations

from datetime import datetime

from tests.journeys.contracts.consumption import use
from tests.journeys.contracts.counter import ANNA, Counter

CONTRACT = HLR = "opt-nc"
NOT_HERE = {
    "003 art. 6 | PIN": "Wrong PINs and PUKs are counted by the card: `tests/cli/card/test_pins*.py` play them.",
    "003 art. 6 | lost or stolen": "The confirmation within 48 hours is a paper: nothing falls due here without it.",
    "003 art. 9.3.2 | restricted service": "The announcement for a barred number is the switch's.",
    "003 art. 9.3.1 | internet on demand": "The SMS with the hour of the end is the order system's: it has it.",
    "003 art. 8.2 | blocked plan": "Which numbers are free is the switch's to know; the credit is counted by charging.",
    "003 art. 14 | termination": "The order carries the day: the contract adds no delay to a termination by itself.",
}


async def test_the_puk_is_told_on_request_with_proof_and_never_shown_otherwise(counter: Counter) -> None:
    """003 art. 6 | PIN 0000 at first, PUK to unblock: told to who asks, with proof"""
    await counter.activate()
    card = counter.card()
    assert counter.rules.defaults.pin == "0000"
    shown = await counter.ask("GET", f"/v1/sims/{card.iccid}")
    assert not any(secret in shown.text for secret in card.secrets)
    asked = {"requested_by": ANNA, "why": "three wrong PINs"}
    assert (await counter.post(f"/v1/sims/{card.iccid}/puk", asked))["puk1"] == card.puk1
    events = [event for event in await counter.history() if event["type"] == "puk.disclosed"]
    assert [(e["data"]["requested_by"], e["data"]["why"]) for e in events] == [(ANNA, "three wrong PINs")]


async def test_a_lost_card_is_blocked_and_its_line_suspended_to_the_second(counter: Counter) -> None:
    """003 art. 6 | lost or stolen: card blocked, line suspended at once; use is the customer's until that hour"""
    await counter.activate()
    told_at = counter.now.isoformat(timespec="seconds")
    lost = await counter.done("report_lost", {"imsi": counter.card().imsi}, reason="stolen", reported_at=told_at)
    for at in ("home", "abroad"):
        assert (await counter.probe(at=at))["attach"] == "refused:suspended"
    kept = await counter.proof(lost, HLR)
    since = (await counter.line())["restrictions"][0]
    assert (since["kind"], since["reason"]) == ("suspended", "stolen")
    assert kept["accepted_at"] <= kept["stored_at"] <= kept["effective_at"]
    assert "stolen" in (await counter.refused("reactivate"))["detail"]
    assert "suspendue suite" in await counter.told("perte ou de vol")
    await counter.done("swap_sim", new_iccid=counter.card(2).iccid, reason="stolen")
    assert ((await counter.probe(1))["attach"], (await counter.probe(2))["voice_out"]["national"]) == (
        "refused:unknown",
        True,
    )


async def test_the_second_card_calls_under_one_number_and_never_beside_mobile_internet(counter: Counter) -> None:
    """003 art. 9.3.7 | twin card: two SIMs, one number; not with mobile internet"""
    await counter.activate(1, "horaire")
    twin = await counter.done("add_twin", iccid=counter.card(2).iccid)
    await counter.proof(twin, HLR)
    first, second = await counter.probe(1), await counter.probe(2)
    assert (first["voice_out"], first["voice_in"]) == (second["voice_out"], True)
    assert second["data"]["allowed"] is False
    assert (await counter.line())["twin"]["iccid"] == counter.card(2).iccid
    problem = await counter.refused("change_options", add=["data"])
    assert (problem["type"], "second SIM" in problem["detail"]) == ("/problems/twin-incompatible", True)
    await counter.done("suspend", reason="unpaid")
    assert [(await counter.probe(n))["attach"] for n in (1, 2)] == ["refused:suspended"] * 2
    await counter.done("reactivate")
    await counter.done("remove_twin")
    assert [(await counter.probe(n))["attach"] for n in (1, 2)] == ["accepted", "refused:unknown"]
    await counter.activate(3, "forfait_m")
    assert (await counter.refused("add_twin", 3, iccid=counter.card(4).iccid))["type"] == "/problems/twin-incompatible"


async def test_abroad_calls_go_out_and_come_in_only_when_the_customer_wants_them(counter: Counter) -> None:
    """003 art. 9.1.6 | option voyage: included, incoming barred at first; ends with 7 days' notice"""
    await counter.activate()
    abroad = await counter.probe(at="abroad")
    assert (abroad["attach"], abroad["voice_out"]["national"], abroad["voice_in"]) == ("accepted", True, False)
    assert (await counter.probe())["voice_in"] is True
    opened = await counter.done("change_options", add=["roaming_incoming"])
    await counter.proof(opened, HLR)
    assert (await counter.probe(at="abroad"))["voice_in"] is True
    asked_at = counter.now
    ended = await counter.order("change_options", remove=["roaming"], requested_start="2026-03-09T20:00:00+11:00")
    assert ended["state"] == "pending"
    await counter.later(days=6, hours=23)
    assert (await counter.probe(at="abroad"))["attach"] == "accepted"
    await counter.later(hours=2)
    assert (await counter.probe(at="abroad"))["attach"] == "refused:roaming"
    assert (counter.now - asked_at).days == 7
    assert (await counter.proof(ended, HLR))["promised_by"] is not None


async def test_unpaid_and_abroad_only_emergency_calls_go_out_and_calls_come_in(counter: Counter) -> None:
    """003 art. 9.1.6 | suspended for unpaid bills and abroad: no calls out, calls in go on"""
    await counter.activate(1, None, "roaming_incoming")
    barred = await counter.done("bar_outgoing", reason="unpaid")
    await counter.proof(barred, HLR)
    for at in ("home", "abroad"):
        probe = await counter.probe(at=at)
        assert not any(probe["voice_out"].values()), at
        assert (probe["voice_in"], probe["sms_in"], probe["emergency"]) == (True, True, True), at
    await counter.done("reactivate", reason="unpaid")
    assert (await counter.probe(at="abroad"))["voice_out"]["national"] is True


async def test_voicemail_takes_the_calls_nobody_answers(counter: Counter) -> None:
    """003 art. 9.1.5 | voicemail: diversions to 577 on no reply, not reachable and busy"""
    activated = await counter.activate()
    await counter.proof(activated, HLR)
    assert (await counter.probe())["diverted_to"] == "577"


async def test_the_number_is_shown_unless_on_the_red_list(counter: Counter) -> None:
    """003 art. 9.2.5 | caller ID: shown, on the "liste rouge" hidden"""
    await counter.activate()
    assert (await counter.probe())["caller_id"] == "shown"
    hidden = await counter.done("change_options", add=["caller_id_hidden"])
    await counter.proof(hidden, HLR)
    assert (await counter.probe())["caller_id"] == "hidden"
    await counter.done("change_options", remove=["caller_id_hidden"])
    assert (await counter.probe())["caller_id"] == "shown"


async def test_a_data_subscription_has_data_and_sms_and_no_voice(counter: Counter) -> None:
    """003 art. 8.4 | data-only subscription: data and SMS, voice excluded"""
    activated = await counter.activate(1, "data_only")
    await counter.proof(activated, HLR)
    probe = await counter.probe()
    assert (any(probe["voice_out"].values()), probe["voice_in"]) == (False, False)
    assert (probe["data"]["allowed"], probe["sms_out"], probe["sms_in"]) == (True, True, True)


async def test_sims_of_a_shared_volume_have_their_speed_and_are_never_blocked(counter: Counter) -> None:
    """003 art. 8.7 | shared data fleet: 512 kbit/s, 10 or 30 Mbit/s; the volume's end blocks nothing; fixed IP"""
    for n, cap in enumerate((512, 10_000, 30_000), start=1):
        activated = await counter.activate(n, "data_only", f"speed_{cap}")
        await counter.proof(activated, HLR)
        assert (await counter.probe(n))["data"] == {"allowed": True, "cap_kbit_s": cap}
        assert (await use(counter, "data", 900, "GB", n))["crossings"] == []
        assert (await counter.probe(n))["data"] == {"allowed": True, "cap_kbit_s": cap}
    await counter.done("change_options", add=["fixed_ip"])
    assert (await counter.line())["subscription"]["apns"] == ["fixedip", "internet"]


async def test_internet_on_demand_ends_by_itself_and_purchases_follow_one_another(counter: Counter) -> None:
    """003 art. 9.3.1 | internet on demand: for a time; the next purchase goes on where the first ends"""
    await counter.activate(1, "horaire")
    assert (await counter.probe())["data"]["allowed"] is False
    await counter.done("change_options", add=["data"], until="2026-03-03T20:00:00+11:00")
    assert (await counter.probe())["data"]["allowed"] is True
    await counter.done("change_options", add=["data"], until="2026-03-04T20:00:00+11:00")
    await counter.at("2026-03-03 21:00")
    assert (await counter.probe())["data"]["allowed"] is True
    await counter.at("2026-03-04 20:01")
    assert (await counter.probe())["data"]["allowed"] is False
    assert (await counter.line())["options"] == ["international", "roaming"]
    ended = (await counter.orders(action="change_options"))[-1]
    await counter.proof(ended, HLR, {"who": "linegate/clock", "channel": "clock"})


async def test_messages_wait_four_days_for_a_phone_that_is_off(counter: Counter) -> None:
    """003 art. 9.1.1 | SMS are kept 4 days for an unreachable phone: our validity"""
    await counter.activate()
    await counter.told("en service")
    four_days_s = 4 * 86_400
    posted = await counter.ask(
        "POST", "/v1/messages", json={"to": counter.number(), "text": "Votre facture", "validity_s": four_days_s}
    )
    assert posted.status_code == 202, posted.text
    assert await counter.told("Votre facture")
    message = await counter.get(f"/v1/messages/{posted.json()['id']}")
    kept = datetime.fromisoformat(message["expires_at"]) - datetime.fromisoformat(message["created_at"])
    assert (message["sender"], kept.total_seconds()) == ("MOBILIS", four_days_s)
