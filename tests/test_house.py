"""Rules of the house that no linter knows: sizes, docstrings, reasons, and no trace of any one machine."""

import ast
import importlib
import io
import re
import statistics
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import drivers.dialects
from drivers.dialect import Capabilities

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("gateway", "drivers", "hlr_sim", "sim_readers")
MAX_LINES = 300
MAX_MEDIAN_FUNCTION_LINES = 15
A_MACHINE = re.compile(r"(?<![\w.<])/(?:root|work|home|tmp)/[A-Za-z]")
A_REGISTRY = re.compile(r"pypi\.org|files\.pythonhosted\.org|deb\.debian\.org|registry\.npmjs\.org")
WAIVER = re.compile(
    r"#\s*(?:noqa(?::\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)?|type:\s*ignore(?:\[[a-z0-9, -]*\])?)(.*)"
)
WAY_ROUND = re.compile(
    r"pytest\.(?:mark\.)?(?:skip|xfail|importorskip)|monkeypatch[.]setattr|unittest[.]mock|mock[.]patch"
)
WORD = re.compile(r"[A-Za-z]{2,}")


def _listed() -> list[Path]:
    """Every file that is, or is about to be, under version control."""
    git = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if git.returncode:
        pytest.fail(f"the house is looked over in a git checkout: {git.stderr.decode()}")
    return sorted(path for name in git.stdout.decode().split("\0") if name and (path := ROOT / name).is_file())


LISTED = _listed()
PYTHON = [path for path in LISTED if path.suffix == ".py"]
MODULES = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in PRODUCT]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _texts() -> Iterator[tuple[str, int, str]]:
    for path in LISTED:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        yield from ((_name(path), number, line) for number, line in enumerate(lines, 1))


def _pins(lock: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / "locks" / lock).read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


@pytest.mark.parametrize("package", PRODUCT)
def test_functions_are_short(package: str) -> None:
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in MODULES
        if path.relative_to(ROOT).parts[0] == package
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert statistics.median(lengths or [0]) <= MAX_MEDIAN_FUNCTION_LINES


def test_every_module_says_what_it_is() -> None:
    mute = [_name(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert mute == []


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = [_name(path) for path in PYTHON if {"utils", "helpers", "common"} & {path.stem, *path.parent.parts}]
    assert drawers == []


@pytest.mark.parametrize("name", drivers.dialects.names())
def test_every_dialect_offers_what_a_dialect_offers(name: str) -> None:
    module = importlib.import_module(f"drivers.dialects.{name}")
    assert isinstance(module.CAPABILITIES, Capabilities)
    assert callable(module.client)
    assert callable(module.server)


def test_no_trace_of_one_machine_or_one_registry() -> None:
    traces = [f"{name}:{n}" for name, n, line in _texts() if A_MACHINE.search(line) or A_REGISTRY.search(line)]
    assert traces == []


def test_no_test_finds_a_way_round() -> None:
    found = [f"{name}:{n}" for name, n, line in _texts() if name.startswith("tests/") and WAY_ROUND.search(line)]
    assert found == []


def test_every_test_asserts_something() -> None:
    silent = [
        f"{_name(path)}:{node.lineno} {node.name}"
        for path in PYTHON
        if path.name.startswith("test_") and path.relative_to(ROOT).parts[0] == "tests"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not any(isinstance(n, ast.Assert) or "pytest.raises" in ast.unparse(n) for n in ast.walk(node))
    ]
    assert silent == []


def test_every_waiver_gives_its_reason() -> None:
    bare = [
        f"{_name(path)}:{token.start[0]}"
        for path in PYTHON
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
        if token.type == tokenize.COMMENT and (waiver := WAIVER.search(token.string)) and not WORD.search(waiver[1])
    ]
    assert bare == []


def test_every_ignored_rule_gives_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    rules = {rule for rules in (lint["ignore"], *lint["per-file-ignores"].values()) for rule in rules}
    told = {
        rule for line in text.splitlines() if re.search(r"#\s*\w", line) for rule in re.findall(r'"([A-Z]+\d*)"', line)
    }
    assert rules - told == set()


def test_both_locks_name_the_same_versions() -> None:
    develop, run = _pins("dev.lock"), _pins("runtime.lock")
    assert run
    assert {name: (version, develop.get(name)) for name, version in run.items() if develop.get(name) != version} == {}
