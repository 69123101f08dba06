"""A table as orders: columns by name, cells as the action's own details have them."""

from __future__ import annotations

import pytest

from gateway.batches.csv_rows import BadHeader, BadRecord, body_of, columns


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        ("msisdn,action,colour", "colour"),
        ("msisdn,action,msisdn", "twice"),
        ("msisdn", "a column action"),
        ("action,note", "one of msisdn, imsi, iccid"),
        ("action,msisdn,details.", "details."),
        ('action,"msisdn', "no CSV"),
    ],
)
def test_a_header_that_says_nothing_is_told(header: str, wrong: str) -> None:
    with pytest.raises(BadHeader, match=wrong):
        columns(header)


def test_cells_are_read_as_the_action_has_them() -> None:
    header = "action,msisdn,iccid,external_id,details.options,details.contract,details.colour,details.port_in.rio"
    record = 'activate, +33612345678,,X,"data; 4g;",technicophone,,RIO'
    assert body_of(header, record) == {
        "line": {"msisdn": "+33612345678"},
        "external_id": "X",
        "action": "activate",
        "details": {"options": ["data", "4g"], "contract": "technicophone", "port_in": {"rio": "RIO"}},
    }


@pytest.mark.parametrize(
    ("action", "column", "cell", "value"),
    [
        ("top_up", "volume", "12", 12),
        ("top_up", "volume", "1.5", 1.5),
        ("top_up", "volume", "1GB", "1GB"),
        ("top_up", "volume", "nan", "nan"),
        ("top_up", "volume", "1e9", "1e9"),
        ("suspend", "reason", "fraud", "fraud"),
        ("no_such_action", "x", "1;2", "1;2"),
        ("suspend", "no_such_field", "1", "1"),
    ],
)
def test_numbers_are_numbers_where_the_details_have_them(action: str, column: str, cell: str, value: object) -> None:
    body = body_of(f"action;msisdn;details.{column}", f'{action};+33612345678;"{cell}"')
    assert body["details"] == {column: value}


@pytest.mark.parametrize("record", ["suspend", "suspend,1,2", '"suspend,1'])
def test_a_record_that_does_not_fit_is_told(record: str) -> None:
    with pytest.raises(BadRecord):
        body_of("action,msisdn", record)
