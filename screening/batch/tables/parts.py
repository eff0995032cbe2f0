"""The parts of a run on disk: each is written whole or not at all, so that a run can go on later.

A part counts once its mark is there, which is written last. A plan beside the parts says what they
were made from and how; a run goes on only by the same plan.
"""

import fcntl
import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from screening.errors import UnwrittenError, WrongCallError
from screening.translation import mark

_SCRATCH = "unfinished"
"""A file in the folder of a run, which gets its own name once it is whole."""


class PlanError(WrongCallError):
    """A run cannot begin, or cannot go on, with what is on disk."""


class Parts:
    """The parts of one output; a context. After it, other processes may write to them."""

    def __init__(self, out: Path) -> None:
        """Take the path of the output."""
        self.out = out
        self.rejects = out.with_name(out.name + ".rejects")
        self.manifest = out.with_name(out.name + ".json")
        self.folder = out.with_name(out.name + ".parts")
        self._data, self._marks = self.folder / "data", self.folder / "marks"
        self._plan, self._joining = self.folder / "plan.json", self.folder / "joining"
        self._held: int | None = None

    def __enter__(self) -> Self:
        """Hold nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let others write."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say what to do if the disk refuses, such as one that is full or may only be read.

        Raises:
            UnwrittenError: if it does.
        """
        try:
            yield
        except OSError as error:
            path = getattr(error, "filename", None) or self.folder
            begun = os.path.exists(self._plan)  # noqa: PTH110 - that of a path can fail, too
            raise UnwrittenError(str(path), _reason(error), resume=begun) from None

    def begin(self, plan: Mapping[str, Any]) -> None:
        """Begin a run, which no other process can write to meanwhile.

        Raises:
            PlanError: if there is an output, or a run that did not end.
        """
        self._remove_what_never_began()
        for path in (self.out, self.manifest, self.rejects):
            if os.path.lexists(path):
                message = mark("{name} exists already: choose another name for OUT")
                raise PlanError(message, name=path.name)
        try:
            self.folder.mkdir(mode=0o700)
        except FileExistsError:
            message = mark("{name} is of a run that did not finish: use --resume, or delete it")
            raise PlanError(message, name=self.folder.name) from None
        self._lock()
        self._data.mkdir()
        self._marks.mkdir()
        self._write_whole(self._plan, json.dumps(plan, indent=1).encode())
        _settle(self.out.parent)

    def resume(self) -> None:
        """Go on with a run, which no other process can write to meanwhile.

        Raises:
            PlanError: if there is none, if another process writes to it, or if others could have
                written what is in it.
        """
        if os.path.lexists(self.folder):
            self._check_own()
            self._lock()

    def _check_own(self) -> None:
        found = self.folder.lstat()
        own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        if not own or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            message = mark(
                "{name} is not a folder that only your account can write to, so other people could"
                " have changed the results in it: move it away and begin again without --resume"
            )
            raise PlanError(message, name=self.folder.name)

    def finished(self) -> dict[str, Any] | None:
        """The manifest of an output that is whole.

        Raises:
            PlanError: if there is one, and the output is gone.
        """
        if not self.manifest.exists():
            return None
        if not self.out.exists():
            message = mark("{name} is gone: delete {manifest} and begin again without --resume")
            raise PlanError(message, name=self.out.name, manifest=self.manifest.name)
        return _object(self.manifest)

    def check_nothing_is_there(self) -> None:
        """Refuse to write over what appeared after the run began, unless this run wrote it.

        Raises:
            PlanError: if something did.
        """
        for path in () if self._joining.exists() else (self.out, self.manifest, self.rejects):
            if os.path.lexists(path):
                message = mark("{name} was not written by this run: move it, then use --resume")
                raise PlanError(message, name=path.name)

    def remove(self) -> None:
        """Remove the parts: they are in the output, or nobody may go on with them."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def plan(self) -> dict[str, Any]:
        """The plan of the run that did not end.

        Raises:
            PlanError: if there is none.
        """
        try:
            return _object(self._plan)
        except OSError:
            message = mark("there is no run to resume: run the command without --resume")
            raise PlanError(message) from None

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
        write_data(self.folder / _SCRATCH)
        _rename(self.folder / _SCRATCH, path)
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in rejects)
        self._write_whole(self.folder / _name(number, ".rejects"), lines.encode())
        _settle(self._data)
        _settle(self.folder)
        self._write_whole(self._mark(number), json.dumps(counts).encode())
        _settle(self._marks)

    def finish(self, heading: bytes, manifest: Mapping[str, Any]) -> None:
        """Make the output from the parts; the manifest comes last.

        Every step can be done again, if a run ended in the middle.

        Args:
            heading: comes before the data of the first part.
            manifest: about the whole output.

        Raises:
            PlanError: if something that this run did not write has a name of the output.
        """
        self.check_nothing_is_there()
        self._write_whole(self._joining, b"")
        _settle(self.folder)
        count = len(self.done())
        rejects = [self.folder / _name(each, ".rejects") for each in range(count)]
        if any(path.stat().st_size for path in rejects):
            self._join(self.rejects, b"", rejects)
        if self._data.exists():
            self._publish(heading, [self._data / _name(n, self.out.suffix) for n in range(count)])
        self._write_whole(
            self.manifest, json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        )
        _settle(self.out.parent)
        self.remove()

    def _remove_what_never_began(self) -> None:
        """Remove the folder of a run that ended before it wrote its plan, and nothing else."""
        if self.folder.is_dir() and not self.folder.is_symlink() and not self._plan.exists():
            found = {each.name for each in self.folder.rglob("*")}
            if found <= {"lock", "data", "marks", _SCRATCH}:
                shutil.rmtree(self.folder)

    def _lock(self) -> None:
        """Keep other processes from this run; it ends with the process, however that ends."""
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            message = mark("another run is writing to {name}: wait until it has ended")
            raise PlanError(message, name=self.folder.name) from None
        self._held = handle

    def _write_whole(self, path: Path, data: bytes) -> None:
        """Write a file so that it is either not there or whole."""
        (self.folder / _SCRATCH).write_bytes(data)
        _rename(self.folder / _SCRATCH, path)

    def _join(self, path: Path, heading: bytes, parts: Iterable[Path]) -> None:
        with (self.folder / _SCRATCH).open("wb") as file:
            file.write(heading)
            for part in parts:
                with part.open("rb") as data:
                    shutil.copyfileobj(data, file, 1024 * 1024)
        _rename(self.folder / _SCRATCH, path)

    def _publish(self, heading: bytes, parts: Sequence[Path]) -> None:
        """Parquet of more than one part becomes a folder of files; text is joined to one file."""
        if self.out.suffix.lower() != ".parquet":
            self._join(self.out, heading, parts)
        elif len(parts) > 1:
            self._data.rename(self.out)
        elif parts[0].exists():
            parts[0].rename(self.out)

    def _mark(self, number: int) -> Path:
        return self._marks / _name(number, "")


def _reason(error: OSError) -> str:
    """The reason why the disk refused."""
    if error.strerror:
        return error.strerror
    told = _OS_ERROR.search(str(error))  # Polars has the number in its text only
    return os.strerror(int(told[1])) if told else str(error)


_OS_ERROR = re.compile(r"\(os error (\d+)\)")


def _name(number: int, ending: str) -> str:
    return f"part-{number:06}{ending}"


def _object(path: Path) -> dict[str, Any]:
    """The object in a file of ours.

    Raises:
        PlanError: if it is none.
    """
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise PlanError(mark("{name} was not written by this command"), name=path.name)
    return found


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
