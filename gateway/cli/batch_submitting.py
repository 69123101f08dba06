"""``linegate batch submit``: send a file, see it validated, start it, follow it, write down what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from gateway.cli.asker import requested_by
from gateway.cli.batch_ends import AT_ITS_END, anew, check_well
from gateway.cli.batch_following import WAITING, follow_to_end
from gateway.cli.batch_upload import GIVEN_UP, Uploader, parcel_of
from gateway.cli.batches import draw, write_results
from gateway.cli.failure import Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import console, facts, show

_KINDS: Final = {"ndjson": "application/x-ndjson", "csv": "text/csv"}


@dataclass(frozen=True, slots=True)
class Submission:
    """How a file is submitted; ``start``: ``None`` if nothing is wrong, ``True`` in any case, ``False`` by hand."""

    file: Path
    form: str | None = None
    validate_only: bool = False
    start: bool | None = None
    follow: bool = False
    results: Path | None = None
    key: str | None = None
    as_json: bool = False


def submit(asked: Submission) -> None:
    """Do all that is asked. Raises Refused when rows have problems, their orders ended badly, or it does not go on."""
    if asked.results is not None and asked.results.exists():
        raise WrongUse(f"{asked.results} is there: it is not overwritten; name another file")
    form = asked.form or ("csv" if asked.file.suffix.lower() == ".csv" else "ndjson")
    if form not in _KINDS:
        raise WrongUse(f"--format must be one of: {', '.join(_KINDS)}")
    parcel = parcel_of(asked.file, _KINDS[form], _query(asked), asked.key)
    address = Address.from_environment()
    with _upload_shown(asked) as sent:
        taken = Uploader(address, parcel, sent).run()
    if not (asked.follow or asked.results or asked.validate_only or asked.start):
        show(taken, as_json=asked.as_json, drawn=lambda: facts(taken, "id", "state", "upload_offset"))
        if taken["state"] in GIVEN_UP:
            raise Refused(f"the batch is {taken['state']}: {anew()}")
        return
    document = _followed(address, asked, str(taken["href"]))
    show(document, as_json=asked.as_json, drawn=lambda: draw(document))
    if asked.results is not None:
        write_results(document["id"], asked.results)
    check_well(document, _wished(asked))


def _query(asked: Submission) -> dict[str, str]:
    by = requested_by()
    start = "manual" if asked.start is False else "auto"
    return {
        "validate_only": "true" if asked.validate_only else "false",
        "start": start,
        "requested_by": f"{by['channel']}:{by['who']}",
    }


def _followed(address: Address, asked: Submission, where: str) -> Json:
    to_its_end = asked.follow or asked.results or asked.validate_only
    with GatewayClient(address) as client:
        until = WAITING if to_its_end else (*WAITING, "running")
        document = follow_to_end(client, where, quiet=asked.as_json, also_until=until)
        if asked.start and document["state"] == "ready" and not document["needs_approval"]:
            document = client.post(f"{where}/start", {"accept_problems": True})
        if to_its_end:
            document = follow_to_end(client, where, quiet=asked.as_json)
    return document


def _wished(asked: Submission) -> tuple[str, ...]:
    """Name the states in which all that was asked for has been done."""
    if asked.start is False:
        return (*AT_ITS_END, "ready")
    return AT_ITS_END if asked.follow or asked.results or asked.validate_only else (*AT_ITS_END, "running")


@contextmanager
def _upload_shown(asked: Submission) -> Iterator[Callable[[int], None]]:
    shown = console(stderr=True)
    text = TextColumn("{task.description}", markup=False)
    off = asked.as_json or not shown.is_terminal
    with Progress(text, BarColumn(), DownloadColumn(), console=shown, disable=off) as bar:
        task = bar.add_task("sent", total=asked.file.stat().st_size)
        yield lambda offset: bar.update(task, completed=offset)
