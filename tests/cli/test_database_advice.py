"""What the doctor says of facts that no server here can be brought to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.cli.database_advice import findings, pooling
from gateway.cli.database_facts import Facts, Holder, Pooling, Room, Schema, Tenancy
from gateway.cli.examination import Finding

SETTINGS: Mapping[str, str] = {
    "server_version": "15.4",
    "server_version_num": "150004",
    "server_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "transaction_read_only": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "synchronous_standby_names": "",
    "autovacuum": "on",
    "track_counts": "on",
    "idle_session_timeout": "5000",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5000",
    "over_tcp": "on",
}
HERE = Holder("here", 64, office=True)
FACTS = Facts(
    usual=SETTINGS,
    ours=SETTINGS,
    refused=(),
    standby=False,
    may_create=True,
    clock_ahead_s=0.0,
    room=Room(most=97, others=0, needed=7),
    tenancy=Tenancy((), migrating=False),
    schema=Schema("0009", "0009", known=True),
)


def judged(facts: Facts, check: str) -> Finding:
    (finding,) = [finding for finding in findings(facts) if finding.check == check]
    assert finding.advice or finding.verdict.value == "ok"
    return finding


def own(**settings: str) -> dict[str, Any]:
    return {"ours": {**SETTINGS, **settings}}


@pytest.mark.parametrize(
    ("changes", "check", "verdict", "says"),
    [
        (
            {"usual": {**SETTINGS, "server_version": "13.9", "server_version_num": "130009"}},
            "database version",
            "fail",
            "13.9",
        ),
        (own(idle_session_timeout="0"), "database lease", "fail", "cannot set"),
        ({"refused": ("SET idle_session_timeout = 5000: 42501",)}, "database lease", "fail", "cannot set"),
        (own(synchronous_commit="off"), "database durability", "fail", "acknowledged"),
        (own(standard_conforming_strings="off"), "database texts", "fail", "standard_conforming_strings"),
        (own(), "database keepalives", "ok", "after 5 s"),
        (own(tcp_keepalives_idle="0"), "database keepalives", "warn", "for hours"),
        (own(tcp_user_timeout="0"), "database keepalives", "warn", "midst"),
        ({"clock_ahead_s": 2.5}, "database clock", "warn", "2.5 s ahead"),
        ({"clock_ahead_s": -2.5}, "database clock", "warn", "2.5 s behind"),
        ({"clock_ahead_s": 1.5}, "database clock", "ok", "1.5 s"),
        ({"room": Room(most=97, others=91, needed=7)}, "database connections", "fail", "0 fit"),
        ({"may_create": False}, "database schema", "ok", "0009"),
        ({"tenancy": Tenancy((HERE,), migrating=True)}, "instances", "warn", "schema"),
    ],
)
def test_each_fact_has_its_finding(changes: dict[str, Any], check: str, verdict: str, says: str) -> None:
    finding = judged(replace(FACTS, **changes), check)
    assert (finding.verdict.value, says in finding.found) == (verdict, True), finding


def test_no_keepalives_are_needed_on_the_same_machine() -> None:
    local = {**SETTINGS, "over_tcp": "off", "tcp_keepalives_idle": "0"}
    assert judged(replace(FACTS, usual=local, ours=local), "database keepalives").verdict.value == "ok"


def test_an_instance_more_than_there_is_room_for_is_told() -> None:
    three = Tenancy(tuple(Holder(f"at {n}", 21, office=n == 0) for n in range(3)), migrating=False)
    crowded = replace(FACTS, room=Room(most=14, others=0, needed=7), tenancy=three)
    assert judged(crowded, "database connections").verdict.value == "fail"
    assert judged(crowded, "shards").found.startswith("1 of 64")


def test_an_office_nobody_holds_is_told() -> None:
    alone = replace(FACTS, tenancy=Tenancy((Holder("here", 64, office=False),), migrating=False))
    assert judged(alone, "office").verdict.value == "warn"


@pytest.mark.parametrize(
    ("between", "verdict"),
    [("direct", "ok"), ("session", "ok"), ("transaction", "fail"), ("statement", "fail"), ("unknown", "fail")],
)
def test_every_way_to_pool_is_judged(between: str, verdict: str) -> None:
    assert pooling(Pooling(between)).verdict.value == verdict
