"""Two workers of Spark come to what the engine comes to for each row."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl
import pytest
from support.batch.spark import spark_session
from support.batch.tables import Patient, expected, patients, read_results, write_table
from support.bench.answer_rows import AnswerSet, first_key, last_key, mixed, settled
from support.rulesets import shipped
from support.rulesets.random_rulesets import Sampler, random_ruleset, with_consistency

from screening.batch.spark.frame import PROBLEM, Rules, WorkerError, evaluate_frame
from screening.batch.spark.sql import criteria_sql, first_column, last_column
from screening.batch.tables.layout import ColumnsError
from screening.core.compiled.program import program_of
from screening.core.results.assess import assess
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.files.rule_texts import load_texts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.long
RULES = shipped.ruleset()
TODAY = shipped.as_of()
COUNT, REPEATS = 400, 10
KINDS: dict[ItemType, Any] = {
    ItemType.YES_NO: pl.Boolean,
    ItemType.CHOICE: pl.String,
    ItemType.CHOICES: pl.List(pl.String),
    ItemType.NUMBER: pl.Int64,
}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    with spark_session(tmp_path_factory.mktemp("spark")) as session:
        yield session


@pytest.fixture(scope="module")
def rows() -> list[Patient]:
    return patients(RULES, COUNT)


Frames = Callable[[pl.DataFrame], "DataFrame"]


@pytest.fixture
def frames(spark: "SparkSession", tmp_path: Path) -> Frames:
    """Makes frames of Spark."""

    def make(frame: pl.DataFrame) -> "DataFrame":
        path = tmp_path / f"{uuid4().hex}.parquet"
        frame.write_parquet(path)
        return spark.read.parquet(str(path))

    return make


def judged(frame: "DataFrame") -> pl.DataFrame:
    found = evaluate_frame(frame, "documented", load_texts(), as_of=TODAY, today=TODAY)
    return pl.DataFrame(found.toArrow())


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_rows_come_to_what_the_engine_comes_to(
    spark: "SparkSession", rows: list[Patient], tmp_path: Path, form: str
) -> None:
    source = str(write_table(tmp_path / f"in.{form}", RULES, rows))
    read = spark.read.parquet(source) if form == "parquet" else spark.read.csv(source, header=True)
    repeated = read.crossJoin(spark.range(REPEATS).withColumnRenamed("id", "turn"))
    found = judged(repeated.repartition(2))
    assert (found.height, found[PROBLEM].null_count()) == (COUNT * REPEATS,) * 2
    wanted = [expected(RULES, row) for row in rows]
    for turn in range(REPEATS):
        part = found.filter(turn=turn).with_columns(
            pl.col("case_no").cast(pl.String).str.strip_prefix("C").cast(pl.Int64).alias("row")
        )
        part.sort("row").write_parquet(tmp_path / "part.parquet")
        assert list(read_results(tmp_path / "part.parquet").values()) == wanted


def test_a_row_that_cannot_be_read_has_no_result_and_says_why(spark: "SparkSession") -> None:
    cells = [("a", "74", "yes"), ("b", "740", "maybe"), ("c", None, "no")]
    found = judged(spark.createDataFrame(cells, "case_no string, age string, fever_chills string"))
    good, bad, last = found.sort("case_no").to_dicts()
    assert good[PROBLEM] is last[PROBLEM] is None
    assert good["outcome"]
    assert last["outcome"]
    assert bad[PROBLEM].count("expected: ") == 2
    assert bad[PROBLEM].startswith(("age: ", "fever_chills: "))
    assert {name for name, cell in bad.items() if cell is not None} == {"case_no", PROBLEM}


def test_columns_that_would_need_a_guess_are_refused(spark: "SparkSession") -> None:
    frame = spark.createDataFrame([(74.5, "x")], f"age double, {PROBLEM} string")
    with pytest.raises(ColumnsError) as refused:
        judged(frame)
    assert "“age” has the type double" in str(refused.value)
    assert f"“{PROBLEM}” has the name" in str(refused.value)


def test_a_worker_refuses_other_rules_and_another_program() -> None:
    texts = tuple((k, text.source, text.data) for k, text in load_texts().items())
    rules = Rules(name="documented", texts=texts, digest=RULES.digest, program="0.1.0")
    assert rules.load().digest == RULES.digest
    for other in (replace(rules, digest="0" * 64), replace(rules, program="0.0.9")):
        with pytest.raises(WorkerError):
            other.load()


def by_sql(frames: Frames, rules: Ruleset, as_of: dt.date, sets: Sequence[AnswerSet]) -> list[Any]:
    """The truths of the criteria by Spark's SQL, on settled answers."""
    settled_rows = [settled(rules, each, as_of) for each in sets]
    columns = [pl.Series("place", range(len(sets)))]
    for link_id, item in rules.items.items():
        if item.type is ItemType.DATE:
            firsts = [row[first_key(link_id)] for row in settled_rows]
            lasts = [row[last_key(link_id)] for row in settled_rows]
            columns.append(_days(first_column(link_id), firsts, unknown=1))
            columns.append(_days(last_column(link_id), lasts, unknown=as_of.toordinal()))
        else:
            cells = (row[link_id] for row in settled_rows)
            plain = [sorted(each) if isinstance(each, frozenset) else each for each in cells]
            columns.append(pl.Series(link_id, plain, dtype=KINDS[item.type]))
    frame = frames(pl.DataFrame(columns))
    criteria = criteria_sql(program_of(rules), as_of)
    named = [f"{text} AS `{place}`" for place, text in enumerate(criteria)]
    found = pl.DataFrame(frame.selectExpr("place", *named).toArrow()).sort("place").drop("place")
    return [list(row) for row in found.rows()]


def _days(name: str, ordinals: Sequence[Any], unknown: int) -> pl.Series:
    first = pl.date(1, 1, 1)
    made = pl.DataFrame({name: ordinals}, schema={name: pl.Int64}).select(
        pl.when(pl.col(name) != unknown).then(first + pl.duration(days=pl.col(name) - 1))
    )
    return made.to_series().alias(name).cast(pl.Date)


def by_engine(rules: Ruleset, as_of: dt.date, sets: Sequence[AnswerSet]) -> list[list[bool | None]]:
    truths = {"true": True, "false": False, "unknown": None}
    found = [assess(rules, each.answers, as_of, each.birth_year).findings for each in sets]
    return [[truths[finding.truth.value] for finding in each] for each in found]


def test_criteria_by_sql_are_those_of_the_engine(frames: Frames) -> None:
    sets = mixed(RULES, COUNT)
    assert by_sql(frames, RULES, TODAY, sets) == by_engine(RULES, TODAY, sets)


def test_criteria_of_random_rules_by_sql_are_those_of_the_engine(frames: Frames) -> None:
    rng = Random(5)
    for _ in range(6):
        rules = with_consistency(rng, random_ruleset(rng, most_criteria=20))
        sampler = Sampler(rng, rules, TODAY)
        sets = [AnswerSet(sampler.draw(), rng.choice([None, 1950])) for _ in range(100)]
        sets.append(AnswerSet(dict[str, Answer](), None))
        assert by_sql(frames, rules, TODAY, sets) == by_engine(rules, TODAY, sets)
