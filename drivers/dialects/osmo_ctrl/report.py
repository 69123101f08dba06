"""What ``info-all``, ``info-aud`` and ``info`` print: a name, a tab and a value to each line. Keys stand in clear."""

from __future__ import annotations

from drivers.dialects._osmo.holding import access, domains
from drivers.dialects._osmo.writing import NO_KEY, read_imsi, read_number
from drivers.errors import Garbled
from drivers.subscription import Subscription

_KEYS = ("aud2g.", "aud3g.")
_SWITCH = {"0": False, "1": True}


def write(subscription: Subscription, *, keys: bool) -> str:
    """Print a subscriber nobody serves."""
    cs, ps = domains(subscription.access)
    lines = {"id": "1", "imsi": subscription.imsi}
    if subscription.msisdn is not None:
        lines["msisdn"] = subscription.msisdn.removeprefix("+")
    lines |= {"nam_cs": str(int(cs)), "nam_ps": str(int(ps)), "ms_purged_cs": "0", "ms_purged_ps": "0"}
    lines |= {"periodic_lu_timer": "0", "periodic_rau_tau_timer": "0", "lmsi": "00000000"}
    return _written(lines) + (write_keys() if keys else "")


def write_keys() -> str:
    """Print that there are keys; zeros stand for them."""
    lines = {"algo": "MILENAGE", "k": NO_KEY, "opc": NO_KEY, "ind_bitlen": "5", "sqn": "0"}
    return _written({f"aud3g.{name}": value for name, value in lines.items()})


def read(value: str) -> tuple[Subscription, bool]:
    """Read a subscriber, and whether keys are there, which are passed over. Raises Garbled."""
    lines = dict(line.split("\t", 1) for line in value.split("\n") if "\t" in line and not line.startswith(_KEYS))
    try:
        mode = access(cs=_SWITCH[lines["nam_cs"]], ps=_SWITCH[lines["nam_ps"]])
        msisdn = read_number(lines["msisdn"]) if "msisdn" in lines else None
        return Subscription(read_imsi(lines["imsi"]), msisdn, access=mode), has_keys(value)
    except (KeyError, ValueError):
        raise Garbled("info-all lacks or misstates imsi, msisdn, nam_cs or nam_ps") from None


def has_keys(value: str) -> bool:
    """Tell whether keys are among what was printed."""
    return any(line.startswith(_KEYS) for line in value.split("\n"))


def owner(value: str) -> str:
    """Return whose data were printed. Raises Garbled."""
    subscription, _ = read(value)
    return subscription.imsi


def _written(lines: dict[str, str]) -> str:
    return "".join(f"\n{name}\t{value}" for name, value in lines.items())
