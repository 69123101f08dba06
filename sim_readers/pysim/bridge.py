"""Run a script with the technician's own checkout of pySim, as a process of its own.

No secret is on its command line: the card list it takes ADM1 from is a private file that is gone when it ends.
pySim-shell prints the keys it finds, so every secret is taken out of its output; and as it ends with 0 even if commands
failed, its output is searched for what it says then.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sim_readers.card_data import CardData
from sim_readers.errors import NoReader
from sim_readers.pysim.csv_rows import CsvCard, write_cards
from sim_readers.secret import Secret

_SHELL = "pySim-shell.py"
_ADM_COLUMNS = ("ICCID", "ADM1")  # all that verify_adm asks the list for
_PIN_COLUMNS = (*_ADM_COLUMNS, "PIN1")  # verify_chv asks for PIN1
_MODE = 0o600
_HIDDEN = "******"
_FAILURES = re.compile(
    r"EXCEPTION of type|^\w+(?:Error|Exception): |Traceback \(most recent call last\)|is not a recognized command"
    r"|failed with an exception|^Error:|^[Uu]sage:|: error:",
    re.MULTILINE,
)
_CHECKOUT_ADVICE = "clone https://gitea.osmocom.org/sim-card/pysim and give the path of that directory"


class NoPySim(NoReader):
    """The checkout, or a Python that can run it, is not there; the text says what to install."""


@dataclass(frozen=True, slots=True)
class BridgeRun:
    """How a run ended. ``output``: what pySim-shell printed, without any secret."""

    succeeded: bool
    output: str = field(repr=False)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class PySim:
    """A checkout of pySim, the Python that has what it requires, and the reader: a number, or a regular expression."""

    checkout: Path
    python: str = "python3"
    reader: int | str = 0

    def run(self, script: str, cards: Sequence[CardData], timeout_s: float = 120.0) -> BridgeRun:
        """Run a script for the card in the reader, which must be one of ``cards``. Raises NoPySim."""
        shell = self.checkout / _SHELL
        if not shell.is_file():
            raise NoPySim(f"there is no {_SHELL} in {self.checkout.name or 'that directory'}: {_CHECKOUT_ADVICE}")
        with tempfile.TemporaryDirectory(prefix="linegate-") as folder:
            csv_file, script_file = Path(folder, "cards.csv"), Path(folder, "job.script")
            columns = _PIN_COLUMNS if "verify_chv" in script.splitlines() else _ADM_COLUMNS
            _keep(csv_file, write_cards([CsvCard(card) for card in cards], columns))
            _keep(script_file, script)
            return self._run(self._arguments(shell, csv_file, script_file), cards, timeout_s)

    def _arguments(self, shell: Path, csv_file: Path, script_file: Path) -> list[str]:
        reader = ["-p", str(self.reader)] if isinstance(self.reader, int) else [f"--pcsc-regex={self.reader}"]
        files = ["--csv", str(csv_file), "--script", str(script_file)]
        return [self.python, str(shell.resolve()), *reader, "--noprompt", *files]

    def _run(self, arguments: Sequence[str], cards: Sequence[CardData], timeout_s: float) -> BridgeRun:
        try:
            ended = subprocess.run(  # noqa: S603 - a list of arguments without a shell; the technician chose the program
                arguments,
                cwd=self.checkout,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
                check=False,
                env=os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
            )
        except FileNotFoundError:
            raise NoPySim(
                f"there is no Python called {self.python!r}: give the path of the one pySim runs on"
            ) from None
        except PermissionError:
            raise NoPySim(f"{self.python!r} may not be run: give the path of a Python") from None
        except subprocess.TimeoutExpired as late:
            output = scrubbed(late.stdout or b"", cards)
            return BridgeRun(succeeded=False, output=output, failure=f"pySim-shell did not end in {timeout_s:g} s")
        output = scrubbed(ended.stdout, cards)
        _complain_of_packages(output)
        return BridgeRun(succeeded=not (failure := _failure(ended.returncode, output)), output=output, failure=failure)


def scrubbed(output: bytes, cards: Sequence[CardData]) -> str:
    """Take every secret of the cards out of a text, however it is written there."""
    text = output.decode("utf-8", "replace")
    for written in sorted({way for card in cards for way in _ways(card)}, key=len, reverse=True):
        text = re.sub(re.escape(written), _HIDDEN, text, flags=re.IGNORECASE)
    return text


def _ways(card: CardData) -> Iterator[str]:
    """How a secret may be printed: as its digits or text, in hexadecimal, and padded to a card's eight bytes."""
    for secret in (card.ki, card.opc, card.pin1, card.puk1, card.pin2, card.puk2, card.adm1):
        if secret:
            yield from _written(secret)


def _written(secret: Secret) -> Iterator[str]:
    raw = secret.reveal()
    yield raw.hex()
    yield " ".join(f"{byte:02x}" for byte in raw)
    yield ":".join(f"{byte:02x}" for byte in raw)
    text = raw.decode("latin-1")
    if text.isascii() and text.isprintable():
        yield text


def _keep(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "w", encoding="utf-8") as file:
        file.write(text)


def _complain_of_packages(output: str) -> None:
    if lacking := re.search(r"ModuleNotFoundError: No module named '([\w.]+)'", output):
        raise NoPySim(
            f"pySim's Python lacks the module {lacking[1]}: run pip install -r requirements.txt in pySim's own virtual "
            "environment, and give that environment's Python"
        )


def _failure(status: int, output: str) -> str:
    if status:
        return f"pySim-shell ended with status {status}"
    if found := _FAILURES.search(output):
        line = output[found.start() :].splitlines()[0].strip()
        return f"pySim-shell reported a failure: {line}"
    return ""
