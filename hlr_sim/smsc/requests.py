"""What an ESME asks besides submitting: to bind, whether we are there, what became of a message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from drivers.commands import Command, Done, KeepAlive, Login, Refused
from drivers.dialects.smpp.pdu import Pdu
from drivers.dialects.smpp.status import code_of, why_of
from hlr_sim.element import SimulatedElement
from hlr_sim.faults import Fault
from hlr_sim.smsc import status
from hlr_sim.smsc.binding import Bound, judged
from hlr_sim.smsc.centre import Smsc
from hlr_sim.smsc.message import number_of
from hlr_sim.smsc.reading import string
from hlr_sim.smsc.times import write_time

if TYPE_CHECKING:
    from hlr_sim.smsc.conversation import SmscConversation

_SC_INTERFACE_VERSION = {0x0210: b"\x34"}  # SMPP 3.4 §5.3.2.25


class Requests:
    """Answers them for one connection."""

    def __init__(self, talk: SmscConversation, element: SimulatedElement, smsc: Smsc) -> None:
        self._talk = talk
        self._element = element
        self._smsc = smsc
        self._door = smsc.door(element.spec.name)

    async def bind(self, pdu: Pdu) -> None:
        """Let an ESME in, or not (SMPP 3.4 §4.1)."""
        login = Login(string(pdu, "system_id"), string(pdu, "password"))
        code, fault = await self._struck(login)
        if code is None:
            return
        code = code or judged(login, self._talk.bound, self._element, self._door)
        self._note(login, code, fault)
        if self._door.knobs.bind_silent:
            return
        if self._door.knobs.bind_delay_s:
            await asyncio.sleep(self._door.knobs.bind_delay_s)
        if code != status.OK:
            self._talk.respond(Pdu(f"{pdu.name}_resp", pdu.sequence, code), fault)
            return
        bound = Bound(pdu.name.removeprefix("bind_"), login.user)
        answer = Pdu(f"{pdu.name}_resp", pdu.sequence, fields={"system_id": "SMSC"}, tlvs=_SC_INTERFACE_VERSION)
        self._talk.begin(bound)
        self._talk.respond(answer, fault, self._talk.receive_from_now_on)

    async def keep_alive(self, pdu: Pdu) -> None:
        """Say that we are there (SMPP 3.4 §4.11)."""
        command = KeepAlive()
        code, fault = await self._struck(command)
        if code is not None:
            self._note(command, code, fault)
            self._talk.respond(Pdu("enquire_link_resp", pdu.sequence, code), fault)

    def query(self, pdu: Pdu) -> None:
        """Tell what became of a message (SMPP 3.4 §4.8)."""
        if self._door.knobs.query_silent:
            return
        bound = self._talk.bound
        told = None
        if bound is not None:
            sender = string(pdu, "source_addr")
            told = self._smsc.messages.told(string(pdu, "message_id"), sender, bound.system_id)
        if told is None:
            code = status.INVALID_BIND if bound is None else status.QUERY_FAILED
            self._talk.respond(Pdu("query_sm_resp", pdu.sequence, code), None)
            return
        fields = {
            "message_id": told.message_id,
            "final_date": "" if told.done_s is None else write_time(self._smsc.moment(told.done_s)),
            "message_state": number_of(told.state),
            "error_code": 0,
        }
        self._talk.respond(Pdu("query_sm_resp", pdu.sequence, fields=fields), None)

    async def _struck(self, command: Command) -> tuple[int | None, Fault | None]:
        fault = self._element.faults.strike(self._element.spec.name, command)
        return (status.OK if fault is None else await self._talk.suffer(fault, command)), fault

    def _note(self, command: Command, code: int, fault: Fault | None) -> None:
        reply = Done() if code == status.OK else Refused(why_of(code), code_of(code))
        self._talk.note(command, reply, fault)
