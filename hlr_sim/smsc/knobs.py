"""What can be turned on one SMSC: every knob reproduces something real message centres do to their ESMEs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError


class IdStyle(StrEnum):
    """How a message id is written (SMPP 3.4 §5.2.23 leaves it to the SMSC)."""

    HEX = "hex"
    HEX_UPPER = "hex_upper"
    DECIMAL = "decimal"
    ZERO_PADDED = "zero_padded"
    UUID = "uuid"
    CONSTANT = "constant"
    EMPTY = "empty"


class ReceiptTiming(StrEnum):
    """When a receipt goes out, counted from the message's end."""

    AT_ONCE = "at_once"  # right behind submit_sm_resp
    BEFORE_RESP = "before_resp"
    DELAYED = "delayed"
    NEVER = "never"
    DUPLICATE = "duplicate"


class ReceiptForm(StrEnum):
    """What a receipt looks like (SMPP 3.4 App. B is a suggestion)."""

    TLV_AND_TEXT = "tlv_and_text"
    TLV_ONLY = "tlv_only"
    TEXT_ONLY = "text_only"
    REFERENCE_ONLY = "reference_only"  # a text whose id means nothing, and user_message_reference
    NO_NUL = "no_nul"  # receipted_message_id without its end
    TWELVE_DIGIT_DATES = "twelve_digit_dates"
    LITERAL_DATES = "literal_dates"
    ALPHABETIC_ERROR = "alphabetic_error"
    SPLIT_TEXT = "split_text"  # two deliver_sm with a user data header, the id in the first, the state in the second


class Tcp(StrEnum):
    """How bytes are handed to the line."""

    PLAIN = "plain"
    COALESCED = "coalesced"  # what comes within 20 ms, in one piece
    BYTES = "bytes"  # one at a time


class ErrorBody(StrEnum):
    """What follows the header of a submit_sm_resp that refuses."""

    NONE = "none"
    EMPTY_ID = "empty_id"


Seconds = Annotated[float, Field(ge=0, le=86_400)]
Every = Annotated[int, Field(ge=1)] | None
Count = Annotated[int, Field(ge=0)]
Status = Annotated[int, Field(ge=1, le=0xFFFF)]
Share = Annotated[float, Field(ge=0, le=1)]
FinalState = Annotated[str, Field(pattern="^(DELIVRD|UNDELIV|REJECTD|EXPIRED|DELETED|UNKNOWN)$")]


@dataclass(frozen=True, slots=True)
class Knobs:
    """All knobs of one SMSC element, as they are when nobody has turned any. ``None`` is off."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    # binding
    bind_status: Status | None = None  # refuses binds with this, ...
    bind_refusals: Every = None  # ... so many of them; None: all
    bind_delay_s: Seconds = 0.0
    bind_silent: bool = False  # no bind_resp at all
    max_binds: Every = None  # of one system_id; more get 0x05
    bind_timeout_s: Seconds = 60.0  # who has not bound by then is cut off
    # answers to submit_sm and data_sm
    resp_delay_s: Seconds = 0.0
    resp_jitter_s: Seconds = 0.0
    drop_resp_every: Every = None
    out_of_order: Every = None  # so many answers are gathered and given backwards
    generic_nack_every: Every = None
    window: Every = None  # unanswered on one connection; above it 0x14
    throttle_every: Every = None  # 0x58
    throttle_above_per_s: Every = None  # 0x58
    queue_full_every: Every = None  # 0x14
    system_error_every: Every = None  # 0x08, ...
    system_error_burst: Annotated[int, Field(ge=1)] = 1  # ... so many in a row
    vendor_status_every: Every = None
    vendor_status: Status = 0x400
    error_body: ErrorBody = ErrorBody.NONE
    unknown_tlvs: bool = False  # in answers and receipts
    message_id: IdStyle = IdStyle.HEX
    query_silent: bool = False
    # receipts and other deliveries
    receipt_id: IdStyle | None = None  # None: as it was told in the answer
    receipt_timing: ReceiptTiming = ReceiptTiming.AT_ONCE
    receipt_delay_s: Seconds = 0.0
    receipt_jitter_s: Seconds = 0.0
    receipt_form: ReceiptForm = ReceiptForm.TLV_AND_TEXT
    receipt_states: Mapping[FinalState, Share] = field(default_factory=dict)  # what becomes of messages; rest DELIVRD
    deliver_window: Annotated[int, Field(ge=1)] = 100  # unacknowledged on one connection
    deliver_timeout_s: Seconds = 30.0
    retry_s: Seconds = 5.0  # until what an ESME could not take is sent again, and a barred line is looked at again
    # connections
    tcp: Tcp = Tcp.PLAIN
    enquire_link_s: Annotated[float, Field(gt=0)] | None = None
    unbind_after: Every = None  # answered submissions, on each connection
    half_close_after: Every = None
    kill_after: Every = None  # submissions: cut in the middle of the window, the last ones stored but not answered
    # phones
    validity_s: Annotated[float, Field(gt=0)] = 172_800.0  # of whoever does not say, and the longest there is
    honour_bars: bool = False  # hold messages for lines that an HLR here bars or suspends
    alerts: bool = False  # alert_notification when a phone with waiting messages is back, unasked

    def as_json(self) -> dict[str, object]:
        """Write every knob."""
        return asdict(self)

    def turned(self, changes: Mapping[str, object]) -> Knobs:
        """Return them with some turned. Raises ValueError (pydantic's own), which names each wrong one."""
        return _reader().validate_python(asdict(self) | dict(changes))

    def __post_init__(self) -> None:
        if sum(self.receipt_states.values()) > 1:
            raise ValueError("receipt_states: the shares must not be more than 1 together")


def complaints(problem: ValueError) -> str:
    """Name every wrong knob and what it should be."""
    if not isinstance(problem, ValidationError):
        return str(problem)
    told = ((".".join(str(part) for part in wrong["loc"]), wrong["msg"]) for wrong in problem.errors())
    return "; ".join(f"{where}: {what}" if where else what for where, what in told)


@cache
def _reader() -> TypeAdapter[Knobs]:
    return TypeAdapter(Knobs)
