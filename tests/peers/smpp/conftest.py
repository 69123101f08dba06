"""Our own processes for the tests of this folder; each is ended with its test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.smpp.foreign_site import ForeignSite, foreign_site
from tests.peers.smpp.sim import Sim, simulator


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Sim]:
    with simulator(tmp_path) as running:
        yield running


@pytest.fixture
def foreign_smsc(tmp_path: Path) -> Iterator[ForeignSite]:
    """The gateway at a node-smpp centre, ``foreign_smsc.smsc``."""
    with foreign_site(tmp_path) as running:
        yield running
