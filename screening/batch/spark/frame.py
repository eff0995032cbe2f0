"""Many machines: the rows of a Spark frame judged in whole Arrow batches, as ``run`` judges a file.

The workers get rule files as texts with the digest of what they come to, and no code: each process
reads and compiles them once. They need this package in the same version, with its extra ``spark``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import BooleanType, DataType, DateType, StringType, StructField, StructType

from screening import __version__
from screening.batch.columns.kernel import Kernel
from screening.batch.tables.layout import AS_OF, BIRTH_YEAR, ColumnsError, Layout, lay_out
from screening.batch.tables.reading import Reject, Rows, TableReader
from screening.batch.tables.results import ResultWriter
from screening.batch.tables.slices import Slice
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset
from screening.errors import WrongCallError
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_recorded_ruleset, read_ruleset
from screening.translation import mark

PROBLEM = "problem"
"""The column that says what is wrong in a row that cannot be read; all its results are NULL."""
_ROW = "row"
_TYPES = {
    ItemType.YES_NO: ("boolean",),
    ItemType.CHOICE: (),
    ItemType.CHOICES: ("array<string>",),
    ItemType.NUMBER: ("tinyint", "smallint", "int", "bigint"),
    ItemType.DATE: ("date",),
}
"""The types that a column of answers can have besides text."""


class WorkerError(WrongCallError):
    """A worker would not assess as the driver does."""

    def __init__(self, name: str, program: str) -> None:
        """Name the ruleset, and the version of the driver."""
        message = mark(
            "this worker does not have version {program}, or reads the rules “{name}” differently"
        )
        super().__init__(message, name=name, program=program)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A ruleset as workers get it: its name, all texts of its folder, and its digest."""

    name: str
    texts: tuple[tuple[str, str, bytes], ...]
    digest: str
    program: str

    def load(self) -> Ruleset:
        """The ruleset, in a worker.

        Raises:
            WorkerError: if this program or what it reads in the texts is not that of the driver.
        """
        texts = {name: RuleText(source, data) for name, source, data in self.texts}
        ruleset = read_recorded_ruleset(self.name, texts, self.digest)
        if ruleset is None or self.program != __version__:
            raise WorkerError(self.name, self.program)
        return ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The work on each batch: a function of batches that is sent to workers as plain data."""

    rules: Rules
    layout: Layout
    as_of: date
    today: date

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Judge batches."""
        judging = _judging(self)
        for batch in batches:
            yield from judging.judge(batch)


def evaluate_frame(  # noqa: PLR0913 - the days, and the options of columns
    frame: DataFrame,
    name: str,
    texts: Mapping[str, RuleText],
    *,
    as_of: date,
    today: date,
    keep: tuple[str, ...] = (),
) -> DataFrame:
    """Judge every row of a frame; nothing is computed before the result is asked for.

    Args:
        frame: columns of answers by link id, typed or text, as ``screening batch`` reads them from
            Parquet; all others are kept.
        name: of the ruleset.
        texts: the rule files, as ``files.rule_texts.load_texts`` gives them.
        as_of: the screening date where the frame has no column of them.
        today: no screening date may be after it.
        keep: names of columns that are kept although they look like a misspelt link id.

    Returns:
        The kept columns, those of ``ResultWriter.names`` but the number of the row, and
        ``PROBLEM``.

    Raises:
        DocumentError: if the rule files have problems.
        ColumnsError: if the columns cannot be used.
    """
    ruleset = read_ruleset(name, texts)
    layout = lay_out(frame.columns, ruleset, keep)
    _check(frame, layout, ruleset)
    listed = tuple((key, text.source, text.data) for key, text in sorted(texts.items()))
    rules = Rules(name=name, texts=listed, digest=ruleset.digest, program=__version__)
    task = Task(rules=rules, layout=layout, as_of=as_of, today=today)
    results = [StructField(each, kind) for each, kind in _results(ruleset).items()]
    kept = [frame.schema[each] for each in layout.kept]
    return frame.mapInArrow(task, StructType([*kept, *results]))


def _check(frame: DataFrame, layout: Layout, ruleset: Ruleset) -> None:
    """Refuse columns of types that would need a guess, such as fractions for an age."""
    kinds = {AS_OF: ItemType.DATE, BIRTH_YEAR: ItemType.NUMBER}
    problems: list[str] = []
    for name in layout.read:
        found = frame.schema[name].dataType.simpleString()
        wanted = _TYPES[kinds.get(name) or ruleset.items[name].type]
        if found not in ("string", "void", *wanted):
            said = " or ".join((*wanted, "string"))
            problems.append(f"the column “{name}” has the type {found}; use {said}")
    if PROBLEM in layout.kept:
        problems.append(f"the column “{PROBLEM}” has the name of a column of results; rename it")
    if problems:
        raise ColumnsError(problems)


def _results(ruleset: Ruleset) -> dict[str, DataType]:
    """The result columns with their types."""
    others = dict.fromkeys(("outcome", "settled", "contradictions"), StringType())
    others |= {AS_OF: DateType()}
    names = ResultWriter(Kernel(ruleset), ruleset, {}).names()
    found = {name: others.get(name, BooleanType()) for name in names if name != _ROW}
    return found | {PROBLEM: StringType()}


@lru_cache(maxsize=4)
def _judging(task: Task) -> "_Judging":
    """The rules of a task read and compiled, once in each process."""
    return _Judging(task)


class _Judging:
    def __init__(self, task: Task) -> None:
        ruleset, self._layout = task.rules.load(), task.layout
        self._reader = TableReader(ruleset, task.layout, task.as_of, task.today, json=False)
        self._kernel = Kernel(ruleset)
        self._results = ResultWriter(self._kernel, ruleset, {})
        kinds = [StructField(name, kind) for name, kind in _results(ruleset).items()]
        self._schema = to_arrow_schema(StructType(kinds))

    def judge(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """The kept columns of a batch with the results, rows in the order of the batch."""
        cells = {name: pl.Series(name, batch.column(name)) for name in self._layout.read}
        numbers = np.arange(batch.num_rows, dtype=np.int64)
        rows = self._reader.read(Slice(numbers=numbers, cells=cells, kept={}))
        results = pa.table(self._frame(rows)).select(self._schema.names).cast(self._schema)
        kept = {name: batch.column(name) for name in self._layout.kept}
        columns = kept | dict(zip(results.column_names, results.columns, strict=True))
        yield from pa.table(columns).to_batches()

    def _frame(self, rows: Rows) -> pl.DataFrame:
        found = self._results.frame(rows, self._kernel.evaluate(rows.table))
        none = pl.lit(None, dtype=pl.String).alias(PROBLEM)
        found = found.with_columns(pl.col("outcome", "settled").cast(pl.String), none)
        if not rows.rejects:
            return found
        rejects = {
            _ROW: pl.Series([each.row for each in rows.rejects], dtype=pl.Int64),
            PROBLEM: [_problem(each) for each in rows.rejects],
        }
        return pl.concat([found, pl.DataFrame(rejects)], how="diagonal").sort(_ROW)


def _problem(reject: Reject) -> str:
    return "; ".join(f"{column}: {problem}" for column, problem in reject.problems)
