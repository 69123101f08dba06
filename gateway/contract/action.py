"""What every contract action is made of: a wish, judged against a line, becomes the next line or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Generic, TypeVar

from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.contract.line import Life, Line
from gateway.contract.rules import Rules


class Lane(IntEnum):
    """Who goes first between lines; within a line orders stay in the order of their acceptance."""

    EMERGENCY = 0
    INTERACTIVE = 1
    BULK = 2
    AUDIT = 3


class Manner(StrEnum):
    """What an action is to the network: a change, or a look at what is there already."""

    CHANGES = "changes"
    ADOPTS = "adopts"  # the network is said to be so already: nothing is sent unless reading shows otherwise
    MENDS = "mends"  # nothing agreed changes: whatever the network holds instead is put right


class SimState(StrEnum):
    """A SIM's life; it never returns to stock once it has served a line."""

    STOCK = "stock"
    RESERVED = "reserved"
    ACTIVE = "active"
    REPLACED = "replaced"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Sim:
    """What the stock knows of a SIM, secrets apart.

    ``ours`` when it is free or reserved for this very order; ``dead`` when a station found that the card is no more.
    """

    iccid: Iccid
    imsi: Imsi
    state: SimState
    ours: bool
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Claims:
    """What an order takes from stock when it is accepted."""

    iccid: Iccid | None = None
    msisdn: Msisdn | None = None
    coming: Msisdn | None = None  # a number of another operator's, kept for the line until it comes


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything an action may look at besides the line and its own details."""

    rules: Rules
    now: datetime
    msisdn: Msisdn | None = None
    sim: Sim | None = None
    number_free: bool = True
    customer_lines: tuple[datetime, ...] = ()  # when the customer's other living lines were taken
    coming_free: bool = True  # no other line has or awaits the number that is to come
    ports: bool = False  # there is a clearing house to ask
    order_id: str | None = None  # whose wish it is; a preview has none


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a wish makes no sense, with advice. ``timeless``: no other order could change the answer."""

    slug: str
    detail: str
    timeless: bool = False


D = TypeVar("D")


def no_claims(_details: object, _msisdn: Msisdn | None) -> Claims:
    """Most actions take nothing from stock."""
    return Claims()


@dataclass(frozen=True, slots=True)
class Action(Generic[D]):
    """What a file in ``gateway/contract/actions/`` exports as ``ACTION``; its name is the action's name.

    ``details`` is a frozen dataclass, the body of the order: its types are the REST schema. ``apply`` judges.
    """

    details: type[D]
    apply: Callable[[Line | None, D, Wish], Line | Refusal]
    lane: Lane = Lane.INTERACTIVE
    addressed_by: tuple[str, ...] = ("msisdn", "imsi", "iccid")
    claims: Callable[[D, Msisdn | None], Claims] = no_claims
    opens_line: bool = False
    manner: Manner = Manner.CHANGES
    follows_line: bool = False  # whatever number and SIM the line has when its turn comes


def on_live_line(judge: Callable[[Line, D, Wish], Line | Refusal]) -> Callable[[Line | None, D, Wish], Line | Refusal]:
    """Wrap a judgement so that it only ever sees a line in service."""

    def apply(line: Line | None, details: D, wish: Wish) -> Line | Refusal:
        if line is None or line.life is Life.ORDERED:
            return Refusal("line-not-active", "the line is not in service: activate it first")
        if line.life is Life.TERMINATED:
            return Refusal(
                "line-terminated",
                f"the line {line.msisdn} was terminated and its SIM is never usable again: activate a new line",
            )
        return judge(line, details, wish)

    return apply
