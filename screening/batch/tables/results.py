"""Findings as columns, or as lines of JSON."""

import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.batch.columns.kernel import Findings, Kernel
from screening.batch.columns.table import distinct_codes
from screening.batch.tables.coding import Marks, Raw
from screening.batch.tables.layout import AS_OF
from screening.batch.tables.reading import Rows
from screening.core.compiled.program import CODES, FALSE, TRUE, UNKNOWN
from screening.core.results.evaluation import judge_of
from screening.core.rules.ruleset import Outcome, Ruleset, Tier

_SETTLED = ("unfavourable", "favourable")
_FAVOURABLE = 2
_TRUTHS = {FALSE: False, UNKNOWN: None, TRUE: True}


class ResultWriter:
    """Writes the findings of rows as one part of an output."""

    def __init__(
        self, kernel: Kernel, ruleset: Ruleset, metadata: Mapping[str, str], separator: str = ","
    ) -> None:
        """Take what all parts have in common.

        Args:
            kernel: that finds the findings.
            ruleset: of the kernel.
            metadata: goes into each Parquet file.
            separator: between the cells of comma-separated values.
        """
        self._separator = separator
        self._kernel, self._ruleset, self._metadata = kernel, ruleset, dict(metadata)
        self._criteria = [each.id for each in ruleset.criteria]
        self._raised = [CODES[each.tier.raises_flag_when] for each in ruleset.criteria]
        self._outcomes = [each.id for each in ruleset.outcomes]

    def write(self, form: str, path: Path, rows: Rows, found: Findings) -> None:
        """Write a part.

        Args:
            form: ``csv``, ``ndjson`` or ``parquet``.
            path: of the part.
            rows: that were read.
            found: the findings of these rows.
        """
        match form:
            case "parquet":
                data = io.BytesIO()  # Polars would tell a full disk by an error of its own
                self.frame(rows, found).write_parquet(data, metadata=self._metadata)
                path.write_bytes(data.getbuffer())
            case "csv":
                self.frame(rows, found).write_csv(
                    path, include_header=False, separator=self._separator
                )
            case _:
                with path.open("w", encoding="utf-8") as file:
                    file.writelines(self._lines(rows, found))

    def heading(self, form: str, kept: Sequence[str]) -> bytes:
        """The first line of an output."""
        if form != "csv":
            return b""
        names = [*kept, *self.names()]
        heading = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        return heading.write_csv(separator=self._separator).encode()

    def names(self) -> list[str]:
        """The names of the result columns."""
        return [
            *("row", AS_OF, "outcome", "settled"),
            *(f"possible.{each}" for each in self._outcomes),
            *(f"criterion.{each}" for each in self._criteria),
            *(f"flag.{each}" for each in self._criteria),
            *(f"needs.{each}" for each in self._ruleset.items),
            "contradictions",
        ]

    def frame(self, rows: Rows, found: Findings) -> pl.DataFrame:
        """The findings as columns: kept ones first, then those of ``names``."""
        kept = [_kept_column(name, cells) for name, cells in rows.kept.items()]
        truths = self._truth_columns(found)
        never = np.zeros(len(rows.numbers), dtype=np.bool_)
        return pl.DataFrame(
            [
                *kept,
                pl.Series("row", rows.numbers),
                _dates(rows),
                self._outcome_column(found),
                self._settled_column(found),
                *(
                    pl.Series(f"possible.{each}", self._possible(place).take(found.possible))
                    for place, each in enumerate(self._outcomes)
                ),
                *(each.alias(f"criterion.{each.name}") for each in truths),
                *(
                    (each if raised == TRUE else ~each).alias(f"flag.{each.name}")
                    for each, raised in zip(truths, self._raised, strict=True)
                ),
                *(pl.Series(f"needs.{k}", found.needs.get(k, never)) for k in self._ruleset.items),
                self._contradiction_column(len(rows.numbers), found),
            ]
        )

    def _truth_columns(self, found: Findings) -> list[pl.Series]:
        """The truth of each criterion, null where it is unknown."""
        codes = zip(self._criteria, found.criteria, strict=True)
        truth = pl.all()
        known = pl.when(truth != UNKNOWN).then(truth == TRUE)
        return pl.DataFrame([pl.Series(*each) for each in codes]).select(known).get_columns()

    def count_open_emergencies(self, found: Findings) -> int:
        """The number of rows in which an emergency is neither found nor ruled out."""
        urgent = {each.id for each in self._ruleset.outcomes if each.looks_at is Tier.EMERGENCY}
        open_ = [
            any(each in urgent for each in possible) and not urgent.issuperset(possible)
            for possible in self._kernel.possible
        ]
        return int(np.array(open_, dtype=np.bool_).take(found.possible).sum())

    def _possible(self, place: int) -> Marks:
        """For each set of possible outcomes, whether an outcome is one of them."""
        listed = self._kernel.possible
        return np.array([self._outcomes[place] in each for each in listed], dtype=np.bool_)

    def _outcome_column(self, found: Findings) -> pl.Series:
        listed = [each.id for each in all_outcomes(self._ruleset)]
        names = pl.Series("outcome", self._kernel.outcomes, dtype=pl.Enum(listed))
        return names.gather(found.outcome)

    def _settled_column(self, found: Findings) -> pl.Series:
        """The kind of outcome that is left; null while both are possible."""
        words = pl.Series("settled", [None, *_SETTLED], dtype=pl.Enum(_SETTLED))
        return words.gather(self._settled(found))

    def _settled(self, found: Findings) -> NDArray[np.uint32]:
        """For each row 0 while both kinds are possible, else 1 and the place in ``_SETTLED``."""
        places = np.zeros(len(self._kernel.possible), dtype=np.uint32)
        for place, possible in enumerate(self._kernel.possible):
            kinds = {each in self._ruleset.favourable for each in possible}
            if len(kinds) == 1:
                places[place] = 1 + kinds.pop()
        settled: NDArray[np.uint32] = places.take(found.possible)
        for _, marks, _ in found.contradictions:
            settled[marks & (settled == _FAVOURABLE)] = 0
        return settled

    def _contradiction_column(self, count: int, found: Findings) -> pl.Series:
        """The contradictions as text; each distinct set of them is written once."""
        texts: list[str | None] = [None]
        codes = np.zeros(count, dtype=np.uint32)
        for rule, marks, items in found.contradictions:
            rows = np.flatnonzero(marks)
            before, places = distinct_codes(codes[rows], len(texts))
            codes[rows] = places + np.uint32(len(texts))
            text = f"{rule.id}: {' '.join(items)}"
            texts += ["; ".join(filter(None, (texts[each], text))) for each in before]
        return pl.Series("contradictions", texts, dtype=pl.String).gather(codes)

    def _contradictions(self, found: Findings) -> dict[int, list[tuple[str, Sequence[str]]]]:
        """The contradictions of the rows that have any."""
        listed: dict[int, list[tuple[str, Sequence[str]]]] = {}
        for rule, marks, items in found.contradictions:
            for row in np.flatnonzero(marks).tolist():
                listed.setdefault(row, []).append((rule.id, items))
        return listed

    def _lines(self, rows: Rows, found: Findings) -> Iterator[str]:
        """One object a row, with the names of an assessment as JSON."""
        contradictions, settled = self._contradictions(found), self._settled(found).tolist()
        kept = {name: _list(cells) for name, cells in rows.kept.items()}
        order, items = (
            [each[0] for each in judge_of(self._ruleset).flags],
            list(self._ruleset.items),
        )
        never = np.zeros(len(rows.numbers), dtype=np.bool_)
        needs = np.array([found.needs.get(each, never) for each in items]).T.tolist()
        days = [day.isoformat() for day in rows.table.as_of.values]
        truths = found.criteria.T.tolist()
        for row, number in enumerate(rows.numbers.tolist()):
            codes = truths[row]
            data = {name: cells[row] for name, cells in kept.items()} | {
                "row": number,
                "as_of": days[rows.table.as_of.codes[row]],
                "outcome": self._kernel.outcomes[found.outcome[row]],
                "settled": (None, *_SETTLED)[settled[row]],
                "possible": self._kernel.possible[found.possible[row]],
                "criteria": {k: _TRUTHS[c] for k, c in zip(self._criteria, codes, strict=True)},
                "flags": [self._criteria[at] for at in order if codes[at] == self._raised[at]],
                "needs": [each for each, need in zip(items, needs[row], strict=True) if need],
                "contradictions": [
                    {"rule": rule, "items": named} for rule, named in contradictions.get(row, ())
                ],
            }
            yield _json(data) + "\n"


def all_outcomes(ruleset: Ruleset) -> tuple[Outcome, ...]:
    """The outcomes that can be decided, and those of what stays open or contradicts itself."""
    apart = (ruleset.open_outcome, ruleset.contradiction_outcome)
    return (*ruleset.outcomes, *(each for each in apart if each is not None))


def _dates(rows: Rows) -> pl.Series:
    as_of = rows.table.as_of
    return pl.Series(AS_OF, as_of.values, dtype=pl.Date).gather(as_of.codes)


def _kept_column(name: str, cells: Raw) -> pl.Series:
    """A kept column as it is; values of JSON that are no text are written as JSON."""
    if isinstance(cells, pl.Series):
        return cells
    texts = [each if each is None or isinstance(each, str) else _json(each) for each in cells]
    return pl.Series(name, texts, dtype=pl.String)


def _json(data: object) -> str:
    """The data as JSON, which has no NaN and no infinity: they are null."""
    try:
        return json.dumps(data, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(data), ensure_ascii=False, default=str)


def _finite(data: Any) -> Any:  # noqa: ANN401 - values of JSON
    match data:
        case float():
            return data if math.isfinite(data) else None
        case dict():
            return {name: _finite(each) for name, each in data.items()}
        case list() | tuple():
            return [_finite(each) for each in data]
        case _:
            return data


def _list(cells: Raw) -> Sequence[Any]:
    return cells.to_list() if isinstance(cells, pl.Series) else cells
