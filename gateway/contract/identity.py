"""What an MSISDN, an IMSI and an ICCID look like; ASCII digits only, whatever else Unicode calls a digit."""

from __future__ import annotations

from typing import NewType

Name = NewType("Name", str)
"""What a contract calls its options, plans, hosts and itself."""

MSISDN_PATTERN = r"^\+[1-9][0-9]{6,14}$"  # E.164 §6.2: at most 15 digits
IMSI_PATTERN = r"^[0-9]{14,15}$"  # TS 23.003 §2.2
ICCID_PATTERN = r"^[0-9]{18,20}$"  # ITU-T E.118: 19 digits, 18 or 20 in older and newer stock

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,39}$"


def luhn_holds(digits: str) -> bool:
    """Tell whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        total += sum(divmod(int(char) * (2 if place % 2 else 1), 10))
    return total % 10 == 0
