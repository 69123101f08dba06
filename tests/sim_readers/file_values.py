"""Values every file can hold, for Hypothesis: by the file's name, with the size they fit in."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from sim_readers.coding.bcd import DIALLING
from sim_readers.coding.location import Location
from sim_readers.coding.plmn import PlmnAct
from sim_readers.files.ad import AdministrativeData
from sim_readers.files.dir import Application
from sim_readers.files.smsp import SmsParameters
from sim_readers.files.spn import ServiceProviderName

_TECHNOLOGIES = ("utran", "eutran", "ngran", "gsm", "gsm-compact", "cdma2000-hrpd", "cdma2000-1xrtt", "bit-2000")


class Values(NamedTuple):
    """What a file of ``size`` bytes can hold."""

    strategy: st.SearchStrategy[Any]
    size: int


def digits(fewest: int, most: int, alphabet: str = "0123456789") -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=fewest, max_size=most)


def hexadecimal(fewest: int, most: int | None = None) -> st.SearchStrategy[str]:
    return st.binary(min_size=fewest, max_size=most or fewest).map(lambda raw: raw.hex().upper())


def switches(numbers: list[int]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.sets(st.sampled_from(numbers)).map(lambda found: tuple(sorted(found)))


def locations(identity: int, area: int) -> st.SearchStrategy[Location]:
    return st.builds(Location, hexadecimal(identity), hexadecimal(area), st.integers(0, 7))


BYTE = st.integers(0, 0xFF)
LETTERS = st.characters(codec="utf-8", exclude_characters="\uffff")
TEXT = st.text(LETTERS, min_size=1, max_size=12)
NUMBER = st.builds(str.__add__, st.sampled_from(["", "+"]), digits(1, 20, DIALLING))
PLMN = st.builds("{}-{}".format, digits(3, 3), digits(2, 3))
PLMNS = st.lists(PLMN, min_size=1, max_size=5).map(tuple)
TECHNOLOGIES = st.sets(st.sampled_from(_TECHNOLOGIES)).map(
    lambda found: tuple(name for name in _TECHNOLOGIES if name in found)
)
PLMN_ACTS = st.lists(st.builds(PlmnAct, PLMN, TECHNOLOGIES), max_size=5).map(tuple)
LANGUAGES = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=2), min_size=1, max_size=5).map(tuple)
REST = st.sampled_from(["", "51022F00", "7303800101"])

VALUES = {
    "EF.ICCID": Values(digits(18, 20), 10),
    "EF.IMSI": Values(digits(6, 15), 9),
    "EF.ACC": Values(switches([*range(10), *range(11, 16)]), 2),
    "EF.AD": Values(
        st.builds(AdministrativeData, st.sampled_from([None, 2, 3]), BYTE, hexadecimal(2), hexadecimal(2)), 6
    ),
    "EF.SPN": Values(st.builds(ServiceProviderName, TEXT, st.booleans(), st.booleans()), 50),
    "EF.UST": Values(switches([*range(1, 121)]), 15),
    "EF.GID1": Values(hexadecimal(1, 8).filter(lambda text: not text.endswith("FF")), 10),
    "EF.MSISDN": Values(NUMBER, 28),
    "EF.SMSP": Values(
        st.builds(
            SmsParameters,
            st.none() | NUMBER,
            st.none() | NUMBER,
            st.none() | BYTE,
            st.none() | BYTE,
            st.none() | BYTE,
            TEXT | st.just(""),
        ).filter(lambda value: value != SmsParameters(None)),  # that is a blank record
        28 + 50,
    ),
    "EF.LOCI": Values(locations(4, 6), 11),
    "EF.PSLOCI": Values(locations(7, 6), 14),
    "EF.EPSLOCI": Values(locations(12, 5), 18),
    **{name: Values(locations(13, 6), 20) for name in ("EF.5GS3GPPLOCI", "EF.5GSN3GPPLOCI")},
    "EF.DIR": Values(st.builds(Application, hexadecimal(5, 16), TEXT | st.just(""), REST), 90),
    "EF.P-CSCF": Values(TEXT.map("a{}".format) | st.ip_addresses().map(str), 60),
    **{name: Values(TEXT, 60) for name in ("EF.IMPI", "EF.DOMAIN", "EF.IMPU")},
    **{name: Values(LANGUAGES, 12) for name in ("EF.LI", "EF.PL")},
    **{name: Values(PLMNS, 15) for name in ("EF.PLMNsel", "EF.FPLMN", "EF.EHPLMN")},
    **{name: Values(PLMN_ACTS, 25) for name in ("EF.PLMNwAcT", "EF.OPLMNwAcT", "EF.HPLMNwAcT")},
}
