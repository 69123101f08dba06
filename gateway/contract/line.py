"""A line: what was agreed for one number. Restrictions lie over the options and never touch them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
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


#: what use itself brings about: it ends with its period or by ``lift_limit``, never with a reactivation
LIMITS = frozenset({Kind.FAIR_USE, Kind.ROAMING_DATA_CUT, Kind.UNLIMITED_OFF})
LOSS = frozenset({Reason.LOST, Reason.STOLEN})


@dataclass(frozen=True, slots=True)
class Restriction:
    """One overlay with its reason; two orders for the same reason are one restriction."""

    kind: Kind
    reason: Reason
    since: datetime
    reference: str | None = None


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

    @property
    def state(self) -> str:
        """ordered, active, barred, suspended or terminated: the strictest word that is true."""
        if self.life is not Life.ACTIVE:
            return self.life.value
        kinds = {r.kind for r in self.restrictions}
        if Kind.SUSPENDED in kinds:
            return "suspended"
        return "barred" if Kind.BARRED_OUTGOING in kinds else "active"

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
