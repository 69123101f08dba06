"""One operator's contract as data: what ``config/contracts/<name>.toml`` says, checked and frozen."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from drivers.subscription import Imsi, IncomingBar, Msisdn, OutgoingBar, PacketBar, Rat
from gateway.contract.line import Kind, Reason
from gateway.contract.table import Table
from gateway.contract.usage import CounterRule, ThresholdRule, read_counters, read_thresholds

_MSISDN_PREFIX = re.compile(r"\+[1-9][0-9]{0,13}")
_IMSI_PREFIX = re.compile(r"[0-9]{5,6}")
_LONGEST_QUARANTINE_DAYS = 3650
_ALWAYS = (Kind.BARRED_OUTGOING, Kind.SUSPENDED, Kind.FAIR_USE)  # the others where a threshold lays them over lines
_APN = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")  # TS 23.003 §9.1


@dataclass(frozen=True, slots=True)
class HostRule:
    """One host network: which element serves it, which IMSIs are its own."""

    element: str
    imsi_prefixes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class OptionRule:
    """What an option opens (or, for a block, closes) on the network."""

    international: bool
    roaming: bool
    blocks_roaming: bool
    rats: frozenset[Rat]
    apns: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class PlanRule:
    """What passing fair use does on this plan; ``None`` and ``True`` leave things as they are.

    A line whose plan is for data only gets no SMS: ``receives_sms`` is false.
    """

    fair_use_cap_kbit_s: int | None
    fair_use_keeps_roaming_data: bool
    source: str
    receives_sms: bool = True


@dataclass(frozen=True, slots=True)
class RestrictionRule:
    """What a kind of restriction closes while it holds."""

    reasons: frozenset[Reason]
    locked: bool
    outgoing: OutgoingBar
    incoming: IncomingBar
    packet: PacketBar
    source: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole contract."""

    name: str
    time_zone: str
    language: str
    sms_sender: str
    msisdn_prefixes: tuple[str, ...]
    quarantine_days: int
    hosts: Mapping[str, HostRule]
    default_options: frozenset[str]
    default_rats: frozenset[Rat]
    international_bar_type: int
    options: Mapping[str, OptionRule]
    plans: Mapping[str, PlanRule]
    restrictions: Mapping[Kind, RestrictionRule]
    kept_by_reactivation: frozenset[Reason]
    counters: Mapping[str, CounterRule] = field(default_factory=dict)
    thresholds: Mapping[str, ThresholdRule] = field(default_factory=dict)

    def host_of(self, imsi: Imsi) -> str | None:
        """Name the host network an IMSI belongs to."""
        for name, host in self.hosts.items():
            if imsi.startswith(host.imsi_prefixes):
                return name
        return None

    def owns_number(self, msisdn: Msisdn) -> bool:
        """Tell whether a number lies in the contract's ranges."""
        return msisdn.startswith(self.msisdn_prefixes)


def read_rules(file: str, data: Mapping[str, Any]) -> Rules:
    """Check a contract's TOML. Raises ConfigError naming every mistake with file and key."""
    root = Table(file, data)
    if root.text("spec") != "1":
        root.wrong("spec", 'this version reads contracts of spec = "1"')
    numbering, sms = root.table("numbering"), root.table("sms")
    options = {name: _option(t) for name, t in root.tables("options").items()}
    defaults, time_zone = root.table("defaults"), _time_zone(root)
    plans = {name: _plan(t) for name, t in root.tables("plans").items()}
    restrictions = {Kind(n): _restriction(t) for n, t in root.tables("restrictions").items() if _known(root, n)}
    counters = read_counters(root, time_zone)
    rules = Rules(
        name=root.text("name"),
        time_zone=time_zone,
        language=root.text("language"),
        sms_sender=_sender(sms),
        msisdn_prefixes=_matching(numbering, "msisdn_prefixes", _MSISDN_PREFIX, "+ and digits"),
        quarantine_days=numbering.number("quarantine_days", most=_LONGEST_QUARANTINE_DAYS),
        hosts={name: _host(t) for name, t in root.tables("hosts").items()},
        default_options=frozenset(defaults.choices("options", options)),
        default_rats=frozenset(Rat(r) for r in defaults.choices("rats", Rat)),
        international_bar_type=defaults.number("international_bar_type", least=1),
        options=options,
        plans=plans,
        restrictions=restrictions,
        kept_by_reactivation=_reasons(root.table("reactivation"), "keeps"),
        counters=counters,
        thresholds=read_thresholds(root, counters, plans, {kind: r.reasons for kind, r in restrictions.items()}),
    )
    _check_hosts(root, rules.hosts)
    if rules.international_bar_type not in (1, 2, 3, 4):
        defaults.wrong("international_bar_type", "ODB-HPLMN-Specific types are 1 to 4")
    for kind in _ALWAYS:
        if kind not in rules.restrictions:
            root.wrong(f"restrictions.{kind.value}", "is missing: say what this restriction closes")
    root.finish()
    return rules


def _time_zone(root: Table) -> str:
    name = root.text("time_zone")
    try:
        ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        root.wrong("time_zone", f"{name!r} must be a name of the IANA database, as Europe/Paris")
    return name


def _check_hosts(root: Table, hosts: Mapping[str, HostRule]) -> None:
    """A SIM belongs to one host only."""
    owned = [(prefix, name) for name, host in hosts.items() for prefix in host.imsi_prefixes]
    for (one, first), (other, second) in itertools.combinations(owned, 2):
        if one.startswith(other) or other.startswith(one):
            root.wrong(f"hosts.{second}.imsi_prefixes", f"{other} overlaps {one} of {first}: a SIM has one host")


def _known(root: Table, name: str) -> bool:
    if name in set(Kind):
        return True
    root.wrong(f"restrictions.{name}", f"must be one of: {', '.join(Kind)}")
    return False


def _host(table: Table) -> HostRule:
    prefixes = _matching(table, "imsi_prefixes", _IMSI_PREFIX, "MCC and MNC, 5 or 6 digits")
    return HostRule(table.text("element"), prefixes, table.text("source"))


def _option(table: Table) -> OptionRule:
    return OptionRule(
        international=table.switch("international", default=False),
        roaming=table.switch("roaming", default=False),
        blocks_roaming=table.switch("blocks_roaming", default=False),
        rats=_rats(table),
        apns=frozenset(_matching(table, "apns", _APN, "lower-case APN names", default=())),
        source=table.text("source"),
    )


def _plan(table: Table) -> PlanRule:
    return PlanRule(
        fair_use_cap_kbit_s=table.optional_number("fair_use_cap_kbit_s", least=1),
        fair_use_keeps_roaming_data=table.switch("fair_use_keeps_roaming_data", default=True),
        source=table.text("source"),
        receives_sms=table.switch("receives_sms", default=True),
    )


def _restriction(table: Table) -> RestrictionRule:
    return RestrictionRule(
        reasons=_reasons(table, "reasons"),
        locked=table.switch("locked", default=False),
        outgoing=OutgoingBar(table.choice("outgoing", OutgoingBar, OutgoingBar.NONE)),
        incoming=IncomingBar(table.choice("incoming", IncomingBar, IncomingBar.NONE)),
        packet=PacketBar(table.choice("packet", PacketBar, PacketBar.NONE)),
        source=table.text("source"),
    )


def _rats(table: Table) -> frozenset[Rat]:
    return frozenset(Rat(r) for r in table.choices("rats", Rat, ()))


def _reasons(table: Table, key: str) -> frozenset[Reason]:
    return frozenset(Reason(r) for r in table.choices(key, Reason))


def _sender(table: Table) -> str:
    sender = table.text("sender")
    # 001:6531-6534 - automated messages never come from a 10-digit mobile number, however it is written
    if re.fullmatch(r"(0033|33|0)?[67][0-9]{8}", sender.replace(" ", "")) or not re.fullmatch(
        r"[A-Za-z0-9 ]{1,11}", sender
    ):
        table.wrong("sender", "must be 1 to 11 letters or digits, never a mobile number")
    return sender


def _matching(
    table: Table, key: str, pattern: re.Pattern[str], what: str, default: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    values = table.texts(key, default)
    if not values and default is None:
        table.wrong(key, f"name at least one: {what}")
    for value in values:
        if not pattern.fullmatch(value):
            table.wrong(key, f"{value!r} must be {what}")
    return values
