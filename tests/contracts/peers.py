"""What can be said to elements that hold no subscribers, and what they answer: clearing house, register of IMEIs."""

from hypothesis import strategies as st

from drivers import commands as c
from drivers import subscription as s

DIGITS = "0123456789"
WORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

imeis = st.text(DIGITS, min_size=14, max_size=16).map(c.Imei)
references = st.text(WORD + "-", min_size=1, max_size=40)
msisdns = st.text(DIGITS, min_size=6, max_size=14).map(lambda digits: s.Msisdn(f"+3{digits}"))
rios = st.text(WORD + "+", min_size=12, max_size=12)
operators = st.text(WORD + " é", min_size=1, max_size=8)
days = st.dates().map(lambda day: day.isoformat()) | st.just("2026-11-23T08:00:00+11:00")
reasons = st.text(WORD, max_size=20)

COMMANDS: dict[type, st.SearchStrategy[c.Command]] = {
    c.BlockImei: st.builds(c.BlockImei, imeis, reasons),
    c.UnblockImei: st.builds(c.UnblockImei, imeis),
    c.ReadImei: st.builds(c.ReadImei, imeis),
    c.RequestPort: st.builds(c.RequestPort, references, msisdns, rios, operators, days),
    c.MovePort: st.builds(c.MovePort, references, days),
    c.CancelPort: st.builds(c.CancelPort, references),
    c.ConfirmPort: st.builds(c.ConfirmPort, references),
    c.ReleasePort: st.builds(c.ReleasePort, references),
    c.AnswerPort: st.builds(c.AnswerPort, references, st.booleans(), reasons),
    c.ReadPort: st.builds(c.ReadPort, references),
    c.ListPorts: st.builds(c.ListPorts, st.integers(0, 2**40)),
}


def port_files(seq: int, reference: st.SearchStrategy[str]) -> st.SearchStrategy[c.PortFile]:
    """One file changed at that place in the order of changes."""
    moments = st.none() | st.just("2026-11-22T21:24:04+00:00")
    return st.builds(
        c.PortFile,
        st.just(seq),
        reference,
        msisdns,
        rios,
        operators,
        operators,
        days,
        st.sampled_from(c.PortState),
        reasons,
        moments,
        moments,
    )


def told(command: c.Command) -> st.SearchStrategy[c.Reply] | None:
    """What such an element tells when asked, where it is asked at all."""
    match command:
        case c.ReadImei():
            return st.builds(c.ImeiHeld, st.booleans())
        case c.ReadPort(reference):
            return st.builds(c.PortHeld, port_files(1, st.just(reference)))
        case c.ListPorts(since):
            several = st.integers(0, 3).flatmap(
                lambda count: st.tuples(*(port_files(since + 1 + n, references) for n in range(count)))
            )
            return st.builds(c.PortsListed, several)
        case _:
            return None
