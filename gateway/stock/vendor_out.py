"""Writing vendors' files: an output file with its cards, and the input file that orders them.

The layout is the one ``vendor.parse`` reads: ``*SECTIONS``, ``Name : value``, ``var_Out:`` columns, one card a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drivers.subscription import Iccid, Imsi
from gateway.contract.identity import luhn_holds
from gateway.stock.vendor import SECRETS, VendorSim

_RULE = "*" * 39
_NAME_WIDTH = 16
COLUMNS = ("pin1", "puk1", "pin2", "puk2", "adm1", "ki", "opc")  # behind ICCID and IMSI, in the order vendors use


class CannotWrite(ValueError):
    """A file would not be read back as it was meant; the text names card and column, no value."""


@dataclass(frozen=True, slots=True)
class BatchHeader:
    """What heads a batch. ``order_date`` and ``batch`` are as vendors write them: ``2026010501``."""

    customer: str
    profile: str
    order_date: str
    batch: str


def write_output(header: BatchHeader, sims: Sequence[VendorSim]) -> str:
    """Write an output file. Raises CannotWrite. The text is secret: keep it in a file of mode 0600.

    Columns are those the cards have; all must have the same, and each a Ki.
    """
    if not sims:
        raise CannotWrite("there is no card to write")
    columns = _columns(sims)
    first = sims[0]
    lines = [
        *_head(header, len(sims), first.iccid, first.imsi),
        "*OUTPUT VARIABLES",
        _RULE,
        "var_Out: " + "/".join(("ICCID", "IMSI", *(name.upper() for name in columns))),
        *(" ".join((sim.iccid, sim.imsi, *(sim.secrets[name] for name in columns))) for sim in sims),
    ]
    return "\n".join((*lines, ""))


def write_input(header: BatchHeader, quantity: int, iccid: Iccid, imsi: Imsi, columns: Sequence[str] = COLUMNS) -> str:
    """Write an order: so many cards, counted up from these two. Raises CannotWrite.

    ``columns`` are the secrets wanted back; ICCIDs are counted without their check digit.
    """
    if quantity < 1:
        raise CannotWrite("an order is for one card at least")
    _check_range(quantity, iccid, imsi)
    for name in columns:
        if name not in SECRETS:
            raise CannotWrite(f"{name!r} is no column: there are {', '.join(SECRETS)}")
    wanted = "var_Out: " + "/".join(("ICCID", "IMSI", *(name.upper() for name in columns)))
    return "\n".join((*_head(header, quantity, iccid, imsi), "*OUTPUT VARIABLES", _RULE, wanted, ""))


def _head(header: BatchHeader, quantity: int, iccid: str, imsi: str) -> Iterator[str]:
    named = {
        "Customer": header.customer,
        "ProfileType": header.profile,
        "Order Date": header.order_date,
        "Batch No": header.batch,
        "Quantity": str(quantity),
    }
    yield "*HEADER DESCRIPTION"
    yield _RULE
    for name, value in named.items():
        if value != value.strip() or not value.isprintable():
            raise CannotWrite(f"{name} must be one line without blanks around it")
        yield f"{name:<{_NAME_WIDTH}}: {value}"
    yield from (_RULE, "*INPUT VARIABLES", _RULE, "var_In:", f" ICCID: {iccid}", f"IMSI: {imsi}", _RULE)


def _columns(sims: Sequence[VendorSim]) -> tuple[str, ...]:
    columns = tuple(name for name in COLUMNS if name in sims[0].secrets)
    if "ki" not in columns:
        raise CannotWrite(f"card {sims[0].iccid} has no Ki, which every output file gives")
    seen: set[str] = set()
    for sim in sims:
        if set(sim.secrets) != set(columns):
            wrong = ", ".join(sorted(name.upper() for name in set(sim.secrets) ^ set(columns)))
            raise CannotWrite(f"card {sim.iccid} differs from the first in what it has: {wrong}")
        if seen & {sim.iccid, sim.imsi}:
            raise CannotWrite(f"card {sim.iccid}, or its IMSI, is there twice")
        seen |= {sim.iccid, sim.imsi}
        _check_words(sim)
    return columns


def _check_words(sim: VendorSim) -> None:
    for name, value in sim.secrets.items():
        if not value.isascii() or len(value.split()) != 1 or value != value.strip():
            raise CannotWrite(f"{name.upper()} of card {sim.iccid} is no word of letters and digits")


def _check_range(quantity: int, iccid: str, imsi: str) -> None:
    if not (iccid.isascii() and iccid.isdigit() and luhn_holds(iccid)):
        raise CannotWrite("the first ICCID must be digits, the last of them its check digit")
    if not (imsi.isascii() and imsi.isdigit()):
        raise CannotWrite("the first IMSI must be digits")
    for what, digits, fixed in (("ICCID", iccid[:-1], 7), ("IMSI", imsi, 5)):
        if len(str(int(digits) + quantity - 1)) > len(digits) or not _same_head(digits, quantity, fixed):
            raise CannotWrite(f"{quantity} cards from that {what} on would run over into another issuer's numbers")


def _same_head(digits: str, quantity: int, fixed: int) -> bool:
    last = str(int(digits) + quantity - 1).rjust(len(digits), "0")
    return last[:fixed] == digits[:fixed]
