"""A run: every row of a table judged by a ruleset, part by part."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from screening import __version__
from screening.batch.columns.kernel import Kernel
from screening.batch.tables.layout import ColumnsError, Layout, lay_out
from screening.batch.tables.parquet_source import ParquetSource
from screening.batch.tables.parts import Parts, PlanError
from screening.batch.tables.reading import TableReader
from screening.batch.tables.results import ResultWriter
from screening.batch.tables.slices import Slice, Source
from screening.batch.tables.sources import format_of, open_source
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import EARLIEST_DAY
from screening.errors import EarlyDayError, MissingFileError, WrongCallError
from screening.translation import mark

ROWS = 131_072
"""Rows of a part; what a run holds in memory grows with it."""


class FutureDayError(WrongCallError):
    """The screening date that was named is after today."""

    def __init__(self, today: dt.date) -> None:
        """Name today."""
        message = mark("the screening date is after today, {today}")
        super().__init__(message, today=today.isoformat())


class ChangedInputError(WrongCallError):
    """The input changed while it was read."""

    def __init__(self, name: str) -> None:
        """Name it."""
        message = mark("{name} changed while it was read: no results are kept, so start again")
        super().__init__(message, name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The task: the two files, the rules, and the options.

    ``as_of`` is the screening date of all rows where the table has no column of them; None is
    today. ``keep`` names columns that are kept although they look like a misspelt link id, and
    ``patient`` one whose cells are in the rejects.
    """

    source: Path
    out: Path
    ruleset: Ruleset
    today: dt.date
    as_of: dt.date | None = None
    keep: tuple[str, ...] = ()
    patient: str | None = None
    resume: bool = False
    rows: int = ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The rows that were read in this run, and the share of the input that is done."""

    rows: int
    share: float


def run(job: Job, report: Callable[[Progress], object] = lambda _: None) -> dict[str, Any]:
    """Judge every row; gives the manifest of the output.

    Raises:
        ScreeningError: if the table, the output or the options cannot be used. Nothing was read.
    """
    parts = Parts(job.out)
    with parts.writing():
        _check_options(job)
    before = _state(job.source)
    source, form = open_source(job.source), format_of(job.out)
    layout = lay_out(source.names, job.ruleset, job.keep, sparse=source.sparse)
    source.check(layout, job.ruleset)
    if layout.has_as_of and job.as_of is not None:
        raise PlanError(
            mark("the table has a column as_of: leave out --as-of, or rename the column")
        )
    _check_kept(source, layout, form, job.patient)
    with parts:
        with parts.writing():
            plan, done = _begin(parts, job, layout), parts.done()
        if "outcomes" in plan:
            return plan  # it was whole already
        writer = _Writer(job, plan, layout, form, source)
        for number, (rows, share) in enumerate(_slices(source, layout, job, len(done)), len(done)):
            _check_unchanged(job, before, parts)
            done.append(writer.write(parts, number, rows))
            report(Progress(rows=sum(each["rows"] for each in done), share=share))
        _check_unchanged(job, before, parts)
        absent = _absent_columns(source, job.ruleset)
        manifest = plan | _totals(done) | {"without_column": absent, "copied": list(layout.kept)}
        if layout.has_as_of:
            manifest |= {"as_of": None, "as_of_from": "column"}  # each row has its own
        with parts.writing():
            parts.finish(source.mark * (form == "csv") + writer.heading(), manifest)
    return manifest


def _begin(parts: Parts, job: Job, layout: Layout) -> dict[str, Any]:
    """The plan to go by; the manifest, if a run that is to go on is whole already.

    Raises:
        PlanError: if the run cannot begin, or not go on.
    """
    plan = _plan(job)
    if not job.resume:
        parts.begin(plan)
        return plan
    parts.resume()
    finished = parts.finished()
    stored = finished or parts.plan()
    _compare(stored, plan, job, layout)
    if finished:
        parts.remove()
    else:
        parts.check_nothing_is_there()
    return stored


def _check_unchanged(job: Job, before: tuple[int, int, int], parts: Parts) -> None:
    """Keep no part if the table changed since the run began.

    Raises:
        ChangedInputError: if it did.
    """
    if _state(job.source) != before:
        parts.remove()
        raise ChangedInputError(job.source.name)


def _state(path: Path) -> tuple[int, int, int]:
    """The things about a file that change with what is in it.

    Raises:
        MissingFileError: if it cannot be read.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise _unread(path, error) from None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _check_options(job: Job) -> None:
    """Refuse a screening date that is none, and an output that cannot be written.

    Raises:
        FutureDayError: if the date is after today.
        EarlyDayError: if it is before ``EARLIEST_DAY``.
        PlanError: if the output would replace the input, or has no folder.
    """
    if job.as_of is not None and job.as_of > job.today:
        raise FutureDayError(job.today)
    if job.as_of is not None and job.as_of < EARLIEST_DAY:
        raise EarlyDayError(EARLIEST_DAY.isoformat())
    if job.out.resolve() == job.source.resolve():
        raise PlanError(mark("IN and OUT are the same file: choose another name for OUT"))
    if not job.out.parent.is_dir():
        message = mark("there is no folder {folder}: make it, or choose another for OUT")
        raise PlanError(message, folder=job.out.parent)


def _slices(source: Source, layout: Layout, job: Job, done: int) -> Iterator[tuple[Slice, float]]:
    """The slices of a table; a table without rows is one empty slice.

    Raises:
        MissingFileError: if it cannot be read on.
    """
    empty = not done
    try:
        for each in source.slices(layout, job.rows, done):
            empty = False
            yield each
    except OSError as error:
        raise _unread(job.source, error) from None
    if empty:
        nothing: dict[str, list[Any]] = {name: [] for name in layout.read}
        kept: dict[str, list[Any]] = {name: [] for name in layout.kept}
        yield Slice(numbers=np.zeros(0, dtype=np.int64), cells=nothing, kept=kept), 1.0


class _Writer:
    """Judges slices and writes them as parts."""

    def __init__(
        self, job: Job, plan: Mapping[str, Any], layout: Layout, form: str, source: Source
    ) -> None:
        as_of, today = (dt.date.fromisoformat(plan[name]) for name in ("as_of", "today"))
        self._reader = TableReader(
            job.ruleset, layout, as_of, today, json=source.sparse, patient=job.patient
        )
        self._kernel = Kernel(job.ruleset)
        metadata = {f"screening.{name}": str(value) for name, value in plan["ruleset"].items()}
        self._results = ResultWriter(self._kernel, job.ruleset, metadata, source.separator)
        self._form, self._kept = form, layout.kept

    def heading(self) -> bytes:
        return self._results.heading(self._form, self._kept)

    def write(self, parts: Parts, number: int, rows: Slice) -> dict[str, Any]:
        """Write a part; gives its counts."""
        read = self._reader.read(rows)
        found = self._kernel.evaluate(read.table)
        names = self._kernel.outcomes
        each = np.bincount(found.outcome, minlength=len(names)).tolist()
        outcomes = Counter[str]()
        for name, count in zip(names, each, strict=True):
            outcomes[name or "none"] += count
        counts = {
            "rows": len(rows.numbers) + len(rows.broken),
            "written": len(read.numbers),
            "rejected": len(read.rejects),
            "holding_several_rows": sum(each.several for each in rows.broken),
            "outcomes": dict(outcomes),
            "emergency_not_ruled_out": self._results.count_open_emergencies(found),
            "ended_at": next((each.number for each in rows.broken if each.ends), None),
        }
        write = partial(self._results.write, self._form, rows=read, found=found)
        with parts.writing():
            parts.write(number, write, [reject.as_data() for reject in read.rejects], counts)
        return counts


def _plan(job: Job) -> dict[str, Any]:
    """The things that a run is made from: it goes on only with the same ones."""
    ruleset = job.ruleset
    return {
        "format": 2,
        "program": __version__,
        "input": {"name": job.source.name, "sha256": _digest(job.source)},
        "output": job.out.name,
        "ruleset": {"id": ruleset.id, "version": ruleset.version, "digest": ruleset.digest},
        "as_of": (job.as_of or job.today).isoformat(),
        "as_of_from": "option" if job.as_of else "today",
        "today": job.today.isoformat(),
        "keep": list(job.keep),
        "id": job.patient,
        "rows_in_part": job.rows,
    }


def _compare(stored: Mapping[str, Any], plan: Mapping[str, Any], job: Job, layout: Layout) -> None:
    """Refuse to go on with other input, rules or options; days of the run are those it began on.

    Raises:
        PlanError: if something differs.
    """
    ignored = {"today", "as_of_from"}
    if job.as_of is None or layout.has_as_of:
        ignored.add("as_of")
    differing = [name for name in plan if name not in ignored and plan[name] != stored.get(name)]
    if differing:
        message = mark("the run on disk cannot be resumed, because these differ: {names}")
        raise PlanError(message, names=", ".join(differing))


def _check_kept(source: Source, layout: Layout, form: str, patient: str | None) -> None:
    """Refuse kept columns that a table of comma-separated values cannot hold, and lost ones."""
    if patient is not None and patient not in layout.kept:
        raise ColumnsError([f"--id must name a column that is copied, and “{patient}” is not one"])
    if form != "csv" or not isinstance(source, ParquetSource):
        return
    nested = [name for name in layout.kept if source.schema[name].is_nested()]
    if nested:
        raise ColumnsError([f"lists cannot be written as CSV: {', '.join(nested)}"])


def _totals(done: list[dict[str, Any]]) -> dict[str, Any]:
    outcomes = Counter[str]()
    for each in done:
        outcomes.update(each["outcomes"])
    names = (
        *("rows", "written", "rejected", "holding_several_rows"),
        "emergency_not_ruled_out",
    )
    totals: dict[str, Any] = {name: sum(each[name] for each in done) for name in names}
    ends = (each["ended_at"] for each in done)
    ended_at = next((each for each in ends if each is not None), None)
    return totals | {"outcomes": dict(outcomes), "ended_at": ended_at}


def _absent_columns(source: Source, ruleset: Ruleset) -> list[str]:
    """The questions that the table has no column for, and that are unknown in every row."""
    return [] if source.sparse else [each for each in ruleset.items if each not in source.names]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unread(path, error) from None


def _unread(path: Path, error: OSError) -> MissingFileError:
    return MissingFileError(str(path), error.strerror or "it cannot be opened")
