"""Bringing a database to the newest schema, one numbered version after another."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_ONE_AT_A_TIME: Final = threading.Lock()  #: Alembic keeps what it works on in module variables


def upgrade(url: str) -> None:
    """Apply every version the database does not have yet."""
    with _ONE_AT_A_TIME:
        command.upgrade(configuration(url), "head")


def configuration(url: str) -> Config:
    """Return what Alembic has to know."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def versions() -> list[str]:
    """Return the numbers of all versions, newest first."""
    return [script.revision for script in ScriptDirectory.from_config(configuration("")).walk_revisions()]
