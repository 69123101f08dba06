"""Fake SIM cards and numbers: valid check digits, IMSIs of both hosts, and secrets nobody has."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.journeys.agreement_sheets import SHEETS

IMSI_PREFIX = SHEETS["technicophone"].hosts
_HOSTS = {host: prefix for sheet in SHEETS.values() for host, prefix in sheet.hosts.items()}
_COUNTRY = {"208": "33", "546": "687", "647": "262", "212": "377"}  # of the IMSI's first digits, as ICCIDs have it
_COLUMNS = "ICCID/IMSI/PIN1/PUK1/PIN2/PUK2/ADM1/KI/OPC"


@dataclass(frozen=True)
class Card:
    """One card as its vendor describes it."""

    host: str
    iccid: str
    imsi: str
    puks: tuple[str, str] = field(repr=False)
    adm1: str = field(repr=False)
    ki: str = field(repr=False)
    opc: str = field(repr=False)

    def row(self) -> str:
        """Write it as a line of a vendor file."""
        first, second = self.puks
        return f"{self.iccid} {self.imsi} 0000 {first} 0000 {second} {self.adm1} {self.ki} {self.opc}"


def with_check_digit(digits: str) -> str:
    """Append the digit that makes the Luhn sum (ISO/IEC 7812-1) a multiple of ten."""
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits))]
    return digits + str(-sum(n // 10 + n % 10 for n in doubled) % 10)


class Stock:
    """Draws cards and numbers, none twice."""

    def __init__(self) -> None:
        self.drawn: list[Card] = []
        self._imported = 0
        self._serial = itertools.count(1)
        self._numbers = itertools.count(1)
        self._secrets = random.Random(20801)  # the same fake ones in every run

    def number(self, contract: str = "technicophone") -> str:
        """Return a mobile number nobody has."""
        first, length = SHEETS[contract].numbers
        return f"{first}{next(self._numbers):0{length}d}"

    def card(self, host: str) -> Card:
        """Draw a card that will be in the next vendor file."""
        card = self.unknown_card(host)
        self.drawn.append(card)
        return card

    def unknown_card(self, host: str) -> Card:
        """Make a card that no vendor file will name."""
        serial = next(self._serial)
        prefix = _HOSTS[host]
        issuer = f"89{_COUNTRY[prefix[:3]]:0<3}{prefix[3:]}"  # ITU-T E.118: telecom, country, network
        return Card(
            host=host,
            iccid=with_check_digit(f"{issuer}{serial:011d}"),
            imsi=f"{prefix}{serial:010d}",
            puks=(self._eight_digits(), self._eight_digits()),
            adm1=f"FA4E{self._secrets.getrandbits(48):012X}",
            ki=f"FA4E{self._secrets.getrandbits(112):028X}",
            opc=f"FA4E{self._secrets.getrandbits(112):028X}",
        )

    def vendor_files(self) -> Iterator[str]:
        """Write one file for each host, of the cards drawn since the last time."""
        fresh, self._imported = self.drawn[self._imported :], len(self.drawn)
        for host in _HOSTS:
            rows = [card.row() for card in fresh if card.host == host]
            if rows:
                yield _vendor_file(host, rows)

    def _eight_digits(self) -> str:
        return f"{self._secrets.randrange(10**8):08d}"


def _vendor_file(host: str, rows: list[str]) -> str:
    head = ("*HEADER DESCRIPTION", "*" * 39, f"Customer        : FAKE-{host.upper()}", "ProfileType     : USIM_FAKE")
    counted = ("Order Date      : 2026010101", "Batch No        : 2026010102", f"Quantity        : {len(rows)}")
    return "\n".join((*head, *counted, "*" * 39, "*OUTPUT VARIABLES", f"var_Out: {_COLUMNS}", *rows)) + "\n"
