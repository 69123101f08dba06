"""The gateway's end of an MML-H conversation: answers come in the order of the commands, each echoing its own."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialect import Frame
from drivers.dialects.mml_h import report
from drivers.dialects.mml_h.syntax import MAX_ANSWER_BYTES, Report, Sentence, parse_report, take_report
from drivers.dialects.mml_h.words import Vocabulary
from drivers.errors import Garbled, NotSpoken

#: the element's codes in neutral words (0 is success, everything else unknown is OTHER)
WHY = {
    3001: Why.NOT_FOUND,
    3007: Why.NOT_FOUND,
    3010: Why.EXISTS,
    3014: Why.CONFLICT,
    1006: Why.FORBIDDEN,
    1013: Why.FORBIDDEN,
    1018: Why.FORBIDDEN,
    1033: Why.BUSY,
    5004: Why.SESSION,
    1001: Why.INVALID,
}
ALREADY_SO = 3810


class MmlClient:
    """Encodes commands and pairs each answer with the oldest command still waiting."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._waiting: deque[tuple[int, Command, str]] = deque()
        self._reports: list[Report] = []  # of the answer that is not yet complete
        self._buffer = bytearray()

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """Write the command. Raises NotSpoken."""
        sentence = self._sentence(command, keys)
        masked = sentence.text(masked=True)
        frame = Frame(f"{sentence.text()};\r\n".encode("ascii"), masked + ";")
        self._waiting.append((number, command, masked))
        return frame

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """Take bytes, return the answers they complete. Raises Garbled when an answer is not that of its command."""
        self._buffer += data
        replies: list[tuple[int, Reply]] = []
        while (text := take_report(self._buffer)) is not None:
            if (heard := parse_report(text)) is not None and self._complete(heard):
                number, command, _ = self._waiting.popleft()
                replies.append((number, self._reply(command, self._joined())))
        return replies

    def _complete(self, heard: Report) -> bool:
        """Keep a report of the awaited answer; tell whether it is the last one."""
        if not self._waiting:
            raise Garbled("an answer came that nothing was asked for")
        if heard.echo != self._waiting[0][2]:
            raise Garbled("an answer echoes another command than the oldest one waiting")
        if self._reports and heard.body == self._reports[-1].body:
            raise Garbled("a report of an answer came twice")
        self._reports.append(heard)
        first = self._reports[0]
        if (heard.code, heard.together) != (first.code, first.together):
            raise Garbled("the reports of one answer contradict each other")
        if sum(len(kept.body) for kept in self._reports) > MAX_ANSWER_BYTES:
            raise Garbled(f"an answer is longer than {MAX_ANSWER_BYTES} bytes")
        return len(self._reports) >= first.together

    def _joined(self) -> Report:
        reports, self._reports = self._reports, []
        return replace(reports[0], body="\n".join(kept.body for kept in reports))

    def to_send(self) -> bytes:
        """MML has nothing of its own to say."""
        return b""

    def _reply(self, command: Command, answer: Report) -> Reply:
        code = str(answer.code)
        if answer.code == ALREADY_SO:
            return c.AlreadySo(code, answer.text)
        if answer.code:
            return c.Refused(WHY.get(answer.code, Why.OTHER), code, answer.text)
        match command:
            case c.ReadSubscriber(imsi):
                held = report.read(answer.body, self._vocabulary)
                if held.imsi != imsi:
                    raise Garbled("LST SUB tells of another IMSI than the one asked for")
                return c.Held(held)
            case c.ReadKeys():
                return c.KeysHeld()
            case _:
                return c.Done(code, answer.text)

    def _sentence(self, command: Command, keys: Credentials | None) -> Sentence:
        sn = {"HLRSN": self._vocabulary.hlr_sn}
        match command:
            case c.Login(user, password):
                return Sentence("LGI", sn | {"OPNAME": user, "PWD": password}, frozenset({"OPNAME", "PWD"}))
            case c.KeepAlive():
                return Sentence("SHK HAND", {})
            case c.PutKeys(imsi):
                return _put_keys(sn | {"IMSI": imsi}, keys)
            case c.RemoveKeys(imsi):
                return _about(imsi, "RMV KI")
            case c.ReadKeys(imsi):
                return _about(imsi, "LST KI")
            case c.CreateSubscriber(imsi, msisdn):
                if msisdn is None:
                    raise NotSpoken("ADD SUB needs a number")
                return self._create(sn | {"IMSI": imsi, "ISDN": msisdn.removeprefix("+")})
            case c.RemoveSubscriber(imsi):
                return _about(imsi, "RMV SUB", RMVKI="FALSE")
            case c.ChangeImsi(old_imsi, new_imsi):
                return Sentence("MOD IMSI", {"IMSI": old_imsi, "NEWIMSI": new_imsi}, frozenset({"IMSI", "NEWIMSI"}))
            case c.ChangeMsisdn(imsi, msisdn):
                number = msisdn.removeprefix("+")
                return Sentence("MOD ISDN", {"IMSI": imsi, "NEWISDN": number}, frozenset({"IMSI", "NEWISDN"}))
            case c.Provide(imsi, facet):
                words, params = self._vocabulary.parameters(facet)
                return _about(imsi, words, **params)
            case c.CancelLocation(imsi):
                return _about(imsi, "SND CANCELC", DEST="ALL", CANCELTYPE="updateProcedure")
            case c.ReadSubscriber(imsi):
                return _about(imsi, "LST SUB", DETAIL="TRUE")
            case c.AssignMsisdn() | c.ReleaseMsisdn():
                raise NotSpoken("this HLR has no subscriber without a number")
            case c.ListSubscribers():
                raise NotSpoken("this HLR does not list its subscribers")
            case c.SendSms():
                raise NotSpoken("an HLR sends no short messages")
            case c.BlockImei() | c.UnblockImei() | c.ReadImei():
                raise NotSpoken("an HLR knows no handsets")
            case c.RequestPort() | c.MovePort() | c.CancelPort() | c.ConfirmPort():
                raise NotSpoken("an HLR ports no numbers")
            case c.ReleasePort() | c.AnswerPort() | c.ReadPort() | c.ListPorts():
                raise NotSpoken("an HLR ports no numbers")
            case _:
                assert_never(command)

    def _create(self, params: dict[str, str]) -> Sentence:
        """Create by the agreed template, or bare; what a template adds is seen, and set right, by the read-back."""
        template, quoted = self._vocabulary.subscriber_template, frozenset({"IMSI", "ISDN"})
        if template is not None:
            return Sentence("ADD TPLSUB", params | {"TPLTYPE": "NORMAL", "TPLID": str(template)}, quoted)
        return Sentence("ADD SUB", params | {"CARDTYPE": "USIM", "NAM": "BOTH", "TS": "TS11&TS21&TS22"}, quoted)


def _about(imsi: str, words: str, /, **params: str) -> Sentence:
    return Sentence(words, {"IMSI": imsi, **params}, frozenset({"IMSI", "CFTN"}))


def _put_keys(params: dict[str, str], keys: Credentials | None) -> Sentence:
    if keys is None:
        raise NotSpoken("ADD KI needs the SIM's keys; the vault gave none")
    params |= {"OPERTYPE": "ADD", "KIVALUE": keys.ki, "CARDTYPE": "USIM", "ALG": "MILENAGE"}
    if keys.opc is not None:
        params["OPCVALUE"] = keys.opc
    return Sentence("ADD KI", params, frozenset({"IMSI", "KIVALUE", "OPCVALUE"}))
