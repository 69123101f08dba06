import traceback
from pathlib import Path

import pytest

from sim_readers.card_data import CardData
from sim_readers.ef import known_files
from sim_readers.errors import WrongValue
from sim_readers.job.wish import Job, Target, forgetting, imsi_targets, paths_on, read_job, targets
from sim_readers.models.profile import CardModel, ProfileError, read_models

MODELS = read_models(Path(__file__).parents[3] / "config" / "card_profiles")
OWN = MODELS["uicc"].model_copy(update={"gsm_files": "own"})
DATA = CardData("8933019000000000011", "208019900000007")
JOB = 'spec = "1"\nname = "job"\n'


def _job(**wished: object) -> Job:
    return Job.model_validate({"spec": "1", "name": "job", **wished})


def _paths(found: tuple[Target, ...], name: str) -> list[str]:
    return [str(target.path) for target in found if target.name == name]


@pytest.mark.parametrize(
    ("model", "paths"),
    [
        (MODELS["uicc"], ["ADF.USIM/6F07"]),
        (OWN, ["ADF.USIM/6F07", "3F00/7F20/6F07"]),
        (MODELS["gsm"], ["3F00/7F20/6F07"]),
    ],
)
def test_the_imsi_is_written_wherever_a_model_keeps_one(model: CardModel, paths: list[str]) -> None:
    assert _paths(imsi_targets(DATA, model), "EF.IMSI") == paths


def test_all_a_phone_remembers_of_its_last_network_is_forgotten_on_the_gsm_side_too() -> None:
    forgotten = forgetting(OWN)
    assert _paths(forgotten, "EF.LOCI") == ["ADF.USIM/6F7E", "3F00/7F20/6F7E"]
    assert _paths(forgotten, "EF.Kc") == ["ADF.USIM/5F3B/4F20", "3F00/7F20/6F20"]
    assert _paths(forgotten, "EF.KcGPRS") == ["ADF.USIM/5F3B/4F52", "3F00/7F20/6F52"]
    assert {target.name for target in forgotten} >= {"EF.PSLOCI", "EF.EPSLOCI", "EF.Keys", "EF.KeysPS", "EF.EPSNSC"}
    assert {f"ADF.USIM/5FC0/4F0{number}" for number in (1, 2, 3, 4)} <= {str(target.path) for target in forgotten}
    assert {target.record for target in forgotten if target.name in ("EF.EPSNSC", "EF.5GS3GPPNSC")} == {1}
    assert not any(target.needed for target in forgotten)


def test_the_iccid_says_which_card_it_is_and_is_a_target_on_none() -> None:
    assert [_paths(targets(_job(), DATA, model), "EF.ICCID") for model in MODELS.values()] == [[]] * len(MODELS)


def test_the_access_class_is_the_last_digit_of_the_imsi() -> None:
    (acc,) = (target for target in targets(_job(), DATA, MODELS["uicc"]) if target.name == "EF.ACC")
    assert acc.compose(b"\xff\xff", 2) == b"\x00\x80"


def test_the_mnc_s_length_leaves_the_rest_of_ef_ad_as_it_is() -> None:
    (ad,) = (target for target in targets(_job(mnc_length=3), DATA, MODELS["uicc"]) if target.name == "EF.AD")
    assert ad.compose(bytes.fromhex("80000802FFFF"), 6) == bytes.fromhex("80000803FFFF")
    with pytest.raises(WrongValue):
        ad.compose(bytes.fromhex("800008"), 3)


def test_a_file_of_records_is_written_in_its_first() -> None:
    wished = targets(_job(files={"EF.SMSP": {"service_centre": "+33609001390"}}), DATA, MODELS["uicc"])
    assert [target.record for target in wished if target.name == "EF.SMSP"] == [1]


def test_a_file_that_only_a_gsm_sim_has_is_found_on_a_uicc_as_well() -> None:
    assert [str(path) for path in paths_on(known_files()["EF.PLMNsel"], MODELS["uicc"])] == ["3F00/7F20/6F30"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[files]\n"EF.IMSI" = "208019900000001"', "EF.IMSI is each card's own"),
        ('[files]\n"EF.KI" = "00000000000000000000000000000001"', "EF.KI is not known"),
        ('[files]\n"EF.SPN" = { nom = "00000000000000000000000000000001" }', "files"),
        ("mnc_length = 4", "mnc_length"),
        ('ki = "00000000000000000000000000000001"', "ki: Extra inputs are not permitted"),
        ('keys = "00000000000000000000000000000001"', "keys"),
    ],
)
def test_a_mistake_in_a_job_is_named_and_what_was_typed_is_in_no_traceback(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "job.toml"
    file.write_text(JOB + text)
    with pytest.raises(ProfileError) as raised:
        read_job(file)
    assert str(raised.value).startswith("job.toml: ")
    assert why in str(raised.value)
    assert "0000000001" not in "".join(traceback.format_exception(raised.value))
