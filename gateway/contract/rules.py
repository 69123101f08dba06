"""One operator's contract as data: what ``config/contracts/<name>.toml`` says, checked and frozen."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from drivers.subscription import Imsi, Msisdn, Rat
from gateway.contract.line import Bar, Kind, Reason
from gateway.contract.rulebook.bounds import Bounds, read_bounds
from gateway.contract.rulebook.services import (
    BarRule,
    OptionRule,
    PlanRule,
    RestrictionRule,
    matching,
    read_bars,
    read_option,
    read_plan,
    read_restrictions,
    reasons,
    voicemail,
)
from gateway.contract.rulebook.timing import Timing, read_timing
from gateway.contract.table import Table
from gateway.contract.usage import CounterRule, ThresholdRule, read_counters, read_thresholds

_MSISDN_PREFIX = re.compile(r"\+[1-9][0-9]{0,13}")
_IMSI_PREFIX = re.compile(r"[0-9]{5,6}")
_PIN = re.compile(r"[0-9]{4,8}")
_LONGEST_QUARANTINE_DAYS = 3650
_LONGEST_VALIDITY_H = 24 * 14
_ALWAYS = (Kind.BARRED_OUTGOING, Kind.SUSPENDED, Kind.FAIR_USE)  # the others where a threshold lays them over lines


@dataclass(frozen=True, slots=True)
class HostRule:
    """One host network: which element serves it, which IMSIs are its own."""

    element: str
    imsi_prefixes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every line has before anything is chosen."""

    options: frozenset[str]
    rats: frozenset[Rat]
    international_bar_type: int
    incoming_abroad: bool = True
    diverts_to: str | None = None
    pin: str | None = None
    bars: frozenset[Bar] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole contract."""

    name: str
    time_zone: str
    language: str
    sms_sender: str
    sms_validity_s: float | None  # of messages that say nothing else; none: as long as the message centre keeps them
    msisdn_prefixes: tuple[str, ...]
    quarantine_days: int
    hosts: Mapping[str, HostRule]
    defaults: Defaults
    options: Mapping[str, OptionRule]
    plans: Mapping[str, PlanRule]
    restrictions: Mapping[Kind, RestrictionRule]
    kept_by_reactivation: frozenset[Reason]
    timing: Timing
    bars: Mapping[Bar, BarRule] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
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

    def at_activation(self, plan: str) -> frozenset[str]:
        """Return the options a new line on that plan has before any is chosen."""
        return self.defaults.options | self.plans[plan].options


def read_rules(file: str, data: Mapping[str, Any]) -> Rules:
    """Check a contract's TOML. Raises ConfigError naming every mistake with file and key."""
    root = Table(file, data)
    if root.text("spec") != "1":
        root.wrong("spec", 'this version reads contracts of spec = "1"')
    numbering, sms, time_zone = root.table("numbering"), root.table("sms"), _time_zone(root)
    options = {name: read_option(t) for name, t in root.tables("options").items()}
    plans = {name: read_plan(t, options) for name, t in root.tables("plans").items()}
    restrictions, bars, counters = read_restrictions(root), read_bars(root), read_counters(root, time_zone)
    rules = Rules(
        name=root.text("name"),
        time_zone=time_zone,
        language=root.text("language"),
        sms_sender=_sender(sms),
        sms_validity_s=_validity_s(sms),
        msisdn_prefixes=matching(numbering, "msisdn_prefixes", _MSISDN_PREFIX, "+ and digits"),
        quarantine_days=numbering.number("quarantine_days", most=_LONGEST_QUARANTINE_DAYS),
        hosts={name: _host(t) for name, t in root.tables("hosts").items()},
        defaults=_defaults(root.table("defaults"), options, bars),
        options=options,
        plans=plans,
        restrictions=restrictions,
        kept_by_reactivation=reasons(root.table("reactivation"), "keeps"),
        timing=read_timing(root, time_zone, options, restrictions),
        bars=bars,
        bounds=read_bounds(root, options, plans),
        counters=counters,
        thresholds=read_thresholds(root, counters, plans, {kind: r.reasons for kind, r in restrictions.items()}),
    )
    _check_hosts(root, rules.hosts)
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
        return "UTC"
    return name


def _defaults(table: Table, options: Mapping[str, OptionRule], bars: Mapping[Bar, BarRule]) -> Defaults:
    bar_type = table.number("international_bar_type", least=1)
    if bar_type not in (1, 2, 3, 4):
        table.wrong("international_bar_type", "ODB-HPLMN-Specific types are 1 to 4")
    pin = table.optional_text("pin")
    if pin is not None and not _PIN.fullmatch(pin):
        table.wrong("pin", "must be 4 to 8 digits, as the cards are delivered with it")
    return Defaults(
        options=frozenset(table.choices("options", options)),
        rats=frozenset(Rat(r) for r in table.choices("rats", Rat)),
        international_bar_type=bar_type,
        incoming_abroad=table.switch("incoming_abroad", default=True),
        diverts_to=voicemail(table),
        pin=pin,
        bars=frozenset(Bar(bar) for bar in table.choices("bars", bars, ())),
    )


def _check_hosts(root: Table, hosts: Mapping[str, HostRule]) -> None:
    """A SIM belongs to one host only."""
    owned = [(prefix, name) for name, host in hosts.items() for prefix in host.imsi_prefixes]
    for (one, first), (other, second) in itertools.combinations(owned, 2):
        if one.startswith(other) or other.startswith(one):
            root.wrong(f"hosts.{second}.imsi_prefixes", f"{other} overlaps {one} of {first}: a SIM has one host")


def _host(table: Table) -> HostRule:
    prefixes = matching(table, "imsi_prefixes", _IMSI_PREFIX, "MCC and MNC, 5 or 6 digits")
    return HostRule(table.text("element"), prefixes, table.text("source"))


def _validity_s(table: Table) -> float | None:
    hours = table.optional_number("validity_h", least=1)
    if hours is not None and hours > _LONGEST_VALIDITY_H:
        table.wrong("validity_h", f"must be at most {_LONGEST_VALIDITY_H}: no message centre keeps a message longer")
    return None if hours is None else hours * 3600.0


def _sender(table: Table) -> str:
    sender = table.text("sender")
    # 001:6531-6534 - automated messages never come from a 10-digit mobile number, however it is written
    if re.fullmatch(r"(0033|33|0)?[67][0-9]{8}", sender.replace(" ", "")) or not re.fullmatch(
        r"[A-Za-z0-9 ]{1,11}", sender
    ):
        table.wrong("sender", "must be 1 to 11 letters or digits, never a mobile number")
    return sender
