"""What is said in the transcripts of the register of handsets."""

import re

from drivers import commands as c
from drivers.commands import Why
from tests.transcripts.reading import Exchanges, by_line

IMEI = c.Imei("490154203237518")
STOLEN, FOUND, READ = c.BlockImei(IMEI, "stolen"), c.UnblockImei(IMEI), c.ReadImei(IMEI)
DONE = c.Done("0", "SUCCESS0001:Operation is successful")

PARTS = by_line()
#: the element's own clock and counter, which no test can know
OWN = re.compile(rb"(?m)(?<=^\+\+\+    EIR            ).*?\r$|(?<=^SMU    #)\d{6}\r$")
DIALOGUES: dict[str, Exchanges] = {
    "eir_login": [
        (c.Login("gate", "FAKEpw01"), DONE),
        (c.Login("gate", "FAKEpw02"), c.Refused(Why.FORBIDDEN, "1013", "ERR1013:User name or password is wrong")),
        (c.KeepAlive(), DONE),
    ],
    "eir_blacklist": [
        (STOLEN, DONE),
        (STOLEN, c.AlreadySo("3810", "ERR3810:Already so")),
        (READ, c.ImeiHeld(blocked=True)),
        (FOUND, DONE),
        (READ, c.ImeiHeld(blocked=False)),
    ],
    "eir_refusals": [
        (STOLEN, c.Refused(Why.BUSY, "1033", "ERR1033:Threshold exceeded")),
        (STOLEN, c.Refused(Why.SESSION, "5004", "ERR5004:Session invalid or timed out")),
        (FOUND, c.Refused(Why.NOT_FOUND, "3001", "ERR3001:Equipment not defined")),
        (READ, c.Refused(Why.FORBIDDEN, "1006", "ERR1006:No rights to execute this command")),
        (READ, c.Refused(Why.OTHER, "4711", "ERR4711:Nobody has told us what this means")),
    ],
    "eir_other_releases": [(READ, c.ImeiHeld(blocked=False))],
}
