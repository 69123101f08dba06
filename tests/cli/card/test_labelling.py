"""Labels from the command line: into files, to a printer, for the cards that were named, listed or done."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.cli.card.cards import JOB
from tests.cli.card.delivered import Delivery
from tests.cli.conftest import Ended, Linegate


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery.into(tmp_path)


def label(linegate: Linegate, *arguments: str) -> Ended:
    return linegate("card", "label", *arguments)


def test_every_card_of_a_file_gets_a_label_and_no_key_is_on_it(
    linegate: Linegate, delivery: Delivery, tmp_path: Path
) -> None:
    for form, beginning in (("pdf", b"%PDF"), ("zpl", b"^XA")):
        file = tmp_path / f"labels.{form}"
        ended = label(linegate, "--cards", delivery.file, "--format", form, "-o", str(file), "--json")
        assert (ended.code, ended.document["labels"], file.read_bytes()[:4][: len(beginning)]) == (0, 3, beginning)
        assert not [secret for secret in delivery.secrets if secret.encode() in file.read_bytes()]
    zpl = (tmp_path / "labels.zpl").read_text()
    assert zpl.count("^XA") == 3
    assert all(one.iccid in zpl and one.imsi in zpl for one in delivery.cards)


def test_one_named_card_has_a_label_without_any_file(linegate: Linegate, delivery: Delivery, tmp_path: Path) -> None:
    file = tmp_path / "one.zpl"
    ended = label(linegate, delivery.cards[0].iccid, "--format", "zpl", "--batch", "77", "-o", str(file))
    assert (ended.code, "Batch 77" in file.read_text(), "IMSI" in file.read_text()) == (0, True, False)
    again = label(linegate, delivery.cards[0].iccid, "--format", "zpl", "-o", str(file))
    assert (again.code, "Batch 77" in file.read_text()) == (2, True)


def test_what_a_job_has_done_here_gets_labels(linegate: Linegate, delivery: Delivery, tmp_path: Path) -> None:
    job, station, file = tmp_path / "job.toml", ("--station", str(tmp_path / "station")), tmp_path / "done.zpl"
    job.write_text('cards = "sims.out"\n' + JOB.format(keys="check"))
    assert linegate("card", "apply", str(job), "--reader", delivery.put(2), *station).code == 0
    ended = label(linegate, "--job", str(job), "--format", "zpl", "-o", str(file), *station)
    assert ended.code == 0, ended.err
    assert [one.iccid in file.read_text() for one in delivery.cards] == [False, True, False]
    assert delivery.cards[1].imsi in file.read_text()


def test_a_printer_gets_zpl(linegate: Linegate, delivery: Delivery) -> None:
    received = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as printer:

        def listen() -> None:
            line, _ = printer.accept()
            with line:
                while piece := line.recv(4096):
                    received.extend(piece)

        listening = threading.Thread(target=listen)
        listening.start()
        address = f"127.0.0.1:{printer.getsockname()[1]}"
        ended = label(linegate, "--cards", delivery.file, "--format", "zpl", "--printer", address, "--dpi", "300")
        listening.join()
    assert (ended.code, received.count(b"^XZ")) == (0, 3)
    gone = label(linegate, "--cards", delivery.file, "--format", "zpl", "--printer", address)
    assert (gone.code, "see that it is on" in gone.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "-o FILE"),
        (("-o", "x.pdf"), "no card to label"),
        (("8933019000000000011", "-o", "x.pdf", "--size", "20x10"), "mm wide"),
        (("8933019000000000011", "-o", "x.pdf", "--size", "big"), "--size"),
        (("893301900000000001", "-o", "x.zpl", "--format", "zpl", "--size", "a4"), "rolls"),
        (("8933019000000000011", "--printer", "127.0.0.1:9"), "--format zpl"),
        (("8933019000000000011", "-o", "x.pdf", "--msisdn"), "LINEGATE_URL"),
        (("12", "-o", "x.pdf"), "18 to 20 digits"),
        (("8933019000000000011", "-o", "x.pdf", "--format", "svg"), "--format"),
    ],
)
def test_what_cannot_be_printed_is_told(linegate: Linegate, arguments: tuple[str, ...], told: str) -> None:
    ended = label(linegate, *arguments)
    assert (ended.code, told in ended.err, Path(arguments[2] if "-o" in arguments[1:2] else "x").exists()) == (
        2,
        True,
        False,
    )
