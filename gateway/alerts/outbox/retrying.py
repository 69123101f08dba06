"""What becomes of a message after one try, by what each of its parts was answered; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from drivers.commands import Refused, Reply, Submitted
from drivers.errors import DriverError, InDoubt, NotSpoken, Unreachable
from gateway.orders.messages import MessageState, OnDoubt
from gateway.sending import RetryAction, RetryRule, RetryTable

Result = Reply | DriverError
_MOST_DOUBTS = 3  # an SMSC that takes and never answers must not fill a phone for ever
_FAIL = RetryRule(RetryAction.FAIL)
_GRAVITY = (RetryAction.RETRY, RetryAction.HOLD, RetryAction.FAIL)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the message stood: ``tries`` with this one, ``partly`` when an SMSC has some of its parts already."""

    tries: int
    doubtful: int
    on_doubt: OnDoubt
    expires_at: datetime | None = None
    partly: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """What the message becomes; ``doubts``: 1 when it may have gone out unheard of this time."""

    state: MessageState
    detail: str | None = None
    not_before: datetime | None = None
    doubts: int = 0


def fate_of(results: Collection[Result], was: Standing, table: RetryTable, now: datetime) -> Fate:
    """Judge one try: doubt outweighs every refusal, and of refusals the gravest rule holds."""
    troubles = [result for result in results if not isinstance(result, Submitted)]
    if not troubles:
        return Fate(MessageState.SENT)
    doubts = [trouble for trouble in troubles if isinstance(trouble, InDoubt)]
    if doubts:
        return in_doubt(was, table, now, str(doubts[0]))
    judged = [(_rule(trouble, table), said(trouble)) for trouble in troubles]
    rule, why = max(judged, key=lambda each: (_GRAVITY.index(each[0].action), each[0].longest_s))
    if was.partly or len(troubles) < len(results):
        return _refused_in_part(rule, was, table, (now, why))
    return _refused(rule, was, now, why)


def in_doubt(was: Standing, table: RetryTable, now: datetime, why: str) -> Fate:
    """Judge a message that may or may not have gone out."""
    if was.on_doubt is OnDoubt.RESEND and was.doubtful + 1 <= _MOST_DOUBTS:
        return _again(table.unreachable, was, now, why, doubts=1)
    return Fate(MessageState.PARKED, why, doubts=1)


def said(trouble: Result) -> str:
    """Say in a few words what came of a part."""
    if isinstance(trouble, Refused):
        return f"refused with {trouble.code} {trouble.text}".rstrip()
    return str(trouble) if isinstance(trouble, DriverError) else "an answer that no message gets"


def _rule(trouble: Result, table: RetryTable) -> RetryRule:
    if isinstance(trouble, Refused):
        return table.of(trouble.code)
    if isinstance(trouble, NotSpoken):
        return _FAIL
    return table.unreachable if isinstance(trouble, Unreachable) else table.of("default")


def _refused(rule: RetryRule, was: Standing, now: datetime, why: str) -> Fate:
    match rule.action:
        case RetryAction.FAIL:
            return Fate(MessageState.FAILED, why)
        case RetryAction.HOLD:
            return Fate(MessageState.PARKED, why)
        case RetryAction.RETRY:
            if rule.most and was.tries >= rule.most:
                return Fate(MessageState.FAILED, f"{why}; tried {was.tries} times")
            return _again(rule, was, now, why)
        case _:
            assert_never(rule.action)


def _refused_in_part(rule: RetryRule, was: Standing, table: RetryTable, told: tuple[datetime, str]) -> Fate:
    """Some parts are at the SMSC and the phone shows half a text: the missing ones are sent again, if it may be."""
    now, why = told
    fate = _refused(rule, was, now, why)
    if fate.state is not MessageState.FAILED:
        return fate
    if was.on_doubt is OnDoubt.HOLD:
        return Fate(MessageState.PARKED, f"{why}; other parts have been taken")
    return _refused(table.of("default"), was, now, why)


def _again(rule: RetryRule, was: Standing, now: datetime, why: str, doubts: int = 0) -> Fate:
    due = now + timedelta(seconds=rule.pause_s(was.tries))
    if was.expires_at is not None:
        due = min(due, was.expires_at)  # it ends when its time is over, not when it would have been tried again
    return Fate(MessageState.QUEUED, why, due, doubts)
