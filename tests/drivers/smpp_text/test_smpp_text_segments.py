"""Where texts are cut and what each segment looks like, octet by octet."""

import pytest

from drivers.dialects.smpp.submission import Part
from drivers.dialects.smpp.text import Alphabet, Carriage, LongText, Policy, Preview, preview, read_part, split
from drivers.errors import NotSpoken

UDH8 = Carriage()
UDH16, SAR, PAYLOAD = (Carriage(long_text) for long_text in (LongText.UDH16, LongText.SAR, LongText.PAYLOAD))
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


def _texts(parts: tuple[Part, ...]) -> list[str]:
    return [read_part(part).text for part in parts]


@pytest.mark.parametrize("how", [UDH8, UDH16, SAR, PAYLOAD])
def test_one_segment_holds_160_septets_or_70_characters(how: Carriage) -> None:
    assert split("a" * 160, how, 7) == (Part(b"a" * 160),)
    assert split("ç" * 70, how, 7) == (Part(b"\0\xe7" * 70, 8),)
    assert split("", how, 7) == (Part(b""),)


def test_an_8_bit_reference() -> None:
    first, second = split("a" * 161, UDH8, 0x1234)
    assert first == Part(b"\x05\x00\x03\x34\x02\x01" + b"a" * 153, 0, 0x40)
    assert second == Part(b"\x05\x00\x03\x34\x02\x02" + b"a" * 8, 0, 0x40)
    assert [len(part.octets) for part in split("ç" * 71, UDH8, 1)] == [6 + 134, 6 + 8]


def test_a_16_bit_reference() -> None:
    first, second = split("a" * 161, UDH16, 0x1_1234)
    assert first == Part(b"\x06\x08\x04\x12\x34\x02\x01" + b"a" * 152, 0, 0x40)
    assert second == Part(b"\x06\x08\x04\x12\x34\x02\x02" + b"a" * 9, 0, 0x40)
    assert [len(part.octets) for part in split("ç" * 71, UDH16, 1)] == [7 + 132, 7 + 10]


def test_sar_leaves_the_header_to_the_smsc() -> None:
    first, second = split("a" * 161, SAR, 0x1234)
    assert first == Part(b"a" * 153, tlvs={0x020C: b"\x12\x34", 0x020E: b"\x02", 0x020F: b"\x01"})
    assert second == Part(b"a" * 8, tlvs={0x020C: b"\x12\x34", 0x020E: b"\x02", 0x020F: b"\x02"})


def test_payload_leaves_the_cutting_to_the_smsc() -> None:
    assert split("a" * 161, PAYLOAD, 1) == (Part(b"", tlvs={0x0424: b"a" * 161}),)
    assert split("ç" * 71, PAYLOAD, 1) == (Part(b"", 8, tlvs={0x0424: b"\0\xe7" * 71}),)


def test_latin_1_fills_octets_and_ascii_septets() -> None:
    latin1, ascii_only = Carriage(alphabet=Alphabet.LATIN1), Carriage(alphabet=Alphabet.ASCII)
    assert split("ç" * 140, latin1, 1) == (Part(b"\xe7" * 140),)
    assert [len(part.octets) for part in split("ç" * 141, latin1, 1)] == [6 + 134, 6 + 7]
    assert split("@" * 160, ascii_only, 1) == (Part(b"@" * 160),)
    assert [len(part.octets) for part in split("[" * 81, ascii_only, 1)] == [6 + 76, 6 + 5]  # two septets on the air


def test_trap_16_an_escape_is_not_parted_from_what_it_escapes() -> None:
    assert len(split("a" * 158 + "€", UDH8, 1)) == 1
    assert _texts(split("a" * 159 + "€", UDH8, 1)) == ["a" * 153, "a" * 6 + "€"]
    assert _texts(split("a" * 152 + "€" + "b" * 10, UDH8, 1)) == ["a" * 152, "€" + "b" * 10]
    assert [part.octets[6:] for part in split("€" * 81, UDH8, 1)] == [b"\x1be" * 76, b"\x1be" * 5]


def test_trap_16_a_surrogate_pair_is_not_parted() -> None:
    assert _texts(split("ç" * 66 + "😀" + "ç" * 9, UDH8, 1)) == ["ç" * 66, "😀" + "ç" * 9]
    assert len(split("😀" * 35, UDH8, 1)) == 1
    assert [len(text) for text in _texts(split("😀" * 36, UDH8, 1))] == [33, 3]


def test_trap_16_a_grave_accent_is_not_shown_as_another_sign() -> None:
    assert split("`", UDH8, 1) == (Part(b"\0`", 8),)
    assert split("§\f", UDH8, 1) == (Part(b"\x5f\x1b\n"),)


def test_trap_17_french_accents_that_gsm_7_has_and_has_not() -> None:
    assert split("é è à ù", UDH8, 1) == (Part(b"\x05 \x04 \x7f \x06"),)
    forced = split("Vous avez reçu un avertissement", UDH8, 1)
    assert [(part.data_coding, len(part.octets)) for part in forced] == [(8, 62)]
    kept = preview("Vous avez reçu un avertissement", UDH8, Policy.KEEP)
    assert kept == Preview("ucs2", 1, 31, 39, {}, ("ç",))
    better = preview("Vous avez reçu un avertissement", UDH8, Policy.TRANSLITERATE)
    assert better == Preview("gsm7", 1, 31, 129, {"ç": "c"}, ())


@pytest.mark.parametrize(
    "cluster",
    [
        "e\u0323\u0301",
        "1\ufe0f\u20e3",
        "\u2764\ufe0f",
        "\U0001f44d\U0001f3fd",
        "\U0001f1eb\U0001f1f7",
        FAMILY,
        "\r\n",
        "\u1112\u1161\u11ab",  # Hangul
        "\u0e01\u0e33",  # Thai
        "\U0001f3f4\U000e0067\U000e0062\U000e007f",  # a flag of tags
    ],
)
def test_what_is_read_as_one_character_is_not_cut(cluster: str) -> None:
    for before in range(56, 70):
        head = "ç" * before
        parts = _texts(split(head + cluster + "ç" * 70, UDH8, 1))
        assert "".join(parts) == head + cluster + "ç" * 70
        assert any(cluster in text for text in parts)


def test_flags_are_cut_between_pairs() -> None:
    flags = "\U0001f1eb\U0001f1f7" * 40
    assert [len(text) for text in _texts(split("ç" + flags, UDH8, 1))] == [33, 32, 16]


def test_a_line_end_of_two_is_not_cut() -> None:
    assert _texts(split("a" * 152 + "\r\n" + "a" * 9, UDH8, 1)) == ["a" * 152, "\r\n" + "a" * 9]


def test_a_character_longer_than_a_segment_is_cut_somewhere() -> None:
    tower = "e" + "\u0323" * 200
    assert [len(text) for text in _texts(split(tower, UDH8, 1))] == [67, 67, 67]


def test_shift_tables_are_named_in_the_header() -> None:
    assert split("ação", Carriage(national="pt"), 1) == (Part(b"\x03\x24\x01\x03a\x1b\x09\x1b\x7bo", 0, 0x40),)
    assert split("acao", Carriage(national="pt"), 1) == (Part(b"acao"),)
    assert split("Д", Carriage(national="pt"), 1) == (Part(b"\x04\x14", 8),)


def test_shift_tables_take_room() -> None:
    portuguese, wide = Carriage(national="pt"), Carriage(LongText.UDH16, national="pt")
    assert len(split("a" * 153 + "ç", portuguese, 1)) == 1  # 155 septets beside a header of 4 octets
    assert len(split("ç" * 155, portuguese, 1)) == 1  # the locking table has it in one septet
    (first, second), (other, _) = split("ç" * 156, portuguese, 9), split("ç" * 156, wide, 9)
    assert first == Part(b"\x08\x00\x03\x09\x02\x01\x25\x01\x03" + b"\x09" * 149, 0, 0x40)
    assert second == Part(b"\x08\x00\x03\x09\x02\x02\x25\x01\x03" + b"\x09" * 7, 0, 0x40)
    assert other == Part(b"\x09\x08\x04\x00\x09\x02\x01\x25\x01\x03" + b"\x09" * 148, 0, 0x40)


def test_both_shift_tables_may_be_needed() -> None:
    (part,) = split("∞Φ", Carriage(national="pt"), 1)
    assert part == Part(b"\x06\x24\x01\x03\x25\x01\x03\x15\x1b\x12", 0, 0x40)


@pytest.mark.parametrize(
    ("long_text", "alphabet", "national"),
    [
        (LongText.UDH8, Alphabet.GSM7, "fr"),
        (LongText.UDH8, Alphabet.LATIN1, "pt"),
        (LongText.UDH8, Alphabet.ASCII, "tr"),
        (LongText.SAR, Alphabet.GSM7, "pt"),
        (LongText.PAYLOAD, Alphabet.GSM7, "es"),
    ],
)
def test_shift_tables_that_cannot_be_named_are_refused(long_text: LongText, alphabet: Alphabet, national: str) -> None:
    with pytest.raises(NotSpoken, match=r"national|shift tables for 'fr'"):
        Carriage(long_text, alphabet, national)


@pytest.mark.parametrize("how", [UDH8, UDH16, SAR, PAYLOAD])
def test_segments_are_at_most_255(how: Carriage) -> None:
    room = 152 if how is UDH16 else 153
    assert split("a" * room * 255, how, 1)
    with pytest.raises(NotSpoken, match=r"needs 256 segments.*shorten"):
        split("a" * (room * 255 + 1), how, 1)


def test_half_a_surrogate_pair_is_refused() -> None:
    for text in ("\ud83d", "abc\ude00", "\ud83d\ude00"):
        with pytest.raises(NotSpoken, match="half a surrogate pair"):
            split(text, UDH8, 1)


def test_a_preview_counts_what_is_left_in_the_last_segment() -> None:
    assert preview("a" * 150 + "€", UDH8, Policy.KEEP) == Preview("gsm7", 1, 152, 8, {}, ())
    assert preview("a" * 161, UDH8, Policy.KEEP) == Preview("gsm7", 2, 161, 145, {}, ())
    assert preview("a" * 161, PAYLOAD, Policy.KEEP).segments == 2
    assert preview("😀" * 36, UDH8, Policy.KEEP) == Preview("ucs2", 2, 72, 61, {}, ("😀",))
    assert preview("é", Carriage(alphabet=Alphabet.LATIN1), Policy.KEEP) == Preview("latin1", 1, 1, 139, {}, ())
    assert preview("ş", Carriage(national="tr"), Policy.KEEP) == Preview("gsm7-tr", 1, 2, 153, {}, ())
