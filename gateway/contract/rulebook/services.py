"""What options, plans, bars and restrictions open or close on the network."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drivers.subscription import IncomingBar, OutgoingBar, PacketBar, Rat, ServiceBar
from gateway.contract.line import Bar, Kind, Reason
from gateway.contract.table import Table

_APN = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")  # TS 23.003 §9.1
_SHORT_NUMBER = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Closed:
    """What something closes; nothing, if it says nothing. Emergency calls are in the reach of none of it."""

    outgoing: OutgoingBar = OutgoingBar.NONE
    incoming: IncomingBar = IncomingBar.NONE
    packet: PacketBar = PacketBar.NONE
    services: frozenset[ServiceBar] = field(default_factory=frozenset)
    premium: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True)
class OptionRule:
    """What an option opens (or, for a block, closes) on the network."""

    international: bool
    roaming: bool
    blocks_roaming: bool
    rats: frozenset[Rat]
    apns: frozenset[str]
    source: str
    incoming_abroad: bool = False
    hides_caller_id: bool = False
    cap_kbit_s: int | None = None


@dataclass(frozen=True, slots=True)
class PlanRule:
    """What a plan brings, and what passing fair use does on it; ``None`` and ``True`` leave things as they are.

    A line whose plan is for data only gets no SMS where ``receives_sms`` is false. ``options`` are added to a line
    that is activated on it. ``ends_options``: whoever changes to it keeps only what every line of it has.
    """

    fair_use_cap_kbit_s: int | None
    fair_use_keeps_roaming_data: bool
    source: str
    receives_sms: bool = True
    voice: bool = True
    options: frozenset[str] = field(default_factory=frozenset)
    ends_options: bool = False


@dataclass(frozen=True, slots=True)
class BarRule:
    """What one of the customer's own bars closes; ``top_ups``: also what is bought on top of the plan."""

    closed: Closed
    top_ups: bool
    source: str


@dataclass(frozen=True, slots=True)
class RestrictionRule:
    """What a kind of restriction closes while it holds."""

    reasons: frozenset[Reason]
    closed: Closed
    source: str


def read_option(table: Table) -> OptionRule:
    """Read one option."""
    return OptionRule(
        international=table.switch("international", default=False),
        roaming=table.switch("roaming", default=False),
        blocks_roaming=table.switch("blocks_roaming", default=False),
        rats=frozenset(Rat(r) for r in table.choices("rats", Rat, ())),
        apns=frozenset(matching(table, "apns", _APN, "lower-case APN names", default=())),
        source=table.text("source"),
        incoming_abroad=table.switch("incoming_abroad", default=False),
        hides_caller_id=table.switch("hides_caller_id", default=False),
        cap_kbit_s=table.optional_number("cap_kbit_s", least=1),
    )


def read_plan(table: Table, options: dict[str, OptionRule]) -> PlanRule:
    """Read one plan."""
    return PlanRule(
        fair_use_cap_kbit_s=table.optional_number("fair_use_cap_kbit_s", least=1),
        fair_use_keeps_roaming_data=table.switch("fair_use_keeps_roaming_data", default=True),
        source=table.text("source"),
        receives_sms=table.switch("receives_sms", default=True),
        voice=table.switch("voice", default=True),
        options=frozenset(table.choices("options", options, ())),
        ends_options=table.switch("ends_options", default=False),
    )


def read_bars(root: Table) -> dict[Bar, BarRule]:
    """Read ``[bars.*]``; a contract may sell none."""
    found: dict[Bar, BarRule] = {}
    for name, table in root.tables("bars", optional=True).items():
        if name not in set(Bar):
            root.wrong(f"bars.{name}", f"must be one of: {', '.join(Bar)}")
            continue
        found[Bar(name)] = BarRule(_closed(table), table.switch("top_ups", default=False), table.text("source"))
    return found


def read_restrictions(root: Table) -> dict[Kind, RestrictionRule]:
    """Read ``[restrictions.*]``."""
    found: dict[Kind, RestrictionRule] = {}
    for name, table in root.tables("restrictions").items():
        if name not in set(Kind):
            root.wrong(f"restrictions.{name}", f"must be one of: {', '.join(Kind)}")
            continue
        found[Kind(name)] = RestrictionRule(reasons(table, "reasons"), _closed(table), table.text("source"))
    return found


def _closed(table: Table) -> Closed:
    return Closed(
        outgoing=OutgoingBar(table.choice("outgoing", OutgoingBar, OutgoingBar.NONE)),
        incoming=IncomingBar(table.choice("incoming", IncomingBar, IncomingBar.NONE)),
        packet=PacketBar(table.choice("packet", PacketBar, PacketBar.NONE)),
        services=frozenset(ServiceBar(bar) for bar in table.choices("services", ServiceBar, ())),
        premium=table.switch("premium", default=False),
        locked=table.switch("locked", default=False),
    )


def reasons(table: Table, key: str, default: tuple[str, ...] | None = None) -> frozenset[Reason]:
    """Read a list of reasons."""
    return frozenset(Reason(r) for r in table.choices(key, Reason, default))


def voicemail(table: Table) -> str | None:
    """Read ``diverts_to``: the number calls are diverted to on busy, no reply and not reachable."""
    number = table.optional_text("diverts_to")
    if number is not None and not _SHORT_NUMBER.fullmatch(number):
        table.wrong("diverts_to", "must be the voicemail's number as dialled here, 1 to 15 digits")
    return number


def matching(
    table: Table, key: str, pattern: re.Pattern[str], what: str, default: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    """Read a list of texts of one form; at least one, unless there is a default."""
    values = table.texts(key, default)
    if not values and default is None:
        table.wrong(key, f"name at least one: {what}")
    for value in values:
        if not pattern.fullmatch(value):
            table.wrong(key, f"{value!r} must be {what}")
    return values
