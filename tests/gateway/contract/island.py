"""A contract of an operator that does not exist, with everything a contract may sell, bar and bound."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

from drivers.subscription import Msisdn
from gateway.contract.line import Life, Line
from gateway.contract.rules import Rules, read_rules
from tests.gateway.cards import card

NUMBER = Msisdn("+33612345678")
TEXT = """
spec = "1"
name = "island"
time_zone = "Pacific/Noumea"
language = "fr"
calendar = { country = "FR", subdivision = "NC", billing_day = 15 }
sms = { sender = "ISLAND" }
numbering = { msisdn_prefixes = ["+336"], quarantine_days = 0 }
reactivation = { keeps = ["lost", "stolen"] }
top_ups = { lifts = ["fair_use", "credit_used"], source = "§" }
twin = { not_with_options = ["data"], not_with_plans = ["surf"], source = "§" }

[portability]
operator = "01"
soonest = "3 working days"
latest = "59 days"
change_before = "3 working days"
changed_latest = "1 month"
cancel_before = "3 working days"
outage = "4 hours"
source = "§"

[hosts]
north = { element = "north", imsi_prefixes = ["20801"], source = "§" }
south = { element = "south", imsi_prefixes = ["20810"], source = "§" }

[defaults]
options = ["roaming"]
rats = ["2g", "3g"]
international_bar_type = 1
incoming_abroad = false
diverts_to = "577"

[options]
international = { international = true, source = "§" }
roaming = { roaming = true, source = "§" }
roaming_incoming = { incoming_abroad = true, source = "§" }
data = { apns = ["internet"], source = "§" }
4g = { rats = ["4g"], source = "§" }
slow = { cap_kbit_s = 512, source = "§" }
slower = { cap_kbit_s = 64, source = "§" }
discreet = { hides_caller_id = true, source = "§" }

[plans]
talk = { source = "§" }
surf = { options = ["data"], fair_use_cap_kbit_s = 128, source = "§" }
silent = { voice = false, source = "§" }
frugal = { ends_options = true, options = ["4g"], source = "§" }

[restrictions]
barred_outgoing = { reasons = ["unpaid", "credit_limit", "credit_used"], services = ["speech_out"], source = "§" }
suspended = { reasons = ["unpaid", "fraud", "lost", "stolen"], locked = true, source = "§" }
fair_use = { reasons = ["abuse", "fair_use"], source = "§" }
sms_off = { reasons = ["abuse"], services = ["short_message_out"], source = "§" }

[bars]
receive_calls_only = { services = ["speech_out"], source = "§" }
make_calls_only = { services = ["speech_in"], source = "§" }
national_only = { outgoing = "international", source = "§" }
receive_sms_only = { services = ["short_message_out"], source = "§" }
no_data = { packet = "all", source = "§" }
no_topup = { top_ups = true, source = "§" }
no_premium = { premium = true, source = "§" }
fleet_only = { services = ["outside_group"], source = "§" }

[effects]
roaming = { action = "change_options", option = "roaming", after = "48 working hours", source = "§" }
slow = { action = "change_options", option = "slow", after = "2 days", source = "§" }
bars = { action = "change_bars", within = "1 working day", source = "§" }
plan = { action = "change_plan", within = "7 working days", source = "§" }
ending = { action = "terminate", after = "10 days", source = "§" }

[cancellation]
terminate = { before = "72 working hours", source = "§" }

[clocks.unpaid]
since = "notified"
notice = "reminder"
after = "8 days"
action = "suspend"
reason = "unpaid"
how = "proposed"
source = "§"

[limits]
lines = { most = 5, at_once = 3, then_one_every = "1 month", source = "§" }
plan_changes = { per_billing_period = 1, source = "§" }
"""


def island(edit: Callable[[str], str] = str) -> Rules:
    """Read the contract, its text edited before."""
    return read_rules("island.toml", tomllib.loads(edit(TEXT)))


ISLAND = island()


def line(plan: str = "talk", *options: str) -> Line:
    """A line in service there, with these options and no others."""
    return Line(NUMBER, card(1).imsi, card(1).iccid, "island", "north", plan, frozenset(options), life=Life.ACTIVE)
