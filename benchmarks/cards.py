"""Vendor files and orders made for measurements; every secret in them is a counter."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gateway.contract.identity import luhn_holds

_IMSI_PREFIX = {"orange": "20801", "sfr": "20810"}


def iccid(host: str, number: int) -> str:
    """Return a valid ICCID of our own numbering."""
    stem = f"89339{'1' if host == 'orange' else '2'}{number:012d}"
    return next(stem + str(check) for check in range(10) if luhn_holds(stem + str(check)))


def imsi(host: str, number: int) -> str:
    """Return the card's IMSI."""
    return f"{_IMSI_PREFIX[host]}{number:010d}"


def vendor_file(host: str, first: int, count: int) -> bytes:
    """Return an output file of so many cards."""
    rows = [
        f"{iccid(host, n)} {imsi(host, n)} 0000 {n:08d} 0000 {n:08d} {n:08d} {n:032X} {n:032X}"
        for n in range(first, first + count)
    ]
    head = f"*HEADER DESCRIPTION\nCustomer : BENCH\nBatch No : {first}\nQuantity : {count}\n*OUTPUT VARIABLES\n"
    return (head + "var_Out: ICCID/IMSI/PIN1/PUK1/PIN2/PUK2/ADM1/KI/OPC\n" + "\n".join(rows) + "\n").encode()


def msisdn(number: int) -> str:
    """Return the line's number."""
    return f"+337{number:08d}"


def activation(host: str, number: int, options: Sequence[str] = ("data", "4g", "roaming")) -> bytes:
    """Return the order that opens a line with this card."""
    details = {
        "contract": "technicophone",
        "host": host,
        "iccid": iccid(host, number),
        "plan": "unlimited",
        "options": list(options),
    }
    order = {"external_id": f"B-{number}", "action": "activate", "line": {"msisdn": msisdn(number)}, "details": details}
    return json.dumps(order).encode()


def future_change(number: int) -> bytes:
    """Return an order that is accepted now and due in years: intake alone, no network."""
    order = {
        "external_id": f"F-{number}",
        "action": "change_options",
        "line": {"msisdn": msisdn(number)},
        "details": {"add": ["international"], "remove": ["roaming"]},
        "requested_start": "2099-01-01T09:00:00+01:00",
    }
    return json.dumps(order).encode()
