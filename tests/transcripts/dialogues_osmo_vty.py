"""What is said in the transcripts of OsmoHLR's operator terminal; ``tests/peers`` replays them to a real one.

A line of the element's ends in CR LF, unless it ends in ``~``: there it waits for us. ``$`` shows where a line ends in
a blank, brackets hold octets of telnet. Our own lines end in LF.
"""

import re
from collections.abc import Mapping

from drivers import commands as c
from drivers.commands import Why
from drivers.subscription import Iccid, Imsi, Msisdn, NetworkAccess, Subscription
from tests.transcripts.reading import Exchanges, Part, lines, parts

A, B, NOBODY = Imsi("901700000014701"), Imsi("901700000014702"), Imsi("901700000014709")
NUMBER, ANY, NO_ICCID = Msisdn("+491700000001"), Msisdn(""), Iccid("")
QUIETLY = c.Done("")
ENABLE = (c.Login("", ""), QUIETLY)
MADE = (c.CreateSubscriber(A, None), c.Done("", f"Created subscriber {A}"))
MADE_TOO = (c.CreateSubscriber(B, None), c.Done("", f"Created subscriber {B}"))
NUMBERED = c.Done("", "Updated subscriber IMSI='901700000014701' to MSISDN='491700000001'")
ABSENT = c.Refused(Why.NOT_FOUND, "no_subscriber", "No subscriber for imsi = '901700000014709'")
_TELNET = re.compile(rb"\[((?:[0-9a-f]{2} ?)+)\]")


def _line(turn: str, words: str) -> bytes:
    if turn == ">":
        return words.encode("ascii") + b"\n"
    octets = _TELNET.sub(lambda found: bytes.fromhex(found[1].decode()), words.encode("ascii"))
    return octets.removesuffix(b"~") if octets.endswith(b"~") else octets.removesuffix(b"$") + b"\r\n"


def PARTS(text: str) -> list[Part]:  # noqa: N802 - the suite asks for it by this name
    """Read a dialogue line by line."""
    return parts((turn, _line(turn, words)) for turn, words in lines(text))


#: the element's own numbering of its subscribers
OWN = re.compile(rb"(?<=    ID: )\d+")
DIALOGUES: dict[str, Exchanges] = {
    "osmo_vty_login": [(c.Login("", "FAKEpw01"), QUIETLY)],
    "osmo_vty_wrong_password": [
        (c.Login("", "FAKEpw02"), c.Refused(Why.FORBIDDEN, "wrong_password", "the element asks for the password again"))
    ],
    "osmo_vty_password_wanted": [
        (
            c.Login("", ""),
            c.Refused(Why.FORBIDDEN, "password", "the element asks for a password: none is configured"),
        )
    ],
    "osmo_vty_no_password": [
        (
            c.Login("", "FAKEpw01"),
            c.Refused(
                Why.FORBIDDEN,
                "no_password",
                "the element asks for no password: take it out of the configuration",
            ),
        )
    ],
    "osmo_vty_not_enabled": [
        (c.ReadSubscriber(A), c.Refused(Why.NOT_FOUND, "no_subscriber", f"No subscriber for imsi = '{A}'")),
        (c.CreateSubscriber(A, None), c.Refused(Why.FORBIDDEN, "no_command", "Unknown command.")),
        (c.Provide(A, NetworkAccess.NONE), c.Refused(Why.FORBIDDEN, "no_command", "Unknown command.")),
    ],
    "osmo_vty_new_line": [
        ENABLE,
        (c.KeepAlive(), QUIETLY),
        MADE,
        *(
            exchange
            for mode in (NetworkAccess.CS_ONLY, NetworkAccess.PS_ONLY, NetworkAccess.NONE, NetworkAccess.BOTH)
            for exchange in (
                (c.Provide(A, mode), QUIETLY),
                (c.ReadSubscriber(A), c.Held(Subscription(A, None, access=mode), keys=False)),
            )
        ),
        (c.ChangeMsisdn(A, NUMBER), NUMBERED),
        (c.ReadSubscriber(A), c.Held(Subscription(A, NUMBER), keys=False)),
        (c.ReleaseMsisdn(A, ANY), c.Done("", f"Updated subscriber IMSI='{A}': removed MSISDN")),
        (c.ReadSubscriber(A), c.Held(Subscription(A, None), keys=False)),
        (c.RemoveSubscriber(A), c.Done("", f"Deleted subscriber for IMSI '{A}'")),
    ],
    "osmo_vty_keys": [
        ENABLE,
        MADE,
        (c.ReadKeys(A), c.Refused(Why.NOT_FOUND, "no_keys")),
        (c.PutKeys(A, NO_ICCID), QUIETLY),
    ],
    "osmo_vty_keys_held": [
        ENABLE,
        MADE,
        (c.PutKeys(A, NO_ICCID), QUIETLY),
        (c.ReadKeys(A), c.KeysHeld()),
        (c.ReadSubscriber(A), c.Held(Subscription(A, None), keys=True)),
    ],
    "osmo_vty_list": [
        ENABLE,
        (c.ListSubscribers(""), c.Listed(())),
        MADE,
        MADE_TOO,
        (c.ListSubscribers(""), c.Listed((A, B))),
        (c.ListSubscribers("9017"), c.Listed((A, B))),
        (c.ListSubscribers("5"), c.Listed(())),
    ],
    "osmo_vty_list_elsewhere": [
        ENABLE,
        MADE,
        MADE_TOO,
        (c.ListSubscribers("14702"), c.Listed(())),
        (c.ListSubscribers("90170000001470"), c.Listed((A, B))),
    ],
    "osmo_vty_refusals": [
        ENABLE,
        MADE,
        (
            c.CreateSubscriber(A, None),
            c.Refused(Why.EXISTS, "exists", f"Subscriber already exists for IMSI = {A}"),
        ),
        (c.RemoveSubscriber(NOBODY), ABSENT),
        (c.PutKeys(NOBODY, NO_ICCID), ABSENT),
        (c.ChangeMsisdn(NOBODY, NUMBER), ABSENT),
        (c.ReleaseMsisdn(NOBODY, ANY), ABSENT),
        (c.Provide(NOBODY, NetworkAccess.NONE), ABSENT),
        (c.ReadSubscriber(NOBODY), ABSENT),
        (c.ReadKeys(NOBODY), ABSENT),
    ],
    "osmo_vty_number_taken": [
        ENABLE,
        MADE,
        MADE_TOO,
        (c.AssignMsisdn(A, NUMBER), NUMBERED),
        (
            c.AssignMsisdn(B, NUMBER),
            c.Refused(Why.CONFLICT, "number_not_set", f"Error: cannot update MSISDN for subscriber IMSI='{B}'"),
        ),
        (c.AssignMsisdn(A, NUMBER), NUMBERED),
    ],
    "osmo_vty_locked": [
        ENABLE,
        *(
            (
                c.CreateSubscriber(imsi, None),
                c.Refused(Why.BUSY, "not_created", f"Error (rc=-5): cannot create subscriber for IMSI = {imsi}"),
            )
            for imsi in (A, B)
        ),
        *(
            (
                command,
                c.Refused(Why.BUSY, "number_not_set", f"Error: cannot update MSISDN for subscriber IMSI='{A}'"),
            )
            for command in (c.ChangeMsisdn(A, NUMBER), c.ReleaseMsisdn(A, ANY))
        ),
        (
            c.PutKeys(A, NO_ICCID),
            c.Refused(Why.BUSY, "keys_not_set", f"Error: cannot set 3G auth data for IMSI='{A}'"),
        ),
        (
            c.RemoveSubscriber(A),
            c.Refused(Why.BUSY, "not_deleted", f"Error: Failed to remove subscriber for IMSI '{A}'"),
        ),
    ],
    "osmo_vty_locked_in_silence": [
        ENABLE,
        (
            c.Provide(A, NetworkAccess.NONE),
            c.Refused(Why.BUSY, "not_stored", "confirmed, but not stored: another hand holds the database"),
        ),
    ],
}
_GUARDED = {"osmo_vty_login", "osmo_vty_wrong_password", "osmo_vty_password_wanted"}
OPTIONS: dict[str, Mapping[str, object]] = {name: {"login": name in _GUARDED} for name in DIALOGUES}
