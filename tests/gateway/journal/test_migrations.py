"""The numbered versions make exactly the schema the code speaks of, and can be taken back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlalchemy.dialects import registry
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

import gateway.journal.migrate
from gateway.journal import archived, listed, messaging, usage  # noqa: F401 - their tables join the metadata
from gateway.journal.migrate import upgrade
from gateway.journal.schema import metadata


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(gateway.journal.migrate.__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url)
    return config


def test_the_versions_make_what_the_code_speaks_of(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    upgrade(url)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) == set(metadata.tables) | {"alembic_version"}


def test_both_ways_of_making_it_give_the_same_text(tmp_path: Path) -> None:
    """Autoincrement and the like are nothing alembic compares."""
    upgrade(f"sqlite:///{tmp_path / 'migrated.db'}")
    engine = create_engine(f"sqlite:///{tmp_path / 'made.db'}", poolclass=NullPool)
    metadata.create_all(engine)

    def made(name: str) -> dict[str, set[str]]:
        with sqlite3.connect(tmp_path / name) as database:
            rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        database.close()
        return {
            name: {part.strip(" ,\t") for part in sql.split("\n")}
            for name, sql in rows
            if name not in ("alembic_version", "sqlite_sequence")
        }

    migrated, direct = made("migrated.db"), made("made.db")
    assert set(migrated) == set(direct)
    autoincrement = {name for name, parts in direct.items() if "AUTOINCREMENT" in " ".join(parts)}
    assert autoincrement == {name for name, parts in migrated.items() if "AUTOINCREMENT" in " ".join(parts)}
    assert {"orders", "events"} <= autoincrement


def test_there_is_one_newest_version_and_a_way_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    assert len(ScriptDirectory.from_config(_config(url)).get_heads()) == 1
    upgrade(url)
    upgrade(url)
    command.downgrade(_config(url), "base")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    upgrade(url)


def test_the_same_tables_can_be_made_elsewhere() -> None:
    postgresql = registry.load("postgresql")()
    made = [str(CreateTable(table).compile(dialect=postgresql)) for table in metadata.sorted_tables]
    assert len(made) == len(metadata.tables)


def test_a_directory_with_odd_letters_is_no_trouble(tmp_path: Path) -> None:
    odd = tmp_path / "100% é & co"
    odd.mkdir()
    upgrade(f"sqlite:///{odd / 'journal.db'}")
    assert (odd / "journal.db").stat().st_size > 0
