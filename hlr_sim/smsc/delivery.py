"""From the centre to the phone: at once where that can be, else held until it can, or until it is too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hlr_sim.smsc import outgoing, receipts
from hlr_sim.smsc.inbox import Inbox
from hlr_sim.smsc.knobs import Knobs
from hlr_sim.smsc.message import Message, State
from hlr_sim.smsc.outgoing import Item

if TYPE_CHECKING:
    from hlr_sim.smsc.centre import Smsc

_WANTED, _ON_FAILURE, _ON_SUCCESS = 1, 2, 3  # registered_delivery bits 1-0 (SMPP 3.4 §5.2.17; 3 is 5.0's)
_OUTCOME, _INTERMEDIATE = 0x03, 0x10


class Delivery:
    """Holds every message that is on its way, in the order they came."""

    def __init__(self, centre: Smsc, inbox: Inbox) -> None:
        self._centre = centre
        self._inbox = inbox
        self._held: dict[str, dict[int, Message]] = {}
        for message in centre.messages.enroute():
            message.tried = True
            self._hold(message)

    def can_reach(self, msisdn: str, knobs: Knobs) -> bool:
        """Tell whether a message reaches a phone now, with none before it in the queue."""
        return msisdn not in self._held and self._centre.phones.takes(msisdn, honour_bars=knobs.honour_bars)

    def first_attempt(self, message: Message) -> list[Item]:
        """Deliver a new message, or hold it; sets its state. Returns the receipts this makes, not yet released."""
        knobs = self._centre.door(message.door).knobs
        later = message.asked.due_s is not None and message.asked.due_s > self._centre.now_s()
        if not later and self.can_reach(message.asked.to, knobs):
            return self._end(message, self._fate(knobs))
        self._hold(message)
        return [] if later else self._missed(message)

    def phone_is_back(self, msisdn: str, *, alert: bool) -> None:
        """Deliver what was held for a phone, and tell the ESMEs that asked to be told."""
        held = list(self._held.get(msisdn, {}).values())
        asked = {
            (m.asked.system_id, m.asked.sender)
            for m in held
            if m.tried and (alert or m.asked.wants_alert or self._centre.door(m.door).knobs.alerts)
        }
        for system_id, sender in sorted(asked):
            pdu = receipts.available(msisdn, sender)
            item = self._centre.outgoing.queue(system_id, outgoing.ALERT, pdu, self._centre.now_s())
            self._centre.release_once_kept([item])
        for message in held:
            self._try_again(message)

    def _hold(self, message: Message) -> None:
        """Keep it for later; look again when it is due, and when its time is over."""
        self._held.setdefault(message.asked.to, {})[message.id] = message
        alarm, asked = self._centre.alarm, message.asked
        if asked.due_s is not None and asked.due_s > self._centre.now_s():
            alarm.at(asked.due_s, lambda: self._try_again(message))
        elif self._centre.door(message.door).knobs.honour_bars:
            self._look_again(message)
        if asked.expires_s is not None:
            alarm.at(asked.expires_s, lambda: self._expire(message))

    def _look_again(self, message: Message) -> None:
        """No HLR says when a bar is lifted: ask from time to time."""

        def look() -> None:
            if message.state is State.ENROUTE:
                self._try_again(message)
            if message.state is State.ENROUTE:
                self._look_again(message)

        self._centre.alarm.at(self._centre.now_s() + self._centre.door(message.door).knobs.retry_s, look)

    def _try_again(self, message: Message) -> None:
        knobs, asked, now_s = self._centre.door(message.door).knobs, message.asked, self._centre.now_s()
        if message.state is not State.ENROUTE or (asked.due_s is not None and asked.due_s > now_s):
            return
        if asked.expires_s is not None and asked.expires_s <= now_s:
            self._expire(message)
        elif self._centre.phones.takes(asked.to, honour_bars=knobs.honour_bars):
            self._finish(message, self._fate(knobs))
        else:
            self._centre.release_once_kept(self._missed(message))

    def _expire(self, message: Message) -> None:
        if message.state is State.ENROUTE:
            self._finish(message, State.EXPIRED)

    def _finish(self, message: Message, state: State) -> None:
        held = self._held[message.asked.to]
        del held[message.id]
        if not held:
            del self._held[message.asked.to]
        items = self._end(message, state)
        self._centre.messages.ended(message)
        self._centre.release_once_kept(items)

    def _end(self, message: Message, state: State) -> list[Item]:
        message.state, message.done_s = state, self._centre.now_s()
        delivered = state is State.DELIVERED
        if delivered:
            self._inbox.receive(message, self._centre.now())
        wanted = message.asked.registered & _OUTCOME
        told = wanted in (_WANTED, _ON_SUCCESS if delivered else _ON_FAILURE)
        return self._centre.report(message) if told else []

    def _missed(self, message: Message) -> list[Item]:
        """Note a first attempt that failed; an intermediate notification tells so, once (SMPP 3.4 §5.2.17)."""
        first, message.tried = not message.tried, True
        return self._centre.report(message) if first and message.asked.registered & _INTERMEDIATE else []

    def _fate(self, knobs: Knobs) -> State:
        if not knobs.receipt_states:
            return State.DELIVERED
        drawn = self._centre.random.random()
        for state, share in knobs.receipt_states.items():
            if drawn < share:
                return State(state)
            drawn -= share
        return State.DELIVERED
