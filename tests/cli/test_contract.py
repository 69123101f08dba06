"""``linegate contract``: mistakes with file and key, what there is, and what a contract says about a topic."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drivers.subscription import Imsi
from gateway.settings import packaged_directory, read_settings
from tests.cli.conftest import Linegate

CONFIG = packaged_directory()
NAMES = ("cmi", "monaco-telecom", "opt-nc", "orange-mayotte", "technicophone")
SIXTH = """
spec = "1"
name = "lighthouse"
time_zone = "Atlantic/Reykjavik"
language = "en"

[calendar]
country = "IS"
billing_day = 7

[sms]
sender = "LIGHTHOUSE"

[numbering]
msisdn_prefixes = ["+3546"]
quarantine_days = 90

[hosts.rock]
element = "sfr"
imsi_prefixes = ["27499"]
source = "§ 1"

[defaults]
options = ["surf"]
rats = ["2g", "3g", "4g"]
international_bar_type = 2

[options.surf]
apns = ["internet"]
source = "§ 2"

[options.sail]
roaming = true
source = "§ 3"

[plans.keeper]
source = "§ 4"

[restrictions.barred_outgoing]
reasons = ["unpaid"]
services = ["speech_out", "short_message_out"]
source = "§ 5"

[restrictions.suspended]
reasons = ["lost", "stolen", "customer"]
locked = true
source = "§ 6"

[restrictions.fair_use]
reasons = ["fair_use"]
source = "§ 7"

[reactivation]
keeps = ["stolen"]

[effects.sailing]
action = "change_options"
option = "sail"
after = "2 working days"
source = "§ 8"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONFIG / "contracts", tmp_path / "contracts"))


def spoil(file: Path, old: str, new: str) -> Path:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return file


def test_the_contracts_as_shipped_have_no_mistake(linegate: Linegate) -> None:
    ended = linegate("contract", "check", "--json")
    assert (ended.code, ended.err, ended.document["ok"], ended.document["around"]) == (0, "", True, [])
    assert [Path(file["file"]).stem for file in ended.document["files"]] == list(NAMES)
    assert all(name in linegate("contract", "check").out for name in NAMES)


def test_every_mistake_of_every_file_is_told_and_is_exit_1(linegate: Linegate, folder: Path) -> None:
    spoil(folder / "cmi.toml", 'after = "48 working hours"', 'after = "soon"')
    spoil(folder / "cmi.toml", 'country = "FR"', 'country = "FR"\ncolour = "red"')
    spoil(folder / "opt-nc.toml", 'pin = "0000"', 'pin = "0"')
    ended = linegate("contract", "check", str(folder))
    assert ended.code == 1
    told = ("cmi.toml: effects.roaming_opening.after", "cmi.toml: calendar.colour", "opt-nc.toml: defaults.pin")
    assert [mistake for mistake in told if mistake not in ended.err] == []
    assert "3 to put right" in ended.err


def test_of_one_file_only_its_own_mistakes_are_told(linegate: Linegate, folder: Path) -> None:
    spoil(folder / "cmi.toml", 'spec = "1"', 'spec = "9"')
    assert linegate("contract", "check", str(folder / "opt-nc.toml")).code == 0
    ended = linegate("contract", "check", str(folder / "cmi.toml"), "--json")
    assert (ended.code, ended.document["ok"]) == (1, False)
    assert ["contracts/cmi.toml: spec" in m for m in ended.document["files"][0]["mistakes"]] == [True]


def test_a_file_that_is_no_toml_or_has_another_name_is_told(linegate: Linegate, folder: Path) -> None:
    (folder / "cmi.toml").write_text("spec = ", "utf-8")
    (folder / "opt-nc.toml").rename(folder / "mobilis.toml")
    ended = linegate("contract", "check", str(folder))
    assert (ended.code, "cmi.toml: is not TOML" in ended.err) == (1, True)
    assert "mobilis.toml: name: must be 'mobilis', like its file" in ended.err


def test_a_host_without_its_element_is_told_of_a_folder(linegate: Linegate, folder: Path) -> None:
    file = spoil(folder / "cmi.toml", 'element = "cmi"', 'element = "moon"')
    ended = linegate("contract", "check", str(folder))
    assert (ended.code, "contracts/cmi.toml: hosts.cmi.element" in ended.err) == (1, True)
    assert linegate("contract", "check", str(file)).code == 0


@pytest.mark.parametrize("missing", ["nowhere.toml", "empty"])
def test_nothing_to_check_is_exit_2(linegate: Linegate, tmp_path: Path, missing: str) -> None:
    (tmp_path / "empty").mkdir()
    ended = linegate("contract", "check", str(tmp_path / missing))
    assert (ended.code, missing in ended.err) == (2, True)


def test_the_list_names_hosts_plans_and_options(linegate: Linegate) -> None:
    items = {item["name"]: item for item in linegate("contract", "list", "--json").document["items"]}
    assert tuple(items) == NAMES
    assert (items["technicophone"]["hosts"], items["cmi"]["plans"]) == (["orange", "sfr"], ["unlimited", "metered"])
    assert "roaming_incoming" in items["opt-nc"]["options"]
    assert items["opt-nc"]["time_zone"] == "Pacific/Noumea"
    assert "Indian/Mayotte" in linegate("contract", "list").out


def test_a_list_of_contracts_that_cannot_be_read_is_exit_2(linegate: Linegate, folder: Path) -> None:
    spoil(folder / "cmi.toml", 'country = "FR"', 'country = "XX"')
    ended = linegate("contract", "list", "--contracts", str(folder))
    assert (ended.code, "cmi.toml: calendar.country" in ended.err) == (2, True)


def test_a_topic_is_explained_with_its_clauses(linegate: Linegate) -> None:
    ended = linegate("contract", "explain", "cmi", "roaming", "--json")
    rules = {rule["rule"]: rule for rule in ended.document["rules"]}
    assert (ended.code, ended.document["contract"], ended.document["topic"]) == (0, "cmi", "roaming")
    assert rules["effects.roaming_opening"]["says"]["after"] == "48 working hours"
    assert rules["effects.roaming_opening"]["source"] == "002 mobile 8.2.1"
    drawn = linegate("contract", "explain", "cmi", "roaming").out
    for told in ("48 working hours", "002 mobile 8.3.3", "at_100 = cut_roaming_data", "roaming = true"):
        assert told in drawn


def test_without_a_topic_the_whole_contract_is_told(linegate: Linegate, folder: Path) -> None:
    by_name = linegate("contract", "explain", "opt-nc", "--json").document["rules"]
    by_file = linegate("contract", "explain", str(folder / "opt-nc.toml"), "--json").document["rules"]
    assert by_name == by_file
    assert len(by_name) > 40


def test_a_topic_the_contract_is_silent_on_is_exit_1_with_what_there_is(linegate: Linegate) -> None:
    ended = linegate("contract", "explain", "technicophone", "twin")
    assert (ended.code, "says nothing about 'twin'" in ended.err, "options.roaming" in ended.err) == (1, True, True)


@pytest.mark.parametrize("name", ["nobody", "nowhere/cmi.toml"])
def test_a_contract_that_is_none_is_exit_2(linegate: Linegate, name: str) -> None:
    assert linegate("contract", "explain", name, "roaming").code == 2


def test_a_sixth_contract_is_a_file_more_and_nothing_else(linegate: Linegate, folder: Path, tmp_path: Path) -> None:
    (folder / "lighthouse.toml").write_text(SIXTH, "utf-8")
    checked = linegate("contract", "check", str(folder), "--json")
    assert (checked.code, len(checked.document["files"])) == (0, len(NAMES) + 1)
    listed = linegate("contract", "list", "--contracts", str(folder), "--json").document["items"]
    assert [item["plans"] for item in listed if item["name"] == "lighthouse"] == [["keeper"]]
    said = linegate("contract", "explain", "lighthouse", "sail", "--contracts", str(folder), "--json").document
    assert [rule["rule"] for rule in said["rules"]] == ["options.sail", "effects.sailing"]
    settings = read_settings(CONFIG, tmp_path, contracts=folder)
    sixth = settings.contracts["lighthouse"]
    assert (sixth.host_of(Imsi("274990000000001")), sixth.timing.billing_day) == ("rock", 7)
    assert set(settings.contracts) == {*NAMES, "lighthouse"}
