"""What is said in the transcripts of OsmoHLR's control interface; ``tests/peers`` replays them to a real one.

Every line is one frame: its four octets of header, then its text, in which a line feed and a tab are written out; a
``$`` shows where a text ends in a blank.
"""

import re

from drivers import commands as c
from drivers.commands import Why
from drivers.subscription import Iccid, Imsi, Msisdn, Subscription
from tests.transcripts.reading import Exchanges, Part, lines, parts

A, B, NOBODY = Imsi("901700000014701"), Imsi("901700000014702"), Imsi("901700000014709")
NUMBER, ANY, NO_ICCID = Msisdn("+491700000001"), Msisdn(""), Iccid("")
OK = c.Done("", "OK")
ABSENT = c.Refused(Why.NOT_FOUND, "no_subscriber", "No such subscriber.")
NOT_SET = "Update MSISDN failed"
HEADER_DIGITS = 8


def _frame(words: str) -> bytes:
    text = words[HEADER_DIGITS + 1 :].removesuffix("$").replace("\\n", "\n").replace("\\t", "\t")
    return bytes.fromhex(words[:HEADER_DIGITS]) + text.encode("ascii")


def PARTS(text: str) -> list[Part]:  # noqa: N802 - the suite asks for it by this name
    """Read a dialogue frame by frame."""
    return parts((turn, _frame(words)) for turn, words in lines(text))


#: the element's own numbering of its subscribers
OWN = re.compile(rb"(?<=subscriber\.create )\d$|(?<=subscriber\.delete )\d$|(?<=\nid\t)\d")
DIALOGUES: dict[str, Exchanges] = {
    "osmo_ctrl_new_line": [
        (c.KeepAlive(), c.Done("", "No such subscriber.")),
        (c.CreateSubscriber(A, None), c.Done("", "1")),
        (c.AssignMsisdn(A, NUMBER), OK),
        (c.ReadSubscriber(A), c.Held(Subscription(A, NUMBER), keys=False)),
        (c.ReleaseMsisdn(A, ANY), OK),
        (c.ReadSubscriber(A), c.Held(Subscription(A, None), keys=False)),
        (c.RemoveSubscriber(A), c.Done("", "1")),
    ],
    "osmo_ctrl_keys": [
        (c.CreateSubscriber(A, None), c.Done("", "1")),
        (c.ReadKeys(A), c.Refused(Why.NOT_FOUND, "no_keys")),
        (c.PutKeys(A, NO_ICCID), OK),
    ],
    "osmo_ctrl_keys_held": [
        (c.CreateSubscriber(A, None), c.Done("", "1")),
        (c.PutKeys(A, NO_ICCID), OK),
        (c.ReadKeys(A), c.KeysHeld()),
        (c.ReadSubscriber(A), c.Held(Subscription(A, None), keys=True)),
    ],
    "osmo_ctrl_refusals": [
        (c.CreateSubscriber(A, None), c.Done("", "1")),
        (c.CreateSubscriber(A, None), c.Refused(Why.EXISTS, "exists", "Subscriber already exists.")),
        (c.RemoveSubscriber(NOBODY), c.Refused(Why.NOT_FOUND, "no_subscriber", "Subscriber doesn't exist.")),
        (c.PutKeys(NOBODY, NO_ICCID), ABSENT),
        (c.AssignMsisdn(NOBODY, NUMBER), ABSENT),
        (c.ReleaseMsisdn(NOBODY, ANY), ABSENT),
        (c.ReadSubscriber(NOBODY), ABSENT),
    ],
    "osmo_ctrl_number_taken": [
        (c.CreateSubscriber(A, None), c.Done("", "1")),
        (c.CreateSubscriber(B, None), c.Done("", "2")),
        (c.AssignMsisdn(A, NUMBER), OK),
        (c.AssignMsisdn(B, NUMBER), c.Refused(Why.CONFLICT, "number_not_set", NOT_SET)),
        (c.AssignMsisdn(A, NUMBER), OK),
    ],
    "osmo_ctrl_locked": [
        (c.CreateSubscriber(A, None), c.Refused(Why.BUSY, "not_created", "Cannot create subscriber.")),
        (c.CreateSubscriber(B, None), c.Refused(Why.BUSY, "not_created", "Cannot create subscriber.")),
        (c.AssignMsisdn(A, NUMBER), c.Refused(Why.BUSY, "number_not_set", NOT_SET)),
        (c.ReleaseMsisdn(A, ANY), c.Refused(Why.BUSY, "number_not_set", NOT_SET)),
        (c.PutKeys(A, NO_ICCID), c.Refused(Why.BUSY, "keys_not_set", "Update aud3g failed.")),
        (c.RemoveSubscriber(A), c.Refused(Why.BUSY, "not_deleted", "Cannot delete subscriber.")),
        (c.ReadSubscriber(A), c.Held(Subscription(A, None), keys=False)),
    ],
}
