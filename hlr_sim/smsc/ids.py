"""Message ids as message centres write them; the number behind one is the same whatever the style."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID, uuid5

from hlr_sim.smsc.knobs import IdStyle

CONSTANT_ID = "msg_id_not_implemented"
_NAMESPACE = UUID(int=0x5AC5)  # any fixed one: the same number gives the same id after a restart


def written(number: int, style: IdStyle) -> str:
    """Write a message's number as an id."""
    match style:
        case IdStyle.HEX:
            return f"{number:08x}"
        case IdStyle.HEX_UPPER:
            return f"{number:08X}"
        case IdStyle.DECIMAL:
            return str(number)
        case IdStyle.ZERO_PADDED:
            return f"{number:020d}"
        case IdStyle.UUID:
            return str(uuid5(_NAMESPACE, str(number)))
        case IdStyle.CONSTANT:
            return CONSTANT_ID
        case IdStyle.EMPTY:
            return ""
        case _:
            assert_never(style)
