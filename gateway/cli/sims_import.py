"""``linegate import``: vendor files into stock, with what became of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TaskID, TextColumn

from gateway.cli.failure import Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import cell, console, rows, show, table

_CHUNK_BYTES: Final = 64 * 1024
_MOST_PROBLEMS_DRAWN: Final = 200


def import_files(files: Sequence[Path], *, as_json: bool) -> None:
    """Import files in turn. Raises Refused when any row was refused; the others are in stock all the same."""
    contents = [(file, _read(file)) for file in files]  # all are readable before the first is sent
    reports: list[Json] = []
    with GatewayClient(Address.from_environment()) as client, _progress(quiet=as_json) as progress:
        for number, (file, content) in enumerate(contents, start=1):
            task = progress.add_task(f"{file.name} ({number}/{len(files)})", total=len(content))
            reports.append({"file": file.name, **_import_one(client, content, progress, task)})
            progress.update(task, completed=len(content), description=_summary(reports[-1]))
    told: Json = {"items": reports, "imported": sum(report["imported"] for report in reports)}
    show(told, as_json=as_json, drawn=lambda: _draw(reports))
    refused = sum(report["refused"] for report in reports)
    if refused or any(report["problems"] for report in reports):
        count = "1 row was" if refused == 1 else f"{refused} rows were"
        raise Refused(f"{count} refused; correct them, or ask the vendor, and import the file again")


def chunks(content: bytes, sent: Callable[[int], None]) -> Iterator[bytes]:
    """Cut a file into pieces; ``sent`` is told after each how many bytes it had."""
    for start in range(0, len(content), _CHUNK_BYTES):
        piece = content[start : start + _CHUNK_BYTES]
        yield piece
        sent(len(piece))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as missing:
        raise WrongUse(f"{file}: cannot be read ({missing.strerror})") from missing


def _import_one(client: GatewayClient, content: bytes, progress: Progress, task: TaskID) -> Json:
    def sent(count: int) -> None:
        progress.advance(task, count)
        if progress.tasks[task].finished:
            progress.update(task, description=f"{progress.tasks[task].description}: the gateway seals its cards")

    return client.import_sims(chunks(content, sent), len(content))


def _progress(*, quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        console=console(stderr=True),
        disable=quiet or not console(stderr=True).is_terminal,
    )


def _summary(report: Json) -> str:
    return f"{report['file']}: {report['imported']} imported"


def _draw(reports: Sequence[Json]) -> RenderableType:
    counts = table("", "file", "customer", "batch", "rows", "imported", "already there", "refused")
    names = ("file", "customer", "batch", "rows", "imported", "already_there", "refused")
    rows(counts, ([report[name] for name in names] for report in reports))
    problems = [(report["file"], problem) for report in reports for problem in report["problems"]]
    if not problems:
        return counts
    drawn = table("problems", "file", "line", "column", "ICCID", "what")
    told = problems[:_MOST_PROBLEMS_DRAWN]
    rows(drawn, ((file, p["line"] or None, p["column"], p.get("iccid"), p["detail"]) for file, p in told))
    left_out = len(problems) - len(told)
    return Group(counts, drawn, cell(f"and {left_out} more: use --json")) if left_out else Group(counts, drawn)
