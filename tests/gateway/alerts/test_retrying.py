"""What becomes of a try, by table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drivers.commands import Submitted
from drivers.errors import InDoubt, NotSpoken, Unreachable
from gateway.alerts.outbox.retrying import Result, Standing, fate_of
from gateway.alerts.outbox.tries import validity
from gateway.contract.table import ConfigError, Table
from gateway.orders.messages import MessageState, OnDoubt
from gateway.sending import MessageSettings, RetryAction, RetryTable, read_messages
from tests.gateway.alerts.centres import refused

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TABLE = RetryTable()
TAKEN = Submitted("1")
FRESH = Standing(tries=1, doubtful=0, on_doubt=OnDoubt.HOLD)
AGAIN = Standing(tries=1, doubtful=0, on_doubt=OnDoubt.RESEND)


@pytest.mark.parametrize(
    ("results", "was", "state", "doubts"),
    [
        ([TAKEN, TAKEN], FRESH, "sent", 0),
        ([refused("0x58")], FRESH, "queued", 0),
        ([refused("0x14")], FRESH, "queued", 0),
        ([refused("0x08")], FRESH, "queued", 0),
        ([refused("0x64")], FRESH, "queued", 0),
        ([refused("0x4A1")], FRESH, "queued", 0),
        ([refused("0x0A")], FRESH, "failed", 0),
        ([refused("0x0B")], FRESH, "failed", 0),
        ([refused("0x01")], FRESH, "failed", 0),
        ([refused("0x65")], FRESH, "failed", 0),
        ([refused("0xFF")], FRESH, "queued", 0),
        ([NotSpoken("too long")], FRESH, "failed", 0),
        ([Unreachable("away")], FRESH, "queued", 0),
        ([InDoubt("silence")], FRESH, "parked", 1),
        ([InDoubt("silence")], AGAIN, "queued", 1),
        ([InDoubt("silence"), refused("0x0B")], FRESH, "parked", 1),
        ([refused("0x58"), refused("0x0B")], FRESH, "failed", 0),
        ([TAKEN, refused("0x58")], FRESH, "queued", 0),
        ([TAKEN, refused("0x0B")], FRESH, "parked", 0),
        ([TAKEN, refused("0x0B")], AGAIN, "queued", 0),
        ([TAKEN, Unreachable("away")], FRESH, "queued", 0),
    ],
)
def test_the_gravest_answer_decides(results: list[Result], was: Standing, state: str, doubts: int) -> None:
    fate = fate_of(results, was, TABLE, NOW)
    assert (fate.state, fate.doubts) == (state, doubts)


def test_pauses_double_up_to_the_longest() -> None:
    rule = TABLE.of("0x08")
    assert [rule.pause_s(tries) for tries in (1, 2, 3, 7, 100)] == [5, 10, 20, 300, 300]


def test_after_the_last_try_it_has_failed() -> None:
    was = Standing(tries=20, doubtful=0, on_doubt=OnDoubt.HOLD)
    fate = fate_of([refused("0x08")], was, TABLE, NOW)
    assert (fate.state, "20 times" in (fate.detail or "")) == (MessageState.FAILED, True)
    throttled = fate_of([refused("0x58")], Standing(tries=9999, doubtful=0, on_doubt=OnDoubt.HOLD), TABLE, NOW)
    assert throttled.state is MessageState.QUEUED


def test_nothing_waits_beyond_its_time() -> None:
    soon = NOW + timedelta(seconds=1)
    was = Standing(tries=9, doubtful=0, on_doubt=OnDoubt.HOLD, expires_at=soon)
    assert fate_of([refused("0x08")], was, TABLE, NOW).not_before == soon


def test_the_narrowest_class_of_a_status_decides() -> None:
    settings = _read(retry={"0x40*": {"action": "hold"}, "0x401": {"action": "fail"}, "default": {"action": "fail"}})
    actions = [settings.retry.of(status).action for status in ("0x401", "0x402", "0x4FF", "0x99")]
    assert actions == [RetryAction.FAIL, RetryAction.HOLD, RetryAction.RETRY, RetryAction.FAIL]


@pytest.mark.parametrize(
    ("messages", "named"),
    [
        ({"retry": {"88": {}}}, "retry.88"),
        ({"retry": {"0x58": {"action": "again"}}}, "retry.0x58.action"),
        ({"retry": {"0x58": {"first_s": 9.0, "longest_s": 3.0}}}, "retry.0x58.first_s"),
        ({"retry": {"0x58": {"pause": 3}}}, "retry.0x58.pause"),
        ({"park_s": 5}, "park_s"),
        ({"customers": {"per_s": 0}}, "customers.per_s"),
        ({"colour": 1}, "colour"),
    ],
)
def test_mistakes_are_named_with_their_key(messages: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named.replace(".", r"\.")):
        _read(**messages)


@pytest.mark.parametrize(
    ("left", "written"),
    [
        (timedelta(hours=5), "000000050000000R"),
        (timedelta(seconds=0.2), "000000000001000R"),
        (timedelta(days=2, seconds=61), "000002000101000R"),
        (timedelta(days=400), "000030000000000R"),
    ],
)
def test_what_is_left_of_a_time_is_written_as_smpp_does(left: timedelta, written: str) -> None:
    assert validity(left) == written


def _read(**messages: Any) -> MessageSettings:  # noqa: ANN401 - as TOML gives it
    table = Table("linegate.toml", messages)
    settings = read_messages(table)
    table.finish()
    return settings
