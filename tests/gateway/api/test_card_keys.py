"""/v1/sims/…/keys, …/adm1 and …/puk: who gets which secret of a card, and what stays behind of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from gateway.api import create_api
from gateway.journal.journal import Journal, Row, Statement, Unit
from gateway.journal.tenure import Tenure
from gateway.settings import SimSettings
from gateway.stock.findings import Found
from gateway.stock.reports import Report, Reports
from tests.gateway.api.conftest import Json, Shop
from tests.gateway.cards import Card, card
from tests.gateway.rig import START

NUMBER = "+33612345678"
ANNA, BERT = {"who": "anna", "channel": "workshop"}, {"who": "bert", "channel": "noc"}
ASKED: Json = {"requested_by": ANNA, "why": "new stock", "station": "bench-1"}
RIGHT: Json = {"adm1": "abcdef0123456789", "requested_by": BERT, "why": "the vendor's file was wrong"}
REFUSED: Json = {"id": "r-1", "what": "adm_refused", "at": "2026-03-02T08:00:00+00:00", "station": "b", "who": "anna"}


async def trail(shop: Shop, kind: str) -> list[Row]:
    return [row for row in await shop.rig.all_rows("events") if row["type"] == kind]


async def tell(shop: Shop, one: Card, **changed: Any) -> None:  # noqa: ANN401 - as posted
    answer = await shop.post(f"/v1/sims/{one.iccid}/reports", json={"reports": [REFUSED | changed]})
    assert (answer.status_code, answer.json()) == (200, {"taken": 1, "already": 0})


def four_eyes(shop: Shop) -> None:
    object.__setattr__(shop.rig.gateway.settings, "sims", SimSettings(puk_needs_second_person=True))


async def test_a_station_gets_all_keys_of_the_card_it_has(shop: Shop) -> None:
    one = card(2)
    answer = await shop.post(f"/v1/sims/{one.iccid}/keys", json=ASKED)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    shown = answer.json()
    assert len(shown.pop("adm1_ref")) == 16
    assert shown == {
        "iccid": one.iccid, "imsi": one.imsi, "state": "stock", "card": None, "pin1": one.pin1, "puk1": one.puk1,
        "pin2": one.pin2, "puk2": one.puk2, "adm1": one.adm1, "ki": one.ki, "opc": one.opc,
    }  # fmt: skip
    (row,) = await trail(shop, "keys.disclosed")
    assert json.loads(row["data"]) == {"iccid": one.iccid, **ASKED, "with_adm": True}


async def test_keys_of_a_card_in_service_are_in_its_lines_history(shop: Shop, line: Card) -> None:
    assert (await shop.post(f"/v1/sims/{line.iccid}/keys", json=ASKED)).status_code == 200
    history = (await shop.get(f"/v1/lines/{NUMBER}/history")).json()["items"]
    assert history[-1]["type"] == "keys.disclosed"


async def test_keys_are_told_only_once_it_is_on_disk_who_has_them(shop: Shop) -> None:
    await shop.rig.gateway.journal.close()
    answer = await shop.post(f"/v1/sims/{card(2).iccid}/keys", json=ASKED)
    assert answer.status_code == 500
    assert not [secret for secret in card(2).secrets if secret in answer.text]


async def test_without_adm_the_rest_is_told(shop: Shop) -> None:
    shown = (await shop.post(f"/v1/sims/{card(2).iccid}/keys", json=ASKED | {"without_adm": True})).json()
    assert (shown["adm1"], shown["adm1_ref"], shown["puk1"]) == (None, None, card(2).puk1)
    (row,) = await trail(shop, "keys.disclosed")
    assert json.loads(row["data"])["with_adm"] is False


@pytest.mark.parametrize("route", ["keys", "puk", "adm1"])
async def test_no_secret_of_a_dead_card_is_told_or_changed(shop: Shop, route: str) -> None:
    await tell(shop, card(2), what="dead")
    body = {"keys": ASKED, "puk": {"requested_by": ANNA, "why": "x"}, "adm1": RIGHT}[route]
    answer = await shop.post(f"/v1/sims/{card(2).iccid}/{route}", json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/card-dead")
    assert not [row for row in await shop.rig.all_rows("events") if row["type"] != "card.dead"]


async def test_an_adm1_the_card_refused_is_never_told_again(shop: Shop) -> None:
    await tell(shop, card(2))
    answer = await shop.post(f"/v1/sims/{card(2).iccid}/keys", json=ASKED)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/adm-refused")
    assert f"/v1/sims/{card(2).iccid}/adm1" in answer.json()["detail"]
    assert card(2).adm1 not in answer.text
    assert not await trail(shop, "keys.disclosed")
    without = await shop.post(f"/v1/sims/{card(2).iccid}/keys", json=ASKED | {"without_adm": True})
    assert (without.status_code, without.json()["adm1"], without.json()["pin1"]) == (200, None, card(2).pin1)


async def test_the_right_adm1_takes_the_place_of_the_refused_one(shop: Shop) -> None:
    await tell(shop, card(2))
    path = f"/v1/sims/{card(2).iccid}"
    assert (await shop.get(path)).json()["adm1_refused_at"] == "2026-03-02T08:00:00+00:00"
    answer = await shop.post(f"{path}/adm1", json=RIGHT)
    assert (answer.status_code, answer.json()["adm1_refused_at"]) == (200, None)
    assert RIGHT["adm1"].upper() not in answer.text.upper()
    (row,) = await trail(shop, "adm1.replaced")
    assert json.loads(row["data"]) == {"iccid": card(2).iccid, "requested_by": BERT, "why": RIGHT["why"]}
    shown = (await shop.post(f"{path}/keys", json=ASKED)).json()
    assert (shown["adm1"], shown["ki"]) == (RIGHT["adm1"].upper(), card(2).ki)


async def test_the_refused_adm1_itself_does_not_take_its_own_place(shop: Shop) -> None:
    await tell(shop, card(2))
    body = RIGHT | {"adm1": card(2).adm1.lower()}
    answer = await shop.post(f"/v1/sims/{card(2).iccid}/adm1", json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/adm-refused")
    assert not await trail(shop, "adm1.replaced")
    answer = await shop.post(f"/v1/sims/{card(2).iccid}/adm1", json=body | {"same_key": True})
    assert (answer.status_code, answer.json()["adm1_refused_at"]) == (200, None)


async def test_a_refusal_of_an_older_adm1_does_not_mark_the_new_one(shop: Shop) -> None:
    path = f"/v1/sims/{card(2).iccid}"
    old = (await shop.post(f"{path}/keys", json=ASKED)).json()["adm1_ref"]
    await shop.post(f"{path}/adm1", json=RIGHT)
    await tell(shop, card(2), adm1_ref=old)
    assert (await shop.get(path)).json()["adm1_refused_at"] is None
    new = (await shop.post(f"{path}/keys", json=ASKED)).json()["adm1_ref"]
    assert new != old
    await tell(shop, card(2), id="r-2", adm1_ref=new)
    assert (await shop.get(path)).json()["adm1_refused_at"] is not None


@pytest.mark.parametrize("adm1", ["", "1234567", "123456789", "abcdefgh", "ABCDEF012345678", "1234567\n", 12345678])
async def test_what_is_no_adm1_changes_nothing_and_is_not_repeated(shop: Shop, adm1: object) -> None:
    before = [tuple(row) for row in await shop.rig.all_rows("sims")]
    answer = await shop.post(f"/v1/sims/{card(2).iccid}/adm1", json=RIGHT | {"adm1": adm1})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "adm1")
    assert not adm1 or str(adm1) not in answer.text
    assert [tuple(row) for row in await shop.rig.all_rows("sims")] == before


@pytest.mark.parametrize("route", ["keys", "puk"])
@pytest.mark.parametrize("second", [None, ANNA, ANNA | {"channel": "noc"}, {"who": " Anna", "channel": "noc"}])
async def test_with_four_eyes_nobody_gets_a_puk_alone(shop: Shop, route: str, second: Json | None) -> None:
    four_eyes(shop)
    body = {"requested_by": ANNA, "why": "x"} | ({"station": "b"} if route == "keys" else {})
    more = {} if second is None else {"approved_by": second}
    answer = await shop.post(f"/v1/sims/{card(2).iccid}/{route}", json=body | more)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/second-person-needed")
    assert answer.json()["errors"][0]["field"] == "approved_by"
    assert card(2).puk1 not in answer.text
    assert not await shop.rig.all_rows("events")


@pytest.mark.parametrize("needed", [True, False])
@pytest.mark.parametrize("route", ["keys", "puk"])
async def test_who_agreed_is_on_record(shop: Shop, route: str, *, needed: bool) -> None:
    if needed:
        four_eyes(shop)
    body = {"requested_by": ANNA, "why": "x", "approved_by": BERT} | ({"station": "b"} if route == "keys" else {})
    answer = await shop.post(f"/v1/sims/{card(2).iccid}/{route}", json=body)
    assert (answer.status_code, answer.json()["puk1"]) == (200, card(2).puk1)
    (row,) = await trail(shop, f"{route}.disclosed")
    told = json.loads(row["data"])
    assert (told["requested_by"], told["approved_by"]) == (ANNA, BERT)


async def test_an_auditor_finds_who_had_which_secret_of_a_card(shop: Shop, line: Card) -> None:
    path = f"/v1/sims/{line.iccid}"
    await shop.post(f"{path}/puk", json={"requested_by": BERT, "why": "forgotten"})
    await shop.post(f"{path}/keys", json=ASKED)
    await shop.post(f"{path}/adm1", json=RIGHT)
    await tell(shop, line, what="checked")
    await shop.post(f"/v1/sims/{card(2).iccid}/keys", json=ASKED)
    answer = await shop.get(f"{path}/history")
    items = answer.json()["items"]
    kinds = ["puk.disclosed", "keys.disclosed", "adm1.replaced", "card.checked"]
    assert [item["type"] for item in items] == kinds
    assert [item["data"].get("requested_by") for item in items] == [BERT, ANNA, BERT, None]
    assert (items[0]["data"]["why"], items[1]["data"]["station"]) == ("forgotten", "bench-1")
    assert not [secret for secret in (*line.secrets, RIGHT["adm1"].upper()) if secret in answer.text]
    assert (await shop.get(f"/v1/sims/{card(77).iccid}/history")).status_code == 404


@dataclass
class _Interrupted:
    """A journal in which, while a disclosure is written, another station tells of a refusal."""

    journal: Journal
    meanwhile: list[Report]

    @property
    def tenure(self) -> Tenure:
        return self.journal.tenure

    async def announce(self, url: str) -> None:
        await self.journal.announce(url)

    async def commit(self, unit: Unit) -> None:
        await self.journal.commit(unit)
        if self.meanwhile:
            await Reports(self.journal).take([self.meanwhile.pop()], START, all_or_none=True)

    async def rows(self, statement: Statement, /, **values: object) -> Sequence[Row]:
        return await self.journal.rows(statement, **values)

    async def close(self) -> None:
        await self.journal.close()


@pytest.mark.parametrize(("found", "slug"), [(Found.ADM_REFUSED, "adm-refused"), (Found.DEAD, "card-dead")])
async def test_a_refusal_told_meanwhile_keeps_the_keys_back(shop: Shop, found: Found, slug: str) -> None:
    report = Report(card(2).iccid, "r-1", found, START, "bench-2", "bert")
    gateway = replace(shop.rig.gateway, journal=_Interrupted(shop.rig.gateway.journal, [report]))
    transport = httpx.ASGITransport(create_api(gateway))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=shop.http.headers) as http:
        answer = await http.post(f"/v1/sims/{card(2).iccid}/keys", json=ASKED)
    assert (answer.status_code, answer.json()["type"]) == (409, f"/problems/{slug}")
    assert not [secret for secret in card(2).secrets if secret in answer.text]
