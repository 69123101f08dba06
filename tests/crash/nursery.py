"""Lives of a gateway that is warm already: each begins in a blink, and ends as it was told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

from tests.crash.crash_site import FIRST, CrashSite
from tests.journeys.programs import CHECKOUT


class Nursery:
    """One warm process, at the port and on the data of a site's first instance; see dying_gateway."""

    def __init__(self, site: CrashSite) -> None:
        arguments = [*site.prefix, sys.executable, "-m", "tests.crash.dying_gateway", *site.command(FIRST)[-6:]]
        log = site.directory / "logs" / "999-gateway.err"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINEGATE_")}
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                arguments,
                cwd=CHECKOUT,
                env=inherited | site.environment(site.database),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self._log = log
        self.lives = 0
        self._expect("warm")

    def live(self, moment: str, commit: int, clock_s: float = 0) -> None:
        """Begin a life."""
        self.lives += 1
        into = self._pipe(self._process.stdin)
        into.write(f"{moment} {commit} {clock_s}\n")
        into.flush()

    def ready(self) -> bool:
        """Wait until the life listens (``True``), or has ended before that."""
        return self._line().startswith("ready")

    def arm(self) -> None:
        """Let commits count from now on."""
        self.strike(signal.SIGUSR1)
        self._expect("armed")

    def ended(self) -> None:
        """Wait until the life has ended."""
        while self._line() != "ended":
            pass

    def strike(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send the life a signal."""
        for child in self._children():
            os.kill(child, number)

    def close(self) -> None:
        """No more lives: the one there is ends as asked by SIGTERM, then the warm process."""
        self.strike(signal.SIGTERM)
        self._pipe(self._process.stdin).close()
        self._process.wait(20)
        self._pipe(self._process.stdout).close()

    def _children(self) -> list[int]:
        file = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(child) for child in file.read_text(encoding="ascii").split()] if file.exists() else []

    def _expect(self, word: str) -> None:
        assert self._line() == word

    def _line(self) -> str:
        line = self._pipe(self._process.stdout).readline().strip()
        assert line, f"the nursery has ended: {self._log.read_text(encoding='utf-8')[-2000:]}"
        return line

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe
