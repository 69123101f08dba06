"""The clearing house behind all its conversations. Whoever is connected is one operator; it simulates the others.

Nothing runs by itself: what was due since the last look is done before anything is answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from drivers import commands as c
from drivers.commands import AlreadySo, Command, Credentials, Done, Refused, Reply, Why
from drivers.dialect import Capabilities
from drivers.dialects.npc.codes import WHY
from drivers.porting import PortFile, PortState
from hlr_sim.behaviour import PLAIN
from hlr_sim.clearing import donors, files, rio
from hlr_sim.clearing.days import moment, stamp
from hlr_sim.clearing.donors import REASONS, RIO_WRONG, Donors
from hlr_sim.clearing.files import File, Files
from hlr_sim.store import open_database
from hlr_sim.validity import MSISDN

MOST_LISTED = 50  #: files in one answer: well under a line's 64 KiB
_REFERENCE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_OPERATOR = re.compile(r"[!-~](?:[ -~]{0,30}[!-~])?")
_GRACE = timedelta(days=1)  # a day is the same somewhere on earth for longer than here
_BEFORE_RELEASE = (PortState.REQUESTED, PortState.ACCEPTED)
_LET_GO = (PortState.RELEASED, PortState.DONE)
_AFTER_YES = (PortState.ACCEPTED, *_LET_GO)


class ClearingHouse:
    """One clearing house with its database; ``now`` is its wall clock."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        database = open_database(path, files.FIRST, donors.SECOND)
        self._now = now
        self._files = Files(database)
        self.donors = Donors(database)

    def answer(self, command: Command, keys: Credentials | None = None, door: Capabilities = PLAIN) -> Reply:
        """See Behaviour."""
        del keys, door
        self.catch_up()
        match command:
            case c.KeepAlive() | c.Login():
                return Done()
            case c.RequestPort():
                return self._request(command)
            case c.MovePort(reference, on):
                return self._of(reference, lambda file: self._move(file, on))
            case c.CancelPort(reference):
                return self._of(reference, self._cancel)
            case c.ConfirmPort(reference):
                return self._of(reference, self._confirm)
            case c.ReleasePort(reference):
                return self._of(reference, self._release)
            case c.AnswerPort(reference, accepted, reason):
                return self._of(reference, lambda file: self._answered(file, "" if accepted else reason, yes=accepted))
            case c.ReadPort(reference):
                return self._of(reference, lambda file: c.PortHeld(file.told))
            case c.ListPorts(since):
                return c.PortsListed(self._files.since(since, MOST_LISTED))
            case _:
                return _no("NOT_UNDERSTOOD", "a clearing house has no such command")

    def close(self) -> None:
        """Let go of the store."""
        self._files.close()

    def listed(self, msisdn: str | None) -> list[File]:
        """Return a number's files, or all, in the order they last changed."""
        self.catch_up()
        return list(self._files.of(msisdn))

    def find(self, reference: str) -> File | None:
        """Return the file of a reference."""
        self.catch_up()
        return self._files.find(reference)

    def ask_out(self, asked: c.RequestPort, donor: str) -> File | Refused:
        """Open a file by which another operator takes a number out; its reference is made here."""
        self.catch_up()
        prefix = "".join(letter for letter in asked.recipient if letter.isalnum()) or "OUT"
        named = replace(asked, reference=f"{prefix}-{self._files.last + 1:06d}")
        return self._complaint(named) or self._open(named, donor, incoming=False)

    def let_go(self, file: File) -> File | None:
        """Have the other operator release a number before its day; ``None`` when it is not its turn."""
        fits = file.incoming and file.told.state is PortState.ACCEPTED
        return self._put(file, _released(file, self._now())) if fits else None

    def withdraw(self, file: File) -> File | None:
        """Have the other operator, the recipient, want a number no more; ``None`` when it is not its turn."""
        fits = not file.incoming and file.told.state in _BEFORE_RELEASE
        return self._put(file, replace(file.told, state=PortState.CANCELLED)) if fits else None

    def catch_up(self) -> None:
        """Do what the others had to do by now."""
        now = self._now()
        for file in self._files.open():
            self._do_due(file, now)

    def _do_due(self, file: File, now: datetime) -> None:
        if not file.incoming:
            if file.told.state is PortState.RELEASED:
                self._put(file, _confirmed(file, now))
            return
        if file.told.state is PortState.REQUESTED and now.timestamp() >= file.asked_at + self.donors.after_s(file.told):
            code = self.donors.refusal(file.told)
            file = self._put(file, _judged(file, code))
        if file.told.state is PortState.ACCEPTED and moment(file.told.on) <= now:
            self._put(file, _released(file, now))

    def _request(self, asked: c.RequestPort) -> Reply:
        if (held := self._files.find(asked.reference)) is not None:
            told = held.told
            same = asked == c.RequestPort(told.reference, told.msisdn, told.rio, told.recipient, held.asked_on)
            return AlreadySo() if same and held.incoming else _no("REFERENCE_TAKEN")
        if not rio.is_well_formed(asked.rio):
            return _no(RIO_WRONG, "a RIO has 12 characters: operator, E or P, reference, control key")
        if wrong := self._complaint(asked):
            return wrong
        self._open(asked, asked.rio[:2], incoming=True)
        self.catch_up()  # a donor that takes no time has answered
        return Done()

    def _complaint(self, asked: c.RequestPort) -> Refused | None:
        if not _REFERENCE.fullmatch(asked.reference):
            return _no("INCOMPLETE", "a reference has 1 to 64 letters, digits and _.:-")
        if not MSISDN.fullmatch(asked.msisdn):
            return _no("INCOMPLETE", "the number must be E.164 with +")
        if not _OPERATOR.fullmatch(asked.recipient):
            return _no("INCOMPLETE", "the recipient has 1 to 32 characters")
        if wrong := self._untimely(asked.on):
            return wrong
        if any(file.told.msisdn == asked.msisdn for file in self._files.open()):
            return _no("ALREADY_PORTING")
        return None

    def _untimely(self, on: str) -> Refused | None:
        try:
            due = moment(on)
        except ValueError:
            return _no("INCOMPLETE", "the day must be an ISO date, or a moment with its offset")
        return _no("TOO_LATE", "the day is past") if due < self._now() - _GRACE else None

    def _open(self, asked: c.RequestPort, donor: str, *, incoming: bool) -> File:
        told = PortFile(
            seq=0,
            reference=asked.reference,
            msisdn=asked.msisdn,
            rio=asked.rio,
            donor=donor,
            recipient=asked.recipient,
            on=asked.on,
            state=PortState.REQUESTED,
            reason="",
            released_at=None,
            confirmed_at=None,
        )
        return self._files.put(File(told, incoming, asked.on, self._now().timestamp()))

    def _of(self, reference: str, then: Callable[[File], Reply]) -> Reply:
        held = self._files.find(reference)
        return _no("UNKNOWN_REFERENCE") if held is None else then(held)

    def _move(self, file: File, on: str) -> Reply:
        if not file.incoming:
            return _no("NOT_ALLOWED", "the recipient moves a port")
        if file.told.on == on:
            return AlreadySo()
        if file.told.state not in _BEFORE_RELEASE:
            return _over(file)
        if wrong := self._untimely(on):
            return wrong
        self._put(file, replace(file.told, on=on))
        return Done()

    def _cancel(self, file: File) -> Reply:
        if not file.incoming:
            return _no("NOT_ALLOWED", "the recipient cancels a port")
        if file.told.state is PortState.CANCELLED:
            return AlreadySo()
        if file.told.state not in _BEFORE_RELEASE:
            return _over(file)
        self._put(file, replace(file.told, state=PortState.CANCELLED))
        return Done()

    def _confirm(self, file: File) -> Reply:
        if not file.incoming:
            return _no("NOT_ALLOWED", "the recipient confirms a port")
        return self._step(file, PortState.RELEASED, (PortState.DONE,), _confirmed(file, self._now()))

    def _release(self, file: File) -> Reply:
        if file.incoming:
            return _no("NOT_ALLOWED", "the donor releases a number")
        return self._step(file, PortState.ACCEPTED, _LET_GO, _released(file, self._now()))

    def _answered(self, file: File, reason: str, *, yes: bool) -> Reply:
        if file.incoming:
            return _no("NOT_ALLOWED", "the donor answers")
        if not yes and reason not in REASONS:
            return _no("INCOMPLETE", f"the reason of a no is one of {', '.join(sorted(REASONS))}")
        if not yes and file.told.state is PortState.REFUSED and file.told.reason != reason:
            return _no("WRONG_STATE")
        so = _AFTER_YES if yes else (PortState.REFUSED,)
        return self._step(file, PortState.REQUESTED, so, _judged(file, reason))

    def _step(self, file: File, before: PortState, so: tuple[PortState, ...], told: PortFile) -> Reply:
        """Go from the state before to what is told; nothing has to change when the file is so already."""
        if file.told.state in so:
            return AlreadySo()
        if file.told.state is not before:
            return _no("WRONG_STATE", f"the file is {file.told.state}")
        self._put(file, told)
        return Done()

    def _put(self, file: File, told: PortFile) -> File:
        return self._files.put(replace(file, told=told))


def _judged(file: File, refusal: str) -> PortFile:
    return replace(file.told, state=PortState.REFUSED if refusal else PortState.ACCEPTED, reason=refusal)


def _released(file: File, now: datetime) -> PortFile:
    return replace(file.told, state=PortState.RELEASED, released_at=stamp(now))


def _confirmed(file: File, now: datetime) -> PortFile:
    return replace(file.told, state=PortState.DONE, confirmed_at=stamp(now))


def _over(file: File) -> Refused:
    if file.told.state in _LET_GO:
        return _no("TOO_LATE", "the donor has let go")
    return _no("WRONG_STATE", f"the file is {file.told.state}")


def _no(code: str, text: str = "") -> Refused:
    return Refused(WHY.get(code, Why.OTHER), code, text)
