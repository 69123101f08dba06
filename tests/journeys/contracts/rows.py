"""What the five contracts ask of the network, row by row: the clause, and the row's title. The tests say the rest.

A test belongs to a row when its docstring begins with the row's clause and title: ``<clause> | <title>…``.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Row(NamedTuple):
    """One row of a contract's sheet."""

    clause: str
    title: str


def _rows(*pairs: tuple[str, str]) -> tuple[Row, ...]:
    return tuple(Row(*pair) for pair in pairs)


ROWS: Final[dict[str, tuple[Row, ...]]] = {
    "technicophone": _rows(
        ("001:6106-6108, 6232", "host network"),
        ("001:6192-6208", "closed list of modifications"),
        ("001:6169-6189", "options"),
        ("001:6124-6126, 7091", "always included"),
        ("001:6210-6212", "total suspension"),
        ("001:6214-6224", "outgoing bar"),
        ("001:6226-6230", "reactivation"),
        ("001:6231-6234", "termination"),
        ("001:6236-6239, 6427", "SIM swap"),
        ("001:6388, 6406-6408, 6718-6720", "loss or theft"),
        ("001:6241-6244, 6315-6350", "port-in"),
        ("001:7101-7107", "fair use passed"),
        ("001:7085-7098", "monthly limits"),
        ("001:6451-6469", "roaming"),
        ("001:6471-6475", "late roaming data"),
        ("001:6770", "inactivity"),
        ("001:6757-6816", "suspension grounds"),
        ("001:6642-6644", "fraud measures"),
        ("001:6531-6534", "sender"),
        ("001:6075-6079, 6383", "PIN and PUK"),
        ("001:6748-6752", "host migration"),
        ("001:252-259, 541-546", "unpaid"),
    ),
    "cmi": _rows(
        ("002 CGV 8.3", "credit limit passed"),
        ("002 CGV 8.6.1", "unpaid"),
        ("002 CGV 12.1", "suspension"),
        ("002 mobile 2.1", "activation date"),
        ("002 CGV 12.2.5", "never activated"),
        ("002 fixed 1.1", "default bars"),
        ("002 mobile 1", "data"),
        ("002 mobile 1.1", "fair use"),
        ("002 mobile 5.3", "SIM lost or stolen"),
        ("002 mobile 8.2.1", "roaming"),
        ("002 mobile 8.3.3", "roaming data cap"),
        ("002 mobile 9.1-9.2.4", "port-in"),
        ("002 mobile 9.2.6", "port-in date change"),
        ("002 mobile 9.2.7", "port-in cancelled"),
        ("002 mobile 9.2.2", "port-in refusals"),
        ("002 mobile 9.3.1", "port-out"),
        ("002 mobile 9.3.2.2", "RIO by SMS"),
        ("002 mobile 7.2-7.3", "termination"),
        ("002 mobile 2.2", "number change"),
        ("002 fixed 1.7", "SMS from applications"),
        ("002 CGV 18", "proof"),
        ("002 CGV 9.2", "records"),
    ),
    "opt-nc": _rows(
        ("003 art. 6", "PIN"),
        ("003 art. 6", "lost or stolen"),
        ("003 art. 9.3.2", "restricted service"),
        ("003 art. 9.3.2", "no top-up"),
        ("003 art. 8.3, 9.3.6", "intra-fleet"),
        ("003 art. 9.3.7", "twin card"),
        ("003 art. 9.1.6", "option voyage"),
        ("003 art. 9.1.6", "suspended"),
        ("003 art. 9.1.5", "voicemail"),
        ("003 art. 9.2.5", "caller ID"),
        ("003 art. 8.4", "data-only subscription"),
        ("003 art. 8.7", "shared data fleet"),
        ("003 art. 8.5", "speed after the plan's volume"),
        ("003 art. 9.3.1", "TOP"),
        ("003 art. 9.3.1", "internet on demand"),
        ("003 art. 8.2", "blocked plan"),
        ("003 art. 8.5, 9.3.8, 13", "SMS abuse"),
        ("003 art. 9.1.6, 9.1.10, 9.2.3", "alert SMS"),
        ("003 art. 9.2.7, 9.3.1", "SMS queries"),
        ("003 art. 13", "suspension"),
        ("003 art. 14", "termination"),
        ("003 art. 16.2-16.3", "plan change"),
        ("003 art. 15", "number change"),
        ("003 art. 9.1.1", "SMS are kept"),
    ),
    "orange-mayotte": _rows(
        ("004 art. 2", "SIM kinds"),
        ("004 art. 2", "PIN"),
        ("004 art. 2, 20", "loss/theft"),
        ("004 art. 5", "activation"),
        ("004 art. 3.2", "line limit"),
        ("004 art. 6", "offer change"),
        ("004 art. 8", "spending"),
        ("004 art. 13.1, 13.4", "roaming"),
        ("004 art. 12.1", "fair use"),
        ("004 art. 11.2.1", "abuse limits"),
        ("004 art. 15", "suspension"),
        ("004 art. 16", "termination after suspension"),
        ("004 art. 16", "termination by the customer"),
        ("004 art. 19", "port-in"),
        ("004 art. 4", "distance sale"),
        ("004 blocked-plan § 3", "blocked plan"),
        ("004 blocked-plan § 5", "change to a blocked plan"),
        ("004 payment § 7", "third-party payments"),
        ("004 art. 20", "theft refund"),
        ("004 privacy policy", "stolen handsets"),
    ),
    "monaco-telecom": _rows(
        ("000 art. 4.7", "who asks"),
        ("000 art. 3", "consumption, subscriptions and options"),
        ("000 art. 4.2-4.4", "access at any hour"),
        ("000 art. 6", "end of subscription"),
        ("000 art. 4.1, 5.2, 8.6", "codes and passwords"),
        ("000 art. 8.3", "lawful disclosure"),
    ),
}
