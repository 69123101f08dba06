"""GSMTAP packets and pcap files, byte by byte, as Wireshark takes them."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path

import pytest

from sim_readers.trace.gsmtap import PCAP_HEADER, PORT, PcapFile, UdpSink, packet, pcap_record
from tests.sim_readers.scripted import AT, exchanges

HEADER = bytes.fromhex("02040400000000000000000000000000")


@pytest.mark.parametrize(
    ("command", "answer", "payload"),
    [
        ("00A40004023F00", "6118", "00A40004023F006118"),
        ("00A4040407A000000087100200", "9000", "00A4040407A00000008710029000"),
        ("0020000A", "63C3", "0020000A0063C3"),
        ("00A4", "6700", "00A46700"),
        ("0020000A083132333435363738", "63C2", "0020000A082A2A2A2A2A2A2A2A63C2"),
        ("0088008111000000000000000000000000000000000100", "DB00019000", "0088008111" + "2A" * 17 + "2A2A2A9000"),
    ],
)
def test_a_packet_is_header_command_and_answer(command: str, answer: str, payload: str) -> None:
    assert packet(exchanges((command, answer))[0]) == HEADER + bytes.fromhex(payload)


def test_packets_reach_whoever_listens() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(5)
        one = exchanges(("00A40004023F00", "6118"))[0]
        with UdpSink("127.0.0.1", ear.getsockname()[1]) as sink:
            sink(one)
        assert ear.recv(1000) == packet(one)
        assert sink.lost == 0


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("no such host", PORT), ("\udc00", PORT)])
def test_a_sink_that_nobody_can_hear_counts_and_goes_on(host: str, port: int) -> None:
    with UdpSink(host, port) as sink:
        sink(exchanges(("00A40004023F00", "6118"))[0])
    assert sink.lost == 1


def test_a_closed_sink_does_not_raise() -> None:
    sink = UdpSink()
    sink.close()
    sink(exchanges(("00A40004023F00", "6118"))[0])
    assert sink.lost == 1


def _sum(octets: bytes) -> int:
    """The ones' complement sum, which is all ones over what bears its own checksum."""
    even = octets + bytes(len(octets) % 2)
    total = sum(int.from_bytes(even[at : at + 2], "big") for at in range(0, len(even), 2))
    return total % 0xFFFF or 0xFFFF


@pytest.mark.parametrize("answer", ["6118", "019000"])
def test_a_pcap_record_is_a_datagram_with_right_checksums(answer: str) -> None:
    one = exchanges(("00A40004023F00", answer))[0]
    record = pcap_record(one)
    seconds, micros, kept, length = struct.unpack("<IIII", record[:16])
    assert (seconds, micros) == (int(AT.timestamp()), 250_000)
    datagram = record[16:]
    assert kept == length == len(datagram) == int.from_bytes(datagram[2:4], "big")
    assert (datagram[0], datagram[9], datagram[12:20]) == (0x45, 17, bytes((127, 0, 0, 1)) * 2)
    assert _sum(datagram[:20]) == 0xFFFF
    udp = datagram[20:]
    assert struct.unpack(">HHH", udp[:6]) == (PORT, PORT, len(udp))
    assert _sum(datagram[12:20] + struct.pack(">HH", 17, len(udp)) + udp) == 0xFFFF
    assert udp[8:] == packet(one)


def test_a_pcap_file_is_private_new_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "card.pcap"
    told = exchanges(("00A40004023F00", "6118"), ("00B0000009", "6982"))
    with PcapFile(path) as file:
        for one in told:
            file(one)
    assert path.read_bytes() == PCAP_HEADER + b"".join(map(pcap_record, told))
    assert path.read_bytes()[:24].hex() == "d4c3b2a1020004000000000000000000ffff000065000000"
    assert os.stat(path).st_mode & 0o777 == 0o600  # noqa: PTH116 - the mode itself is meant
    with pytest.raises(FileExistsError):
        PcapFile(path)
