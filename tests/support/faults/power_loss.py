"""What a disk may hold after the power failed: everything that was synchronised, and of the rest
any part, torn at any sector.

It is assumed of a disk that it keeps what it said it wrote, and that a sector of 512 bytes is
written whole or not at all. Nothing is assumed of the order of what was not synchronised, except
that a folder keeps the order of its own entries. Synchronising a file does not keep its entry.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a process did to a file: create, write, truncate, synchronise, unlink."""

    kind: str
    path: str
    offset: int
    data: bytes


def read_steps(recording: Path) -> Iterator[Step]:
    """What `recorder.c` wrote."""
    with recording.open("rb") as file:
        while head := file.readline():
            kind, offset, length, path = head.decode().rstrip("\n").split(" ", 3)
            yield Step(kind, path, int(offset), file.read(int(length)))


@dataclass(slots=True)
class Disk:
    """A folder on a disk: what is sure to stay, and what is still on its way."""

    folder: str
    files: dict[int, bytearray] = field(default_factory=dict[int, bytearray])
    sure: dict[str, int] = field(default_factory=dict[str, int])
    now: dict[str, int] = field(default_factory=dict[str, int])
    entries: list[tuple[str, int | None]] = field(default_factory=list[tuple[str, int | None]])
    writes: list[tuple[int, Step]] = field(default_factory=list[tuple[int, Step]])

    def put(self, path: Path) -> None:
        """A file that was there, safe and sound, before anything happened."""
        self._create(str(path))
        self.files[self.now[str(path)]] = bytearray(path.read_bytes())
        self._synchronise(self.folder)

    def do(self, step: Step) -> None:
        """Do a step."""
        match step.kind:
            case "c":
                self._create(step.path)
            case "u":
                del self.now[step.path]
                self.entries.append((step.path, None))
            case "s":
                self._synchronise(step.path)
            case _:
                self.writes.append((self.now[step.path], step))

    def fail(self, chance: random.Random, share: float) -> dict[str, bytes]:
        """The files after a power failure.

        Args:
            chance: what decides.
            share: how much of what was not synchronised reached the disk; 0 is nothing, 1 all.
        """
        names = dict(self.sure)
        for path, file in self.entries[: round(len(self.entries) * _some(chance, share))]:
            _enter(names, path, file)
        held = {file: bytearray(self.files[file]) for file in names.values()}
        for file, step in self.writes:
            if file in held and chance.random() < share:
                _apply(held[file], _torn(step, chance) if share < 1 else step)
        return {path: bytes(held[file]) for path, file in names.items()}

    def _create(self, path: str) -> None:
        file = len(self.files)
        self.files[file] = bytearray()
        self.now[path] = file
        self.entries.append((path, file))

    def _synchronise(self, path: str) -> None:
        if path == self.folder:
            for name, file in self.entries:
                _enter(self.sure, name, file)
            self.entries.clear()
            return
        file = self.now[path]
        for other, step in self.writes:
            if other == file:
                _apply(self.files[file], step)
        self.writes = [each for each in self.writes if each[0] != file]


def _some(chance: random.Random, share: float) -> float:
    return share if share in (0, 1) else chance.random()


def _enter(names: dict[str, int], path: str, file: int | None) -> None:
    if file is None:
        names.pop(path, None)
    else:
        names[path] = file


def _torn(step: Step, chance: random.Random) -> Step:
    """A write of which only some sectors arrived, now and then."""
    if step.kind != "w" or len(step.data) <= SECTOR or chance.random() < 0.7:
        return step
    sectors = len(step.data) // SECTOR
    first = chance.randrange(sectors) * SECTOR
    last = first + chance.randint(1, sectors) * SECTOR
    return Step("w", step.path, step.offset + first, step.data[first:last])


def _apply(held: bytearray, step: Step) -> None:
    if step.kind == "t":
        del held[step.offset :]
        held.extend(bytes(max(0, step.offset - len(held))))
        return
    held.extend(bytes(max(0, step.offset - len(held))))
    held[step.offset : step.offset + len(step.data)] = step.data
