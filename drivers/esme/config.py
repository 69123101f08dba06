"""How one SMSC is reached and treated; defaults are those of cautious production ESMEs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from drivers.dialects.smpp.matching import IdForm
from drivers.dialects.smpp.text.carriage import Carriage
from drivers.retry import Pauses


class Binding(StrEnum):
    """How a conversation is opened: one connection both ways, or one for each direction (SMPP 3.4 §2.2)."""

    TRANSCEIVER = "transceiver"
    TRANSMITTER_AND_RECEIVER = "transmitter_and_receiver"
    TRANSMITTER = "transmitter"  # no receipts, nothing from phones


@dataclass(frozen=True, slots=True)
class Timers:
    """SMPP 3.4 §7.2, for each connection."""

    session_init_s: float = 10.0  # from connecting to the bind's answer
    enquire_link_s: float = 20.0  # of silence before the link is asked after
    inactivity_s: float = 300.0  # without a message, after which a transmitter is unbound until it is needed
    transceivers_leave: bool = False  # whether inactivity ends transceivers too: receipts then wait at the SMSC
    response_s: float = 10.0  # after which a request without answer is in doubt


@dataclass(frozen=True, slots=True)
class Tls:
    """Server name checked, TLS 1.2 at least; ``ca_file`` in place of the system's own, client certificate if asked."""

    ca_file: str | None = None
    server_name: str | None = None
    certificate: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Speed:
    """How much an SMSC takes, in segments: so many unanswered on one connection, so many a second over all of them.

    Throttled, the rate is halved (from what was achieved) and grows again by a tenth of ``per_s`` a second.
    """

    window: int = 10
    per_s: float | None = None
    burst: int = 1
    throttle_pause_s: float = 1.0


@dataclass(frozen=True, slots=True)
class CentreConfig:
    """One SMSC. Higher ``rank`` numbers are spoken to only while no lower one can be; ``weight`` shares a rank."""

    name: str
    host: str
    port: int
    system_id: str
    password: str = field(default="", repr=False)
    system_type: str = ""
    address_range: str = ""
    binding: Binding = Binding.TRANSCEIVER
    connections: int = 1
    timers: Timers = field(default_factory=Timers)
    speed: Speed = field(default_factory=Speed)
    reconnect: Pauses = field(default_factory=lambda: Pauses(0.5, 60.0))
    refused_bind_pause_s: float = 60.0  # wrong user or password: asking on gets accounts locked
    tls: Tls | None = None
    rank: int = 1
    weight: int = 1
    carriage: Carriage = field(default_factory=Carriage)
    message_ids: IdForm = IdForm.ANY
    vendor_tlvs: Mapping[int, bytes] = field(default_factory=dict)
    throttling: frozenset[str] = frozenset({"0x58"})  # statuses after which the rate shrinks; 0x14 is one phone's queue
