"""Sheet A, Technicophone: what its lines get on the two host networks, row by row."""

from __future__ import annotations

from hlr_sim.faults import Kind
from tests.journeys.contracts.counter import Counter, Json

CONTRACT = "technicophone"
EVERYTHING = ("data", "4g", "international", "roaming")


def services(seen: Json) -> tuple[object, ...]:
    """Calls out (home country, beyond), calls in, SMS out, SMS in, data."""
    out = seen["voice_out"]
    calls = (out["national"], out["international"], seen["voice_in"])
    return (*calls, seen["sms_out"], seen["sms_in"], seen["data"]["allowed"])


async def test_a_line_lives_on_one_host_network_whose_word_is_the_truth(counter: Counter) -> None:
    """001:6106-6108, 6232 | host network: every line lives on exactly one; the host's confirmation is the truth"""
    at_orange = await counter.activate(1, "unlimited", host="orange")
    at_sfr = await counter.done(
        "activate",
        2,
        contract=CONTRACT,
        host="sfr",
        iccid=counter.card(2, "sfr").iccid,
        plan="unlimited",
    )
    held = counter.world.held
    own, other = counter.card(1).imsi, counter.card(2, "sfr").imsi
    assert (held(own, "orange") is not None, held(own, "sfr")) == (True, None)
    assert (held(other, "orange"), held(other, "sfr") is not None) == (None, True)
    await counter.proof(at_orange, "orange")
    await counter.proof(at_sfr, "sfr")
    counter.world.fault(Kind.REFUSE, "Provide", "sfr")
    failed = await counter.order("change_options", 2, add=["roaming"])
    assert (failed["state"], failed["steps"][0]["outcome"]) == ("failed", "refused")
    assert (await counter.line(2))["options"] == []
    assert (await counter.probe(other, "abroad"))["attach"] == "refused:roaming"


async def test_customers_change_a_closed_list_of_things_themselves(counter: Counter) -> None:
    """001:6192-6208 | closed list of modifications: options, suspend, bar, reactivate, terminate, swap, no other"""
    await counter.activate(1, "unlimited", *EVERYTHING)
    own = {"who": "customer-7", "channel": "customer-area"}
    for action, details in (("change_plan", {"plan": "metered"}), ("change_number", {"new_msisdn": counter.number(9)})):
        problem = await counter.refused(action, requested_by=own, **details)
        assert problem["type"] == "/problems/not-allowed"
    allowed: list[tuple[str, Json]] = [
        ("change_options", {"remove": ["4g"]}),
        ("bar_outgoing", {"reason": "customer"}),
        ("reactivate", {"reason": "customer"}),
        ("suspend", {"reason": "customer"}),
        ("reactivate", {"reason": "customer"}),
        ("swap_sim", {"new_iccid": counter.card(2).iccid, "reason": "damaged"}),
    ]
    for action, details in allowed:
        await counter.proof(await counter.done(action, requested_by=own, **details), "orange", own)
    seen = await counter.probe(2)
    assert (services(seen), seen["rats"]) == ((True,) * 6, ["2g", "3g"])
    await counter.proof(await counter.done("terminate", requested_by=own), "orange", own)
    assert (await counter.probe(2))["attach"] == "refused:unknown"


async def test_options_are_chosen_line_by_line_on_the_order(counter: Counter) -> None:
    """001:6169-6189 | options: international, roaming, 4g, 5g, iphone: each chosen per line on the order"""
    await counter.activate(1, "unlimited")
    await counter.activate(2, "unlimited", *EVERYTHING, "5g", "iphone")
    bare, full = await counter.probe(1), await counter.probe(2)
    assert (services(bare), bare["rats"]) == ((True, False, True, True, True, False), ["2g", "3g"])
    assert (services(full), full["rats"]) == ((True,) * 6, ["2g", "3g", "4g", "5g"])
    assert (await counter.probe(1, "abroad"))["attach"] == "refused:roaming"
    assert services(await counter.probe(2, "abroad")) == (True,) * 6
    held = counter.world.held(counter.card(2).imsi)
    assert held is not None
    assert held.apns == {"internet", "visualvoicemail", "tethering"}
    order = await counter.done("change_options", 1, add=["international", "data", "4g"])
    after = await counter.probe(1)
    assert (services(after), after["rats"]) == ((True,) * 6, ["2g", "3g", "4g"])
    assert (await counter.line(1))["options"] == ["4g", "data", "international"]
    assert "à jour" in await counter.told("options", 1)
    await counter.proof(order, "orange")


async def test_the_caller_is_shown_and_no_call_is_diverted_unasked(counter: Counter) -> None:
    """001:6124-6126, 7091 | always included: caller-ID presentation, conditional forwarding; no unconditional one"""
    order = await counter.activate(1, "metered")
    for action, details in (("bar_outgoing", {"reason": "customer"}), ("reactivate", {})):
        seen = await counter.probe(1)
        assert (seen["caller_id"], seen["diverted_to"], seen["voice_in"]) == ("shown", None, True)
        await counter.done(action, **details)
    assert (await counter.probe(1))["caller_id"] == "shown"
    held = counter.world.hlrs["orange"].store.find(counter.card(1).imsi)
    assert held is not None
    assert held.clir_permanent is False
    await counter.proof(order, "orange")


async def test_total_suspension_stops_every_service_for_a_time(counter: Counter) -> None:
    """001:6210-6212 | total suspension: temporary, every service on the line stops"""
    await counter.activate(1, "unlimited", *EVERYTHING)
    before = [await counter.probe(1, at) for at in ("home", "abroad")]
    order = await counter.done("suspend", reason="customer", reference="letter 7")
    for at in ("home", "abroad"):
        seen = await counter.probe(1, at)
        assert (seen["attach"], services(seen)) == ("refused:suspended", (False,) * 6)
    line = await counter.line()
    assert (line["state"], line["options"]) == ("suspended", sorted(EVERYTHING))
    assert [(r["reason"], r["reference"]) for r in line["restrictions"]] == [("customer", "letter 7")]
    await counter.proof(order, "orange")
    await counter.later(days=40)
    assert (await counter.line())["state"] == "suspended"
    await counter.done("reactivate")
    assert [await counter.probe(1, at) for at in ("home", "abroad")] == before


async def test_an_outgoing_bar_leaves_incoming_calls_and_messages_alone(counter: Counter) -> None:
    """001:6214-6224 | outgoing bar: voice, SMS and data out stop, roaming voice both ways; incoming at home goes on"""
    await counter.activate(1, "unlimited", *EVERYTHING)
    order = await counter.done("bar_outgoing", reason="customer")
    assert services(await counter.probe(1)) == (False, False, True, False, True, False)
    assert services(await counter.probe(1, "abroad")) == (False, False, False, False, True, False)
    assert (await counter.line())["state"] == "barred"
    assert "appels sortants" in await counter.told("suspendus")
    await counter.proof(order, "orange")


async def test_reactivation_restores_exactly_what_was_on_before(counter: Counter) -> None:
    """001:6226-6230 | reactivation: only from suspended or barred; restores exactly the services that were on before"""
    await counter.activate(1, "metered", "data", "international")
    before = [await counter.probe(1, at) for at in ("home", "abroad")]
    problem = await counter.refused("reactivate")
    assert problem["type"] == "/problems/nothing-to-lift"
    for action in ("bar_outgoing", "suspend"):
        await counter.done(action, reason="customer")
        assert [await counter.probe(1, at) for at in ("home", "abroad")] != before
        order = await counter.done("reactivate")
        assert [await counter.probe(1, at) for at in ("home", "abroad")] == before
    assert (await counter.line())["state"] == "active"
    assert "réactivée" in await counter.told("réactivée")
    await counter.proof(order, "orange")
