"""A vendor's card as the card side has it, and back."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.subscription import Iccid, Imsi
from gateway.stock.vendor import VendorSim
from sim_readers.card_data import CardData, read_adm
from sim_readers.secret import Secret


def card_data(iccid: str, imsi: str, secrets: Mapping[str, str]) -> CardData:
    """Make a card of its secrets as files and the vault write them. Raises ValueError, without any of them."""
    adm1 = secrets.get("adm1")
    return CardData(
        iccid=iccid,
        imsi=imsi,
        ki=_hex(secrets.get("ki")),
        opc=_hex(secrets.get("opc")),
        pin1=_digits(secrets.get("pin1")),
        puk1=_digits(secrets.get("puk1")),
        pin2=_digits(secrets.get("pin2")),
        puk2=_digits(secrets.get("puk2")),
        adm1=read_adm(adm1) if adm1 else None,
    )


def vendor_sim(card: CardData) -> VendorSim:
    """Write a card's secrets as vendors do; an ADM key of eight digits as digits, any other in hexadecimal."""
    written = {
        "ki": card.ki and card.ki.reveal().hex().upper(),
        "opc": card.opc and card.opc.reveal().hex().upper(),
        "pin1": card.pin1 and card.pin1.reveal().decode("ascii"),
        "puk1": card.puk1 and card.puk1.reveal().decode("ascii"),
        "pin2": card.pin2 and card.pin2.reveal().decode("ascii"),
        "puk2": card.puk2 and card.puk2.reveal().decode("ascii"),
        "adm1": card.adm1 and _adm(card.adm1),
    }
    return VendorSim(0, Iccid(card.iccid), Imsi(card.imsi), {name: value for name, value in written.items() if value})


def _hex(written: str | None) -> Secret | None:
    return Secret.from_hex(written) if written else None


def _digits(written: str | None) -> Secret | None:
    return Secret.from_digits(written) if written else None


def _adm(key: Secret) -> str:
    raw = key.reveal()
    return raw.decode("ascii") if raw.isdigit() else raw.hex().upper()
