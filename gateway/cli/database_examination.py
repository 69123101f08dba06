"""Examining a shared database: connects, finds out what lies in between, asks for the facts, judges them."""

from __future__ import annotations

from gateway.cli import database_advice as advice
from gateway.cli.database_asking import ask
from gateway.cli.database_facts import Pooling
from gateway.cli.database_pooling import open_connection, pooling
from gateway.cli.examination import Finding, fail, ok
from gateway.databases import DatabaseSettings
from gateway.journal.postgres.errors import why_unusable
from gateway.journal.postgres.places import Place


async def examine(settings: DatabaseSettings, url: str) -> list[Finding]:
    """Return every finding, up to the first that makes further questions useless."""
    place = Place(url)
    found: list[Finding] = []
    try:
        connection = await open_connection(url)
        try:
            found.append(ok("database", f"{place} lets us in"))
            between = await pooling(url, connection)
            found.append(advice.pooling(between))
            if between is not Pooling.STATEMENT:  # there, nothing can be asked in a transaction
                found += advice.findings(await ask(connection, settings))
        finally:
            connection.terminate()
    except Exception as failure:  # noqa: BLE001 - their texts may hold parts of the URL: none is told
        found.append(fail("database", str(why_unusable(place, failure)), "no instance starts until this is mended"))
    return found
