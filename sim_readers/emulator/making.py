"""Lay out the files of an image in a card's memory."""

from __future__ import annotations

from sim_readers.emulator.access import Access, arr_record, read_rule
from sim_readers.emulator.filesystem import CURRENT_APPLICATION, Directory, File, Structure, Tree
from sim_readers.emulator.image import CardImage, FileImage
from sim_readers.emulator.memory import Memory
from sim_readers.path import ADF, MF, FilePath

_STRUCTURES = {
    "transparent": Structure.TRANSPARENT,
    "linear": Structure.LINEAR,
    "cyclic": Structure.CYCLIC,
}
_ARR_OF_MASTER, _ARR_OF_APPLICATION = 0x2F06, 0x6F06  # TS 102 221 §13.4, TS 31.102 §4.2.55
_DIRECTORY_RULES = b"\x80\x01\x7e\x97\x00"  # nobody creates, deletes or deactivates (ISO/IEC 7816-4 §5.4.3.2)


def lay_out(image: CardImage, memory: Memory) -> Tree:
    """Make the tree of an image. Raises ValueError when a file has no directory or no room for its content."""
    tree = Tree(Directory(0x3F00, None))
    for entry in image.files:
        path = FilePath.parse(entry.path)
        if entry.structure == "directory":
            _add_directory(tree, path, entry)
    shared = [entry for entry in image.files if entry.same_as]
    for entry in [*(entry for entry in image.files if not entry.same_as), *shared]:
        if entry.structure != "directory":
            _add_file(tree, memory, entry)
    for entry in image.files:
        _fill(tree, image, entry)
    return tree


def _add_directory(tree: Tree, path: FilePath, entry: FileImage) -> None:
    if path == MF:
        return
    parent = tree.master if path.steps[0] in ADF and len(path.steps) == 1 else _directory(tree, path.directory)
    directory = Directory(path.fid, parent, bytes.fromhex(entry.aid), entry.label)
    if path.steps[0] in ADF and len(path.steps) == 1:
        if not entry.aid:
            raise ValueError(f"{path} needs the AID of its application")
        tree.applications[path.steps[0]] = directory
    else:
        parent.directories[path.fid] = directory


def _add_file(tree: Tree, memory: Memory, entry: FileImage) -> None:
    path = FilePath.parse(entry.path)
    access = Access(read_rule(entry.read), read_rule(entry.update))
    if entry.same_as:
        other = tree.file(FilePath.parse(entry.same_as))
        file = File(path.fid, other.structure, access, other.body, other.record_size, entry.sfi)
    else:
        body = memory.bodies[str(path)] = _body(entry)
        file = File(path.fid, _STRUCTURES[entry.structure], access, body, entry.record_size, entry.sfi)
    _directory(tree, path.directory).files[path.fid] = file


def _directory(tree: Tree, path: FilePath) -> Directory:
    try:
        found = tree.find(path)
    except KeyError:
        found = None
    if not isinstance(found, Directory):
        raise ValueError(f"the image has files in {path}, and no such directory before them")  # noqa: TRY004 - a value
    return found


def _body(entry: FileImage) -> bytearray:
    content = bytes.fromhex(entry.content)
    size = entry.size if entry.structure == "transparent" else entry.record_size
    count = 1 if entry.structure == "transparent" else entry.records
    if len(content) > size or not size * count:
        raise ValueError(f"{entry.path} has {count} times {size} bytes, too few for its content")
    return bytearray(content.ljust(size, b"\xff") * count)


def _fill(tree: Tree, image: CardImage, entry: FileImage) -> None:
    match entry.made_from:
        case "applications":
            _fill_dir(tree, tree.file(FilePath.parse(entry.path)))
        case "access_rules":
            path = FilePath.parse(entry.path)
            _fill_arr(tree, image, tree.file(path), _directory(tree, path.directory))
        case None:
            pass


def _fill_dir(tree: Tree, file: File) -> None:
    """EF.DIR: an application template per record (TS 102 221 §13.1)."""
    for number, application in enumerate(tree.applications.values()):
        label = application.label.encode("ascii")
        inner = bytes((0x4F, len(application.aid))) + application.aid + bytes((0x50, len(label))) + label
        _put(file, number, bytes((0x61, len(inner))) + inner)


def _fill_arr(tree: Tree, image: CardImage, file: File, home: Directory) -> None:
    """EF.ARR: the rules of a directory's own files and of everything below, one record for each different set."""
    records = [_DIRECTORY_RULES]
    in_application = home.fid == CURRENT_APPLICATION
    fid = _ARR_OF_APPLICATION if in_application else _ARR_OF_MASTER
    for directory in _below(home):
        if directory.fid != CURRENT_APPLICATION:
            directory.arr = (fid, 1)
        for each in directory.files.values():
            rules = arr_record(each.access, image.references())
            if rules not in records:
                records.append(rules)
            each.arr = (fid, records.index(rules) + 1)
    if not in_application:
        for application in tree.applications.values():
            application.arr = (fid, 1)
    for number, rules in enumerate(records):
        _put(file, number, rules)


def _below(home: Directory) -> list[Directory]:
    found = [home]
    for directory in home.directories.values():
        found += _below(directory)
    return found


def _put(file: File, number: int, content: bytes) -> None:
    if len(content) > file.record_size or number >= file.records:
        raise ValueError(f"{file.fid:04X} is too small for its record {number + 1} of {len(content)} bytes")
    start = number * file.record_size
    file.body[start : start + len(content)] = content
