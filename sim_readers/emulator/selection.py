"""What is selected on a card: a directory, an application, perhaps a file and a record of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim_readers.emulator.filesystem import CURRENT_APPLICATION, Directory, File, Tree
from sim_readers.emulator.refusals import No, Refusal

_STEP = 2
_SHORTEST_AID = 5


@dataclass(slots=True, eq=False)
class Selection:
    """Where the terminal is. A refused SELECT changes nothing (TS 102 221 §8.4). Methods raise Refusal."""

    tree: Tree
    directory: Directory = field(init=False)
    application: Directory | None = field(default=None, init=False)
    file: File | None = field(default=None, init=False)
    record: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.directory = self.tree.master

    def reset(self) -> None:
        """After a reset the MF is selected and no application is active."""
        self.directory = self.tree.master
        self.application = None
        self._set_file(None)

    def current(self) -> File:
        """Return the selected EF."""
        if self.file is None:
            raise Refusal(No.NO_EF)
        return self.file

    def by_fid(self, fid: int) -> Directory | File:
        """Select what is in reach of an identifier (TS 102 221 §8.4.1)."""
        return self._go(self.directory, self._in_reach(fid))

    def by_path(self, path: bytes, *, from_master: bool) -> Directory | File:
        """Select step by step from the MF, or from the current directory (TS 102 221 §8.4.2)."""
        if not path or len(path) % _STEP:
            raise Refusal(No.LENGTH)
        here: Directory | File = self.tree.master if from_master else self.directory
        parent = self.directory
        for number, start in enumerate(range(0, len(path), _STEP)):
            fid = int.from_bytes(path[start : start + _STEP], "big")
            if not isinstance(here, Directory):
                raise Refusal(No.NOT_FOUND)
            parent, here = here, self._step(here, fid, may_be_application=from_master and number == 0)
        return self._go(parent, here)

    def by_aid(self, aid: bytes) -> Directory:
        """Select the first application whose AID begins so (TS 102 221 §8.4.3)."""
        if len(aid) < _SHORTEST_AID:
            raise Refusal(No.NOT_FOUND)
        for application in self.tree.applications.values():
            if application.aid.startswith(aid):
                self._go(application, application)
                return application
        raise Refusal(No.NOT_FOUND)

    def by_sfi(self, sfi: int) -> File:
        """Make the file of a short identifier the current one (TS 102 221 §8.2.2)."""
        found = self.directory.by_sfi(sfi)
        self._set_file(found)
        return found

    def _step(self, here: Directory, fid: int, *, may_be_application: bool) -> Directory | File:
        if may_be_application and fid == CURRENT_APPLICATION and self.application:
            return self.application
        found = here.child(fid)
        if found is None:
            raise Refusal(No.NOT_FOUND)
        return found

    def _in_reach(self, fid: int) -> Directory | File:
        here = self.directory
        if fid == self.tree.master.fid:
            return self.tree.master
        if fid == CURRENT_APPLICATION and self.application:
            return self.application
        if found := here.child(fid):
            return found
        if fid == here.fid:
            return here
        if here.parent and fid == here.parent.fid:
            return here.parent
        if here.parent and fid in here.parent.directories:
            return here.parent.directories[fid]
        raise Refusal(No.NOT_FOUND)

    def _go(self, parent: Directory, found: Directory | File) -> Directory | File:
        if isinstance(found, File):
            self.directory = parent
            self._set_file(found)
        else:
            self.directory = found
            self._set_file(None)
        self.application = self.directory.application or self.application
        return found

    def _set_file(self, file: File | None) -> None:
        self.file = file
        self.record = 0
