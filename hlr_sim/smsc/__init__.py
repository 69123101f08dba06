"""A short message service centre: binds, a durable store, phones that may be off, receipts, and knobs for trouble.

``centre`` is what all connections share, ``conversation`` is one connection; the rest are their parts.
"""

from __future__ import annotations

from hlr_sim.smsc.centre import Smsc
from hlr_sim.smsc.inbox import Sms

__all__ = ["Sms", "Smsc"]
