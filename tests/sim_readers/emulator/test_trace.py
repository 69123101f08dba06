"""The conversation that was recorded with a real reader stack, byte for byte."""

from __future__ import annotations

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.image import read_image
from sim_readers.secret import Secret
from tests.sim_readers.emulator.cards import DATA, KI, OPC, TRACED, send

# The recorded MF told "9001 40", PIN1 disabled, while it asked for PIN1; a true card tells C0.
TRACE = """
00A40004023F00                             -> 6118
00C0000000                                 -> 62168202782183023F008A0105C6099001C083010183010A9000
00A40004022FE2                             -> 6111
00C0000000                                 -> 620F8202412183022FE28A01058002000A9000
00B000000A                                 -> 983310325476980000F09000
00A4040410A0000000871002FFFFFFFF8907090000 -> 612A
00A40004026F07                             -> 6111
00B0000009                                 -> 6982
0020000100                                 -> 63C3
00200001083939393939FFFFFF                 -> 63C2
002000010831323334FFFFFFFF                 -> 9000
00B0000009                                 -> 0829803900000000109000
00D6000009082980390000000000               -> 6982
0020000A00                                 -> 63CA
0020000A083132333435363738                 -> 9000
00D6000009082980390000000020               -> 9000
00B0000009                                 -> 0829803900000000209000
002000010830303030FFFFFFFF                 -> 63C2
002000010830303030FFFFFFFF                 -> 63C1
002000010830303030FFFFFFFF                 -> 63C0
002000010831323334FFFFFFFF                 -> 6983
002C000100                                 -> 63CA
002C000110313233343536373835363738FFFFFFFF -> 9000
002400011035363738FFFFFFFF31323334FFFFFFFF -> 9000
00B00000FF                                 -> 6C09
"""


def test_a_card_of_that_type_says_what_the_recorded_one_said() -> None:
    data = CardData(
        "8933012345678900000",
        "208930000000001",
        ki=Secret.from_hex(KI),
        opc=Secret.from_hex(OPC),
        pin1=DATA.pin1,
        puk1=DATA.puk1,
        adm1=DATA.adm1,
    )
    card = blank(read_image(TRACED), data, keys_inside=True)

    assert card.power_on().hex().upper() == "3B9F96801FC78031A073BE21136743200718000001A5"
    lines = [line.split(" -> ") for line in TRACE.strip().splitlines()]
    said = [(tpdu.strip(), send(card, tpdu)) for tpdu, _ in lines]

    assert said == [(tpdu.strip(), answer) for tpdu, answer in lines]
    assert card.tpdus == 25
