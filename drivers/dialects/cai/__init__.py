"""CAI: the customer administration interface of the EMA/EDA family, spoken over TCP (port 3300).

``syntax`` splits bytes into sentences, ``words`` ties facets to numbers, ``forwarding`` diversions to names, ``codes``
says what answers mean, ``report`` lays out what ``GET`` tells; ``client`` and ``server`` are the two ends of one
conversation.

Proven in public code: prompt, framing, login, quoting, the objects ``HLRSUB``, ``AUCSUB``, ``HSSSUB``, ``TEMPBLOCK``,
the names ``OBO``, ``OBI``, ``OBR``, ``OSB1`` to ``OSB4``, ``NAM`` with 0 and 1, ``GPRS,DEF,PDPCONTEXT,APNID``,
``CFB``, ``CFNRY``, ``CFNRC`` with ``1,1,number``, and the codes 0, 13, 14, 13001 and 93001. Chosen here, for want of a
public source: every other code and number, ``NIMSI``, ``NMSISDN``, ``OPC``, ``OBGPRS``, ``ARD``, ``AMBR``, ``CLIR``,
``BAOCTS10``, ``BAICTS10``, ``BAOCTS20``, ``CUGNOA``, ``GPRS,DEL``, the keep-alive, and that ``GET:HLRSUB`` tells all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from drivers import commands as c
from drivers import subscription as s
from drivers.dialect import Capabilities, Fit, fit_with_a_domain
from drivers.dialects.cai.client import CaiClient
from drivers.dialects.cai.server import CaiServer
from drivers.dialects.cai.words import Vocabulary

#: A classic HLR sends Insert and Delete Subscriber Data and Cancel Location by itself (TS 29.002 §8.8, §8.1): what VLR
#: and SGSN enforce is heard at once. Not RoamingBar, which the HLR itself enforces at the next Update Location; not
#: RatAccess, which is judged when the phone attaches; not ServiceLock, a block of the administration system's own.
_PUSHES = frozenset(
    {
        c.RemoveSubscriber,
        c.ChangeMsisdn,
        s.NetworkAccess,
        s.OutgoingBar,
        s.IncomingBar,
        s.PacketBar,
        s.HomeBar,
        s.PremiumBar,
        s.ServiceBars,
        s.CallerId,
        s.Diversion,
        s.ApnAccess,
        s.SpeedCap,
    }
)
CAPABILITIES = Capabilities(
    commands=frozenset(
        {
            c.Login,
            c.KeepAlive,
            c.PutKeys,
            c.RemoveKeys,
            c.CreateSubscriber,
            c.RemoveSubscriber,
            c.ChangeImsi,
            c.ChangeMsisdn,
            c.Provide,
            c.ReadSubscriber,
            c.ReadKeys,
        }
    ),
    facets=frozenset(get_args(s.Facet)),
    max_window=1,  # an answer carries neither number nor echo: two at once could not be told apart
    pushes=_PUSHES,
)


def fit(wanted: s.Subscription, capabilities: Capabilities) -> Fit:
    """Say how an element of this family holds a subscription: each facet as it is, but never without any domain."""
    return fit_with_a_domain(wanted, capabilities)


def client(options: Mapping[str, object]) -> CaiClient:
    """Make the gateway's end; options: ``profile`` (number), ``apn_ids`` (APN name to its number)."""
    return CaiClient(Vocabulary.from_options(options))


def server(options: Mapping[str, object]) -> CaiServer:
    """Make the element's end; the same options."""
    return CaiServer(Vocabulary.from_options(options))
