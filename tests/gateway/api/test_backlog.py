"""More is asked than can be written: whoever asked is told when to come back, on every route that writes."""

from __future__ import annotations

from datetime import timedelta

from gateway.journal.sqlite import SqliteJournal
from tests.gateway.api.conftest import Json, Shop, activation, order
from tests.gateway.cards import Card, card, vendor_file

NUMBER = "+33612345678"
WHY: Json = {"requested_by": {"who": "anna", "channel": "shop"}, "why": "customer"}


async def test_a_journal_that_is_full_says_when_to_come_back(shop: Shop, line: Card) -> None:
    start = (shop.rig.time() + timedelta(days=1)).isoformat()
    pending = (await shop.place(order("suspend", NUMBER, reason="unpaid") | {"requested_start": start})).json()["href"]
    journal = shop.rig.gateway.journal
    assert isinstance(journal, SqliteJournal)
    journal._max_waiting = 0
    answers = [
        await shop.place(activation(card(2), "+33612345679")),
        await shop.place(order("bar_outgoing", NUMBER, reason="unpaid"), headers={"Idempotency-Key": "k"}),
        *[await shop.post(f"{pending}/{verb}") for verb in ("hold", "cancel")],
        await shop.post(f"/v1/sims/{line.iccid}/puk", json=WHY),
        await shop.post("/v1/sims/import", content=vendor_file([card(50)])),
    ]
    journal._max_waiting = 1000
    assert [answer.status_code for answer in answers] == [429] * 6
    assert all(answer.headers["retry-after"].isdigit() for answer in answers)
    assert not [answer for answer in answers if line.puk1 in answer.text]


async def test_after_that_everything_is_as_before(shop: Shop, line: Card) -> None:
    start = (shop.rig.time() + timedelta(days=1)).isoformat()
    placed = await shop.place(order("suspend", NUMBER, reason="unpaid") | {"requested_start": start})
    journal = shop.rig.gateway.journal
    assert isinstance(journal, SqliteJournal)
    journal._max_waiting = 0
    for verb in ("hold", "cancel"):
        await shop.post(f"{placed.json()['href']}/{verb}")
    journal._max_waiting = 1000
    shop.rig.time.jump(days=2)
    assert await shop.rig.until(placed.json()["id"]) == "completed"
    assert shop.rig.sim.held(line.imsi) == await shop.rig.wished(NUMBER)
