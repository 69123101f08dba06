"""The site most of these files play on; a file that needs another has a ``site`` of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.crash_site import SECOND, CrashSite
from tests.crash.killing import POSTGRESQL, site_on


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashSite]:
    """Two instances on one PostgreSQL."""
    with site_on(POSTGRESQL, tmp_path_factory.mktemp("site"), lease_s=2) as opened:
        opened.start(SECOND).ready()
        yield opened
