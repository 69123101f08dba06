"""The element's end of a CAI conversation: prompts, reads requests, answers with a code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply
from drivers.dialect import Asked, asked, taken
from drivers.dialects.cai import codes, forwarding, report
from drivers.dialects.cai.syntax import MAX_REQUEST_BYTES, PROMPT, Group, Sentence, parse, take
from drivers.dialects.cai.words import Numbers, Vocabulary, digits, exactly
from drivers.subscription import ApnAccess, Iccid, Imsi, Msisdn, RatAccess, ServiceLock, SpeedCap

_NO_ICCID = Iccid("")  # an HLR knows no ICCID
_IN_HSS = (RatAccess, SpeedCap)


class CaiServer:
    """Numbers requests in order of arrival; every answer is followed by the next prompt."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._buffer = bytearray()
        self._own = bytearray(PROMPT)
        self._imsis: dict[int, str] = {}
        self._number = 0

    def feed(self, data: bytes) -> list[Asked]:
        """Take bytes, return the requests they complete; one that makes no sense carries its complaint."""
        self._buffer += data
        heard: list[Asked] = []
        for text in taken(lambda: take(self._buffer, MAX_REQUEST_BYTES)):
            self._number += 1
            heard.append(asked(self._number, partial(self._read, self._number, text)))
        return heard

    def answer(self, number: int, reply: Reply) -> bytes:
        """Write the answer to one request, and the prompt for the next."""
        imsi = self._imsis.pop(number, "")
        told: tuple[Group, ...] = ()
        match reply:
            case c.Refused(why, code):
                code_number = codes.number(why, code)
            case c.AlreadySo():
                code_number = codes.ALREADY_SO
            case c.Held(subscription):
                code_number, told = codes.DONE, report.write(subscription, self._vocabulary)
            case c.KeysHeld():
                code_number, told = codes.DONE, (("IMSI", imsi),)
            case _:
                code_number = codes.DONE
        sentence = Sentence((("RESP",), (str(code_number),), *told))
        return f"{sentence.text()};\r\n".encode("ascii") + PROMPT

    def to_send(self) -> bytes:
        """Return the first prompt, once."""
        own, self._own = bytes(self._own), bytearray()
        return own

    def _read(self, number: int, text: str) -> tuple[Command, Credentials | None]:
        return self._command(number, parse(text))

    def _command(self, number: int, sentence: Sentence) -> tuple[Command, Credentials | None]:
        groups = sentence.groups
        verb = groups[0][0].upper()
        if verb == "LOGIN" and [len(group) for group in groups] == [1, 1, 1]:
            return c.Login(groups[1][0], groups[2][0]), None
        if len(groups) == 1:
            raise ValueError("the request must begin with VERB:OBJECT")
        words = f"{verb}:{groups[1][0].upper()}"
        if words == "SET:KEEPALIVE":
            return c.KeepAlive(), None
        given = _Given(groups[2:])
        imsi = Imsi(given.one("IMSI"))
        self._imsis[number] = imsi
        if words == "CREATE:AUCSUB":
            asked: tuple[Command, Credentials | None] = _put_keys(imsi, given)
        else:
            asked = self._about(words, imsi, given), None
        given.nothing_left()
        return asked

    def _about(self, words: str, imsi: Imsi, given: _Given) -> Command:
        match words:
            case "DELETE:AUCSUB":
                return c.RemoveKeys(imsi, _NO_ICCID)
            case "GET:AUCSUB":
                return c.ReadKeys(imsi)
            case "CREATE:HLRSUB":
                given.one("PROFILE")
                return c.CreateSubscriber(imsi, Msisdn("+" + given.one("MSISDN")))
            case "DELETE:HLRSUB":
                return c.RemoveSubscriber(imsi)
            case "GET:HLRSUB":
                return c.ReadSubscriber(imsi)
            case "SET:HLRSUB" if given.has("NIMSI"):
                return c.ChangeImsi(imsi, Imsi(given.one("NIMSI")))
            case "SET:HLRSUB" if given.has("NMSISDN"):
                return c.ChangeMsisdn(imsi, Msisdn("+" + given.one("NMSISDN")))
            case "CREATE:TEMPBLOCK" | "DELETE:TEMPBLOCK":
                return c.Provide(imsi, ServiceLock(words.startswith("CREATE")))
            case "SET:HLRSUB" if given.has("GPRS"):
                return c.Provide(imsi, self._apn(given.all("GPRS")))
            case "SET:HLRSUB" if any(given.has(name) for name in forwarding.FORWARDING):
                return c.Provide(imsi, forwarding.exactly({name: given.all(name) for name in forwarding.FORWARDING}))
            case "SET:HLRSUB" | "SET:HSSSUB":
                facet = exactly(given.numbers())
                if isinstance(facet, _IN_HSS) != (words == "SET:HSSSUB") or isinstance(facet, ServiceLock):
                    raise ValueError("the parameter belongs to another object")
                return c.Provide(imsi, facet)
            case _:
                raise ValueError("the request is unknown")

    def _apn(self, values: Group) -> ApnAccess:
        match values:
            case ("DEF" | "DEL") as verb, "PDPCONTEXT", "APNID", word if (apn_id := digits(word)) is not None:
                return ApnAccess(self._vocabulary.apn(apn_id), verb == "DEF")
            case _:
                raise ValueError("GPRS wants DEF or DEL, then PDPCONTEXT,APNID and a number")


class _Given:
    """The parameters of one request, each taken once."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._left: dict[str, Group] = {}
        for name, *values in groups:
            if name.upper() in self._left:
                raise ValueError("a parameter is given twice")
            self._left[name.upper()] = tuple(values)

    def has(self, name: str) -> bool:
        return name in self._left

    def all(self, name: str) -> Group:
        return self._left.pop(name)

    def one(self, name: str) -> str:
        values = self._left.pop(name)
        if len(values) != 1:
            raise ValueError(f"{name} takes one value")
        return values[0]

    def numbers(self) -> Numbers:
        """Take all that is left as numbers."""
        told = {name: digits(self.one(name)) for name in tuple(self._left)}
        if None in told.values():
            raise ValueError("a parameter wants a number")
        return {name: number for name, number in told.items() if number is not None}

    def nothing_left(self) -> None:
        """Raise ValueError when more was given than was taken; it is not repeated, for it may be a key."""
        if self._left:
            raise ValueError("the request has a parameter too many, or changes two things at once")


def _put_keys(imsi: Imsi, given: _Given) -> tuple[Command, Credentials]:
    opc = given.one("OPC") if given.has("OPC") else None
    return c.PutKeys(imsi, _NO_ICCID), Credentials(given.one("KI"), opc)
