"""Output files of SIM vendors: ``*SECTIONS``, ``Name : value`` headers, ``var_Out:`` columns, one card a line.

Tolerant of layout, strict about what a card is; problems name line and column, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from drivers.subscription import Iccid, Imsi
from gateway.contract.identity import luhn_holds

SECRETS = ("ki", "opc", "pin1", "puk1", "pin2", "puk2", "adm1")
_REQUIRED = ("iccid", "imsi", "ki")
_SHAPES = {
    "iccid": (re.compile(r"[0-9]{18,20}"), "18 to 20 digits"),
    "imsi": (re.compile(r"[0-9]{14,15}"), "14 or 15 digits"),
    "pin1": (re.compile(r"[0-9]{4,8}"), "4 to 8 digits"),
    "pin2": (re.compile(r"[0-9]{4,8}"), "4 to 8 digits"),
    "puk1": (re.compile(r"[0-9]{8}"), "8 digits"),
    "puk2": (re.compile(r"[0-9]{8}"), "8 digits"),
    "adm1": (re.compile(r"[0-9]{8}|[0-9A-Fa-f]{16}"), "8 digits or 16 hex digits"),
    "ki": (re.compile(r"[0-9A-Fa-f]{32}"), "32 hex digits"),
    "opc": (re.compile(r"[0-9A-Fa-f]{32}"), "32 hex digits"),
}
_HEADER = re.compile(r"^\s*([A-Za-z_ .]+?)\s*:\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class VendorSim:
    """One card of the file."""

    line: int
    iccid: Iccid
    imsi: Imsi
    secrets: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where; ``line`` counts from 1, 0 is the file as a whole."""

    line: int
    column: str
    detail: str
    iccid: str | None = None


@dataclass(slots=True)
class VendorFile:
    """What could be read."""

    customer: str = ""
    batch: str = ""
    profile: str = ""
    quantity: int | None = None
    sims: list[VendorSim] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0


def parse(text: str) -> VendorFile:
    """Read a file; what cannot be used is in ``problems``."""
    found = VendorFile()
    columns: list[str] = []
    seen: dict[str, int] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("*"):
            continue
        if columns:
            found.rows += 1
            _read_card(found, number, columns, line, seen)
        elif line.lower().startswith("var_out"):
            columns = _columns(found, number, line)
            if not columns:
                return found
        elif header := _HEADER.match(line):
            _read_header(found, number, header.group(1), header.group(2))
    if not columns:
        found.problems.append(Problem(0, "var_Out", "there is no var_Out line: this is not a vendor output file"))
    elif found.quantity is not None and found.quantity != found.rows:
        detail = f"the header announces {found.quantity} cards, the file has {found.rows}: ask for it again"
        found.problems.append(Problem(0, "Quantity", detail))
    return found


def _columns(found: VendorFile, number: int, line: str) -> list[str]:
    names = [name.strip().lower() for name in line.partition(":")[2].split("/")]
    for required in _REQUIRED:
        if required not in names:
            found.problems.append(Problem(number, required.upper(), "var_Out does not name this column"))
            return []
    return names


def _read_header(found: VendorFile, number: int, name: str, value: str) -> None:
    match name.strip().lower():
        case "customer":
            found.customer = value
        case "batch no":
            found.batch = value
        case "profiletype":
            found.profile = value
        case "quantity":
            if value.isascii() and value.isdigit():
                found.quantity = int(value)
            else:
                found.problems.append(Problem(number, "Quantity", "must be a number"))
        case _:
            pass


def _read_card(found: VendorFile, number: int, columns: list[str], line: str, seen: dict[str, int]) -> None:
    values = line.split()
    if len(values) != len(columns):
        detail = f"has {len(values)} values for {len(columns)} columns"
        found.problems.append(Problem(number, "var_Out", detail))
        return
    card = dict(zip(columns, values, strict=True))
    card["iccid"] = card["iccid"].upper().removesuffix("F")
    problems = list(_wrong(number, card))
    for name in ("iccid", "imsi"):
        first = seen.setdefault(f"{name} {card[name]}", number)
        if first != number:
            problems.append(Problem(number, name.upper(), f"is the same as on line {first}", card["iccid"]))
    found.problems += problems
    if not problems:
        secrets = {name: card[name].upper() for name in SECRETS if name in card}
        found.sims.append(VendorSim(number, Iccid(card["iccid"]), Imsi(card["imsi"]), secrets))


def _wrong(number: int, card: dict[str, str]) -> Iterator[Problem]:
    named = card["iccid"] if _SHAPES["iccid"][0].fullmatch(card["iccid"]) else None
    for name, value in card.items():
        shape, words = _SHAPES.get(name, (None, ""))
        if shape is not None and not shape.fullmatch(value):
            yield Problem(number, name.upper(), f"must be {words}", named)
    if named is not None and not luhn_holds(named):
        yield Problem(number, "ICCID", "has a wrong check digit", named)
