"""Each kind of difference, made by another hand, and found: in one line, in those a filter names, and in all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.subscription import Msisdn
from gateway.audit.asked import Asked
from gateway.contract.line import Life
from gateway.journal.journal import Unit
from gateway.orders import records
from gateway.orders.order import LineRecord, LineRef
from hlr_sim.subscribers import OdbOutgoing, Subscriber
from tests.gateway.audit.hands import REPORT, Touch, audited, ended, fields, number, only, put, take_away, touch
from tests.gateway.cards import SFR, Card, card
from tests.gateway.rig import Rig

NUMBER = "+33612345678"
TOUCHES: dict[str, tuple[Touch, dict[str, tuple[object, object]]]] = {
    "apns": (lambda held: replace(held, apns=frozenset()), {"apns": (["internet"], [])}),
    "outgoing": (
        lambda held: replace(held, odb_outgoing=OdbOutgoing.BOIC),
        {"outgoing_bar": ("none", "international")},
    ),
    "premium": (lambda held: replace(held, odb_premium=True), {"premium_barred": (False, True)}),
    "cap": (lambda held: replace(held, ambr_dl_kbit_s=64), {"cap_kbit_s": (None, 64)}),
    "number": (lambda held: replace(held, msisdn="+33699999999"), {"msisdn": (NUMBER, "+33699999999")}),
}


async def test_what_is_as_agreed_is_counted_and_nothing_is_found(rig: Rig, line: Card) -> None:
    del line
    assert await audited(rig) == ({"equal": 1}, [])


@pytest.mark.parametrize("asked", [REPORT, only(REPORT, NUMBER), only(REPORT, element="orange")])
@pytest.mark.parametrize("name", TOUCHES)
async def test_a_changed_facet_is_different(rig: Rig, line: Card, name: str, asked: Asked) -> None:
    hand, differs = TOUCHES[name]
    touch(rig, line.imsi, hand)
    counted, (finding,) = await audited(rig, asked)
    assert (counted, finding["kind"], finding["outcome"]) == ({"different": 1}, "different", "reported")
    assert (finding["element"], finding["imsi"], finding["msisdn"]) == ("orange", line.imsi, NUMBER)
    assert fields(finding) == differs


async def test_an_audit_sends_nothing_but_questions(rig: Rig, line: Card) -> None:
    touch(rig, line.imsi, lambda held: replace(held, odb_premium=True))
    picture, heard = rig.sim.picture(), rig.sim.heard()
    await audited(rig)
    assert (rig.sim.picture(), rig.sim.heard()) == (picture, heard)
    assert not [row for row in await rig.all_rows("orders") if row["action"] == "repair"]


async def test_a_subscriber_that_is_gone_is_missing(rig: Rig, line: Card) -> None:
    take_away(rig, line.imsi)
    counted, (finding,) = await audited(rig)
    assert (counted, finding["kind"], fields(finding)) == ({"missing": 1}, "missing", {})


@pytest.mark.parametrize(("keys", "counted"), [(True, {"different": 1}), (False, {"equal": 1})])
async def test_missing_keys_are_seen_where_they_are_asked_for(
    rig: Rig, line: Card, *, keys: bool, counted: dict[str, int]
) -> None:
    rig.sim.hlrs["orange"].store.remove_keys(line.imsi)
    told, findings = await audited(rig, Asked(keys=keys))
    assert (told, [fields(finding) for finding in findings]) == (counted, [{"keys": (True, False)}] if keys else [])


async def test_what_an_ended_line_left_behind_is_extra_and_its_own(rig: Rig, line: Card) -> None:
    assert await rig.done("terminate", msisdn=NUMBER) == "completed"
    put(rig.sim, line, NUMBER)
    counted, (finding,) = await audited(rig)
    assert (counted, finding["kind"], finding["msisdn"]) == ({"extra": 1}, "extra", NUMBER)
    assert finding["line_id"] is not None
    again, (same,) = await audited(rig, only(REPORT, NUMBER))
    assert (again, same["line_id"]) == (counted, finding["line_id"])


async def test_ended_lines_are_audited_where_their_state_is_named(rig: Rig, line: Card) -> None:
    assert await rig.done("terminate", msisdn=NUMBER) == "completed"
    assert await audited(rig, only(REPORT, state="terminated")) == ({"equal": 1}, [])
    put(rig.sim, line, NUMBER)
    assert (await audited(rig, only(REPORT, state="terminated")))[0] == {"extra": 1}


async def test_an_imsi_that_serves_another_line_is_not_its_ended_ones(rig: Rig, line: Card) -> None:
    unit, record = Unit(), await records.find_line(rig.gateway.journal, LineRef(msisdn=Msisdn(NUMBER)))
    assert record is not None
    before = replace(record.line, msisdn=number(1), life=Life.TERMINATED)
    records.add_line(unit, LineRecord("0" * 32, before), rig.time())
    await rig.gateway.journal.commit(unit)
    assert await audited(rig, only(REPORT, state="terminated")) == ({}, [])
    assert await audited(rig, only(REPORT, number(1))) == ({}, [])
    assert rig.sim.held(line.imsi) is not None


async def test_the_subscriber_of_a_replaced_sim_is_extra(rig: Rig, line: Card) -> None:
    swap = {"msisdn": NUMBER, "new_iccid": card(2).iccid, "reason": "other"}
    assert await rig.done("swap_sim", **swap) == "completed"
    put(rig.sim, line, "+33699999999")
    counted, (finding,) = await audited(rig)
    assert (counted, finding["kind"], finding["imsi"]) == ({"equal": 1, "extra": 1}, "extra", line.imsi)
    assert "replaced" in finding["detail"]


async def test_a_sim_of_the_stock_that_somebody_else_put_there_is_extra(rig: Rig, line: Card) -> None:
    del line
    put(rig.sim, card(2), number(1), locked=True)
    counted, (finding,) = await audited(rig)
    assert (counted, finding["kind"], finding["imsi"]) == ({"equal": 1, "extra": 1}, "extra", card(2).imsi)
    assert (finding["line_id"], finding["msisdn"]) == (None, number(1))
    assert fields(finding) == {"msisdn": (None, number(1)), "locked": (None, True)}
    assert "adopt" in finding["detail"]


async def test_what_is_done_about_those_a_dialect_cannot_list_is_said(rig: Rig) -> None:
    put(rig.sim, card(99), number(1))  # a SIM the stock does not know
    row = await ended(rig, await rig.gateway.auditor.start(REPORT))
    assert "only IMSIs known to the stock were looked for" in row["detail"]
    assert not await rig.all_rows("findings")


@pytest.mark.parametrize(
    ("scope", "counted"),
    [
        ({"element": "orange"}, {"equal": 1, "different": 1}),
        ({"element": "sfr"}, {"equal": 1}),
        ({"contract": "technicophone"}, {"equal": 2, "different": 1}),
        ({"state": "suspended"}, {"equal": 1}),
        ({"state": "active"}, {"equal": 1, "different": 1}),
        ({"state": "active", "element": "orange"}, {"different": 1}),
        ({"state": "terminated"}, {}),
        ({}, {"equal": 2, "different": 1}),
    ],
)
async def test_a_filter_chooses_lines(rig: Rig, line: Card, scope: dict[str, str], counted: dict[str, int]) -> None:
    for sim, msisdn in ((card(2), number(2)), (card(1, SFR), number(3))):
        assert await rig.until(await rig.activate(sim, msisdn)) == "completed"
    assert await rig.done("suspend", msisdn=number(2), reason="unpaid") == "completed"
    touch(rig, line.imsi, lambda held: replace(held, odb_premium=True))
    assert (await audited(rig, only(REPORT, **scope)))[0] == counted


async def test_only_the_lines_named_are_asked_about(rig: Rig, line: Card) -> None:
    assert await rig.until(await rig.activate(card(2), number(2))) == "completed"
    since = rig.sim.log()[-1].seq
    assert await audited(rig, only(REPORT, NUMBER)) == ({"equal": 1}, [])
    assert [(entry.command, entry.imsi) for entry in rig.sim.log(since=since)] == [("ReadSubscriber", line.imsi)]


async def test_a_line_the_contract_can_no_longer_say_is_unreadable_and_the_others_are_read(
    rig: Rig, line: Card
) -> None:
    assert await rig.until(await rig.activate(card(2), number(2))) == "completed"
    options = rig.gateway.settings.contracts["technicophone"].options
    await rig.done("change_options", msisdn=NUMBER, add=["iphone"])
    assert isinstance(options, dict)
    gone = options.pop("iphone")
    rig.gateway.judge._fitted.cache_clear()  # as after a start with another contract
    counted, findings = await audited(rig)
    options["iphone"] = gone
    (finding,) = findings
    assert (counted, finding["kind"], finding["imsi"]) == ({"equal": 1, "unreadable": 1}, "unreadable", line.imsi)
    assert "iphone" in finding["detail"]


def test_every_kind_of_touch_changes_something() -> None:
    fresh = Subscriber(card(1).imsi, Msisdn(NUMBER), apns=frozenset({"internet"}))
    assert all(hand(fresh) != fresh for hand, _ in TOUCHES.values())
