"""A masked trace as GSMTAP packets, live over UDP or in a pcap file: Wireshark shows what the card was told.

GSMTAP version 2, payload type SIM; UDP port 4729 (IANA ``gsmtap``).
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from types import TracebackType
from typing import Self

from sim_readers.apdu import Command
from sim_readers.trace.exchange import Exchange
from sim_readers.trace.sink import FileSink

PORT = 4729
_VERSION = 2
_HEADER_WORDS = 4  # of 32 bits each
_TYPE_SIM = 0x04
_SUBTYPE_APDU = 0x00


def packet(exchange: Exchange) -> bytes:
    """Write one exchange: GSMTAP header of 16 bytes, command TPDU, answer.

    The command is written as T=0 has it whatever the card speaks, for that is what is dissected.
    """
    head = struct.pack(
        ">BBBBHbbIBBBB", _VERSION, _HEADER_WORDS, _TYPE_SIM, 0, 0, 0, 0, 0, _SUBTYPE_APDU, 0, 0, 0
    )  # fmt: skip
    return head + _tpdu(exchange.command.raw) + exchange.response.raw


def _tpdu(sent: bytes) -> bytes:
    try:
        return Command.parse(sent).to_tpdu()
    except ValueError:
        return sent


class UdpSink:
    """A sink that sends packets to whoever listens; never waits, never raises. ``lost`` counts what went nowhere."""

    def __init__(self, host: str = "127.0.0.1", port: int = PORT) -> None:
        self.lost = 0
        self._target: tuple[str, int] | None = None
        self._family = socket.AF_INET
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            self._family, self._target = found[0][0], (str(found[0][4][0]), port)
        except (OSError, OverflowError, UnicodeError):
            self._target = None
        self._socket = socket.socket(self._family, socket.SOCK_DGRAM)
        self._socket.settimeout(0)

    def __call__(self, exchange: Exchange) -> None:
        """Send one exchange."""
        try:
            if self._target is None:
                self.lost += 1
            else:
                self._socket.sendto(packet(exchange), self._target)
        except (OSError, OverflowError):
            self.lost += 1

    def close(self) -> None:
        """Let go of the socket; never raises."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


_LOOPBACK = bytes((127, 0, 0, 1))
_UDP = 17
_LINKTYPE_RAW = 101  # packets begin with their IP header
_MOST_BYTES = 65_535
PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _MOST_BYTES, _LINKTYPE_RAW)


def pcap_record(exchange: Exchange) -> bytes:
    """Write one exchange as pcap keeps it: time of day, lengths, then an IPv4 datagram from us to ourselves."""
    datagram = _ipv4(_udp(packet(exchange)))
    seconds, micros = divmod(round(exchange.at.timestamp() * 1_000_000), 1_000_000)
    return struct.pack("<IIII", seconds, micros, len(datagram), len(datagram)) + datagram


def _udp(payload: bytes) -> bytes:
    """RFC 768; the checksum also covers addresses and protocol."""
    length = 8 + len(payload)
    head = struct.pack(">HHH", PORT, PORT, length)
    pseudo = _LOOPBACK + _LOOPBACK + struct.pack(">BBH", 0, _UDP, length)
    checksum = _checksum(pseudo + head + b"\0\0" + payload) or 0xFFFF  # 0 would mean there is none
    return head + checksum.to_bytes(2, "big") + payload


def _ipv4(payload: bytes) -> bytes:
    """RFC 791: no options, never fragmented, 64 hops."""
    first = struct.pack(">BBHHHBB", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, _UDP)
    checksum = _checksum(first + b"\0\0" + _LOOPBACK + _LOOPBACK)
    return first + checksum.to_bytes(2, "big") + _LOOPBACK + _LOOPBACK + payload


def _checksum(octets: bytes) -> int:
    """RFC 1071: the ones' complement of the ones' complement sum of 16-bit words."""
    octets += b"\0" * (len(octets) % 2)
    total = sum(octets[::2]) * 256 + sum(octets[1::2])
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class PcapFile(FileSink):
    """A sink that writes a new pcap file."""

    def __init__(self, path: Path) -> None:
        """Make the file. Raises OSError; FileExistsError if it is there already."""
        super().__init__(path, os.O_EXCL)
        self._add(PCAP_HEADER)

    def render(self, exchange: Exchange) -> bytes:
        """Write a packet."""
        return pcap_record(exchange)
