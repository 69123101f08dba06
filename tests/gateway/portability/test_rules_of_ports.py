"""What contracts say of ports, without a gateway: days, temporary numbers, and the next word to the clearing house."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from drivers import commands as c
from drivers.subscription import Msisdn
from gateway.contract.action import Refusal, Wish
from gateway.contract.actions import _porting, activate, change_port_date, complete_port, port_in
from gateway.contract.identity import Name
from gateway.contract.line import Direction, Life, Line, Porting
from gateway.contract.rio import rio_for
from gateway.orders.line_codec import more_from_json, more_of_line
from gateway.portability import words
from gateway.settings import config_directory, read_settings
from tests.gateway.cards import card

CONTRACTS = read_settings(config_directory(None), Path("unused")).contracts
COMING, TEMPORARY = Msisdn("+262639000001"), Msisdn("+262639000002")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RIO = rio_for("02", "P", "AB12CD", COMING)
MAYOTTE = Wish(rules=CONTRACTS["orange-mayotte"], now=NOW, ports=True, order_id="O-1")
ROW: dict[str, Any] = {
    "stuck": None,
    "file": "F",
    "direction": "in",
    "state": "new",
    "dropped": None,
    "msisdn": COMING,
    "rio": RIO,
    "recipient": "M1",
    "asked_on": "a",
    "on_at": "a",
    "told_on": "a",
    "switched_at": None,
    "answer": None,
}
LEAVES = ROW | {"direction": "out", "state": "requested"}


def _asked(day: date, temporary: Msisdn | None = None) -> _porting.PortIn:
    return _porting.PortIn(RIO, "M-1", day, temporary)


def test_a_port_after_fifteen_days_needs_a_temporary_number_at_mayotte() -> None:
    soon = _porting.opening(None, _asked(date(2026, 3, 17)), MAYOTTE, COMING)
    assert isinstance(soon, _porting.Opening)
    late = _porting.opening(None, _asked(date(2026, 3, 18)), MAYOTTE, COMING)
    assert isinstance(late, Refusal)
    assert late.slug == "temporary-number-needed"
    assert "temporary_msisdn" in late.detail


def test_a_number_that_comes_and_a_temporary_one_are_both_taken() -> None:
    asked = _asked(date(2026, 3, 17), TEMPORARY)
    details = activate.Details(Name("orange-mayotte"), card(1).iccid, Name("standard"), port_in=asked)
    first = activate.claims(details, COMING)
    assert (first.msisdn, first.coming) == (TEMPORARY, COMING)
    again = activate.claims(details, TEMPORARY)
    assert (again.msisdn, again.coming) == (TEMPORARY, None)


def test_a_port_of_our_own_number_is_no_port() -> None:
    own = replace(_asked(date(2026, 3, 17)), rio=rio_for("M1", "P", "AB12CD", COMING))
    result = _porting.comes(COMING, own, MAYOTTE)
    assert isinstance(result, Refusal)
    assert result.slug == "rio-invalid"


def test_only_one_port_and_only_its_own_file_is_completed() -> None:
    line = Line(TEMPORARY, card(1).imsi, card(1).iccid, "orange-mayotte", "h", "standard", life=Life.ACTIVE)
    awaiting = port_in.judge(line, port_in.Details(COMING, RIO, "M-1", date(2026, 3, 17)), MAYOTTE)
    assert isinstance(awaiting, Line)
    other = complete_port.judge(awaiting, complete_port.Details("other"), MAYOTTE)
    assert isinstance(other, Refusal)
    done = complete_port.judge(awaiting, complete_port.Details("O-1"), MAYOTTE)
    assert done == replace(line, msisdn=COMING)
    leaving = replace(line, porting=Porting(Direction.OUT, TEMPORARY, RIO, date(2026, 3, 17), reference="F"))
    refused = change_port_date.apply(leaving, change_port_date.Details(date(2026, 3, 20)), MAYOTTE)
    assert isinstance(refused, Refusal)
    moved = change_port_date.apply(leaving, change_port_date.Details(date(2026, 3, 20), "F"), MAYOTTE)
    assert isinstance(moved, Line)
    assert moved.porting is not None
    assert moved.porting.day == date(2026, 3, 20)
    assert more_from_json(more_of_line(moved))["porting"] == moved.porting


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (ROW, c.RequestPort("F", COMING, RIO, "M1", "a")),
        (ROW | {"on_at": "b"}, c.RequestPort("F", COMING, RIO, "M1", "a")),
        (ROW | {"dropped": "why"}, c.CancelPort("F")),
        (ROW | {"state": "requested"}, None),
        (ROW | {"state": "requested", "on_at": "b"}, c.MovePort("F", "b")),
        (ROW | {"state": "accepted", "on_at": "b", "dropped": "why"}, c.CancelPort("F")),
        (ROW | {"state": "released"}, None),
        (ROW | {"state": "released", "dropped": "why"}, None),
        (ROW | {"state": "released", "switched_at": "t"}, c.ConfirmPort("F")),
        (ROW | {"state": "done", "switched_at": "t"}, None),
        (ROW | {"stuck": "why"}, None),
        (LEAVES, None),
        (LEAVES | {"answer": "yes"}, c.AnswerPort("F", accepted=True, reason="")),
        (LEAVES | {"answer": "RIO_WRONG"}, c.AnswerPort("F", accepted=False, reason="RIO_WRONG")),
        (LEAVES | {"state": "accepted", "answer": "yes"}, None),
        (LEAVES | {"state": "accepted", "answer": "yes", "switched_at": "t"}, c.ReleasePort("F")),
        (LEAVES | {"answer": "yes", "file": None}, None),
    ],
)
def test_the_next_word_follows_from_the_row(row: dict[str, Any], word: object) -> None:
    assert words.next_word(row) == word


def test_a_reason_nobody_knows_is_still_one() -> None:
    assert (words.reason("SOMETHING"), words.code_for("something")) == ("other", "INCAPACITY")
