"""A batch for an AuC carries keys enciphered only, and is whole or is not written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.stock.hlr_batch import BatchRefused, TransportKey, write_batch
from sim_readers.card_data import CardData
from sim_readers.secret import Secret
from sim_readers.transport_key import TransportAlgorithm, unwrap_ki

KI, OPC = "465B5CE8B199B49FAA5F0A2EE238A6BC", "CD63CB71954A9F4E48A5994E37A02BAF"  # TS 35.208 test set 1
K4 = Secret.from_hex("00112233445566778899AABBCCDDEEFF")
KEY = TransportKey(K4, TransportAlgorithm.AES128, k4_index=3, op_index=7)
CARD = CardData("8933010000000000010", "208930000000001", Secret.from_hex(KI), Secret.from_hex(OPC))
OTHER = CardData("8933010000000000028", "208930000000002", Secret.from_hex(KI[::-1]))


def test_a_batch_as_an_auc_takes_it() -> None:
    assert write_batch([CARD], KEY).splitlines() == [
        "# cards: 1",
        "# transport key: 3, aes128, check value FDE4FB",
        "iccid;imsi;eki;algorithm;k4_index;op_index;kcv",
        "8933010000000000010;208930000000001;388A7B0D6548EBD02925BEF5B2236FDF;aes128;3;7;FDE4FB",
    ]


def test_triple_des_and_another_agreed_check_value() -> None:
    key = replace(KEY, algorithm=TransportAlgorithm.TDES2)
    assert "F19EDD2CD4144C3CD1E874D50B79EADA;tdes2;3;7" in write_batch([CARD], key)
    assert "check value 3544E0" in write_batch([CARD], replace(KEY, kcv_block=b"\x01" * 16))


def test_opc_travels_enciphered_where_the_auc_has_no_op() -> None:
    lines = write_batch([CARD], replace(KEY, op_index=None), with_opc=True).splitlines()
    assert lines[2] == "iccid;imsi;eki;eopc;algorithm;k4_index;op_index;kcv"
    _, _, eki, eopc, *rest = lines[3].split(";")
    assert [unwrap_ki(bytes.fromhex(one), K4, KEY.algorithm) for one in (eki, eopc)] == [CARD.ki, CARD.opc]
    assert rest == ["aes128", "3", "", "FDE4FB"]


def test_no_key_is_in_the_clear() -> None:
    text = write_batch([CARD, OTHER], KEY) + write_batch([CARD], KEY, with_opc=True)
    for secret in (KI, OPC, KI[::-1], K4.reveal().hex()):
        assert secret.upper() not in text.upper()


@pytest.mark.parametrize(
    ("cards", "key", "with_opc", "reason"),
    [
        ([], KEY, False, "there is no card in the batch"),
        ([CARD, replace(OTHER, ki=None)], KEY, False, "card 8933010000000000028 has no Ki"),
        ([CARD, OTHER], KEY, True, "card 8933010000000000028 has no OPc"),
        ([replace(CARD, ki=Secret(b"short"))], KEY, False, "Ki of card 8933010000000000010 has 5 bytes, not 16"),
        ([replace(CARD, imsi="")], KEY, False, "card 8933010000000000010 has no IMSI"),
        ([CARD, replace(OTHER, imsi=CARD.imsi)], KEY, False, "208930000000001 is in the batch twice"),
        ([CARD, replace(OTHER, iccid=CARD.iccid)], KEY, False, "8933010000000000010 is in the batch twice"),
        ([CARD], replace(KEY, op_index=None), False, "needs OPc of every card"),
        ([CARD], replace(KEY, k4=Secret(b"short")), False, "K4 has 16 bytes, not 5"),
    ],
)
def test_a_batch_that_would_be_of_no_use_is_refused_whole(
    cards: list[CardData], key: TransportKey, *, with_opc: bool, reason: str
) -> None:
    with pytest.raises(BatchRefused, match=reason) as refused:
        write_batch(cards, key, with_opc=with_opc)
    assert len(refused.value.reasons) == 1
    assert KI not in str(refused.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BatchRefused) as refused:
        write_batch([replace(CARD, ki=None), replace(OTHER, ki=None, imsi="")], KEY)
    assert len(refused.value.reasons) == 3
