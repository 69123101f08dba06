"""What the doctor finds in a database, by check; no finding may hold a password."""

from __future__ import annotations

from typing import Final

from gateway.cli.database_examination import examine
from gateway.cli.examination import Finding
from gateway.databases import DatabaseSettings
from tests.peers.postgres import PASSWORD

NOBODYS: Final = "FAKEpwWrong01"
USUAL: Final = DatabaseSettings()


async def found(url: str, settings: DatabaseSettings = USUAL) -> dict[str, Finding]:
    findings = await examine(settings, url)
    told = repr(findings)
    assert PASSWORD not in told
    assert NOBODYS not in told
    return {finding.check: finding for finding in findings}


def verdict(findings: dict[str, Finding], check: str) -> str:
    return findings[check].verdict.value
