import inspect
from collections.abc import Sequence
from contextlib import closing

import pytest

from sim_readers.errors import NoReader
from sim_readers.reader import ReaderModule, Symptom, Verdict, kinds, module_of, open_reader
from sim_readers.readers import at_modem, pcsc, serial_t0, virtual, vpcd

# their types hold every promise of a reader: mypy compares them here
PROMISED: dict[str, ReaderModule] = {
    "at_modem": at_modem,
    "pcsc": pcsc,
    "serial_t0": serial_t0,
    "virtual": virtual,
    "vpcd": vpcd,
}
NONSENSE = ("", " ", "/[/", "no such reader anywhere", "?", "\x00", "http://", "é" * 300)


@pytest.fixture(params=kinds())
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_folder_holds_the_kinds_that_are_promised() -> None:
    assert {kind: module_of(kind) for kind in PROMISED} == PROMISED
    assert set(PROMISED) <= set(kinds())


def test_it_exports_what_a_reader_exports(kind: str) -> None:
    module = module_of(kind)
    assert [*inspect.signature(module.find).parameters] == []
    assert [*inspect.signature(module.open_reader).parameters] == ["address"]
    assert [*inspect.signature(module.diagnose).parameters] == []


def test_it_tells_what_a_reader_can_do(kind: str) -> None:
    made = inspect.signature(module_of(kind).open_reader, eval_str=True).return_annotation
    for method, parameters in (
        ("connect", ["self"]),
        ("wait_for_card", ["self", "timeout_s"]),
        ("wait_for_removal", ["self", "timeout_s"]),
        ("close", ["self"]),
    ):
        assert [*inspect.signature(getattr(made, method)).parameters] == parameters


def test_what_it_finds_are_addresses_without_the_kind(kind: str) -> None:
    found = module_of(kind).find()
    assert isinstance(found, Sequence)
    assert not [address for address in found if not address or address.startswith(f"{kind}:")]


def test_its_diagnosis_never_raises_and_advises_where_something_is_wrong(kind: str) -> None:
    symptoms = module_of(kind).diagnose()
    assert symptoms
    for symptom in symptoms:
        assert isinstance(symptom, Symptom)
        assert symptom.check
        assert symptom.found
        assert symptom.verdict is Verdict.OK or symptom.advice


@pytest.mark.parametrize("address", NONSENSE)
def test_nonsense_for_an_address_is_refused_with_advice_at_the_latest_when_used(kind: str, address: str) -> None:
    with pytest.raises(NoReader) as refused, closing(open_reader(f"{kind}:{address}")) as reader:
        reader.connect()
    assert len(str(refused.value)) > 20


def test_a_kind_nobody_wrote_is_refused_with_those_there_are() -> None:
    with pytest.raises(NoReader, match="pcsc"):
        open_reader("telepathy:somewhere")


def test_a_name_without_a_kind_is_refused() -> None:
    with pytest.raises(NoReader, match="kind:address"):
        open_reader("Virtual PCD 00 00")
