"""What is said in the SMPP transcripts."""

from drivers import commands as c
from drivers.commands import Why
from drivers.subscription import Msisdn
from tests.transcripts.reading import Exchanges, in_hex

NUMBER = Msisdn("+33612345678")
BIND = c.Login("gate", "FAKEpw01")
PING = c.SendSms("Linegate", NUMBER, "ping")

PARTS = in_hex
DIALOGUES: dict[str, Exchanges] = {
    "smpp_bind": [(BIND, c.Done("0x00", "bind_transceiver_resp"))],
    "smpp_bind_refused": [(BIND, c.Refused(Why.FORBIDDEN, "0x0D", "bind_transceiver_resp: ESME_RBINDFAIL"))],
    "smpp_enquire_link": [(c.KeepAlive(), c.Done("0x00", "enquire_link_resp"))],
    "smpp_submit": [
        (c.SendSms("Linegate", NUMBER, "10€ used: é\n"), c.Submitted("ABC-1")),
        (c.SendSms("3666", NUMBER, "reç"), c.Submitted("7")),
    ],
    "smpp_throttled": [(PING, c.Refused(Why.BUSY, "0x58", "submit_sm_resp: ESME_RTHROTTLED"))],
    "smpp_other_centres": [
        (BIND, c.Done("0x00", "bind_transceiver_resp")),
        (PING, c.Refused(Why.BUSY, "0x14", "submit_sm_resp: ESME_RMSGQFUL")),
        (c.KeepAlive(), c.Refused(Why.INVALID, "0x03", "generic_nack: ESME_RINVCMDID")),
    ],
}
