"""``linegate card pin …``: what is done with PIN1 and PIN2, always by the guard's rules, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from rich.panel import Panel
from rich.text import Text

from gateway.cli.card.codes import HandedOver, confirm_card, read_pin
from gateway.cli.card.desk import Desk, at_desk
from gateway.cli.card.options import Given
from gateway.cli.card.pin_keys import Kept, kept_keys
from gateway.cli.card.pin_state import KEYS, PinState, pin_state
from gateway.cli.card.pin_task import Operation, PinTask
from gateway.cli.card.pin_verdicts import Ended, judged
from gateway.cli.card.single import state_unreported
from gateway.cli.failure import Failure
from gateway.cli.gateway_client import Json
from gateway.cli.printing import cell, show
from sim_readers.guard import Guard, Presented, Verdict
from sim_readers.job.plan import read_iccid
from sim_readers.job.runner import NotOurs
from sim_readers.job.unlocking import Unlocking
from sim_readers.secret import Secret
from sim_readers.session import CardSession

_NOTHING_TO_DO: Final = {
    Operation.ENABLE: (True, "is enabled already"),
    Operation.DISABLE: (False, "is disabled already"),
}


def work_on_pin(given: Given, task: PinTask, *, as_json: bool) -> None:
    """Do it, print, and report. Raises Failure; KeyRefused when the card refused what was presented."""
    with at_desk(given) as desk:
        with kept_keys(desk, task) as kept, desk.station.alone(), desk.session() as session:
            new = _new_pin(task)
            ended = _work(session, desk, _Work(task, kept, new))
        desk.facts.send()
        told = {**ended.to_json(), "operation": task.operation.value, "reported": desk.facts.to_json()}
        show(told, as_json=as_json, drawn=lambda: _draw(ended, told))
        state_unreported(desk)
        if (failure := ended.failure()) is not None:
            raise failure


@dataclass(frozen=True, slots=True)
class _Work:
    """A task with what was handed over for it."""

    task: PinTask
    kept: Kept
    new: Secret | None


def _work(session: CardSession, desk: Desk, work: _Work) -> Ended:
    ledger = desk.station.ledger()
    iccid = read_iccid(Unlocking(session, Guard(ledger)))
    if iccid is None:
        raise NotOurs("this card has no ICCID yet, so nothing says whose PINs it has")
    task = work.task
    key = KEYS[task.number].pin
    before = pin_state(session, task.number)
    if (idle := _nothing_to_do(task, before)) is not None:
        return Ended(iccid, key, "right", idle)
    if before.enabled is False and task.operation in (Operation.VERIFY, Operation.CHANGE):
        raise Failure(f"{key.name} is disabled on this card, and cannot be presented: enable it first")
    verdict = _presented(session, Guard(ledger, confirm=confirm_card(iccid)), iccid, work)
    ended = judged(iccid, task.operation.value, key, verdict)
    if ended.fact is not None:
        desk.facts.note(iccid, ended.fact, ended.detail)
    return ended


def _presented(session: CardSession, guard: Guard, iccid: str, work: _Work) -> Verdict:
    """Present the key. Raises CardGone, LedgerBroken, Failure."""
    task = work.task
    pin, puk = KEYS[task.number].pin, KEYS[task.number].puk
    if task.operation is Operation.UNBLOCK:
        presented = Presented(puk, work.kept.puk(iccid, task.number), work.kept.origin, task.accept_tries)
        return guard.unblock(session, iccid, pin, presented, work.new or work.kept.pin(iccid, task.number))
    presented = Presented(pin, work.kept.pin(iccid, task.number), work.kept.origin, task.accept_tries)
    match task.operation:
        case Operation.VERIFY:
            return guard.verify(session, iccid, presented)
        case Operation.CHANGE:
            return guard.change(session, iccid, presented, work.new or presented.secret)
        case Operation.ENABLE | Operation.DISABLE:
            return guard.switch(session, iccid, presented, on=task.operation is Operation.ENABLE)
        case _:
            assert_never(task.operation)


def _new_pin(task: PinTask) -> Secret | None:
    """Take the new PIN; ``None``: there is none, or the one that is kept will do. Raises WrongUse."""
    if not task.operation.sets_a_pin or task.keep:
        return None
    handed = task.new or HandedOver(task.new.option, prompt=True)
    return handed.take(f"new PIN{task.number}", read_pin)


def _nothing_to_do(task: PinTask, before: PinState) -> str | None:
    wished, words = _NOTHING_TO_DO.get(task.operation, (None, ""))
    return f"PIN{task.number} {words}" if wished is not None and before.enabled is wished else None


def _draw(ended: Ended, told: Json) -> Panel:
    colour = "green" if ended.verdict == "right" else "red"
    lines = [
        Text(ended.words, style=f"bold {colour}"),
        cell(ended.iccid),
        cell(f"{told['operation']} {ended.key.name}"),
    ]
    return Panel(Text("\n").join(lines), border_style=colour, expand=False)
