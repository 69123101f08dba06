"""The command line as a test calls it: in this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main

Process = subprocess.Popen[str]


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.out)


Linegate = Callable[..., Ended]


@pytest.fixture
def linegate(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Linegate:
    for name in [name for name in os.environ if name.startswith("LINEGATE_")]:
        monkeypatch.delenv(name)

    def run(*arguments: str) -> Ended:
        code = main(arguments)
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    return run


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start commands as processes; each that is left at the end is killed by its own id."""
    started: list[Process] = []

    def begin(arguments: Sequence[str], environment: Mapping[str, str] = {}, *, stdin: int | None = None) -> Process:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LINEGATE_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", *arguments],
            cwd=tmp_path,
            env={**kept, **environment},
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
