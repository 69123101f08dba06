"""``linegate doctor``: what is there, what is missing, and what to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType

from gateway.cli import checks_here, checks_there, database_checks
from gateway.cli.examination import Finding, Verdict, fail
from gateway.cli.failure import Failure
from gateway.cli.gateway_client import Address
from gateway.cli.printing import rows, show, state, table
from gateway.databases import DatabaseSettings
from gateway.settings import Settings, config_directory


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined; ``database_env`` names a variable with a database's URL, instead of the configured one."""

    config: Path | None
    data: Path | None
    offline: bool
    database_env: str | None = None


def doctor(patient: Patient, *, as_json: bool) -> None:
    """Examine and print. Raises Failure when something is wrong."""
    findings = examine(patient)
    told = {"healthy": not _wrong(findings), "findings": [finding.to_json() for finding in findings]}
    show(told, as_json=as_json, drawn=lambda: _draw(findings))
    if count := len(_wrong(findings)):
        raise Failure(f"{count} {'check' if count == 1 else 'checks'} failed; the advice stands beside each")


def examine(patient: Patient) -> list[Finding]:
    """Run every check."""
    settings, findings = checks_here.configuration(config_directory(patient.config), patient.data)
    findings.insert(0, checks_here.python())
    if settings is not None:
        findings += [*checks_here.consistency(settings), *checks_here.elements(settings), checks_here.token(settings)]
        if patient.data is not None:
            findings.append(checks_here.vault(settings, patient.data))
        if settings.database.url is not None:
            findings.append(checks_here.shared_vault(settings))
    findings += _database(settings, patient.database_env)
    if not patient.offline:
        findings += checks_there.gateway(Address.from_environment())
    return findings


def _database(settings: Settings | None, variable: str | None) -> list[Finding]:
    configured = settings.database if settings is not None else DatabaseSettings()
    if variable is None:
        return database_checks.database(configured, configured.url)
    if url := os.environ.get(variable):
        return database_checks.database(configured, url)
    return [fail("database", f"{variable} is not set", "let it hold a URL as postgresql://user:password@host/database")]


def _wrong(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.verdict is Verdict.FAIL]


def _draw(findings: Sequence[Finding]) -> RenderableType:
    made = table("", "check", "", "found", "advice")
    return rows(made, ((f.check, state(f.verdict.value), f.found, f.advice) for f in findings))
