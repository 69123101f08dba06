"""submit_sm and data_sm on one connection: judged, stored, and answered only when stored (SMPP 3.4 §4.4, §4.7)."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

from drivers.commands import Refused, SendSms, Submitted
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from drivers.dialects.smpp.status import code_of, why_of
from drivers.subscription import Msisdn
from hlr_sim.element import SimulatedElement
from hlr_sim.faults import Fault
from hlr_sim.smsc import status
from hlr_sim.smsc.answers import Answer, Answers
from hlr_sim.smsc.centre import Smsc, Taken
from hlr_sim.smsc.knobs import ErrorBody, ReceiptTiming
from hlr_sim.smsc.line import Line
from hlr_sim.smsc.reading import Rejected, Submission, read
from hlr_sim.smsc.receipts import VENDOR_TLV

if TYPE_CHECKING:
    from hlr_sim.smsc.conversation import SmscConversation


class Submissions:
    """What one connection submits."""

    def __init__(
        self, talk: SmscConversation, element: SimulatedElement, smsc: Smsc, answers: Answers, line: Line
    ) -> None:
        self._talk = talk
        self._element = element
        self._smsc = smsc
        self._door = smsc.door(element.spec.name)
        self._answers = answers
        self._line = line
        self._heard = self._answered = self._unanswered = 0
        self._closing: asyncio.Task[None] | None = None

    async def hear(self, pdu: Pdu) -> None:
        """Take one, or refuse it."""
        bound, fault = self._talk.bound, None
        asked: Submission | Rejected = Rejected(status.INVALID_BIND)
        command = None
        if bound is not None and bound.sends and not self._talk.is_unbinding:
            asked = read(pdu, bound.system_id, self._smsc.now(), self._door.knobs.validity_s)
            if isinstance(asked, Submission):
                command = SendSms(asked.sender, Msisdn(asked.to), asked.text)
                fault = self._element.faults.strike(self._element.spec.name, command)
        if fault is not None:
            code = await self._talk.suffer(fault, command)
            if code is None:
                return
            asked = asked if code == status.OK else Rejected(code)
        self._heard += 1
        self._carry_out(pdu, asked, command, fault)
        if fault is not None:
            self._smsc.ledger.commit()  # whatever is cut is cut before the next one is heard
        if self._heard == self._door.knobs.kill_after:
            self._smsc.ledger.commit()
            await self._talk.kill()

    def _carry_out(self, pdu: Pdu, asked: Submission | Rejected, command: SendSms | None, fault: Fault | None) -> None:
        self._door.submits += 1
        refused = self._door.refused(self._unanswered) if fault is None else None
        if refused is None and fault is None and self._door.is_nacked():
            self._talk.note(command, None, fault)
            self._line.send(p.encode(Pdu("generic_nack", pdu.sequence, status.SYSTEM_ERROR)))
            return
        taken = asked if isinstance(asked, Rejected) else self._taken(asked, refused)
        is_taken = isinstance(taken, Taken)
        self._unanswered += is_taken
        items = taken.receipts if isinstance(taken, Taken) else ()
        reply = Submitted(taken.message_id) if isinstance(taken, Taken) else _refusal(taken.status)
        self._talk.note(command, reply, fault)
        early = self._door.knobs.receipt_timing is ReceiptTiming.BEFORE_RESP

        def given() -> None:
            self._unanswered -= is_taken
            self._smsc.release(() if early else items)
            self._count_answer()

        def settled(kept: bool) -> None:  # noqa: FBT001 - how the ledger tells it
            if kept and early:
                self._smsc.release(items)
            response = self._response(pdu, taken if kept else Rejected(status.SYSTEM_ERROR))
            self._answers.give(Answer(p.encode(response), given), fault)

        self._smsc.ledger.then(settled)

    def _taken(self, asked: Submission, refused: int | None) -> Taken | Rejected:
        if refused is not None:
            return Rejected(refused)
        try:
            return self._smsc.take(asked, self._element.spec.name, self._talk.name)
        except sqlite3.Error:  # a disk that fails is the centre's own trouble
            return Rejected(status.SYSTEM_ERROR)

    def _response(self, pdu: Pdu, taken: Taken | Rejected) -> Pdu:
        code = taken.status if isinstance(taken, Rejected) else status.OK
        self._door.statuses[code] += 1
        tlvs = dict(VENDOR_TLV) if self._door.knobs.unknown_tlvs else {}
        fields: dict[str, object] = {"message_id": taken.message_id} if isinstance(taken, Taken) else {}
        if code != status.OK and (tlvs or self._door.knobs.error_body is ErrorBody.EMPTY_ID):
            fields = {"message_id": ""}
        return Pdu(f"{pdu.name}_resp", pdu.sequence, code, fields, tlvs)

    def _count_answer(self) -> None:
        self._answered += 1
        if self._answered == self._door.knobs.unbind_after:
            self._talk.unbind()
        if self._answered == self._door.knobs.half_close_after:
            self._closing = asyncio.get_running_loop().create_task(self._line.half_close())


def _refusal(code: int) -> Refused:
    return Refused(why_of(code), code_of(code))
