"""The parts of a run on disk: each is written whole or not at all, so that a run can go on later.

A part counts once its mark is there, which is written last. A plan beside the parts says what they
were made from and how; a run goes on only by the same plan.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from screening.errors import WrongCallError
from screening.translation import mark


class PlanError(WrongCallError):
    """A run cannot begin, or cannot go on, with what is on disk."""


class Parts:
    """The parts of one output."""

    def __init__(self, out: Path) -> None:
        """Take the path of the output."""
        self.out = out
        self.rejects = out.with_name(out.name + ".rejects")
        self.manifest = out.with_name(out.name + ".json")
        self.folder = out.with_name(out.name + ".parts")
        self._data, self._marks = self.folder / "data", self.folder / "marks"
        self._plan = self.folder / "plan.json"

    def begin(self, plan: Mapping[str, Any]) -> None:
        """Begin a run.

        Raises:
            PlanError: if there is an output, or a run that did not end.
        """
        if self.folder.exists() and not self._plan.exists():
            shutil.rmtree(self.folder)  # it ended before it began
        if self.folder.exists():
            message = mark("{name} is of a run that did not end: use --resume, or delete it")
            raise PlanError(message, name=self.folder.name)
        for path in (self.out, self.manifest, self.rejects):
            if path.exists():
                message = mark("{name} exists already: choose another name for OUT")
                raise PlanError(message, name=path.name)
        self.folder.mkdir()
        self._data.mkdir()
        self._marks.mkdir()
        write_whole(self._plan, json.dumps(plan, indent=1).encode())
        _settle(self.out.parent)

    def finished(self) -> dict[str, Any] | None:
        """The manifest of an output that is whole."""
        if not self.manifest.exists():
            return None
        manifest: dict[str, Any] = json.loads(self.manifest.read_bytes())
        shutil.rmtree(self.folder, ignore_errors=True)
        return manifest

    def plan(self) -> dict[str, Any]:
        """The plan of the run that did not end.

        Raises:
            PlanError: if there is none.
        """
        try:
            plan: dict[str, Any] = json.loads(self._plan.read_bytes())
        except FileNotFoundError:
            message = mark("there is no run to resume: call without --resume")
            raise PlanError(message) from None
        return plan

    def done(self) -> list[dict[str, Any]]:
        """The counts of the parts that are whole, in order."""
        found: list[dict[str, Any]] = []
        while (mark := self._mark(len(found))).exists():
            found.append(json.loads(mark.read_bytes()))
        return found

    def write(
        self,
        number: int,
        write_data: Callable[[Path], object],
        rejects: Iterable[Mapping[str, Any]],
        counts: Mapping[str, Any],
    ) -> None:
        """Write a part: its data, its rejects, and at last its mark with the counts."""
        path = self._data / _name(number, self.out.suffix)
        write_data(path.with_name("unfinished"))
        _rename(path.with_name("unfinished"), path)
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in rejects)
        write_whole(self.folder / _name(number, ".rejects"), lines.encode())
        _settle(self._data)
        _settle(self.folder)
        write_whole(self._mark(number), json.dumps(counts).encode())
        _settle(self._marks)

    def finish(self, heading: bytes, manifest: Mapping[str, Any]) -> None:
        """Make the output from the parts; the manifest comes last.

        Every step can be done again, if a run ended in the middle.

        Args:
            heading: comes before the data of the first part.
            manifest: about the whole output.
        """
        count = len(self.done())
        rejects = [self.folder / _name(each, ".rejects") for each in range(count)]
        if any(path.stat().st_size for path in rejects):
            _join(self.rejects, b"", rejects)
        if self._data.exists():
            (self._data / "unfinished").unlink(missing_ok=True)
            self._publish(heading, [self._data / _name(n, self.out.suffix) for n in range(count)])
        write_whole(self.manifest, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
        _settle(self.out.parent)
        shutil.rmtree(self.folder)

    def _publish(self, heading: bytes, parts: Sequence[Path]) -> None:
        """Parquet of more than one part becomes a folder of files; text is joined to one file."""
        if self.out.suffix.lower() != ".parquet":
            _join(self.out, heading, parts)
        elif len(parts) > 1:
            self._data.rename(self.out)
        elif parts[0].exists():
            parts[0].rename(self.out)

    def _mark(self, number: int) -> Path:
        return self._marks / _name(number, "")


def _name(number: int, ending: str) -> str:
    return f"part-{number:06}{ending}"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is either not there or whole."""
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_bytes(data)
    _rename(unfinished, path)


def _join(path: Path, heading: bytes, parts: Iterable[Path]) -> None:
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        file.write(heading)
        for part in parts:
            with part.open("rb") as data:
                shutil.copyfileobj(data, file, 1024 * 1024)
    _rename(unfinished, path)


def _rename(unfinished: Path, path: Path) -> None:
    """Give a file its name after its bytes are on the disk."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)


def _settle(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
