"""One card in one reader, without any gateway: planned, personalised, and every way in which it is not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.card.cards import ADM, CONFIG, ICCIDS, JOB, SECRETS, Table, vendor_text
from tests.cli.card.conftest import Card
from tests.cli.conftest import Start


def facts(station: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (station / "facts.jsonl").read_text().splitlines()]


def test_a_plan_shows_what_would_be_written_and_writes_nothing(card: Card, table: Table) -> None:
    reader = table.put()
    before = table.file(ICCIDS[0]).read_bytes()
    planned = card("plan", table.job, "--cards", table.cards, "--reader", reader, "--json")
    assert (planned.code, planned.document["outcome"]) == (0, "to_write")
    written = {one["file"]: one for one in planned.document["plan"]["differences"]}
    assert written["EF.IMSI"]["after_decoded"] == "208019900000001"
    assert written["EF.SPN"]["before_decoded"] is None
    assert table.file(ICCIDS[0]).read_bytes() == before


def test_a_card_is_personalised_and_proven_and_the_second_time_as_wished(
    card: Card, table: Table, station: Path
) -> None:
    apply = ("apply", table.job, "--cards", table.cards, "--reader", table.put(), "--json")
    first = card(*apply)
    assert (first.code, first.document["outcome"], first.document["proven"]) == (0, "written", True)
    assert table.card().content("ADF.USIM/6F07").hex() == "082980109900000010"
    second = card(*apply)
    assert (second.code, second.document["outcome"], second.document["proven"]) == (0, "as_wished", True)
    assert [(fact["what"], fact["iccid"]) for fact in facts(station)] == [
        ("personalised", ICCIDS[0]),
        ("checked", ICCIDS[0]),
    ]


def test_people_see_the_differences_the_verdict_and_what_could_not_be_told(card: Card, table: Table) -> None:
    ended = card("apply", table.job, "--cards", table.cards, "--reader", table.put())
    assert ended.code == 0
    for word in ("EF.SPN", "Technicophone", "DONE: WRITTEN AND PROVEN", "keys proven", "APDUs"):
        assert word in ended.out
    assert "1 fact was not reported" in ended.err
    assert "linegate card report" in ended.err


def test_a_plan_that_cannot_be_carried_out_is_exit_3_and_says_why(card: Card, table: Table) -> None:
    reader = table.put()
    table.spoil(ICCIDS[0], 2)
    for command in ("plan", "apply"):
        ended = card(command, table.job, "--cards", table.cards, "--reader", reader, "--json")
        assert (ended.code, ended.document["outcome"]) == (3, "refused")
        assert "--accept-tries 2" in ended.err
    assert table.card().tries(0x0A) == 2


def test_with_few_tries_it_goes_on_once_the_operator_has_said_how_many(card: Card, table: Table) -> None:
    reader = table.put()
    table.spoil(ICCIDS[0], 2)
    ended = card("apply", table.job, "--cards", table.cards, "--reader", reader, "--accept-tries", "2")
    assert (ended.code, table.card().tries(0x0A)) == (0, 3)


def test_a_refused_key_is_exit_5_and_never_sent_again(card: Card, table: Table, station: Path) -> None:
    apply = ("apply", table.job, "--cards", table.cards, "--reader", table.put(adm="87654321"), "--json")
    first = card(*apply)
    assert (first.code, first.document["outcome"]) == (5, "key_refused")
    assert table.card().tries(0x0A) == 2
    again = card(*apply, "--accept-tries", "2")
    assert (again.code, "refused this very key before" in again.err) == (1, True)
    assert table.card().tries(0x0A) == 2
    assert [fact["what"] for fact in facts(station)] == ["adm_refused", "failed"]


def test_a_card_that_is_not_in_the_file_is_left_alone(card: Card, table: Table) -> None:
    (table.directory / "cards.out").write_text(vendor_text(ICCIDS[1:]))
    ended = card("apply", table.job, "--cards", table.cards, "--reader", table.put(), "--json")
    assert (ended.code, ended.document["outcome"]) == (1, "unknown")
    assert "not in cards.out" in ended.err


def test_a_job_names_its_cards_beside_itself(card: Card, table: Table) -> None:
    (table.directory / "job.toml").write_text('cards = "cards.out"\n' + JOB.format(keys="write"))
    assert card("apply", table.job, "--reader", table.put()).code == 0


def test_no_card_and_no_reader_are_exit_4(card: Card, table: Table) -> None:
    job = ("apply", table.job, "--cards", table.cards)
    empty = card(*job, "--reader", "vpcd:127.0.0.1:0", "--wait", "0")
    assert (empty.code, "insert one" in empty.err) == (4, True)
    absent = card(*job, "--reader", "virtual:nowhere.json?image=nothing.toml")
    assert (absent.code, "nowhere.json" in absent.err) == (4, True)
    unlike = card(*job, "--reader", "ACS")
    assert (unlike.code, "ACS" in unlike.err) == (4, True)


@pytest.mark.parametrize(
    ("cards", "told"),
    [
        (vendor_text(quantity=4), "announces 4 cards, the file has 3"),
        (vendor_text((*ICCIDS, ICCIDS[0])), "is the same as on line 4"),
        ("iccid,imsi\n" + f"{ICCIDS[0]},208019900000001\n" * 2, "is the same as in row 2"),
        ("nothing at all", "var_Out"),
        ("", "var_Out"),
    ],
)
def test_a_file_of_cards_that_is_wrong_is_exit_2_before_any_card(
    card: Card, table: Table, cards: str, told: str
) -> None:
    (table.directory / "cards.out").write_text(cards)
    before = (reader := table.put(), table.file(ICCIDS[0]).read_bytes())
    ended = card("apply", table.job, "--cards", table.cards, "--reader", reader)
    assert (ended.code, told in ended.err) == (2, True)
    assert table.file(ICCIDS[0]).read_bytes() == before[1]


def test_several_files_are_one_unless_they_have_a_card_in_common(card: Card, table: Table) -> None:
    first, other = table.directory / "first.out", table.directory / "other.out"
    first.write_text(vendor_text((ICCIDS[0],)))
    other.write_text(vendor_text((ICCIDS[1],)))
    both = ("--cards", str(other), "--cards", str(first), "--reader", table.put())
    assert card("apply", table.job, *both).code == 0
    common = card("plan", table.job, *both, "--cards", table.cards)
    assert (common.code, f"{ICCIDS[0]} is in first.out and in cards.out" in common.err) == (2, True)


def test_a_job_that_is_wrong_is_exit_2(card: Card, table: Table) -> None:
    (table.directory / "job.toml").write_text('spec = "1"\nname = "test"\n[files]\n"EF.SPN" = 7\n')
    ended = card("plan", table.job, "--cards", table.cards, "--reader", table.put())
    assert (ended.code, "EF.SPN" in ended.err) == (2, True)


def test_a_pysim_list_is_told_by_its_content(card: Card, table: Table) -> None:
    columns = "iccid,imsi,ki,opc,pin_adm,pin1"
    (table.directory / "cards.out").write_text(
        f"{columns}\n{ICCIDS[0]},208019900000001,{'0' * 32},{'1' * 32},{ADM},1234\n"
    )
    assert card("apply", table.job, "--cards", table.cards, "--reader", table.put()).code == 0


def test_a_typed_key_comes_over_a_descriptor_and_from_nowhere_else(card: Card, table: Table) -> None:
    (table.directory / "cards.out").write_text(vendor_text().replace(ADM, "00000000"))
    read, write = os.pipe()
    os.write(write, f"{ADM}\n".encode())
    os.close(write)
    apply = ("apply", table.job, "--cards", table.cards, "--reader", table.put())
    assert card(*apply, "--typed-adm-fd", str(read)).code == 0
    os.close(read)
    nobody = card(*apply, "--typed-adm")
    assert (nobody.code, "terminal" in nobody.err) == (2, True)
    both = card(*apply, "--typed-adm", "--typed-adm-fd", "9")
    assert (both.code, "one of them" in both.err) == (2, True)


def test_a_typed_key_the_card_refuses_tells_nothing_of_the_one_that_is_kept(
    card: Card, table: Table, station: Path
) -> None:
    read, write = os.pipe()
    os.write(write, b"00000000")
    os.close(write)
    ended = card("apply", table.job, "--cards", table.cards, "--reader", table.put(), "--typed-adm-fd", str(read))
    os.close(read)
    assert (ended.code, facts(station)[0]["what"]) == (5, "failed")


def test_without_cards_and_without_a_gateway_it_is_exit_3(
    card: Card, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEGATE_URL", "http://127.0.0.1:1")
    before = (reader := table.put(), table.file(ICCIDS[0]).read_bytes())
    for command in (("plan",), ("apply",), ("batch", "--once", "--yes")):
        ended = card(*command, table.job, "--reader", reader)
        assert (ended.code, "LINEGATE_URL" in ended.err) == (3, True)
    assert table.file(ICCIDS[0]).read_bytes() == before[1]


def test_the_jobs_that_come_with_the_program_can_be_applied(card: Card, table: Table) -> None:
    jobs = sorted((CONFIG / "card_jobs").glob("*.toml"))
    assert {job.stem for job in jobs} == {"opt-nc", "technicophone-orange", "technicophone-sfr"}
    for job in jobs:
        ended = card("apply", str(job), "--cards", table.cards, "--reader", table.put(), "--json")
        assert (ended.code, ended.document["outcome"]) == (0, "written")


@pytest.mark.parametrize("wrong", [("--reason", "whim"), ("--msisdn", "0699000001"), ("--timeout", "-1")])
def test_a_swap_nobody_could_understand_is_exit_2_before_any_card(card: Card, wrong: tuple[str, ...]) -> None:
    ended = card("swap", "--msisdn", "+33699000001", "--reason", "lost", *wrong)
    assert (ended.code, wrong[0] in ended.err) == (2, True)


@pytest.mark.parametrize(("scanned", "code"), [(f"{ICCIDS[0]}F", 0), (ICCIDS[1], 1), ("hello", 2)])
def test_the_number_printed_must_be_the_cards(start: Start, table: Table, scanned: str, code: int) -> None:
    arguments = ("card", "apply", table.job, "--cards", table.cards, "--reader", table.put(), "--scan")
    process = start((*arguments, "--station", "station"), stdin=-1)
    out, err = process.communicate(f"{scanned}\n", timeout=60)
    assert process.returncode == code, err
    assert not any(secret in out + err for secret in SECRETS)
