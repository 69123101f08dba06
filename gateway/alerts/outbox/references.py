"""user_message_reference and the reference of long texts: another one for each message to the same phone."""

from __future__ import annotations

from collections import OrderedDict
from random import Random

_MODULUS = 1 << 16  # SMPP 3.4 §5.3.2.17; the low octet serves 8-bit concatenation
_MOST_KNOWN = 100_000


class References:
    """Counts for each recipient: parts of two texts to one phone must never fit together."""

    def __init__(self, random: Random) -> None:
        """``random`` chooses where a recipient's count begins: after a restart not where it began before."""
        self._random = random
        self._last: OrderedDict[str, int] = OrderedDict()

    def next(self, msisdn: str) -> int:
        """Return the next one, 0 to 65535."""
        last = self._last.pop(msisdn, None)
        value = self._random.randrange(_MODULUS) if last is None else (last + 1) % _MODULUS
        self._last[msisdn] = value
        if len(self._last) > _MOST_KNOWN:
            self._last.popitem(last=False)
        return value
