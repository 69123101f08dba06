"""smpplib's own client, blocking, as its users drive it: ``python -m benchmarks.bare_smpplib PORT MESSAGES WINDOW``."""

from __future__ import annotations

import select
import sys
import time

import smpplib.client
import smpplib.consts

from benchmarks.smpp_text import TEXT


def main(port: int, messages: int, window: int) -> None:
    """Print submit_sm a second, each answered."""
    client = smpplib.client.Client("127.0.0.1", port, allow_unknown_opt_params=True)
    answered = 0

    def count(**_: object) -> None:
        nonlocal answered
        answered += 1

    client.set_message_sent_handler(count)
    client.connect()
    client.bind_transceiver(system_id="bench", password="FAKEpw01")
    started, sent = time.perf_counter(), 0
    while answered < messages:
        while sent < messages and sent - answered < window:
            client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
                source_addr="TECHNICO",
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
                destination_addr="33600000000",
                short_message=TEXT.encode("ascii"),
            )
            sent += 1
        client.read_once()
        while answered < sent and select.select([client._socket], [], [], 0)[0]:  # noqa: SLF001 - it shows no other
            client.read_once()
    print(messages / (time.perf_counter() - started))
    client.unbind()
    client.disconnect()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))
