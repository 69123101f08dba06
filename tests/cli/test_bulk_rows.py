"""Files of thousands: what is read, under which key it is posted, and which line is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli.bulk_rows import count_rows, read_bulk
from gateway.cli.failure import WrongUse

SUSPEND = {"action": "suspend", "line": {"msisdn": "+33612345678"}, "details": {"reason": "unpaid"}}
HEAD = "msisdn,contract,iccid,plan,options,host,external_id\n"
ROW = "+33612345678,technicophone,8933010000000000010,unlimited,data 4g,orange,E-1\n"
ACTIVATION = {
    "priority": "bulk",
    "action": "activate",
    "line": {"msisdn": "+33612345678"},
    "details": {
        "contract": "technicophone",
        "iccid": "8933010000000000010",
        "plan": "unlimited",
        "host": "orange",
        "options": ["data", "4g"],
    },
    "external_id": "E-1",
}


def _file(tmp_path: Path, text: str | bytes, name: str = "orders.jsonl") -> Path:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_a_row_has_the_priority_bulk_unless_it_says_otherwise(tmp_path: Path) -> None:
    lines = [SUSPEND, {**SUSPEND, "priority": "interactive"}]
    rows = list(read_bulk(_file(tmp_path, "\n".join(json.dumps(line) for line in lines))))
    assert [row.order["priority"] for row in rows] == ["bulk", "interactive"]
    assert {**rows[0].order, "priority": None} == {**SUSPEND, "priority": None}


def test_blank_lines_and_marks_are_passed_over_and_rows_are_numbered_by_line(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + json.dumps(SUSPEND).encode() + b"\r\n\n  \n" + json.dumps(SUSPEND).encode()
    assert [row.number for row in read_bulk(_file(tmp_path, text))] == [1, 4]


def test_a_file_with_expectations_may_be_posted_as_it_is(tmp_path: Path) -> None:
    (row,) = read_bulk(_file(tmp_path, json.dumps({"order": SUSPEND, "expect": {"state": "completed"}})))
    assert row.order == {"priority": "bulk", **SUSPEND}


def test_keys_are_the_same_for_the_same_line_of_the_same_file_only(tmp_path: Path) -> None:
    twice = f"{json.dumps(SUSPEND)}\n{json.dumps(SUSPEND)}\n"
    first = [row.key for row in read_bulk(_file(tmp_path, twice))]
    assert [row.key for row in read_bulk(_file(tmp_path, twice))] == first
    assert len(set(first)) == 2  # the same order twice in a file is meant twice
    other = _file(tmp_path, twice.replace("unpaid", "abuse"))
    assert not set(first) & {row.key for row in read_bulk(other)}
    assert not set(first) & {row.key for row in read_bulk(_file(tmp_path, twice, "may.jsonl"))}
    assert not set(first) & {row.key for row in read_bulk(_file(tmp_path, twice), "again")}
    moved = _file(tmp_path, json.dumps({"action": "x"}) + "\n" + twice)
    assert set(first) & {row.key for row in read_bulk(moved)} == {first[1]}
    assert all(0 < len(key) <= 255 and key.isascii() for key in first)


@pytest.mark.parametrize("name", ["lines.csv", "LINES.CSV"])
def test_a_csv_has_activations(tmp_path: Path, name: str) -> None:
    (row,) = read_bulk(_file(tmp_path, HEAD + ROW, name))
    assert (row.number, row.order) == (2, ACTIVATION)


def test_a_csv_as_spreadsheets_write_it_is_the_same(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + (HEAD + ROW).replace(",", ";").replace("\n", "\r\n").encode()
    (row,) = read_bulk(_file(tmp_path, text, "lines.csv"))
    assert row.order == ACTIVATION
    quoted = HEAD + ",".join(f'" {cell} "' for cell in ROW.strip().split(",")) + "\n"
    (row,) = read_bulk(_file(tmp_path, quoted, "lines.csv"))
    assert row.order == ACTIVATION


def test_what_a_csv_leaves_out_is_left_out(tmp_path: Path) -> None:
    short = "plan,iccid,msisdn,contract\nunlimited,8933010000000000010,+33612345678,technicophone\n"
    empty = HEAD + "+33612345678,technicophone,8933010000000000010,unlimited,,,\n"
    for text in (short, empty):
        (row,) = read_bulk(_file(tmp_path, text, "lines.csv"))
        assert "external_id" not in row.order
        assert row.order["details"] == {
            "contract": "technicophone",
            "iccid": "8933010000000000010",
            "plan": "unlimited",
            "options": [],
        }


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("o.jsonl", "", "has no order"),
        ("o.jsonl", "\n \n", "has no order"),
        ("o.jsonl", '{"a": 1}\n{"a": \n', "o.jsonl: line 2 is not JSON"),
        ("o.jsonl", '{"a": 1}\n[]\n', "o.jsonl: line 2 is no JSON object"),
        ("o.jsonl", b"\xff\xfe", "is not UTF-8"),
        ("o.csv", "", "missing: ['msisdn', 'contract', 'iccid', 'plan']"),
        ("o.csv", HEAD, "has no order"),
        ("o.csv", HEAD.replace("plan", "tariff") + ROW, "unknown: ['tariff']; missing: ['plan']"),
        ("o.csv", HEAD.replace("host", "plan") + ROW, "columns are"),
        ("o.csv", HEAD + ROW + "+33612345679,technicophone\n", "o.csv: line 3 has not 7 columns"),
        ("o.csv", HEAD + ROW.replace("\n", ",more\n"), "o.csv: line 2 has not 7 columns"),
        ("o.csv", HEAD + '"+336\n', "is no CSV"),
    ],
)
def test_a_broken_file_is_named_with_its_line_before_anything_is_posted(
    tmp_path: Path, name: str, text: str | bytes, told: str
) -> None:
    with pytest.raises(WrongUse) as wrong:
        count_rows(_file(tmp_path, text, name))
    assert told in str(wrong.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"absent\.csv: cannot be read"):
        count_rows(tmp_path / "absent.csv")


def test_a_file_is_not_held_in_memory(tmp_path: Path) -> None:
    """The first rows are there before the last line is looked at."""
    rows = read_bulk(_file(tmp_path, f"{json.dumps(SUSPEND)}\n" * 3 + "{broken"))
    assert [next(rows).number for _ in range(3)] == [1, 2, 3]
    with pytest.raises(WrongUse, match="line 4"):
        next(rows)
