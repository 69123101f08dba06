"""Afterwards the accounts are compared with the plan and with each other; every function returns what is wrong."""

from __future__ import annotations

from collections import Counter, defaultdict

from tests.crash.message_accounts import Accounts, Row, alert_of
from tests.crash.message_plan import Alert, recognise

_MOST_DOUBTS = 3  # in doubt once more, an alert waits for an operator


def reckon(accounts: Accounts) -> dict[str, list[str]]:
    """Do every sum."""
    return {
        "counted": counted(accounts),
        "journal": journal(accounts),
        "phones": phones(accounts),
        "turns": turns(accounts),
        "receipts": receipts(accounts),
        "events": events(accounts),
        "orders": orders(accounts),
    }


def counted(accounts: Accounts) -> list[str]:
    """Every record counts once."""
    stands = {(row["msisdn"], row["counter"]): row["used"] for row in accounts.counters}
    due = accounts.plan.used()
    keys = stands.keys() | due.keys()
    return [f"{key}: {stands.get(key)}, not {due.get(key)}" for key in keys if stands.get(key) != due.get(key)]


def journal(accounts: Accounts) -> list[str]:
    """Each alert is there once, nothing else is, and each has an end."""
    keys, due = Counter(alert_of(message) for message in accounts.messages), accounts.plan.alerts()
    wrong = [f"{alert} is {n} times in the journal" for alert, n in keys.items() if n > 1]
    wrong += [f"{alert} was never queued" for alert in due - set(keys)]
    wrong += [f"{alert} is none that was due" for alert in set(keys) - due]
    for alert, message in accounts.by_alert.items():
        match message["state"]:
            case "delivered":
                continue
            case "withdrawn" if alert.percent < 100 and Alert(alert.msisdn, alert.threshold, 100) in keys:
                continue
            case "parked" if message["doubtful"] > _MOST_DOUBTS and message["detail"]:
                continue
            case state:
                wrong.append(f"{alert} is {state}: {message['detail']}")
    return wrong


def phones(accounts: Accounts) -> list[str]:
    """Each alert is shown, more than once only where that is told, and nothing is that nobody was to get."""
    by_alert, copies = accounts.by_alert, accounts.copies
    wrong = [f"shown, and not known: {sms}" for sms in accounts.shown if recognise(sms["to"], sms["text"]) is None]
    wrong += [f"{alert} is shown, and was not due" for alert in set(copies) - set(by_alert)]
    for alert, message in by_alert.items():
        n, doubts = len(copies.get(alert, ())), message["doubtful"]
        if n == 0 and message["state"] != "withdrawn":
            wrong.append(f"{alert} is lost: {message['state']}, {message['detail']}")
        elif n > 1 and not doubts:
            wrong.append(f"{alert} is shown {n} times, and not flagged")
        elif n > 1 + doubts:
            wrong.append(f"{alert} is shown {n} times, and was in doubt {doubts} times")
        elif n and message["state"] == "withdrawn" and not doubts:
            wrong.append(f"{alert} is shown and withdrawn")
    return wrong


def turns(accounts: Accounts) -> list[str]:
    """No phone shows 80 % after 100 % of the same limit."""
    copies = accounts.copies
    full = ((alert, Alert(alert.msisdn, alert.threshold, 80)) for alert in list(copies) if alert.percent == 100)
    return [f"{early} came after 100 %" for late, early in full if max(copies[early], default=0) > min(copies[late])]


def receipts(accounts: Accounts) -> list[str]:
    """Of every part the centre took the receipt is kept, with the right message or accounted for, and no other."""
    heard = defaultdict[str, list[Row]](list)
    for receipt in accounts.receipts:
        heard[receipt["smsc_id"]].append(receipt)
    taken = {part["message_id"]: part for part in accounts.taken}
    wrong = [f"the receipt of {i} is not kept" for i in taken.keys() - heard.keys()]
    wrong += [f"a receipt of {i} is kept, which the centre never took" for i in heard.keys() - taken.keys()]
    of_phone = defaultdict[str, list[Row]](list)
    for message in accounts.messages:
        of_phone[message["msisdn"]].append(message)
    for smsc_id, part in taken.items():
        for receipt in heard.get(smsc_id, ()):
            wrong += _misplaced(receipt, part, of_phone[part["recipient"]])
    return wrong + _unmatched(accounts)


def events(accounts: Accounts) -> list[str]:
    """Of each message that was delivered that is told once."""
    delivered = {message["message_id"] for message in accounts.messages if message["state"] == "delivered"}
    wrong = [f"{i} was delivered, and told {accounts.told[i]} times" for i in delivered if accounts.told[i] != 1]
    return wrong + [f"{i} was not delivered, and told so" for i in set(accounts.told) - delivered]


def orders(accounts: Accounts) -> list[str]:
    """Who has used up what is fair is throttled, once, and nobody else is."""
    made = Counter(order["msisdn"] for order in accounts.orders)
    wrong = [f"{number}: {made[number]} orders" for number in accounts.plan.limited if made[number] != 1]
    wrong += [f"{number} was limited without cause" for number in set(made) - accounts.plan.limited]
    unfinished = (order for order in accounts.orders if order["state"] != "completed")
    return wrong + [f"{each['msisdn']}: {each['state']} {each['error']} {each['waiting_for']}" for each in unfinished]


def _unmatched(accounts: Accounts) -> list[str]:
    matched = Counter((r["message_id"], r["n"]) for r in accounts.receipts if r["outcome"] == "matched")
    wrong = [f"part {n} of {i} was matched {count} times" for (i, n), count in matched.items() if count != 1]
    delivered = [message for message in accounts.messages if message["state"] == "delivered"]
    parts = {(m["message_id"], n) for m in delivered for n in range(1, (m["segments"] or 1) + 1)}
    return wrong + [f"delivered without receipt: {i} part {n}" for i, n in parts - set(matched)]


def _misplaced(receipt: Row, part: Row, theirs: list[Row]) -> list[str]:
    """Tell what is wrong with what was made of a receipt; ``theirs`` are all messages to that phone."""
    what, outcome = f"the receipt of {part['message_id']} to {part['recipient']}", receipt["outcome"]
    if outcome == "orphan":  # only where its message was given up meanwhile
        meant = [message for message in theirs if part["text"] in message["text"]]
        given_up = any(message["state"] == "withdrawn" and message["doubtful"] for message in meant)
        return [] if given_up else [f"{what} found no message: {[(m['state'], m['doubtful']) for m in meant]}"]
    if outcome not in ("matched", "repeated"):
        return [f"{what} is {outcome}"]
    right = any(m["message_id"] == receipt["message_id"] and part["text"] in m["text"] for m in theirs)
    return [] if right else [f"{what} was taken for that of {receipt['message_id']}"]
