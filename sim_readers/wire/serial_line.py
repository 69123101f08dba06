"""Opening any line pyserial knows, and saying in plain words what went wrong with it.

An address is a pyserial URL or device, with our own options among those after ``?``: they are taken out by name,
all others stay for pyserial (``rfc2217://`` knows ign_set_control, poll_modem, timeout and logging). So
``rfc2217://box:4001?reset=dtr&ign_set_control`` opens ``rfc2217://box:4001?ign_set_control`` and resets by DTR.
A plain device has no options of pyserial's: there, one that is not ours is a mistake.
"""

from __future__ import annotations

import errno
import importlib
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from sim_readers.errors import CardGone, NoReader, ReaderBusy
from sim_readers.reader import Symptom, Verdict

if TYPE_CHECKING:
    from serial import Serial

SLICE_S = 0.05  # the longest a read blocks; changing pyserial's time-out renegotiates the whole line under RFC 2217
ANY_NUMBER = frozenset[str]()

_INSTALL = "install pyserial: pip install 'linegate[serial]'"
_WRONG_PACKAGE = (
    "the package 'serial' is installed, which is no serial line but an unrelated serialiser of the same import name: "
    "pip uninstall serial, then pip install --force-reinstall pyserial"
)
_ADVICE = {
    errno.ENOENT: "is the cable plugged in? linegate lists the ports it can see",
    errno.EACCES: "join the group that owns the device, often dialout, and log in again",
}


@dataclass(frozen=True, slots=True)
class Address:
    """The address as it was written; where the line is, for pyserial; what was said about it, for us."""

    text: str
    url: str
    options: Mapping[str, str]


def load_pyserial(load: Callable[[str], ModuleType] = importlib.import_module) -> ModuleType:
    """Load pyserial. Raises NoReader when it is missing, or when its namesake ``serial`` stands in its place."""
    try:
        module = load("serial")
    except ImportError as missing:
        raise NoReader(f"serial lines need a package that is not installed: {_INSTALL}") from missing
    if not hasattr(module, "Serial"):
        raise NoReader(_WRONG_PACKAGE)
    return module


def parse_address(text: str, known: Mapping[str, frozenset[str]], defaults: Mapping[str, str]) -> Address:
    """Take our options out of an address; ``known`` lists the values of each (none: a number). Raises NoReader."""
    url, _, query = text.partition("?")
    options, left = dict(defaults), []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        if name not in known:
            left.append(part)
        elif value in known[name] or (known[name] == ANY_NUMBER and value.isdecimal() and int(value) > 0):
            options[name] = value
        else:
            allowed = " or ".join(sorted(known[name])) or "a number above 0"
            raise NoReader(f"option {name} of a serial reader is {allowed}, not {value!r}")
    if not url or (left and "://" not in url):
        raise NoReader(f"{text!r} is no serial address: write a device or URL, then ?option=value&… of {list(known)}")
    return Address(text, "?".join(filter(None, (url, "&".join(left)))), options)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn what pyserial raises on a line that was open into CardGone, with its cause."""
    try:
        yield
    except (OSError, termios.error, TypeError, AttributeError) as broken:  # pyserial trips over ports closed meanwhile
        raise CardGone(f"the line {url} broke ({broken}): check its cable, or the box that offers it") from broken


def open_line(url: str, *, baudrate: int, parity: str, stopbits: int, lines: Mapping[str, bool]) -> Serial:
    """Open a line with 8 data bits, its control lines preset. Raises NoReader, ReaderBusy."""
    pyserial = load_pyserial()
    try:
        port: Serial = pyserial.serial_for_url(url, do_not_open=True)
        port.baudrate, port.parity, port.stopbits = baudrate, parity, stopbits
        port.timeout = SLICE_S
        port.exclusive = True
        for line, level in lines.items():
            setattr(port, line, level)
        port.open()
    except (OSError, ValueError, termios.error) as refused:
        raise _refusal(url, refused) from refused
    return port


def close_line(port: Serial) -> None:
    """Close a line; never raises. pyserial leaves the socket of a box that hung up first open, so we close that too."""
    left_over = getattr(port, "_socket", None)
    with suppress(OSError, TypeError, AttributeError):
        port.close()
    if left_over is not None:
        left_over.close()


def ports(wanted: Callable[[str], bool]) -> Sequence[str]:
    """The plugged-in serial devices whose path is wanted; none where pyserial is missing."""
    try:
        load_pyserial()
    except NoReader:
        return ()
    listing = importlib.import_module("serial.tools.list_ports")
    return sorted(port.device for port in listing.comports() if port.vid is not None and wanted(port.device))


def diagnose_package(load: Callable[[str], ModuleType] = importlib.import_module) -> Symptom:
    """Tell whether pyserial can be used."""
    try:
        found = load_pyserial(load)
    except NoReader as missing:
        return Symptom("package pyserial", Verdict.FAIL, "cannot be used", str(missing))
    return Symptom("package pyserial", Verdict.OK, f"version {getattr(found, '__version__', 'unknown')}")


def diagnose_ports(devices: Sequence[str], accessible: Callable[[str], bool]) -> Iterator[Symptom]:
    """Tell for every device whether we may use it."""
    for device in devices:
        if accessible(device):
            yield Symptom(f"device {device}", Verdict.OK, "may be read and written")
        else:
            yield Symptom(f"device {device}", Verdict.FAIL, "permission denied", _ADVICE[errno.EACCES])


def _refusal(url: str, refused: BaseException) -> NoReader:
    code = getattr(refused, "errno", None)
    if code in (errno.EAGAIN, errno.EBUSY):
        return ReaderBusy(f"another program uses {url}: end it, or name another reader")
    advice = _ADVICE.get(code or 0, "check the address, and the box that offers it")
    return NoReader(f"the serial line {url} cannot be opened ({refused}): {advice}")
