"""Impact: the changes that other rules would make to the stored assessments.

The same answers are judged on the same day, so that what differs comes from the rules alone. The
other rules are compiled to straight code, which tests compare with the readable evaluator; a few
processes share the work.
"""

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from screening.core.compiled.program import TRUTHS
from screening.core.results.assess import settle_outcome
from screening.core.results.evaluation import Evaluation, evaluator_of, judge_of
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.errors import DocumentError
from screening.formats.documents.answers_json import read_answers
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.errors import ErasedError
from screening.records.ledger.records import Records
from screening.records.results.content import PORTION, SealedContent, sealed_portions
from screening.records.sealing.vault import Keyring, SealError

MOST_READ = 100_000
"""Texts of answers that a process remembers the meaning of."""
_TRUTHS = {code: truth.value for code, truth in TRUTHS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionChange:
    """A criterion whose truth is another one by other rules; None where it does not exist."""

    criterion: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassessment:
    """An assessment by other rules: outcome ids before and after, and what turned.

    ``left_out`` names answers that the other rules do not ask for, or not in this form.
    """

    case_id: str
    number: int
    before: str | None
    after: str | None
    favourable_before: bool
    favourable_after: bool
    criterion_changes: tuple[CriterionChange, ...]
    left_out: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """True if the outcome is another one."""
        return self.before != self.after


@dataclass(slots=True)
class Reassessor:
    """Judges by one ruleset, and remembers how the texts of answers are read."""

    ruleset: Ruleset
    read: dict[tuple[str, str, dt.date], Answer | None] = field(
        default_factory=dict[tuple[str, str, dt.date], "Answer | None"]
    )

    def reassess(
        self, kept: SealedContent | StoredAssessment, content: Mapping[str, Any]
    ) -> Reassessment:
        """Judge one assessment's answers."""
        stored = content["answers"]["answers"]
        read = {name: self._answer(name, raw, kept.as_of) for name, raw in stored.items()}
        answers = {name: answer for name, answer in read.items() if answer is not None}
        born = content["answers"].get("birth_year")
        found = evaluator_of(self.ruleset, kept.as_of).evaluate(answers, born)
        after, favourable = self._outcome(found)
        before = content["assessment"]
        return Reassessment(
            case_id=kept.case_id,
            number=kept.number,
            before=before["outcome"]["id"],
            after=after,
            favourable_before=before["outcome"]["favourable"],
            favourable_after=favourable,
            criterion_changes=tuple(self._turned(before["criteria"], found)),
            left_out=tuple(name for name, answer in read.items() if answer is None),
        )

    def _outcome(self, found: Evaluation) -> tuple[str | None, bool]:
        """The id of the outcome, and whether it is a favourable one."""
        ruleset, contradictory = self.ruleset, bool(found.contradictions)
        settled = settle_outcome(ruleset, found.possible, contradictory=contradictory)
        if settled is not None:
            return settled, settled in ruleset.favourable
        apart = ruleset.contradiction_outcome if contradictory else ruleset.open_outcome
        return (apart.id if apart else None), False

    def _answer(self, name: str, raw: object, as_of: dt.date) -> Answer | None:
        """An answer as the ruleset reads it; None if it does not ask for it in this form."""
        key = (name, json.dumps(raw), as_of)
        if key not in self.read:
            if len(self.read) >= MOST_READ:
                self.read.clear()
            document = json.dumps({"as_of": as_of.isoformat(), "answers": {name: raw}})
            try:
                answers, *_ = read_answers(document, self.ruleset, as_of, "stored answers")
                self.read[key] = answers[name]
            except DocumentError:
                self.read[key] = None
        return self.read[key]

    def _turned(
        self, before: list[Mapping[str, Any]], found: Evaluation
    ) -> Iterator[CriterionChange]:
        was = {criterion["id"]: criterion["truth"] for criterion in before}
        steps = zip(self.ruleset.criteria, judge_of(self.ruleset).program.criteria, strict=True)
        is_now = {criterion.id: _TRUTHS[found.trace[step]] for criterion, step in steps}
        if was != is_now:
            for name in dict.fromkeys([*was, *is_now]):
                if was.get(name) != is_now.get(name):
                    yield CriterionChange(
                        criterion=name, before=was.get(name), after=is_now.get(name)
                    )


def reassess_all(
    records: Records, ruleset: Ruleset, processes: int | None = None
) -> Iterator[Reassessment]:
    """Judge the answers of every stored assessment that can be read by another ruleset.

    Args:
        records: where the assessments are. Nothing is written.
        ruleset: by which to judge.
        processes: how many share the work; by default as many as this process may use.
    """
    portions = sealed_portions(records)
    keyring = records.keyring()
    first = next(portions, [])
    workers = processes or len(os.sched_getaffinity(0))
    if workers == 1 or len(first) < PORTION:
        judge = Reassessor(ruleset)
        yield from _reassessed(judge, keyring, first)
        for portion in portions:
            yield from _reassessed(judge, keyring, portion)
        return
    with ProcessPoolExecutor(workers, initializer=_begin, initargs=(ruleset, keyring)) as pool:
        under_way = [pool.submit(_work, first)]
        under_way += [pool.submit(_work, portion) for portion in islice(portions, workers)]
        while under_way:
            done = under_way.pop(0).result()
            under_way += [pool.submit(_work, portion) for portion in islice(portions, 1)]
            yield from done


_working: dict[str, tuple[Reassessor, Keyring]] = {}


def _begin(ruleset: Ruleset, keyring: Keyring) -> None:
    """Make ready a process that shares the work."""
    _working["with"] = (Reassessor(ruleset), keyring)


def _work(portion: list[SealedContent]) -> list[Reassessment]:
    return list(_reassessed(*_working["with"], portion))


def _reassessed(
    judge: Reassessor, keyring: Keyring, portion: list[SealedContent]
) -> Iterator[Reassessment]:
    for kept in portion:
        try:
            content = kept.open(keyring)
        except (ErasedError, SealError):
            continue
        yield judge.reassess(kept, content)
