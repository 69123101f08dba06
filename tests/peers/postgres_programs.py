"""PostgreSQL's own programs, found and asked; and waiting for what its processes do."""

import csv
import io
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

READY_S: Final = 60.0
MISSING: Final = "PostgreSQL's server is not installed: run scripts/install_peers.sh"


def psql(sql: str, where: Sequence[str]) -> list[tuple[str, ...]]:
    """Run statements, each in a transaction of its own, and return their rows. Raises RuntimeError with its words."""
    ended = subprocess.run(
        [program("psql"), "-X", "-q", "-t", "--csv", "-v", "ON_ERROR_STOP=1", *where],
        check=False,
        input=sql,
        capture_output=True,
        text=True,
        timeout=READY_S,
    )
    if ended.returncode != 0:
        raise RuntimeError(f"{sql}: {ended.stderr.strip()}")
    return [tuple(row) for row in csv.reader(io.StringIO(ended.stdout))]


def program(name: str) -> Path:
    """Find one of PostgreSQL's programs, of the newest version there is."""
    packaged = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(packaged, key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0)
    found = newest[-1] if newest else shutil.which(name)
    if found is None:
        raise RuntimeError(MISSING)
    return Path(found)


def alive(pid: int) -> bool:
    """Tell whether a process still runs: one that only waits for init to bury it holds nothing any more."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return told.rpartition(")")[2].split()[0] not in {"Z", "X"}


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + READY_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {READY_S:g} s until {what}")
        time.sleep(0.01)
