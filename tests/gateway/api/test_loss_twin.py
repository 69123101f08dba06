"""A line is found by its second SIM's numbers too: whichever of the two cards was lost."""

from __future__ import annotations

import pytest

from drivers.subscription import Msisdn, OutgoingBar
from gateway.orders import records
from gateway.orders.order import LineRef
from tests.gateway.api.conftest import Shop
from tests.gateway.api.losses import report, taken
from tests.gateway.cards import card

CALEDONIA = "54601"
NUMBER = "+687750001"


@pytest.mark.parametrize("by", ["imsi", "iccid"])
async def test_a_report_of_the_second_sim_takes_the_line_out_of_service(shop: Shop, by: str) -> None:
    own, second = card(71, CALEDONIA), card(72, CALEDONIA)
    await shop.rig.stock(own, second)
    wish = {"contract": "opt-nc", "plan": "horaire", "iccid": own.iccid, "options": []}
    assert await shop.rig.done("activate", msisdn=NUMBER, **wish) == "completed"
    assert await shop.rig.done("add_twin", msisdn=NUMBER, iccid=second.iccid) == "completed"
    told = await taken(shop, report({by: getattr(second, by)}, reason="lost"))
    assert await shop.rig.until(told["items"][0]["id"]) == "completed"
    line = (await shop.get(f"/v1/lines/{NUMBER}")).json()
    assert (line["state"], [held["reason"] for held in line["restrictions"]]) == ("suspended", ["lost"])
    found = await records.find_line(shop.rig.gateway.journal, LineRef(msisdn=Msisdn(NUMBER)))
    assert found is not None
    wished = [picture.subscription for picture in shop.rig.gateway.judge.pictures(found.line) if picture is not None]
    assert [shop.rig.sim.held(one.imsi, "opt-nc") for one in (own, second)] == wished
    assert all(one.locked or one.outgoing is not OutgoingBar.NONE for one in wished)
