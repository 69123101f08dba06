"""The message centre behind all its connections: takes, keeps, delivers, holds back, expires, and tells about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random

from drivers import commands as c
from drivers.commands import Command, Credentials, Done, Refused, Reply, Submitted, Why
from drivers.dialect import Capabilities
from drivers.dialects.smpp.status import code_of
from hlr_sim.behaviour import PLAIN
from hlr_sim.smsc import outgoing, receipts, status
from hlr_sim.smsc.alarm import Alarm
from hlr_sim.smsc.delivery import Delivery
from hlr_sim.smsc.door import Door
from hlr_sim.smsc.ids import written
from hlr_sim.smsc.inbox import Inbox, Sms
from hlr_sim.smsc.knobs import Knobs, ReceiptTiming
from hlr_sim.smsc.ledger import Ledger
from hlr_sim.smsc.message import FIRST, SECOND, Message, Messages
from hlr_sim.smsc.outgoing import Item, Outgoing
from hlr_sim.smsc.phones import Phone, Phones
from hlr_sim.smsc.reading import Rejected, Submission
from hlr_sim.store import open_database
from hlr_sim.validity import MSISDN


@dataclass(frozen=True, slots=True)
class Taken:
    """A submission that is stored, and the receipts that may go out once it is answered."""

    message_id: str
    receipts: tuple[Item, ...] = ()


class Smsc:
    """One centre with its database; ``now`` is its wall clock. Everything runs in one thread."""

    def __init__(self, path: Path, now: Callable[[], datetime], random: Random | None = None) -> None:
        self.now = now
        self.random = random or Random()  # noqa: S311 - misfortune, not a secret
        self._doors: dict[str, Door] = {}
        self.ledger = Ledger(open_database(path, FIRST, SECOND))
        self.alarm = Alarm(self.now_s)
        self.messages, self._inbox = Messages(self.ledger), Inbox(self.ledger)
        self.phones = Phones(self.ledger)
        self.outgoing = Outgoing(self.ledger, self.alarm, self.now_s)
        self._delivery = Delivery(self, self._inbox)

    def now_s(self) -> float:
        """Tell the time in seconds."""
        return self.now().timestamp()

    def moment(self, seconds: float) -> datetime:
        """Return a time that was told in seconds."""
        return datetime.fromtimestamp(seconds, self.now().tzinfo)

    def door(self, name: str) -> Door:
        """Return what one element's connections share."""
        if name not in self._doors:
            self._doors[name] = Door(Knobs(), self.now_s, self.random)
        return self._doors[name]

    def open_door(self, name: str, door: Door) -> None:
        """An element stands before this centre, with knobs and a clock of its own."""
        self._doors.setdefault(name, door)

    def answer(self, command: Command, keys: Credentials | None = None, door: Capabilities = PLAIN) -> Reply:
        """See Behaviour: how whoever speaks no SMPP hands a message in."""
        del keys, door
        match command:
            case c.SendSms(sender, to, text):
                taken = self.take(Submission(to, sender, text), "", "")
                self.ledger.commit()
                return Submitted(taken.message_id) if isinstance(taken, Taken) else Refused(Why.NOT_FOUND, "")
            case c.KeepAlive() | c.Login():
                return Done()
            case _:
                return Refused(Why.INVALID, "", "an SMSC has no such command")

    def take(self, asked: Submission, door: str, bind: str) -> Taken | Rejected:
        """Store a submission within this turn, and deliver it if that can be; answer when the turn is kept."""
        if not MSISDN.fullmatch(asked.to) or not self.phones.find(asked.to).known:
            return Rejected(status.INVALID_DESTINATION)
        if asked.transaction and not self._delivery.can_reach(asked.to, self.door(door).knobs):
            return Rejected(status.DELIVERY_FAILED)  # SMPP 3.4 §2.10.3: tried once, while the ESME waits
        number = self.messages.next_number()
        told = written(number, self.door(door).knobs.message_id)
        message = Message(number, told, door, bind, asked, self.now().isoformat())
        items = self._delivery.first_attempt(message)
        self.messages.add(message)
        return Taken(told, tuple(items))

    def release(self, items: Iterable[Item]) -> None:
        """Let receipts go out: their message has been answered."""
        for item in items:
            self.outgoing.release(item)

    def release_once_kept(self, items: Iterable[Item]) -> None:
        """The same for what no answer is due to: as soon as this turn is kept."""
        held = tuple(items)
        if held:
            self.ledger.then(lambda kept: self.release(held) if kept else None)

    def report(self, message: Message) -> list[Item]:
        """Queue the receipts of a message as it stands now."""
        knobs = self.door(message.door).knobs
        if knobs.receipt_timing is ReceiptTiming.NEVER:
            return []
        due_s = self.now_s()
        if knobs.receipt_timing is ReceiptTiming.DELAYED:
            due_s += knobs.receipt_delay_s + self.random.random() * knobs.receipt_jitter_s
        pdus = receipts.receipts(message, knobs, self.now())
        pdus = pdus * 2 if knobs.receipt_timing is ReceiptTiming.DUPLICATE else pdus
        return [self.outgoing.queue(message.asked.system_id, outgoing.RECEIPT, pdu, due_s) for pdu in pdus]

    def inbox(self, to: str | None, limit: int, after: int | None = None) -> list[Sms]:
        """Return delivered messages, of one number or of all: the newest, or those after one, oldest first."""
        self.settle()
        return self._inbox.newest(to, limit) if after is None else self._inbox.after(to, after, limit)

    def put_phone(self, phone: Phone, *, alert: bool = False) -> None:
        """Switch a phone on or off, or make its number known or not; what waits for it is tried."""
        back = phone.reachable and not self.phones.find(phone.msisdn).reachable
        self.phones.put(phone)
        if back:
            self._delivery.phone_is_back(phone.msisdn, alert=alert)
        self.settle()

    def send_from(self, msisdn: str, to: str, text: str, system_id: str) -> int:
        """A phone sends a message to an ESME; return in how many parts it is told."""
        parts = receipts.from_phone(msisdn, to, text, self.random.randrange(256))
        items = [self.outgoing.queue(system_id, outgoing.FROM_PHONE, pdu, self.now_s()) for pdu in parts]
        self.release_once_kept(items)
        self.settle()
        return len(parts)

    def settle(self) -> None:
        """Do what is due, and keep what was written."""
        self.alarm.ring()
        self.ledger.commit()
        self.alarm.arm()

    def figures(self, door: str) -> dict[str, object]:
        """Count everything."""
        self.settle()
        at, counts = self.door(door), self.outgoing.counts
        told = ("queued", "sent", "acknowledged", "refused", "put_off")
        about = {
            kind: {how: counts[f"{kind}:{how}"] for how in told} | {"waiting": self.outgoing.waiting(kind)}
            for kind in (outgoing.RECEIPT, outgoing.FROM_PHONE, outgoing.ALERT)
        }
        return {
            "binds": {kind: sum(n for (k, _), n in at.binds.items() if k == kind) for kind in sorted(_KINDS)},
            "connections": at.opened,
            "submits": at.submits,
            "statuses": {code_of(code): count for code, count in sorted(at.statuses.items())},
            "messages": self.messages.by_state(),
            "parts_waiting": self._inbox.incomplete(),
            "receipts": about[outgoing.RECEIPT],
            "from_phones": about[outgoing.FROM_PHONE],
            "alerts": about[outgoing.ALERT],
        }

    def close(self) -> None:
        """Let go of the file."""
        self.alarm.close()
        self.ledger.close()


_KINDS = frozenset({"transceiver", "transmitter", "receiver"})


def changed(phone: Phone, **parts: bool | None) -> Phone:
    """Return a phone with the named parts changed; ``None`` leaves a part as it is."""
    return replace(phone, **{name: value for name, value in parts.items() if value is not None})  # type: ignore[arg-type]  # bools all
