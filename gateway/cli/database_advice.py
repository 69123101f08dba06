"""What the facts about a database mean, and what to do about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from gateway.cli.database_facts import Facts, Pooling, Room, Schema, Tenancy
from gateway.cli.examination import Finding, fail, ok, warn
from gateway.journal.postgres.connecting import OLDEST
from gateway.journal.shards import SHARDS

_CLOCKS_APART_S = 2.0
_INSTANCES = 2  # one, and the one that takes over
_KEEPALIVES = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
_SURVIVES_A_CRASH = {
    "fsync": "a power cut may destroy the whole database",
    "full_page_writes": "a page half written at a power cut is not mended",
    "synchronous_commit": "a crash loses what was committed, and acknowledged, in the last moments",
}


def pooling(found: Pooling) -> Finding:
    """Whether a connection is a session: the locks that say who works on which lines are a session's."""
    check = "database sessions"
    match found:
        case Pooling.DIRECT:
            return ok(check, "no pooler in between")
        case Pooling.SESSION:
            return ok(check, "a pooler in between, which gives each connection a session")
        case Pooling.UNKNOWN:
            advice = "give the pool more connections, or connect to the server itself; then look again"
            return fail(check, "a pooler in between, without a connection left for a second session", advice)
        case Pooling.TRANSACTION | Pooling.STATEMENT:
            advice = (
                "session advisory locks, by which instances share the lines, break there: connect to the server "
                "itself, or let the pooler pool this database by session (PgBouncer: pool_mode=session)"
            )
            return fail(check, f"a pooler in between, which gives each {found.value} another session", advice)
    assert_never(found)


def findings(facts: Facts) -> Iterator[Finding]:
    """Judge everything that was asked."""
    yield _version(facts)
    yield _writable(facts)
    yield _alike(facts)
    yield _durable(facts)
    yield _standbys(facts.ours)
    yield _lease(facts)
    yield _keepalives(facts)
    yield _connections(facts.room, len(facts.tenancy.holders))
    yield _vacuum(facts.usual)
    yield _clock(facts.clock_ahead_s)
    yield _schema(facts.schema, may_create=facts.may_create)
    yield from _tenancy(facts.tenancy)


def _version(facts: Facts) -> Finding:
    told = facts.usual["server_version"]
    if facts.version < OLDEST:
        advice = f"{OLDEST} or newer is needed: older ones do not end the session of an instance that has frozen"
        return fail("database version", told, advice)
    return ok("database version", told)


def _writable(facts: Facts) -> Finding:
    check = "database takes writes"
    if facts.standby:
        advice = "name the primary, or every host and target_session_attrs=primary, in the URL; or promote this one"
        return fail(check, "no: it is a standby, in recovery", advice)
    if facts.usual["transaction_read_only"] == "on":
        return fail(check, "no: its transactions read only", "turn default_transaction_read_only off for this user")
    return ok(check, "yes: it is a primary")


def _alike(facts: Facts) -> Finding:
    check = "database texts"
    if (encoding := facts.usual["server_encoding"]) != "UTF8":
        return fail(check, f"encoding {encoding}", "make the database anew with createdb -E UTF8 -T template0")
    if facts.ours["standard_conforming_strings"] != "on":
        return fail(
            check, "standard_conforming_strings is off", "set it to on: texts are written in the standard's way"
        )
    return ok(check, "UTF8, standard_conforming_strings on")


def _durable(facts: Facts) -> Finding:
    check = "database durability"
    if off := [name for name in _SURVIVES_A_CRASH if facts.ours[name] == "off"]:
        lost = "; ".join(_SURVIVES_A_CRASH[name] for name in off)
        return fail(check, f"{', '.join(off)} off: {lost}", f"set {' and '.join(f'{name}=on' for name in off)}")
    told = ", ".join(f"{name} {facts.ours[name]}" for name in _SURVIVES_A_CRASH)
    if facts.usual["synchronous_commit"] != facts.ours["synchronous_commit"]:
        told += f" (Linegate's own; the server's is {facts.usual['synchronous_commit']})"
    return ok(check, told)


def _standbys(ours: Mapping[str, str]) -> Finding:
    check = "database fail-over"
    if names := ours["synchronous_standby_names"]:
        return ok(check, f"commits wait for {names}")
    advice = "to fail over without loss, set it to the standbys' names; without a standby nothing changes"
    return warn(check, "synchronous_standby_names is empty: a fail-over may lose the last commits", advice)


def _lease(facts: Facts) -> Finding:
    check = "database lease"
    lease_ms = int(facts.ours.get("idle_session_timeout", "0"))
    if lease_ms == 0 or any("idle_session_timeout" in told for told in facts.refused):
        advice = (
            f"let its sessions set idle_session_timeout (PostgreSQL {OLDEST} or newer): it is what ends a frozen one"
        )
        return fail(check, "a session cannot set idle_session_timeout", advice)
    return ok(check, f"a session that says nothing for {lease_ms / 1000:g} s is ended")


def _keepalives(facts: Facts) -> Finding:
    check = "database keepalives"
    idle, interval, count, user_ms = (int(facts.ours.get(name, "0")) for name in _KEEPALIVES)
    usual = "/".join(facts.usual.get(name, "?") for name in _KEEPALIVES[:3])
    if 0 in {idle, interval, count}:
        if facts.usual["over_tcp"] == "off":
            return ok(check, "not over TCP: who ends is noticed at once")
        advice = "set tcp_keepalives_idle=5, tcp_keepalives_interval=2, tcp_keepalives_count=3 on the server"
        return warn(check, "its sessions cannot set them: an instance cut off may hold its lines for hours", advice)
    noticed = f"an instance cut off is noticed after {idle + interval * count} s"
    if user_ms == 0:
        return warn(check, f"{noticed}, but later in the midst of an answer", "let sessions set tcp_user_timeout")
    own = f"Linegate sets {idle}/{interval}/{count} for its session; the server's own are {usual}"
    return ok(check, f"{noticed} ({own})")


def _connections(room: Room, running: int) -> Finding:
    check = "database connections"
    told = f"{room.most} at most, {room.others} with others, {room.needed} for each instance: {room.instances} fit"
    advice = "raise max_connections (and the limits of user and database), or lower [database] readers"
    if room.instances < max(1, running):
        return fail(check, told, advice)
    if room.instances < max(_INSTANCES, running + 1):
        return warn(check, f"{told}: no further one could take over", advice)
    return ok(check, told)


def _vacuum(usual: Mapping[str, str]) -> Finding:
    if usual["autovacuum"] == "off" or usual["track_counts"] == "off":
        advice = "set autovacuum=on and track_counts=on"
        return fail("database vacuum", "autovacuum is off: tables only grow, and get slower each day", advice)
    return ok("database vacuum", "autovacuum is on")


def _clock(ahead_s: float) -> Finding:
    told = f"the server's is {abs(ahead_s):.1f} s {'ahead of' if ahead_s >= 0 else 'behind'} ours"
    if abs(ahead_s) > _CLOCKS_APART_S:
        advice = "keep both machines' clocks with NTP: instances begin orders that have a date by their own clocks"
        return warn("database clock", told, advice)
    return ok("database clock", told)


def _schema(schema: Schema, *, may_create: bool) -> Finding:
    check = "database schema"
    if not may_create and schema.there != schema.newest:
        advice = "let it own the database, or GRANT USAGE, CREATE ON SCHEMA public to it"
        return fail(check, "the user may not make tables", advice)
    if schema.there is None:
        return ok(check, f"none yet: version {schema.newest} is made when the first instance starts")
    if not schema.known:
        advice = "a newer Linegate has been at work here: install that version or a newer one"
        return fail(check, f"version {schema.there}, unknown to this program ({schema.newest})", advice)
    if schema.there != schema.newest:
        advice = "the next instance of this program that starts brings it to that version: take a backup before"
        return warn(check, f"version {schema.there}; this program's is {schema.newest}", advice)
    return ok(check, f"version {schema.there}")


def _tenancy(tenancy: Tenancy) -> Iterator[Finding]:
    if tenancy.migrating:
        yield warn("instances", "one is changing the schema", "wait for it; the others start when it is done")
    if not tenancy.holders:
        yield ok("instances", "none is at work")
        return
    for holder in tenancy.holders:
        office = ", and the office" if holder.office else ""
        yield ok(f"instance {holder.name}", f"holds {holder.shards} of {SHARDS} shards{office}")
    if (free := SHARDS - sum(holder.shards for holder in tenancy.holders)) > 0:
        advice = "they are taken within seconds: if not, look at the instances' logs"
        yield warn("shards", f"{free} of {SHARDS} are held by nobody just now: their orders wait", advice)
    if not any(holder.office for holder in tenancy.holders):
        advice = "it is taken within seconds: if not, look at the instances' logs"
        yield warn("office", "nobody holds it just now: clocks, audits and messages wait", advice)
