"""Write ``docs/contract-rows.md``: every row of every contract, and the journey that shows it, or why there is none."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.contracts.rows import ROWS, Row

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[2] / "docs" / "contract-rows.md"
_HEAD = """# What the contracts ask, row by row

Every clause of the five contracts that touches a line, a SIM, a message or proof, and the journey in
`tests/journeys/contracts/` that plays it through REST on a whole gateway and a whole simulated network; or why there
is none. Clauses are cited as in `config/contracts/`. `make manual` writes this page; a test compares it.

| contract | clause | row | test, or why there is none |
| --- | --- | --- | --- |"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one file of journeys says: its tests with the first line of each one's docstring, and what is not here."""

    file: str
    contract: str
    tests: dict[str, str]
    not_here: dict[str, str]

    def of(self, row: Row) -> Iterator[str]:
        """Name the tests of a row."""
        wanted = f"{row.clause} | {row.title}"
        return (name for name, said in self.tests.items() if said.startswith(wanted))


def sheets() -> list[Sheet]:
    """Read every file of journeys that names its contract as one of those with rows."""
    found = (_sheet(file) for file in sorted(HERE.glob("test_*.py")))
    return [sheet for sheet in found if sheet.contract in ROWS]


def page() -> str:
    """Put the page together. Raises LookupError for a row without a test and without a reason."""
    read = sheets()
    lines = [_line(contract, row, read) for contract, rows in ROWS.items() for row in rows]
    return "\n".join([_HEAD, *lines, ""])


def shown_by(contract: str, row: Row, read: list[Sheet]) -> list[str]:
    """Name the tests of a row, each with its file."""
    return [f"`{sheet.file}::{name}`" for sheet in read if sheet.contract == contract for name in sheet.of(row)]


def reason(contract: str, row: Row, read: list[Sheet]) -> str | None:
    """Say why a row has no test."""
    reasons = {key: why for sheet in read if sheet.contract == contract for key, why in sheet.not_here.items()}
    return reasons.get(f"{row.clause} | {row.title}") or reasons.get(row.clause)


def _line(contract: str, row: Row, read: list[Sheet]) -> str:
    tests, why = shown_by(contract, row, read), reason(contract, row, read)
    if not tests and why is None:
        raise LookupError(f"{contract}: {row.clause} | {row.title}: write a test or a reason")
    return f"| {contract} | {row.clause} | {row.title} | {'<br>'.join([*tests, *([why] if why else [])])} |"


def _sheet(file: Path) -> Sheet:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef))
    tests = {f.name: (ast.get_docstring(f) or "").partition("\n")[0] for f in functions if f.name.startswith("test_")}
    contract, not_here = _written(tree, "CONTRACT"), _written(tree, "NOT_HERE")
    return Sheet(
        file.name,
        contract if isinstance(contract, str) else "",
        tests,
        not_here if isinstance(not_here, dict) else {},
    )


def _written(tree: ast.Module, name: str) -> object:
    """Return what a module writes out under a name; ``None``: nothing, or it is worked out."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value: ast.expr | None = getattr(node, "value", None)
        if value is not None and any(isinstance(target, ast.Name) and target.id == name for target in targets):
            try:
                return ast.literal_eval(value)
            except ValueError:
                return None
    return None


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
