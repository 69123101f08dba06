"""What was agreed with a customer: caps, waivers, silence, language; and what a new agreement does at once."""

from __future__ import annotations

import pytest

from tests.gateway.alerts.counted import NUMBER, Desk, usage_on
from tests.gateway.cards import Card
from tests.gateway.rig import Rig


@pytest.fixture
def desk(rig: Rig, line: Card) -> Desk:
    assert line.imsi
    return Desk(rig, usage_on(rig))


async def test_what_makes_no_sense_is_named_and_nothing_is_agreed(desk: Desk) -> None:
    said = {"fair_use": {"limit": "50 EUR"}, "speed": {"muted": True}}
    wrong = await desk.agree(thresholds=said)
    assert sorted(wrong) == ["thresholds.fair_use.limit", "thresholds.speed"]
    assert await desk.rig.all_rows("line_alerting") == []


async def test_a_limit_below_what_is_used_is_told_and_acted_upon_at_once(desk: Desk) -> None:
    await desk.use(20)
    assert await desk.agree(thresholds={"fair_use": {"limit": "20 GB"}}) == {}
    assert await desk.crossings() == [("fair_use", 80, "overtaken", None), ("fair_use", 100, "alerted", "ordered")]
    await desk.settled()
    assert await desk.restrictions() == [("fair_use", "fair_use 2026-03")]


async def test_a_raised_limit_is_told_again_when_it_comes_near_and_lifts_nothing(desk: Desk) -> None:
    await desk.use(50)
    await desk.settled()
    assert await desk.agree(thresholds={"fair_use": {"limit": "100 GB"}}) == {}
    await desk.settled()
    assert await desk.crossings() == []
    assert await desk.restrictions() == [("fair_use", "fair_use 2026-03")]
    (told,) = (await desk.use(30)).crossings
    assert (told["percent"], told["outcome"], told["limit"]) == (80, "alerted", 100 * 10**9)


async def test_a_limit_moved_to_and_fro_is_told_once(desk: Desk) -> None:
    await desk.use(40)
    for limit in ("100 GB", "50 GB", "100 GB", "50 GB"):
        assert await desk.agree(thresholds={"fair_use": {"limit": limit}}) == {}
    assert [template for template, _ in await desk.messages()] == ["fair_use_80"]
    assert await desk.crossings() == [("fair_use", 80, "alerted", None)]


async def test_a_waiver_ends_the_cut_and_its_end_cuts_again(desk: Desk) -> None:
    cut = {"roaming_data": {"waived": False}}
    assert await desk.agree(thresholds=cut) == {}
    await desk.use(50, "EUR", abroad=True)
    await desk.settled()
    assert await desk.restrictions() == [("roaming_data_cut", "roaming_data 2026-03")]
    assert await desk.agree() == {}  # as the contract has it: waived
    await desk.settled()
    assert await desk.restrictions() == []
    assert (await desk.crossings())[-1] == ("roaming_data", 100, "alerted", "waived")
    assert await desk.agree(thresholds=cut) == {}
    await desk.settled()
    assert await desk.restrictions() == [("roaming_data_cut", "roaming_data 2026-03")]
    assert len(await desk.messages()) == 1


async def test_a_waiver_while_the_cut_is_being_made_ends_it_too(desk: Desk) -> None:
    await desk.use(60)
    assert await desk.agree(thresholds={"fair_use": {"waived": True}}) == {}
    await desk.settled()
    assert await desk.restrictions() == []


async def test_a_muted_threshold_acts_in_silence_and_the_evidence_is_kept(desk: Desk) -> None:
    assert await desk.agree(thresholds={"fair_use": {"muted": True}}) == {}
    taken = await desk.use(60)
    assert [(c["outcome"], c["action"]) for c in taken.crossings] == [("overtaken", None), ("muted", "ordered")]
    assert await desk.messages() == [("fair_use_100", "undeliverable")]


async def test_alerts_are_in_the_customers_language_or_the_contracts(desk: Desk) -> None:
    await desk.use(40)
    assert await desk.agree(language="en") == {}
    await desk.use(10)
    assert await desk.agree(language="xx") == {}
    await desk.use(40, "EUR", abroad=True)
    rows = [row for row in await desk.rig.all_rows("messages") if row["kind"] == "alert"]
    assert [row["language"] for row in sorted(rows, key=lambda row: str(row["message_id"]))] == ["fr", "en", "fr"]
    assert all(row["msisdn"] == NUMBER and row["sender"] == "TECHNICO" for row in rows)
    texts = {row["template"]: row["text"] for row in rows}
    assert "40 Go d'internet" in texts["fair_use_80"]
    assert "50 GB of internet" in texts["fair_use_100"]


async def test_what_is_agreed_is_shown_with_what_holds(desk: Desk) -> None:
    said = {"language": "en", "thresholds": {"fair_use": {"limit": "80 GB", "muted": True}}}
    assert await desk.agree(**said) == {}
    shown = await desk.usage.standing.alerting(await desk.line())
    holds = {one["threshold"]: one for one in shown["holds"]}
    assert (shown["agreed"], shown["language"]) == (said, "en")
    assert (holds["fair_use"]["limit"], holds["fair_use"]["muted"]) == (80 * 10**9, True)
    assert (holds["roaming_data"]["limit"], holds["roaming_data"]["waived"]) == ("50.00", True)
