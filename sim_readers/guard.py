"""The only way to a card's VERIFY and UNBLOCK: rules that keep a technician's mistake from costing the card.

1. The counter is asked first; below the usual number of tries nothing is sent unless the operator says that number.
2. The attempt is on disk before the card hears it; a key this card refused once is never sent to it again.
3. Nothing is ever repeated by itself. An attempt that was cut off counts as made until the counter proves otherwise;
   a card that hides its counter gets one attempt, and each further one only on the operator's word.
4. Within a batch the first refused ADM key stops all the readers: it is the wrong file, not a wrong card.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sim_readers.apdu import Command, Ins
from sim_readers.keyref import PUK1, PUK_OF, Counter, KeyRef, Kind, ask, padded
from sim_readers.ledger import Ledger, Outcome
from sim_readers.secret import Secret
from sim_readers.session import CardSession
from sim_readers.status import succeeded, tries_left

_PUK_NEEDS_A_WORD_BELOW = 5
_ADM_BYTES, _PUK_DIGITS, _PIN_DIGITS = 8, range(8, 9), range(4, 9)  # TS 102 221 §9.5.1
_WRONG = (
    0x6300,
    0x9804,
)  # compared and refused, without a number; 63CX is too (ISO/IEC 7816-4 §7.5.6, TS 51.011 §9.4.5)
_NOT_COMPARED = (  # the card says that it looked at no key: TS 102 221 §10.2.1.5, TS 51.011 §9.4.5
    *(0x6700, 0x6881, 0x6882, 0x6984, 0x6A86, 0x6A88, 0x6B00, 0x6D00, 0x6E00),
    *(0x9802, 0x9808),
)


class Origin(StrEnum):
    """Where a key comes from; one that was typed is never good for a card that hides its counter."""

    VAULT = "vault"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Presented:
    """A key to be presented. ``accept_tries``: the operator has seen that only so many tries are left, and goes on."""

    key: KeyRef
    secret: Secret
    origin: Origin = Origin.VAULT
    accept_tries: int | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """The card accepted the key, or needed none (``spent`` is then false)."""

    spent: bool = True


@dataclass(frozen=True, slots=True)
class Wrong:
    """The card refused the key; ``tries`` left, if it tells."""

    key: KeyRef
    tries: int | None

    def __str__(self) -> str:
        left = "the card does not tell how many tries are left" if self.tries is None else f"{self.tries} tries left"
        return f"the card refused {self.key.name}; {left}; this key is never sent to it again"


@dataclass(frozen=True, slots=True)
class Blocked:
    """No tries are left: a PIN needs its PUK; without PUK1 the card is dead, without PUK2 only PIN2 is."""

    key: KeyRef

    def __str__(self) -> str:
        match self.key.kind:
            case Kind.PIN:
                return f"{self.key.name} is blocked: unblock it with its PUK (linegate card pin unblock)"
            case Kind.PUK if self.key == PUK1:
                end = "the card is dead, give its owner another one (linegate card swap)"
                return f"{self.key.name} has no tries left: {end}"
            case Kind.PUK:
                end = "PIN2 can never be used again; everything else of the card still works"
                return f"{self.key.name} has no tries left: {end}"
            case Kind.ADM:
                return f"{self.key.name} is blocked: the card can never be personalised again, return it to its vendor"


@dataclass(frozen=True, slots=True)
class Held:
    """We did not send it, and why."""

    key: KeyRef
    why: str

    def __str__(self) -> str:
        return f"{self.key.name} was not sent: {self.why}"


Verdict = Right | Wrong | Blocked | Held


class Breaker:
    """What the readers of a batch share: one ADM key at a time, and none after the first that was refused."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.refused_by: str | None = None

    def trip(self, iccid: str) -> None:
        """Stop the batch."""
        self.refused_by = self.refused_by or iccid


def never_confirm(_question: str) -> bool:
    """Without somebody to ask the answer is no."""
    return False


class Guard:
    """Presents keys by the rules. ``confirm`` asks the operator to type a word when a PUK is running out."""

    def __init__(
        self, ledger: Ledger, breaker: Breaker | None = None, confirm: Callable[[str], bool] = never_confirm
    ) -> None:
        self._ledger = ledger
        self._breaker = breaker or Breaker()
        self._confirm = confirm

    @property
    def stopped_by(self) -> str | None:
        """The ICCID of the card whose refused ADM key stopped the batch."""
        return self._breaker.refused_by

    def verify(self, session: CardSession, iccid: str, presented: Presented) -> Verdict:
        """VERIFY (TS 102 221 §11.1.9). Raises CardGone, LedgerBroken."""
        key = presented.key
        data = presented.secret.reveal() if key.kind is Kind.ADM else padded(presented.secret)
        command = session.command(Ins.VERIFY, 0x00, key.p2(session.generation), data)
        if key.kind is not Kind.ADM:
            return self._present(session, iccid, presented, command)
        with self._breaker.turn:
            if self._breaker.refused_by is not None:
                why = f"card {self._breaker.refused_by} refused its key: check that the right file is loaded"
                return Held(key, why)
            verdict = self._present(session, iccid, presented, command)
            if isinstance(verdict, Wrong):
                self._breaker.trip(iccid)
            return verdict

    def unblock(self, session: CardSession, iccid: str, pin: KeyRef, puk: Presented, new_pin: Secret) -> Verdict:
        """UNBLOCK PIN with its PUK, which sets, enables and verifies it (§11.1.13). Raises CardGone, LedgerBroken."""
        if puk.key != PUK_OF[pin]:
            return Held(puk.key, f"it does not unblock {pin.name}")
        if (unfit := _unfit(Kind.PIN, new_pin)) is not None:
            return Held(puk.key, f"the new PIN {unfit}")
        data = padded(puk.secret) + padded(new_pin)
        command = session.command(Ins.UNBLOCK_PIN, 0x00, PUK_OF[pin].p2(session.generation), data)
        verdict = self._present(session, iccid, puk, command)
        if isinstance(verdict, Right):
            self._ledger.holds_now(iccid, pin.name, new_pin)
        return verdict

    def change(self, session: CardSession, iccid: str, old: Presented, new: Secret) -> Verdict:
        """CHANGE PIN (§11.1.10). Raises CardGone, LedgerBroken."""
        if (unfit := _unfit(Kind.PIN, new)) is not None:
            return Held(old.key, f"the new PIN {unfit}")
        data = padded(old.secret) + padded(new)
        command = session.command(Ins.CHANGE_PIN, 0x00, old.key.p2(session.generation), data)
        verdict = self._present(session, iccid, old, command)
        if isinstance(verdict, Right):
            self._ledger.holds_now(iccid, old.key.name, new)
        return verdict

    def switch(self, session: CardSession, iccid: str, pin: Presented, *, on: bool) -> Verdict:
        """ENABLE or DISABLE a PIN (§11.1.11, §11.1.12). Raises CardGone, LedgerBroken."""
        ins = Ins.ENABLE_PIN if on else Ins.DISABLE_PIN
        command = session.command(ins, 0x00, pin.key.p2(session.generation), padded(pin.secret))
        return self._present(session, iccid, pin, command)

    def _present(self, session: CardSession, iccid: str, presented: Presented, command: Command) -> Verdict:
        key = presented.key
        if (unfit := _unfit(key.kind, presented.secret)) is not None:
            return Held(key, f"it {unfit}")
        counter = ask(session, key)
        self._settle(iccid, key, counter.tries)
        if counter.satisfied and command.ins == Ins.VERIFY:
            return Right(spent=False)
        if counter.tries == 0:
            return Blocked(key)
        if (why := self._objection(iccid, presented, counter)) is not None:
            return Held(key, why)
        number = self._ledger.before(iccid, key.name, presented.secret, counter.tries)
        status = session.send(command).status
        if succeeded(command.ins, status, session.generation):
            self._ledger.after(number, Outcome.RIGHT)
            return Right()
        left = tries_left(command.ins, status, session.generation)
        if left is None:
            left = ask(session, key).tries
        if _compared(status, counter.tries, left):
            self._ledger.after(number, Outcome.WRONG, left)
            return Wrong(key, left)
        self._ledger.after(number, Outcome.NOT_HEARD, left)
        if left == 0:
            return Blocked(key)
        return Held(key, str(session.refusal(command.ins, status, "the card did not take the command")))

    def _objection(self, iccid: str, presented: Presented, counter: Counter) -> str | None:
        """Why this key must not be sent now, if it must not."""
        key, tries = presented.key, counter.tries
        if (why := self._history(iccid, presented)) is not None:
            return why
        if tries is None:
            return self._in_the_dark(iccid, presented)
        if tries < key.most_tries and presented.accept_tries != tries:
            return f"only {tries} of {key.most_tries} tries are left: say --accept-tries {tries} if you want to go on"
        if key.kind is Kind.PUK and tries < _PUK_NEEDS_A_WORD_BELOW:
            lost = "the card" if key == PUK1 else "PIN2 of the card"
            question = f"{tries} wrong {key.name} more and {lost} {iccid} is dead for ever"
            return None if self._confirm(question) else "it was not confirmed, and few tries are left"
        return None

    def _in_the_dark(self, iccid: str, presented: Presented) -> str | None:
        """Without a counter our own count has to do: one attempt, and each further one on the operator's word."""
        key = presented.key
        if presented.origin is not Origin.VAULT and key.kind is not Kind.PIN:
            return "the card does not tell its tries left, so only a key from the vault may be sent"
        refused = self._ledger.wrong_on(iccid, key.name)
        if not refused or presented.accept_tries == 1:
            return None
        return (
            f"the card does not tell its tries left, and {refused} of at most {key.most_tries} may be spent: "
            "say --accept-tries 1 to present one key more"
        )

    def _settle(self, iccid: str, key: KeyRef, tries: int | None) -> None:
        """Find out by the counter what became of attempts that were cut off, before another attempt changes it."""
        for attempt in self._ledger.all_attempts(iccid, key.name):
            before = attempt.tries_before
            if attempt.outcome is not None or tries is None or before is None:
                continue
            outcome = Outcome.NOT_HEARD if tries >= before else Outcome.WRONG
            self._ledger.after(attempt.number, outcome, tries)
            if outcome is Outcome.WRONG and key.kind is Kind.ADM:
                self._breaker.trip(iccid)

    def _history(self, iccid: str, presented: Presented) -> str | None:
        """Object to a key that this card refused when it last heard it, or may have."""
        attempts = self._ledger.attempts(iccid, presented.key.name, presented.secret)
        heard = [attempt.outcome for attempt in attempts if attempt.outcome is not Outcome.NOT_HEARD]
        match heard[-1] if heard else Outcome.RIGHT:
            case Outcome.WRONG:
                return f"card {iccid} has refused this very key before: get the right one"
            case None if presented.accept_tries != 1:
                return (
                    "it was sent without an answer before, and the card does not tell whether it was right: "
                    "say --accept-tries 1 to present it once more"
                )
        return None


def _compared(status: int, before: int | None, left: int | None) -> bool:
    """Whether the card compared the key it did not accept, which costs a try; told by its answer, else its counter."""
    if status in _WRONG or status & 0xFFF0 == 0x63C0:  # noqa: PLR2004 - TS 102 221 §11.1.9: 63CX
        return True
    if before is None and left == 0:
        return False  # it was blocked before, and nobody could know
    if before is None or left is None:
        return status not in _NOT_COMPARED
    return left != before


def _unfit(kind: Kind, secret: Secret) -> str | None:
    """Why no card can hold this key, so that a slip of the pen costs no try."""
    value = secret.reveal()
    if kind is Kind.ADM:
        return None if len(value) == _ADM_BYTES else f"must have {_ADM_BYTES} bytes"
    fits = len(value) in (_PIN_DIGITS if kind is Kind.PIN else _PUK_DIGITS) and value.isdigit()
    return None if fits else "must have 4 to 8 digits" if kind is Kind.PIN else "must have 8 digits"
