"""What goes into one submit_sm: a part of a text, and how it shall be carried (SMPP 3.4 §4.4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.subscription import Msisdn


@dataclass(frozen=True, slots=True)
class Part:
    """One segment, ready for the wire: octets with their user data header, if any, and the TLVs that belong to it."""

    octets: bytes = field(repr=False)
    data_coding: int = 0  # §5.2.19
    esm_class: int = 0  # §5.2.12: 0x40 says that octets begin with a user data header
    tlvs: Mapping[int, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """One submit_sm. ``validity`` in SMPP's time format (§7.1.1), empty for the SMSC's own.

    ``reference`` goes out as user_message_reference (§5.3.2.17), 0 to 65535, and comes back in receipts of SMSCs
    that give no useful message id. ``tlvs`` are the SMSC's vendor's own.
    """

    sender: str
    to: Msisdn
    part: Part
    receipt: bool = False
    validity: str = ""
    priority: int = 0  # §5.2.14: 0 to 3
    reference: int | None = None
    tlvs: Mapping[int, bytes] = field(default_factory=dict)
