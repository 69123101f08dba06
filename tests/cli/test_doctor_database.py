"""The doctor at a real PostgreSQL: every trap is told, and a password never."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest

from tests.cli.conftest import Ended, Linegate
from tests.cli.database_findings import NOBODYS, found, verdict
from tests.peers.postgres import HOST, PASSWORD, USER, PostgresServer
from tests.peers.unprivileged import free_port


@pytest.fixture(scope="module")
def spoilt() -> Iterator[PostgresServer]:
    """A server of this file's own, whose settings are changed."""
    with PostgresServer() as running:
        yield running


async def test_a_plain_server_is_well_but_for_its_missing_standby(database: str) -> None:
    findings = await found(database)
    assert {check: finding.verdict.value for check, finding in findings.items()} == {
        "database": "ok",
        "database sessions": "ok",
        "database version": "ok",
        "database takes writes": "ok",
        "database texts": "ok",
        "database durability": "ok",
        "database fail-over": "warn",
        "database lease": "ok",
        "database keepalives": "ok",
        "database connections": "ok",
        "database vacuum": "ok",
        "database clock": "ok",
        "database schema": "ok",
        "instances": "ok",
    }
    assert "no pooler" in findings["database sessions"].found
    assert "for 5 s" in findings["database lease"].found


async def test_a_wrong_password_is_told(postgres: PostgresServer) -> None:
    findings = await found(postgres.url(password=NOBODYS))
    assert list(findings) == ["database"]
    assert verdict(findings, "database") == "fail"
    assert "user or password" in findings["database"].found


async def test_nobody_there_is_told() -> None:
    port = free_port()
    findings = await found(f"postgresql://linegate:{PASSWORD}@{HOST}:{port}/linegate")
    assert verdict(findings, "database") == "fail"
    assert f"{HOST}:{port}/linegate" in findings["database"].found


async def test_no_such_database_is_told(postgres: PostgresServer) -> None:
    findings = await found(postgres.url("nowhere"))
    assert (verdict(findings, "database"), "no such database" in findings["database"].found) == ("fail", True)


@pytest.mark.parametrize(
    ("setting", "value", "check", "says"),
    [
        ("fsync", "off", "database durability", "destroy the whole database"),
        ("full_page_writes", "off", "database durability", "half written"),
        ("autovacuum", "off", "database vacuum", "grow"),
        ("default_transaction_read_only", "on", "database takes writes", "read only"),
    ],
)
async def test_a_dangerous_setting_is_told(
    spoilt: PostgresServer, setting: str, value: str, check: str, says: str
) -> None:
    spoilt.configure(**{setting: value})
    try:
        findings = await found(spoilt.url())
    finally:
        spoilt.configure(**{setting: ""})
    assert verdict(findings, check) == "fail"
    assert says in findings[check].found
    assert verdict(await found(spoilt.url()), check) == "ok"


async def test_what_a_session_sets_itself_need_not_be_set_on_the_server(spoilt: PostgresServer) -> None:
    spoilt.configure(synchronous_commit="off", standard_conforming_strings="off")
    try:
        findings = await found(spoilt.url())
    finally:
        spoilt.configure(synchronous_commit="", standard_conforming_strings="")
    assert verdict(findings, "database durability") == "ok"
    assert "the server's is off" in findings["database durability"].found


@pytest.mark.parametrize(("limit", "told"), [(6, "fail"), (7, "warn"), (14, "ok")])
async def test_too_few_connections_are_told(spoilt: PostgresServer, limit: int, told: str) -> None:
    url = _as_another(spoilt, f"few{limit}", f"CONNECTION LIMIT {limit}")
    findings = await found(url)
    assert verdict(findings, "database connections") == told
    assert f"{limit} at most" in findings["database connections"].found


async def test_a_user_that_may_make_no_tables_is_told(spoilt: PostgresServer) -> None:
    url = _as_another(spoilt, "reader", "")
    spoilt.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", "reader")
    findings = await found(url)
    assert (verdict(findings, "database schema"), "GRANT" in findings["database schema"].advice) == ("fail", True)


def _as_another(server: PostgresServer, name: str, limits: str) -> str:
    """Make a user that is no administrator, and a database; return the URL with both."""
    server.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' {limits}")
    return server.create(name).replace("linegate:", f"{name}:")


async def test_a_standby_is_told(spoilt: PostgresServer) -> None:
    with spoilt.standby() as follower:
        findings = await found(follower.url())
        primary = await found(spoilt.url())
        both = f"postgresql://{USER}:{PASSWORD}@{HOST}:{follower.port},{HOST}:{spoilt.port}/postgres"
        either = await found(f"{both}?target_session_attrs=primary")
    assert verdict(findings, "database takes writes") == "fail"
    assert "promote" in findings["database takes writes"].advice
    assert verdict(primary, "database takes writes") == "ok"
    assert verdict(either, "database takes writes") == "ok"


async def test_a_synchronous_standby_is_well(spoilt: PostgresServer) -> None:
    with spoilt.standby(synchronous=True):
        assert verdict(await found(spoilt.url()), "database fail-over") == "ok"


async def test_an_encoding_that_cannot_hold_names_is_told(spoilt: PostgresServer) -> None:
    spoilt.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    findings = await found(spoilt.url("latin"))
    assert (verdict(findings, "database texts"), "LATIN1" in findings["database texts"].found) == ("fail", True)


def _verdicts(ended: Ended) -> dict[str, str]:
    return {finding["check"]: finding["verdict"] for finding in ended.document["findings"]}


def test_the_command_asks_the_database_that_is_configured(
    linegate: Linegate, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEGATE_DATABASE", database)
    ended = linegate("doctor", "--offline", "--json")
    assert (ended.code, _verdicts(ended)["database"]) == (0, "ok")
    assert PASSWORD not in ended.out + ended.err


@pytest.mark.parametrize(("key", "told"), [("", "warn"), ("A" * 43 + "=", "ok")])
def test_a_vault_key_of_each_instances_own_is_told(
    linegate: Linegate, database: str, monkeypatch: pytest.MonkeyPatch, key: str, told: str
) -> None:
    monkeypatch.setenv("LINEGATE_DATABASE", database)
    monkeypatch.setenv("LINEGATE_VAULT_KEY", key)
    ended = linegate("doctor", "--offline", "--json")
    assert _verdicts(ended)["vault key shared"] == told


def test_the_command_asks_another_one_on_demand(
    linegate: Linegate, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELSEWHERE", postgres.url(password=NOBODYS))
    ended = linegate("doctor", "--offline", "--database-env", "ELSEWHERE", "--json")
    assert (ended.code, _verdicts(ended)["database"]) == (1, "fail")
    assert NOBODYS not in ended.out + ended.err


def test_a_variable_that_is_not_set_is_told(linegate: Linegate) -> None:
    ended = linegate("doctor", "--offline", "--database-env", "LINEGATE_NOWHERE", "--json")
    assert (ended.code, _verdicts(ended)["database"]) == (1, "fail")


async def test_connections_of_others_are_counted_though_an_ordinary_role_may_not_look_at_them(
    postgres: PostgresServer,
) -> None:
    database = f"seen{uuid4().hex}"
    postgres.create(database)
    postgres.execute(f"CREATE ROLE plain LOGIN PASSWORD '{PASSWORD}'; GRANT CREATE ON SCHEMA public TO plain", database)
    anothers = [await asyncpg.connect(postgres.url(database)) for _ in range(3)]
    plain = postgres.url(database).replace(f"//{USER}:", "//plain:")
    findings = await found(plain)
    for one in anothers:
        await one.close()
    postgres.drop(database)
    postgres.execute("DROP ROLE plain")
    told = re.search(r"(\d+) with others", findings["database connections"].found)
    assert told is not None
    assert int(told[1]) >= 3
