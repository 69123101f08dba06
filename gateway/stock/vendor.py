"""Output files of SIM vendors: ``*SECTIONS``, ``Name : value`` headers, ``var_Out:`` columns, one card a line.

Tolerant of layout, strict about what a card is; problems name line and column, never the value. What else a vendor does
differently is in its profile.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from drivers.subscription import Iccid, Imsi
from gateway.contract.identity import luhn_holds
from gateway.stock.vendor_profile import PLAIN, VendorProfile

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
_HEADERS: Mapping[str, str] = {
    "customer": "customer",
    "batch no": "batch",
    "profiletype": "profile",
    "quantity": "quantity",
    "order date": "order_date",
    "transport_key": "transport_key",
}
_NOT_ENCRYPTED = frozenset({"", "0", "00", "none", "no"})
_ENCRYPTED = "says that Ki is encrypted: have it decrypted with the transport key first; no card of this file was taken"


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
    """What could be read. ``digest``: SHA-256 of the text in UTF-8, to tell one file from another."""

    customer: str = ""
    batch: str = ""
    profile: str = ""
    order_date: str = ""
    encrypted: bool = False
    digest: str = ""
    columns: tuple[str, ...] = ()
    quantity: int | None = None
    sims: list[VendorSim] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0


def parse(text: str, profile: VendorProfile | None = None) -> VendorFile:
    """Read a file as its vendor writes it; what cannot be used is in ``problems``."""
    layout = profile or PLAIN
    found = VendorFile(digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
    lines = ((number, raw.strip()) for number, raw in enumerate(text.splitlines(), start=1))
    written = ((number, line) for number, line in lines if line and not line.startswith("*"))
    if layout.one_line and not _read_one_line(found, layout, next(written, (0, ""))):
        return found
    _read_lines(found, layout, written)
    if found.encrypted:
        found.sims.clear()
        found.problems.append(Problem(0, "KI", _ENCRYPTED))
    if found.columns and found.quantity is not None and found.quantity != found.rows:
        detail = f"the header announces {found.quantity} cards, the file has {found.rows}: ask for it again"
        found.problems.append(Problem(0, "Quantity", detail))
    return found


def _read_lines(found: VendorFile, layout: VendorProfile, lines: Iterator[tuple[int, str]]) -> None:
    columns = list(layout.columns) if layout.one_line else []
    seen: dict[str, int] = {}
    for number, line in lines:
        if columns:
            found.rows += 1
            _read_card(found, layout, (number, line), columns, seen)
        elif line.lower().startswith("var_out"):
            columns = _columns(found, layout, number, line)
            if not columns:
                return
        elif header := _HEADER.match(line):
            name = header.group(1).strip().lower()
            _read_header(found, number, layout.headers.get(name, _HEADERS.get(name, "")), header.group(2))
    found.columns = tuple(columns)
    if not columns:
        found.problems.append(Problem(0, "var_Out", "there is no var_Out line: this is not a vendor output file"))


def _columns(found: VendorFile, layout: VendorProfile, number: int, line: str) -> list[str]:
    named = line.partition(":")[2]
    names = [layout.column(name) for name in named.split("/")] if named.strip() else list(layout.columns)
    for required in _REQUIRED:
        if required not in names:
            found.problems.append(Problem(number, required.upper(), "var_Out does not name this column"))
            return []
    return names


def _read_one_line(found: VendorFile, layout: VendorProfile, header: tuple[int, str]) -> bool:
    """Read it; without it nobody knows whether the keys are encrypted, so nothing else is read."""
    number, line = header
    values = layout.split(line)
    if len(values) != len(layout.one_line):
        detail = f"has {len(values)} words, the profile {layout.name} wants {len(layout.one_line)}"
        found.problems.append(Problem(number, "header", detail))
        return False
    for name, value in zip(layout.one_line, values, strict=True):
        _read_header(found, number, name, value)
    return True


def _read_header(found: VendorFile, number: int, name: str, value: str) -> None:
    match name:
        case "customer" | "batch" | "profile" | "order_date":
            setattr(found, name, value)
        case "transport_key":
            found.encrypted = value.lower() not in _NOT_ENCRYPTED
        case "quantity":
            if value.isascii() and value.isdigit():
                found.quantity = int(value)
            else:
                found.problems.append(Problem(number, "Quantity", "must be a number"))
        case _:
            pass


def _read_card(
    found: VendorFile, layout: VendorProfile, line: tuple[int, str], columns: list[str], seen: dict[str, int]
) -> None:
    number, written = line
    values = layout.split(written)
    if len(values) != len(columns):
        detail = f"has {len(values)} values for {len(columns)} columns"
        found.problems.append(Problem(number, "var_Out", detail))
        return
    try:
        card = _decoded(layout, dict(zip(columns, values, strict=True)))
    except _Undecodable as wrong:
        found.problems.append(Problem(number, wrong.column.upper(), str(wrong)))
        return
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


class _Undecodable(ValueError):
    def __init__(self, column: str, detail: str) -> None:
        super().__init__(detail)
        self.column = column


def _decoded(layout: VendorProfile, card: dict[str, str]) -> dict[str, str]:
    for column in layout.codings:
        if column in card:
            try:
                card[column] = layout.decode(column, card[column])
            except ValueError as wrong:
                raise _Undecodable(column, str(wrong)) from None
    return card


def _wrong(number: int, card: dict[str, str]) -> Iterator[Problem]:
    named = card["iccid"] if _SHAPES["iccid"][0].fullmatch(card["iccid"]) else None
    for name, value in card.items():
        shape, words = _SHAPES.get(name, (None, ""))
        if shape is not None and not shape.fullmatch(value):
            yield Problem(number, name.upper(), f"must be {words}", named)
    if named is not None and not luhn_holds(named):
        yield Problem(number, "ICCID", "has a wrong check digit", named)
