"""A line: what was agreed for one number. Restrictions lie over the options and never touch them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from drivers.subscription import Iccid, Imsi, Msisdn


class Life(StrEnum):
    """Where the line is in its life; restrictions are told apart from it."""

    ORDERED = "ordered"
    ACTIVE = "active"
    TERMINATED = "terminated"


class Kind(StrEnum):
    """What a restriction does; its effect on the network is a rule of the contract."""

    BARRED_OUTGOING = "barred_outgoing"
    SUSPENDED = "suspended"
    FAIR_USE = "fair_use"
    ROAMING_DATA_CUT = "roaming_data_cut"
    UNLIMITED_OFF = "unlimited_off"  # closes nothing: the plan is metered from here on
    SMS_OFF = "sms_off"


class Reason(StrEnum):
    """Why a restriction holds."""

    UNPAID = "unpaid"
    CREDIT_LIMIT = "credit_limit"
    CUSTOMER = "customer"
    FRAUD = "fraud"
    ABUSE = "abuse"
    NETWORK_HARM = "network_harm"
    NUMBERING_BREACH = "numbering_breach"
    AUTHORITY = "authority"
    MISSING_PAPERS = "missing_papers"
    STOLEN_HANDSET = "stolen_handset"
    INACTIVITY = "inactivity"
    LOST = "lost"
    STOLEN = "stolen"
    FAIR_USE = "fair_use"
    SPENDING_CAP = "spending_cap"
    PLAN_LIMIT = "plan_limit"
    CREDIT_USED = "credit_used"
    OTHER_DEBTS = "other_debts"  # the customer's, on other contracts


#: what use itself brings about: it ends with its period or by ``lift_limit``, never with a reactivation
LIMITS = frozenset({Kind.FAIR_USE, Kind.ROAMING_DATA_CUT, Kind.UNLIMITED_OFF, Kind.SMS_OFF})
LOSS = frozenset({Reason.LOST, Reason.STOLEN})


class Bar(StrEnum):
    """What the customer has closed on the own line; what each closes on the network is a rule of the contract."""

    RECEIVE_CALLS_ONLY = "receive_calls_only"
    MAKE_CALLS_ONLY = "make_calls_only"
    NATIONAL_ONLY = "national_only"
    RECEIVE_SMS_ONLY = "receive_sms_only"
    NO_DATA = "no_data"
    NO_TOPUP = "no_topup"
    NO_PREMIUM = "no_premium"
    FLEET_ONLY = "fleet_only"


@dataclass(frozen=True, slots=True)
class Restriction:
    """One overlay with its reason; two orders for the same reason are one restriction.

    ``until``: it ends by itself then; ``None``: when somebody lifts it.
    """

    kind: Kind
    reason: Reason
    since: datetime
    reference: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OptionEnd:
    """An option that ends by itself."""

    option: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Twin:
    """A second SIM of the same line, in a car for instance: it calls and writes, the number rings on the first."""

    imsi: Imsi
    iccid: Iccid


@dataclass(frozen=True, slots=True)
class TopUp:
    """One purchase on top of the plan, as it was asked; ``begun_at`` is ``None`` while it waits behind others."""

    what: str
    bought_at: datetime
    begun_at: datetime | None = None


class Direction(StrEnum):
    """Whether a number comes to us or leaves."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Porting:
    """A number on its way from or to another operator, on a day (in the contract's zone).

    ``msisdn`` is the number that moves: a line that waits for it has a temporary one of its own meanwhile, or is
    not opened before. ``cancelled`` is kept only until a line that was waiting for the number is opened without it.
    """

    direction: Direction
    msisdn: Msisdn
    rio: str
    day: date
    mandate: str | None = None
    moved: bool = False  # its day was changed once
    reference: str | None = None  # the clearing house's file
    recipient: str | None = None  # the operator a leaving number goes to, as the clearing house calls it
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter the customer was sent, by the contract's name for it; what is due after it counts from ``at``.

    ``until``: time was granted, by that letter or on the clock of that name: nothing of it is due before.
    """

    name: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offence:
    """One abuse of the line: the next of its ladder is answered longer."""

    ladder: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One mobile line. Emergency calls have no place here: nothing agreed can bar them."""

    msisdn: Msisdn
    imsi: Imsi
    iccid: Iccid
    contract: str
    host: str
    plan: str
    options: frozenset[str] = field(default_factory=frozenset)
    restrictions: tuple[Restriction, ...] = ()
    life: Life = Life.ORDERED
    bars: frozenset[Bar] = field(default_factory=frozenset)
    ends: tuple[OptionEnd, ...] = ()
    customer: str | None = None
    opened_at: datetime | None = None
    plan_since: datetime | None = None  # its last change; none since it was opened
    twin: Twin | None = None
    top_ups: tuple[TopUp, ...] = ()  # in the order they are used up
    offences: tuple[Offence, ...] = ()
    notices: tuple[Notice, ...] = ()
    porting: Porting | None = None

    @property
    def state(self) -> str:
        """ordered, active, barred, suspended or terminated: the strictest word that is true."""
        if self.life is not Life.ACTIVE:
            return self.life.value
        kinds = {r.kind for r in self.restrictions}
        if Kind.SUSPENDED in kinds:
            return "suspended"
        return "barred" if Kind.BARRED_OUTGOING in kinds else "active"

    def owns(self, msisdn: Msisdn) -> bool:
        """Tell whether this is the number's line: it has it, or keeps another until it comes from elsewhere."""
        moves = self.porting
        if moves is None or moves.direction is Direction.OUT or moves.cancelled:
            return self.msisdn == msisdn
        return msisdn in (self.msisdn, moves.msisdn)

    def ordered(self) -> Line:
        """Return the line as it is before its activation has reached the network."""
        return replace(self, life=Life.ORDERED)

    def restricted(self, added: Restriction) -> Line:
        """Return the line under one more restriction; one kind is held once for one reason, since its first."""
        if any((r.kind, r.reason) == (added.kind, added.reason) for r in self.restrictions):
            return self
        return replace(self, restrictions=(*self.restrictions, added))

    def lifted(self, lift: Callable[[Restriction], bool]) -> Line:
        """Return the line without the restrictions for which ``lift`` is true; the others stay as they are."""
        return replace(self, restrictions=tuple(r for r in self.restrictions if not lift(r)))
