"""PDUs whose every value is known, as foreign codecs and ours must both write and read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from drivers.dialects.smpp.pdu import Pdu

_UDH = "050003a50201"  # TS 23.040 §9.2.3.24.1: part 1 of 2, reference 0xA5
_BIND = {
    "system_id": "linegate-fiftee",
    "password": "fakeSms1",
    "system_type": "twelve chars",
    "interface_version": 0x34,
    "addr_ton": 1,
    "addr_npi": 1,
    "address_range": "^336",
}
_SUBMIT = {
    "service_type": "CMT",
    "source_addr_ton": 5,
    "source_addr_npi": 0,
    "source_addr": "Linegate",
    "dest_addr_ton": 1,
    "dest_addr_npi": 1,
    "destination_addr": "33600000001",
    "esm_class": 0,
    "protocol_id": 0,
    "priority_flag": 1,
    "schedule_delivery_time": "",
    "validity_period": "251122060102000+",
    "registered_delivery": 1,
    "replace_if_present_flag": 0,
    "data_coding": 0,
    "sm_default_msg_id": 0,
}
_RECEIPT = "id:00c0ffee sub:001 dlvrd:001 submit date:2511220101 done date:2511220102 stat:DELIVRD err:000 text:"


@dataclass(frozen=True, slots=True)
class Vector:
    """One PDU; ``text`` and ``udh`` (hexadecimal) are what stands in its octets."""

    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    octets: bytes = b""
    text: str | None = None
    udh: str = ""
    tlvs: dict[int, bytes] = field(default_factory=dict)
    sequence: int = 0x01020304
    status: int = 0

    @property
    def pdu(self) -> Pdu:
        """Ours, to be written."""
        more = {} if self.text is None else {"short_message": self.octets, "sm_length": len(self.octets)}
        return Pdu(self.name, self.sequence, self.status, self.fields | more, self.tlvs)

    @property
    def neutral(self) -> dict[str, Any]:
        """Theirs, to be written."""
        more = {} if self.text is None else {"text": self.text, "udh": self.udh, "short_message": self.octets.hex()}
        return self.fields | more | {"sequence": self.sequence, "status": self.status, "tlvs": self.tlvs}


VECTORS = {
    "bind_transceiver": Vector("bind_transceiver", _BIND),
    "bind_transmitter": Vector("bind_transmitter", _BIND),
    "bind_receiver": Vector("bind_receiver", _BIND | {"system_type": "", "address_range": ""}),
    "bind_transceiver_resp": Vector("bind_transceiver_resp", {"system_id": "SMSC"}),
    "submit_sm, default alphabet": Vector(
        "submit_sm", _SUBMIT, bytes.fromhex("1f740520351b281b6520641b2961"), "Été 5{€ d}a"
    ),
    "submit_sm, UCS-2": Vector("submit_sm", _SUBMIT | {"data_coding": 8}, "reçu 🎉".encode("utf-16-be"), "reçu 🎉"),
    "submit_sm, one part of two": Vector(
        "submit_sm",
        _SUBMIT | {"data_coding": 8, "esm_class": 0x40},
        bytes.fromhex(_UDH) + "ê🎉".encode("utf-16-be"),
        "ê🎉",
        _UDH,
    ),
    "submit_sm, no text": Vector("submit_sm", _SUBMIT | {"service_type": "", "validity_period": ""}, b"", ""),
    "submit_sm, longest text": Vector("submit_sm", _SUBMIT, b"x" * 254, "x" * 254, tlvs={0x0204: b"\xff\xfe"}),
    "submit_sm_resp": Vector("submit_sm_resp", {"message_id": "00c0ffee"}),
    "submit_sm_resp, longest id": Vector("submit_sm_resp", {"message_id": "f" * 64}),
    "deliver_sm, receipt": Vector(
        "deliver_sm",
        _SUBMIT | {"esm_class": 4, "service_type": "", "validity_period": ""},
        _RECEIPT.encode(),
        _RECEIPT,
        tlvs={0x001E: b"00c0ffee\0", 0x0427: b"\x02", 0x0204: b"\x01\x02"},
    ),
    "deliver_sm_resp": Vector("deliver_sm_resp", {"message_id": ""}),
    "enquire_link": Vector("enquire_link"),
    "enquire_link_resp": Vector("enquire_link_resp"),
    "unbind": Vector("unbind", sequence=0x7FFFFFFF),
    "unbind_resp": Vector("unbind_resp", sequence=1),
    "generic_nack": Vector("generic_nack", status=0x03),
}
#: by response: the status it tells
REFUSALS = {
    "submit_sm_resp": 0x58,
    "bind_transceiver_resp": 0x0E,
    "deliver_sm_resp": 0x0404,
}
