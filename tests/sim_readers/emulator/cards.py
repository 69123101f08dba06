"""Virtual cards to try things on, and hexadecimal to speak to them."""

from __future__ import annotations

from pathlib import Path

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.faults import Faults
from sim_readers.emulator.image import CardImage, read_image
from sim_readers.secret import Secret

IMAGES = Path(__file__).parents[3] / "config" / "card_images"
TRACED = Path(__file__).with_name("traced_card.toml")
NAMES = ("gsm", "sja2", "sja5", "sjs1", "uicc")

PIN = "31323334FFFFFFFF"
WRONG = "39393939FFFFFFFF"
NEW = "35363738FFFFFFFF"
PUK = "3132333435363738"
ADM = "3132333435363738"

# TS 35.208 §4.3, test set 1
KI = "465b5ce8b199b49faa5f0a2ee238a6bc"
OP = "cdc202d5123e20f62b6d676ac72cb318"
OPC = "cd63cb71954a9f4e48a5994e37a02baf"
RAND = "23553cbe9637a89d218ae64dae47bf35"
AUTN = "55f328b43577b9b94a9ffac354dfafb3"
RES, CK, IK = "a54211d5e3ba50bf", "b40ba9a3c58b2a05bbf0d987b21bf8cb", "f769bcd751044604127672711c6d3441"
SRES, KC = "46f8416a", "eae4be823af9a08b"

DATA = CardData(
    "8933010000123456784",
    "208930000000001",
    ki=Secret.from_hex(KI),
    opc=Secret.from_hex(OPC),
    pin1=Secret.from_digits("1234"),
    puk1=Secret.from_digits("12345678"),
    pin2=Secret.from_digits("1234"),
    puk2=Secret.from_digits("12345678"),
    adm1=Secret.from_digits("12345678"),
)


def image(name: str) -> CardImage:
    return read_image(IMAGES / f"{name}.toml")


def card_of(
    name: str,
    *,
    keys_inside: bool = False,
    faults: Faults | None = None,
    record: bool = False,
) -> VirtualCard:
    """A card of one of our images, powered."""
    card = blank(image(name), DATA, keys_inside=keys_inside, faults=faults, record=record)
    card.power_on()
    return card


def send(card: VirtualCard, *tpdus: str) -> str:
    """Send TPDUs in hexadecimal; the answer to the last one, in hexadecimal."""
    answer = b""
    for tpdu in tpdus:
        answer = card.transmit(bytes.fromhex(tpdu))
    return answer.hex().upper()


def select(card: VirtualCard, *fids: str) -> str:
    """Select one after the other, without wanting an answer; the last status word."""
    return send(card, *(f"00A4000C02{fid}" for fid in fids))


def usim(card: VirtualCard) -> str:
    return send(card, "00A4040C07A0000000871002")


def gsm_select(card: VirtualCard, *fids: str) -> str:
    return send(card, *(f"A0A4000002{fid}" for fid in fids))
