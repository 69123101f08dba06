"""The version that knows cards: a journal from before it loses nothing, and its disclosures are found by card."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config

import gateway.journal.migrate
from gateway.journal.migrate import upgrade
from gateway.journal.sqlite import SqliteJournal
from gateway.stock.cards import CardFile
from tests.gateway.cards import card

ONE = card(1)
SIM = f"""INSERT INTO sims (iccid, imsi, state, customer, batch, profile, imported_at, adm1)
    VALUES ('{ONE.iccid}', '{ONE.imsi}', 'stock', 'c', 'b', 'p', '2026-03-01T00:00:00+00:00', x'00ff')"""
EVENTS = [
    ("order.accepted", '{"order_id":"o"}'),
    ("puk.disclosed", f'{{"iccid":"{ONE.iccid}","why":"é"}}'),
    ("puk.disclosed", f'{{"iccid":"{card(2).iccid}","why":"x"}}'),
]


def _config(file: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(gateway.journal.migrate.__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{file}")
    return config


def _before_cards(file: Path) -> None:
    """A journal as the version before left it."""
    file.parent.mkdir()
    command.upgrade(_config(file), "0002")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(SIM)
        new = "INSERT INTO events (at, type, data) VALUES ('2026-03-01T00:00:00+00:00', ?, ?)"
        database.executemany(new, EVENTS)


async def test_sims_are_kept_and_old_disclosures_are_found_by_card(file: Path) -> None:
    _before_cards(file)
    journal = SqliteJournal(file)
    cards = CardFile(journal)
    row, trail = await cards.card(ONE.iccid), await cards.trail(ONE.iccid, 0, 10)
    await journal.close()
    assert row is not None
    known = tuple(row[name] for name in ("imsi", "adm1", "card", "card_at", "card_by", "adm1_refused_at", "msisdn"))
    assert known == (ONE.imsi, b"\x00\xff", None, None, None, None, None)
    assert [(found["seq"], found["data"]) for found in trail] == [(2, EVENTS[1][1])]


def test_the_way_back_keeps_every_sim_and_event(file: Path) -> None:
    _before_cards(file)
    upgrade(f"sqlite:///{file}")
    command.downgrade(_config(file), "0002")
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT iccid, adm1 FROM sims").fetchall() == [(ONE.iccid, b"\x00\xff")]
        assert database.execute("SELECT type, data FROM events ORDER BY seq").fetchall() == EVENTS


def test_a_cards_trail_is_read_by_its_index_and_orders_do_not_pay_for_it(file: Path) -> None:
    file.parent.mkdir()
    upgrade(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as database:
        plan = database.execute("EXPLAIN QUERY PLAN SELECT * FROM events WHERE iccid = ? ORDER BY seq", ("x",))
        assert "events_of_card" in str(plan.fetchall())
        (made,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'events_of_card'").fetchone()
        assert "IS NOT NULL" in made
