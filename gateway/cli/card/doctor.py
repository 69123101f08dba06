"""``linegate card doctor``: what card work needs, what is missing, and what to do."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType

from gateway.cli.card.station import PRIVATE, Station, open_station
from gateway.cli.card.troubles import explained
from gateway.cli.examination import Finding, Verdict, fail, ok, warn
from gateway.cli.failure import Failure
from gateway.cli.printing import rows, show, state, table
from gateway.settings import config_directory
from sim_readers.ledger import LedgerBroken
from sim_readers.models.profile import ProfileError, read_models
from sim_readers.reader import find_readers, kinds, module_of

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def doctor(station: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Examine and print. Raises Failure when something is wrong."""
    with explained():
        findings = [*_readers(), *_station(open_station(station)), _profiles(config), _core()]
        wrong = sum(finding.verdict is Verdict.FAIL for finding in findings)
        told = {"healthy": not wrong, "findings": [finding.to_json() for finding in findings]}
        show(told, as_json=as_json, drawn=lambda: _draw(findings))
        if wrong:
            raise Failure(f"{wrong} {'check' if wrong == 1 else 'checks'} failed; the advice stands beside each")


def _readers() -> Iterator[Finding]:
    """Every kind's own symptoms; a kind this station does not name is not missed."""
    named = {
        part.strip().partition(":")[0] for part in os.environ.get("LINEGATE_READER", "").split(";") if part.strip()
    }
    for kind in kinds():
        for symptom in module_of(kind).diagnose():
            verdict = Verdict(symptom.verdict.value)
            if verdict is Verdict.FAIL and named and kind not in named:
                verdict = Verdict.WARN
            yield Finding(f"{kind}: {symptom.check}", verdict, symptom.found, symptom.advice)
    found = list(find_readers())
    if found or named:
        yield ok("readers", ", ".join(found) or "those LINEGATE_READER names")
    else:
        yield warn("readers", "none can be seen", "connect one; serial lines and callers are named with --reader")


def _station(station: Station) -> Iterator[Finding]:
    about = station.directory.stat()
    mode = stat.S_IMODE(about.st_mode)
    if about.st_uid != os.getuid():
        yield fail(
            "station", f"{station.directory} belongs to another user", "name a directory of yours with --station"
        )
    elif mode & _OTHERS:
        advice = f"chmod {PRIVATE:o} {station.directory}"
        yield fail("station", f"{station.directory} has mode {mode:04o}: others can read it", advice)
    else:
        yield ok("station", f"{station.directory}, mode {mode:04o}")
    yield _ledger(station)
    yield _untold(station)


def _ledger(station: Station) -> Finding:
    try:
        station.ledger().wrong_on("", "")
    except (LedgerBroken, OSError) as broken:
        return fail("attempt ledger", str(broken), "no key is presented to any card until it can be used")
    return ok("attempt ledger", "can be read and written")


def _untold(station: Station) -> Finding:
    facts, orders = len(station.facts().waiting()), len(station.orders().waiting())
    if facts or orders:
        told = f"not told the gateway yet: facts about cards: {facts}; orders: {orders}"
        return warn("outbox", told, "send them with `linegate card report`")
    return ok("outbox", "nothing waits to be told")


def _profiles(config: Path | None) -> Finding:
    directory = config_directory(config) / "card_profiles"
    try:
        models = read_models(directory)
    except ProfileError as wrong:
        return fail("card profiles", str(wrong), f"correct them in {directory}")
    return ok("card profiles", ", ".join(models))


def _core() -> Finding:
    """Whether a crash could write keys to a disk; ``hardening`` has forbidden it when the command began."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if soft or hard:
        return fail("core files", "a crash would leave one, with keys in it", "forbid them: ulimit -c 0")
    return ok("core files", "off")


def _draw(findings: list[Finding]) -> RenderableType:
    made = table("", "check", "", "found", "advice")
    return rows(made, ((f.check, state(f.verdict.value), f.found, f.advice) for f in findings))
