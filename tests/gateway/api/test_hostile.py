"""Bodies that mean harm: each is refused with a problem, nothing is accepted, and no element hears a word."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.subscription import Msisdn
from gateway.contract.actions import every
from gateway.contract.rio import rio_for
from tests.gateway.api.conftest import Json, Shop, activation, order
from tests.gateway.cards import card
from tests.gateway.rig import Rig

NUMBER, NOUMEA = Msisdn("+33612345678"), Msisdn("+687751234")
COMING = Msisdn("+33698000001")
FULL_WIDTH = "+" + "".join(chr(0xFF10 + int(digit)) for digit in "33612345678")
OPT_NC = "54601"
HOSTILE = [
    ";", "x;RMV SUB:IMSI=208010000000001", "\n", "x\r\nRMV SUB", '"', "'", "\0", "x\0y", "\u202e", "\u200f", "\ufeff",
    "٣٣٦", FULL_WIDTH, "\u2028", "\x1b[2J", "{", "%0a", "..", "😀", "a" * 5000, "",
]  # fmt: skip
#: free words of people: quotes and semicolons belong there, what steers a terminal or a log does not
STEERING = [
    "\n",
    "x\r\nRMV SUB",
    "\0",
    "x\0y",
    "\u202e",
    "\u200f",
    "\u2066",
    "\ufeff",
    "\u2028",
    "\x1b[2J",
    "",
    "a" * 5000,
]
FREE = {"note", "external_id", "reference", "who", "channel", "mandate", "recipient"}
REQUESTED_BY = {"who": "shop/anna", "channel": "shop"}
BODIES: dict[str, Json] = {
    "activate": activation(card(1), NUMBER, host="orange"),
    "add_twin": order("add_twin", NOUMEA, iccid=card(52, OPT_NC).iccid),
    "adopt": order("adopt", NUMBER, contract="technicophone", iccid=card(1).iccid, plan="metered", options=["data"]),
    "bar_outgoing": order("bar_outgoing", NUMBER, reason="unpaid", reference="R-1"),
    "cancel_port_in": order("cancel_port_in", NUMBER, msisdn="+33612345679"),
    "change_bars": order("change_bars", NOUMEA, add=["no_data"], remove=["no_premium"]),
    "change_number": order("change_number", NUMBER, new_msisdn="+33612345679"),
    "change_options": order("change_options", NUMBER, add=["roaming"], remove=["data"]),
    "change_plan": order("change_plan", NUMBER, plan="metered"),
    "change_port_date": order("change_port_date", NUMBER, date="2026-03-12", reference="F-1"),
    "complete_port": order("complete_port", NUMBER, reference="F-1"),
    "end_port": order("end_port", NUMBER, reference="F-1", reason="incapacity"),
    "lift_limit": order("lift_limit", NUMBER, effect="fair_use", reference="fair_use 2026-03"),
    "limit_use": order("limit_use", NUMBER, effect="fair_use", reference="fair_use 2026-03"),
    "port_in": order(
        "port_in", NUMBER, msisdn=COMING, rio=rio_for("02", "P", "AB12CD", COMING), mandate="M-1", date="2026-03-10"
    ),
    "port_out": order(
        "port_out", NUMBER, rio=rio_for("TP", "E", "AB12CD", NUMBER), date="2026-03-10", recipient="02", reference="F-1"
    ),
    "reactivate": order("reactivate", NUMBER, reason="unpaid"),
    "record_notice": order(
        "record_notice", NUMBER, notice="unpaid_first", sent_at="2026-03-01T08:00:00Z", until="2026-04-01T08:00:00Z"
    ),
    "remove_twin": order("remove_twin", NUMBER),
    "repair": order("repair", NUMBER),
    "report_lost": order("report_lost", NUMBER, reason="lost", reported_at="2026-03-01T08:00:00+01:00"),
    "suspend": order("suspend", NUMBER, reason="unpaid", reference="R-1"),
    "swap_sim": order("swap_sim", NUMBER, new_iccid=card(2).iccid, reason="other"),
    "terminate": order("terminate", NUMBER, reason="the customer's wish"),
    "top_up": order("top_up", NOUMEA, volume="5 GB"),
}
_OTHER_TYPES: tuple[Any, ...] = (None, True, 7, 1.5, -1, 10**400, [], {}, ["x"], {"x": "y"})
_WORDY = {("terminate", "reason"), ("end_port", "reason")}
#: where a number is as good as a text
_COUNTED = {("details", "volume"): (7, 1.5)}


def _full(action: str) -> Json:
    more = {"external_id": "E-1", "requested_by": REQUESTED_BY, "note": "n", "priority": "bulk"}
    return BODIES[action] | more | {"requested_start": "2026-12-01T09:00:00+01:00"}


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _texts(inner, (*path, n))


def _with(value: Any, path: tuple[str | int, ...], new: object) -> Any:  # noqa: ANN401 - any JSON
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _with(value[path[0]], path[1:], new)  # type: ignore[index]  # a path found in this very value
    return copied


async def _opened(rig: Rig, action: str) -> None:
    """Open the line of a body, under a contract that sells what the body asks."""
    if BODIES[action]["line"]["msisdn"] == NUMBER:
        opened = await rig.activate(card(1), NUMBER)
    else:
        await rig.stock(card(51, OPT_NC), card(52, OPT_NC))
        opened = await rig.activate(card(51, OPT_NC), NOUMEA, contract="opt-nc", plan="horaire", options=[])
    assert await rig.until(opened) == "completed"


async def _untouched(rig: Rig) -> tuple[int, int, int]:
    return (
        len(await rig.all_rows("orders")),
        len(await rig.all_rows("lines")),
        rig.sim.servers["orange"].element.log.last,
    )


def test_every_action_is_tried() -> None:
    assert set(BODIES) == set(every())


@pytest.mark.parametrize("action", sorted(BODIES))
async def test_the_bodies_as_they_are_would_be_taken(rig: Rig, shop: Shop, action: str) -> None:
    if action != "activate":
        await _opened(rig, action)
    if action == "reactivate":
        assert await rig.done("suspend", msisdn=NUMBER, reason="unpaid") == "completed"
    assert (await shop.place(_full(action))).status_code == 202


@pytest.mark.parametrize("action", sorted(BODIES))
async def test_no_field_takes_what_is_not_its_word(shop: Shop, rig: Rig, action: str) -> None:
    await _opened(rig, action)
    body, before = _full(action), await _untouched(rig)
    for path in _texts(body):
        free = path[-1] in FREE or (action, path[-1]) in _WORDY
        for words in STEERING if free else HOSTILE:
            answer = await shop.place(_with(body, path, words))
            assert 400 <= answer.status_code < 500, (path, words)
            assert words.isprintable() is False or len(words) < 3 or words not in answer.text, (path, words)
    assert await _untouched(rig) == before


@pytest.mark.parametrize("action", sorted(BODIES))
async def test_no_field_takes_another_type(shop: Shop, rig: Rig, action: str) -> None:
    await _opened(rig, action)
    body, before = _full(action), await _untouched(rig)
    optional = FREE | {"priority", "requested_start", "requested_by", "host", "reason", "reported_at", "port_in"}
    optional |= {"sent_at", "until"}
    for path, wrong in itertools.product([(key,) for key in body] + list(_texts(body)), _OTHER_TYPES):
        if wrong is None and (path[-1] in optional or (action, path) == ("cancel_port_in", ("details", "msisdn"))):
            continue
        if path in _COUNTED and wrong in _COUNTED[path]:
            continue
        if wrong == {} and path == ("details",):
            continue  # reactivate and terminate need none
        answer = await shop.place(_with(body, path, wrong))
        assert 400 <= answer.status_code < 500, (path, wrong)
    assert await _untouched(rig) == before


@pytest.mark.parametrize("where", [(), ("line",), ("details",), ("requested_by",)])
async def test_a_field_nobody_knows_is_named(shop: Shop, rig: Rig, where: tuple[str, ...]) -> None:
    body: Any = _full("activate")
    inner = body
    for key in where:
        inner = inner[key]
    answer = await shop.place(_with(body, where, {**inner, "colour": "red"}))
    assert answer.status_code == 422
    assert any(error["field"].endswith("colour") for error in answer.json()["errors"])
    assert not await rig.all_rows("orders")


async def test_a_line_is_named_by_one_name(shop: Shop) -> None:
    for line in ({}, {"msisdn": NUMBER, "imsi": card(1).imsi}, {"name": "anna"}, NUMBER):
        answer = await shop.place(order("suspend", NUMBER, reason="unpaid") | {"line": line})
        assert answer.status_code == 422


async def test_an_activation_is_named_by_number_only(shop: Shop) -> None:
    answer = await shop.place(activation(card(1), NUMBER) | {"line": {"imsi": card(1).imsi}})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"activate"', 422),
        (b"{}", 422),
        (b'{"action": "dance", "line": {"msisdn": "+33612345678"}}', 422),
        (b'{"action": NaN}', 400),
        (b"\xff\xfe{}", 400),
        (b'{"action": "\xed\xa0\x80"}', 400),
        (b'{"action": "terminate", "line": {"msisdn": "+33612345678"}, "note": "\\ud800"}', 400),
        (b"[" * 60_000, 400),
        (b'{"a":' * 10_000, 400),
        (b'{"details":' + b"[" * 5_000 + b"]" * 5_000 + b"}", 400),
        (b'{"x": ' + b"9" * 50_000 + b"}", 400),
    ],
)  # fmt: skip
async def test_what_is_no_order_is_refused(shop: Shop, rig: Rig, body: bytes, status: int) -> None:
    answer = await shop.post("/v1/orders", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (status, 422)
    assert not await rig.all_rows("orders")


@pytest.mark.parametrize("path", ["/v1/orders", f"/v1/sims/{card(1).iccid}/puk"])
async def test_a_body_too_large_is_not_read(shop: Shop, path: str) -> None:
    answer = await shop.post(path, content=b" " * 1_048_576)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")

    async def drops() -> Any:  # noqa: ANN401 - an asynchronous generator
        for _ in range(1024):
            yield b" " * 1024

    assert (await shop.post(path, content=drops())).status_code == 413


async def test_keys_named_twice_do_not_smuggle_another_value(shop: Shop, rig: Rig) -> None:
    body = json.dumps(activation(card(1), NUMBER))
    doubled = body.replace('"line": {"msisdn": "+33612345678"}', '"line": {"msisdn": "x;"}, "line": {"msisdn": "%s"}')
    answer = await shop.post("/v1/orders", content=doubled % NUMBER)
    assert answer.status_code in (202, 422)
    turned = doubled.replace("x;", NUMBER) % "x;"
    assert (await shop.post("/v1/orders", content=turned)).status_code == 422
    rows = await rig.all_rows("orders")
    assert {row["msisdn"] for row in rows} <= {NUMBER}
