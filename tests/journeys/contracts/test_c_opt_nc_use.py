"""Sheet C, OPT-NC Mobilis: volumes, credits, top-ups, abuse of SMS, and what customers are told of it by SMS."""

from __future__ import annotations

from tests.journeys.contracts.consumption import local, use
from tests.journeys.contracts.counter import Counter

CONTRACT = HLR = "opt-nc"
_BY_USE = {"who": "linegate/usage", "channel": "usage"}
_BY_CLOCK = {"who": "linegate/clock", "channel": "clock"}


async def test_the_plan_is_slower_after_its_volume_until_the_15th(counter: Counter) -> None:
    """003 art. 8.5 | speed after the plan's volume: reduced until the next billing period, the 15th"""
    await counter.activate()
    await use(counter, "data", 16, "GB")
    assert "16 Go d'internet utilisés sur 20 Go" in await counter.told("débit sera réduit jusqu'au 14/03/2026")
    assert (await counter.probe())["data"] == {"allowed": True, "cap_kbit_s": None}
    await use(counter, "data", 4, "GB")
    assert (await counter.probe())["data"] == {"allowed": True, "cap_kbit_s": 512}
    assert await counter.told("vos 20 Go d'internet sont utilisés")
    await counter.proof((await counter.orders(action="limit_use"))[0], HLR, _BY_USE)
    await counter.at("2026-03-14 23:59")
    assert (await counter.probe())["data"]["cap_kbit_s"] == 512
    await counter.at("2026-03-15 00:01")
    assert (await counter.probe())["data"] == {"allowed": True, "cap_kbit_s": None}
    assert await counter.restrictions() == []


async def test_a_top_up_gives_the_speed_back_and_several_queue(counter: Counter) -> None:
    """003 art. 9.3.1 | TOP: full speed again; several follow one another; one that has not begun is kept"""
    await counter.activate()
    await use(counter, "data", 20, "GB")
    assert (await counter.probe())["data"]["cap_kbit_s"] == 512
    bought = await counter.done("top_up", volume="1 GB")
    assert (await counter.probe())["data"]["cap_kbit_s"] is None
    await counter.proof(bought, HLR)
    assert await counter.told("la recharge de votre ligne")
    await counter.done("top_up", volume="2 GB")
    begun = [(one["what"], one["begun_at"] is not None) for one in (await counter.line())["top_ups"]]
    assert begun == [("volume 1 GB", True), ("volume 2 GB", False)]
    await counter.at("2026-03-15 09:00")
    assert [one["begun_at"] is not None for one in (await counter.line())["top_ups"] if "2 GB" in one["what"]] == [
        False
    ]
    await use(counter, "data", 20, "GB")
    assert (await counter.probe())["data"]["cap_kbit_s"] is None
    assert all(one["begun_at"] for one in (await counter.line())["top_ups"])


async def test_a_blocked_plan_without_credit_only_receives_until_it_is_recharged(counter: Counter) -> None:
    """003 art. 8.2 | blocked plan: credit used up, no calls out but to recharge, emergency and free numbers"""
    await counter.activate(1, "blocked")
    barred = await counter.done("bar_outgoing", reason="credit_used")
    probe = await counter.probe()
    assert (any(probe["voice_out"].values()), probe["voice_in"], probe["sms_in"]) == (False, True, True)
    await counter.proof(barred, HLR)
    recharged = await counter.done("top_up", amount="1000 XPF")
    assert (await counter.probe())["voice_out"]["national"] is True
    assert await counter.restrictions() == []
    await counter.proof(recharged, HLR)


async def test_abuse_of_sms_is_answered_longer_each_time_from_the_next_period_on(counter: Counter) -> None:
    """003 art. 8.5, 9.3.8, 13 | SMS abuse: off for 1 month, 6 months, 1 year, each from the next billing period"""
    await counter.activate()
    steps = (
        ("2026-03-03 10:00", "sms", 500, "2026-03-15 00:00", "2026-04-15 00:00"),
        ("2026-04-20 10:00", "sms_recipients", 250, "2026-05-15 00:00", "2026-11-15 00:00"),
        ("2026-11-20 10:00", "sms", 500, "2026-12-15 00:00", "2027-12-15 00:00"),
        ("2027-12-20 10:00", "sms", 500, "2028-01-15 00:00", "2029-01-15 00:00"),
    )
    for abused, of, count, begins, ends in steps:
        await counter.at(abused)
        await use(counter, of, count, "count")
        assert "atteinte" in await counter.told("L'envoi de SMS sera suspendu")
        assert (await counter.probe())["sms_out"] is True
        off = (await counter.orders(action="limit_use"))[-1]
        assert (off["state"], local(counter, off["requested_start"])) == ("pending", begins)
        await counter.at(begins.replace("00:00", "00:01"))
        probe = await counter.probe()
        assert (probe["sms_out"], probe["sms_in"], probe["voice_out"]["national"]) == (False, True, True)
        await counter.proof(off, HLR, _BY_USE)
        held = (await counter.line())["restrictions"]
        assert [(one["kind"], one["reason"], local(counter, one["until"])) for one in held] == [
            ("sms_off", "abuse", ends)
        ]
        await counter.at(ends.replace("00:00", "00:01"))
        assert (await counter.probe())["sms_out"] is True
        await counter.proof((await counter.orders(action="lift_limit"))[-1], HLR, _BY_CLOCK)


async def test_customers_are_told_of_their_plan_their_use_abroad_and_of_premium_numbers(counter: Counter) -> None:
    """003 art. 9.1.6, 9.1.10, 9.2.3 | alert SMS: plan thresholds, use abroad even if late, surcharged numbers"""
    await counter.activate()
    await use(counter, "data", 16, "GB")
    assert await counter.told("16 Go d'internet utilisés sur 20 Go")
    await use(counter, "roaming_spend", 5000, "XPF", roaming=True, at="2026-02-20T10:00:00+11:00")
    assert await counter.told("usages à l'étranger: 5000 XPF")
    await use(counter, "surcharge_spend", 5000, "XPF")
    assert await counter.told("services surtaxés: 5000 XPF")
    probe = await counter.probe()
    assert (probe["voice_out"]["premium"], probe["data"]["cap_kbit_s"]) == (True, None)


async def test_im_to_1088_is_answered_with_what_is_left(counter: Counter) -> None:
    """003 art. 9.2.7, 9.3.1 | SMS queries: IM and IMD to 1088 are answered with what remains"""
    await counter.activate()
    await use(counter, "data", 5, "GB")
    for n, word in enumerate(("IM", "IMD"), start=1):
        sent = {"to": "1088", "text": word, "element": "smsc"}
        asked = await counter.world.page.post(f"/phones/{counter.number()}/send", json=sent)
        assert asked.status_code == 202, asked.text

        async def answered(count: int = n) -> bool:
            return sum("il vous reste" in text for text in counter.world.inbox(counter.number())) == count

        await counter.until(answered, f"{word} was not answered: {counter.world.inbox(counter.number())}")
    assert "15 Go" in await counter.told("il vous reste")
    assert "query.answered" in await counter.happened()
