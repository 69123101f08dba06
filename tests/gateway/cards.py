"""Cards of a vendor that does not exist: every secret is false, and each can be told from all others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drivers.subscription import Iccid, Imsi
from gateway.contract.identity import luhn_holds

ORANGE, SFR, NOBODY = "20801", "20810", "20899"


@dataclass(frozen=True)
class Card:
    """One card as its vendor knows it."""

    iccid: Iccid
    imsi: Imsi
    pin1: str
    puk1: str
    pin2: str
    puk2: str
    adm1: str
    ki: str
    opc: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may see, long enough to be searched for."""
        return (self.puk1, self.puk2, self.adm1, self.ki, self.opc)

    def row(self) -> str:
        values = (self.pin1, self.puk1, self.pin2, self.puk2, self.adm1, self.ki, self.opc)
        return " ".join((f"{self.iccid}F", self.imsi, *values))


def iccid(number: int) -> Iccid:
    """The number with its check digit."""
    body = f"893301{number:012d}"
    return Iccid(next(f"{body}{digit}" for digit in range(10) if luhn_holds(f"{body}{digit}")))


def card(number: int, plmn: str = ORANGE) -> Card:
    """The vendor's card of that number; another number, another card in everything."""
    return Card(
        iccid=iccid(int(plmn[3:]) * 1_000_000 + number),
        imsi=Imsi(f"{plmn}{number:010d}"),
        pin1=f"{3000 + number % 1000:04d}",
        puk1=f"{51_000_000 + number}",
        pin2=f"{6000 + number % 1000:04d}",
        puk2=f"{72_000_000 + number}",
        adm1=f"ADADADAD{number:08d}",
        ki=f"4B495F{int(plmn):06d}{number:020d}",
        opc=f"0C5F0C{int(plmn):06d}{number:020d}",
    )


def vendor_file(cards: Iterable[Card]) -> str:
    """The vendor's output file of these cards."""
    rows = [one.row() for one in cards]
    head = (
        f"*HEADER DESCRIPTION\nCustomer : EXAMPLE\nProfileType : EX_USIM\nBatch No : 2026010501\nQuantity : {len(rows)}"
    )
    columns = "var_Out: ICCID/IMSI/PIN1/PUK1/PIN2/PUK2/ADM1/KI/OPC"
    return "\n".join((head, "*OUTPUT VARIABLES", columns, *rows, ""))
