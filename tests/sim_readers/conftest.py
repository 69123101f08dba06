import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim_readers.pcscd import SOCKET, Pcscd
from tests.sim_readers.plain_card import PlainCard
from tests.sim_readers.slots import Slots

READERS = 4
_directories = pytest.StashKey[tuple[tempfile.TemporaryDirectory[str], str | None]]()


def pytest_configure(config: pytest.Config) -> None:
    """Turn this process away from the system's pcscd before anybody looks for one: libpcsclite looks once."""
    config.stash[_directories] = (tempfile.TemporaryDirectory(prefix="pcscd-"), os.environ.get(SOCKET))
    os.environ[SOCKET] = str(Pcscd(Path(config.stash[_directories][0].name)).socket)


def pytest_unconfigure(config: pytest.Config) -> None:
    directory, before = config.stash[_directories]
    directory.cleanup()
    if before is None:
        del os.environ[SOCKET]
    else:
        os.environ[SOCKET] = before


@pytest.fixture(scope="session")
def the_pcscd(pytestconfig: pytest.Config) -> Iterator[Pcscd]:
    running = Pcscd(Path(pytestconfig.stash[_directories][0].name))
    running.start(READERS)
    yield running
    running.stop()


@pytest.fixture
def pcscd(the_pcscd: Pcscd) -> Pcscd:
    """The session's daemon; a test that ends it starts it again before it ends."""
    return the_pcscd


@pytest.fixture(scope="session")
def all_slots(the_pcscd: Pcscd) -> Slots:
    return Slots(the_pcscd, PlainCard())


@pytest.fixture
def slots(all_slots: Slots) -> Iterator[Slots]:
    """Where cards go in; whatever is in a slot when a test ends is pulled out."""
    yield all_slots
    all_slots.empty()
