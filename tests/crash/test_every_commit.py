"""The gateway dies at every single commit of a line's whole life, and each time the next one goes on where it was."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.crash_site import CrashSite
from tests.crash.every_commit import die_at_every_commit
from tests.crash.killing import SQLITE, site_on

SEED = os.environ.get("LINEGATE_TEST_SEED", "hedda")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_LEAST_COMMITS = 30


@pytest.fixture
def site(tmp_path: Path) -> Iterator[CrashSite]:
    with site_on(SQLITE, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_death_at_every_commit(site: CrashSite, moment: str) -> None:
    after, commits = await die_at_every_commit(site, SEED, moment)
    assert after.amiss == {}, REPLAY
    sys.stderr.write(f"died at {commits} commits\n")
    assert commits > _LEAST_COMMITS, REPLAY
