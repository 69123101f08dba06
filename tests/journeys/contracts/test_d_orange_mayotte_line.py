"""Sheet D, Orange Mayotte: cards, loss and theft, activation, plans and what they let a phone do."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.journeys.contracts.consumption import local, use
from tests.journeys.contracts.counter import ANNA, Counter, Json

CONTRACT = HLR = "orange-mayotte"
SELF_CARE = {"who": "customer/17", "channel": "customer-area"}
IMEI = "353879234252633"
NOT_HERE = {
    "004 art. 2 | SIM kinds": "An eSIM's profile is erased by the server it came from: no driver speaks to one.",
    "004 art. 2 | PIN": "Wrong PINs are counted by the card: `tests/cli/card/test_pins.py` plays three.",
    "004 art. 5 | activation": "A date more than 15 days ahead is the order system's to refuse: it is accepted here.",
    "004 art. 11.2.1 | abuse limits": "How long a call may last (1 h 50) is the switch's to watch.",
    "004 art. 19 | port-in": "3.50 EUR a day late are billing's: `port.completed` has the day agreed and the time.",
    "004 blocked-plan § 3 | blocked plan": "What is left of a credit is known to charging: it has the balance told.",
}


async def test_a_swapped_card_is_never_usable_again(counter: Counter) -> None:
    """004 art. 2 | SIM kinds: on a swap the old card is given up for good"""
    await counter.activate()
    swapped = await counter.done("swap_sim", new_iccid=counter.card(2).iccid, reason="damaged")
    assert [(await counter.probe(n))["attach"] for n in (1, 2)] == ["refused:unknown", "accepted"]
    await counter.proof(swapped, HLR)
    assert (await counter.get(f"/v1/sims/{counter.card(1).iccid}"))["state"] == "replaced"
    wish = {"contract": CONTRACT, "plan": "standard", "iccid": counter.card(1).iccid}
    assert "never used again" in (await counter.refused("activate", 3, **wish))["detail"]


async def test_the_operator_gives_the_puk_on_request(counter: Counter) -> None:
    """004 art. 2 | PIN: three wrong block the card, the PUK is given on request"""
    await counter.activate()
    asked = {"requested_by": SELF_CARE, "why": "card blocked"}
    told = await counter.post(f"/v1/sims/{counter.card().iccid}/puk", asked)
    assert told["puk1"] == counter.card().puk1
    told_to = [e["data"]["requested_by"] for e in await counter.history() if e["type"] == "puk.disclosed"]
    assert told_to == [SELF_CARE]
    assert counter.card().puk1 not in str(await counter.history())


async def test_loss_is_reported_by_the_customer_and_the_line_is_off_at_once(counter: Counter) -> None:
    """004 art. 2, 20 | loss/theft: by phone, chat or the customer's own web space, suspended quickly"""
    await counter.activate()
    lost = await counter.done(
        "report_lost", {"imsi": counter.card().imsi}, reason="lost", requested_by=SELF_CARE, priority="bulk"
    )
    for at in ("home", "abroad"):
        assert (await counter.probe(at=at))["attach"] == "refused:suspended"
    await counter.proof(lost, HLR, SELF_CARE)
    assert await counter.told("perte ou de vol")
    assert (await counter.refused("reactivate"))["type"] == "/problems/nothing-to-lift"
    await counter.done("reactivate", reason="lost")
    assert (await counter.probe())["attach"] == "accepted"


async def test_a_theft_refund_has_the_times_of_report_and_of_suspension(counter: Counter) -> None:
    """004 art. 20 | theft refund: exact times of report and of suspension"""
    await counter.activate(1)
    await counter.activate(2)
    told_at = (counter.now - timedelta(minutes=4)).isoformat(timespec="seconds")
    stolen = {"reason": "stolen", "reported_at": told_at, "requested_by": SELF_CARE}
    lines = [{"imsi": counter.card(1).imsi}, {"msisdn": counter.number(2)}]
    report = await counter.post("/v1/loss-reports", stolen | {"lines": lines}, 202)
    for n, item in enumerate(report["items"], start=1):
        kept = await counter.proof(await counter.ended(item["id"]), HLR, SELF_CARE)
        assert (await counter.probe(n))["attach"] == "refused:suspended"
        held = (await counter.line(n))["restrictions"][0]
        times = [datetime.fromisoformat(held[name]) for name in ("since", "requested_at", "confirmed_at")]
        assert times == sorted(times)
        assert times[0] == datetime.fromisoformat(told_at)
        assert times[1:] == [datetime.fromisoformat(kept[name]) for name in ("accepted_at", "stored_at")]


async def test_the_line_is_activated_on_the_day_the_customer_chose(counter: Counter) -> None:
    """004 art. 5 | activation: on a date the customer chose within 15 days, within 2 days of it"""
    wish: Json = {"contract": CONTRACT, "plan": "standard", "iccid": counter.card().iccid}
    asked = await counter.order("activate", requested_start="2026-03-12T09:00:00+03:00", **wish)
    assert (asked["state"], (await counter.line())["state"]) == ("pending", "ordered")
    assert (await counter.probe())["attach"] == "refused:unknown"
    await counter.at("2026-03-12 09:01")
    assert (await counter.line())["state"] == "active"
    assert (await counter.probe())["voice_out"]["national"] is True
    kept = await counter.proof(asked, HLR)
    assert "2026-03-12 09:00" <= local(counter, kept["stored_at"]) <= "2026-03-14 09:00"


async def test_a_customer_has_five_lines_three_at_once_then_one_a_month(counter: Counter) -> None:
    """004 art. 3.2 | line limit: at most 5, at most 3 at once, then a month between further ones"""
    for n in (1, 2, 3):
        await counter.activate(n, customer="customer-17")
    wish: Json = {"contract": CONTRACT, "plan": "standard", "customer": "customer-17"}
    problem = await counter.refused("activate", 4, iccid=counter.card(4).iccid, **wish)
    assert (problem["type"], "2026-04-02" in problem["detail"]) == ("/problems/too-many-lines", True)
    assert (await counter.probe(4))["attach"] == "refused:unknown"
    await counter.activate(4, customer="somebody else")
    for n, day in ((5, "2026-04-02 13:00"), (6, "2026-05-02 14:00")):
        await counter.at(day)
        await counter.activate(n, customer="customer-17")
    await counter.at("2026-07-01 12:00")
    problem = await counter.refused("activate", 7, iccid=counter.card(7).iccid, **wish)
    assert (problem["type"], "5 lines" in problem["detail"]) == ("/problems/too-many-lines", True)
    await counter.done("terminate", 1, requested_start="now")
    await counter.activate(7, customer="customer-17")
    assert (await counter.probe(7))["attach"] == "accepted"


async def test_the_plan_changes_at_once_on_the_billing_day_or_in_between(counter: Counter) -> None:
    """004 art. 6 | offer change: at once, on the next billing day, or on a date in between"""
    await counter.activate(1, None, "4g")
    await counter.proof(await counter.done("activate", 2, **wish_of(counter, 2)), HLR)
    await counter.activate(3, None, "4g")
    starts = {1: "now", 2: "2026-03-20T09:00:00+03:00", 3: "2026-04-01T00:00:00+03:00"}
    orders = {n: await counter.order("change_plan", n, plan="blocked", requested_start=at) for n, at in starts.items()}
    plans = {}
    for day in ("2026-03-02 13:00", "2026-03-20 09:01", "2026-04-01 00:01"):
        await counter.at(day)
        plans[day] = [(await counter.line(n))["plan"] for n in (1, 2, 3)]
    assert list(plans.values()) == [
        ["blocked", "standard", "standard"],
        ["blocked", "blocked", "standard"],
        ["blocked", "blocked", "blocked"],
    ]
    assert (await counter.probe(3))["rats"] == ["2g", "3g"]
    await counter.proof(orders[3], HLR)


def wish_of(counter: Counter, n: int) -> Json:
    return {"contract": CONTRACT, "plan": "standard", "iccid": counter.card(n).iccid, "options": ["4g"]}


async def test_abroad_is_open_from_the_start_and_closed_on_a_call(counter: Counter) -> None:
    """004 art. 13.1, 13.4 | roaming: opened automatically, within 4 working days; switched off on a call"""
    await counter.activate()
    abroad = await counter.probe(at="abroad")
    assert (abroad["attach"], abroad["voice_in"], abroad["data"]["allowed"]) == ("accepted", True, True)
    assert abroad["voice_out"]["national"] is True
    closed = await counter.done("change_options", remove=["roaming"])
    assert (await counter.probe(at="abroad"))["attach"] == "refused:roaming"
    assert (await counter.probe())["voice_out"]["international"] is True
    await counter.proof(closed, HLR)
    opened = await counter.done("change_options", add=["roaming"])
    assert (await counter.probe(at="abroad"))["attach"] == "accepted"
    kept = await counter.proof(opened, HLR)
    assert local(counter, kept["promised_by"]) == "2026-03-06 12:00"


async def test_changing_to_a_blocked_plan_ends_the_old_options(counter: Counter) -> None:
    """004 blocked-plan § 5 | change to a blocked plan: all options of the old plan end"""
    await counter.activate(1, None, "4g", "5g", "caller_id_hidden")
    before = await counter.probe()
    assert (before["rats"], before["caller_id"]) == (["2g", "3g", "4g", "5g"], "hidden")
    changed = await counter.done("change_plan", plan="blocked")
    after = await counter.probe()
    assert (after["rats"], after["caller_id"]) == (["2g", "3g"], "shown")
    assert (await counter.line())["options"] == ["data", "international", "roaming"]
    await counter.proof(changed, HLR)


async def test_purchases_by_premium_numbers_can_be_closed(counter: Counter) -> None:
    """004 payment § 7 | third-party payments: premium purchases can be disabled"""
    await counter.activate()
    assert (await counter.probe())["voice_out"]["premium"] is True
    closed = await counter.done("change_bars", add=["no_premium"])
    out = (await counter.probe())["voice_out"]
    assert (out["premium"], out["national"], out["international"]) == (False, True, True)
    await counter.proof(closed, HLR)
    await counter.done("change_bars", remove=["no_premium"])
    assert (await counter.probe())["voice_out"]["premium"] is True


async def test_speed_is_limited_after_the_threshold(counter: Counter) -> None:
    """004 art. 12.1 | fair use: speed limited after the threshold, until the period ends"""
    await counter.activate()
    await use(counter, "data", 50, "GB")
    assert (await counter.probe())["data"] == {"allowed": True, "cap_kbit_s": 128}
    assert await counter.told("Le débit est réduit jusqu'au 31/03/2026")
    await counter.proof(
        (await counter.orders(action="limit_use"))[0], HLR, {"who": "linegate/usage", "channel": "usage"}
    )
    await counter.at("2026-04-01 00:01")
    assert (await counter.probe())["data"] == {"allowed": True, "cap_kbit_s": None}


async def test_a_stolen_handset_is_kept_out_whatever_card_is_in_it(counter: Counter) -> None:
    """004 privacy policy | stolen handsets: their use is blocked by IMEI"""
    await counter.activate(1)
    await counter.activate(2)
    assert (await counter.probe(imei=IMEI))["attach"] == "accepted"
    await counter.post(f"/v1/handsets/{IMEI}/block", {"reason": "stolen", "requested_by": ANNA}, 202)

    async def blocked() -> bool:
        return str((await counter.get(f"/v1/handsets/{IMEI}"))["state"]) == "blocked"

    await counter.until(blocked, "the register never confirmed")
    for n in (1, 2):
        assert (await counter.probe(n, imei=IMEI))["attach"] == "refused:equipment"
        assert (await counter.probe(n))["attach"] == "accepted"
    shown = await counter.get(f"/v1/handsets/{IMEI}")
    assert (shown["requested_by"], shown["confirmed_at"] >= shown["asked_at"]) == (ANNA, True)
