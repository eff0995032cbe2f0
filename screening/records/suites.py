"""Cases of a ruleset: generating a suite of them, and running all that there are."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from screening.core.assess import assess
from screening.core.ruleset import Ruleset
from screening.core.truth import Truth
from screening.errors import Problem
from screening.formats.casefile import Example, check_example, read_examples
from screening.formats.casewriter import digest_in, write_cases
from screening.formats.coverlines import cover_lines
from screening.proof.cover import Cover, cover
from screening.proof.model import compile_ruleset
from screening.records.rulefiles import load_examples, read_file
from screening.resources import rules_folder

GENERATED = "generated"
"""The folder, inside that of the rule files, in which generated cases lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRun:
    """What came of running the cases of a ruleset.

    ``truths`` says for each criterion which truths the cases gave it. ``stale`` is whether the
    generated cases were made from other rules than these.
    """

    written: int
    generated: int
    problems: tuple[Problem, ...]
    truths: Mapping[str, frozenset[Truth]]
    stale: bool

    @property
    def coverage(self) -> tuple[int, int]:
        """How many truths of criteria occur, and how many there are: three for each."""
        return sum(map(len, self.truths.values())), len(Truth) * len(self.truths)

    @property
    def missing(self) -> dict[str, tuple[Truth, ...]]:
        """The criteria of which some truth never occurs, with those truths."""
        listed = {key: tuple(t for t in Truth if t not in met) for key, met in self.truths.items()}
        return {key: truths for key, truths in listed.items() if truths}


def generated_path(ruleset: Ruleset, folder: Path | None = None) -> Path:
    """Where the generated cases of a ruleset lie."""
    return (folder or rules_folder()) / GENERATED / f"{ruleset.id}.cases.yaml"


def generate_cases(ruleset: Ruleset, as_of: dt.date | None = None) -> tuple[str, Cover]:
    """A cases file as text, and what its cases cover; the same every time.

    Beside the cases of ``proof.cover`` it holds one with no answers at all, in which every
    criterion is open, if the ruleset has an outcome for that.

    Args:
        ruleset: one with outcomes.
        as_of: the screening date of the cases; by default the day on which the rules take effect.

    Raises:
        BudgetError: if the rules are too entangled.
    """
    day = as_of or ruleset.parts[0].effective_from
    found = cover(compile_ruleset(ruleset), day)
    cases = [*found.cases, {}] if ruleset.open_outcome else found.cases
    return write_cases(ruleset, day, found.base, cases, cover_lines(found)), found


def run_cases(ruleset: Ruleset, folder: Path | None = None) -> CaseRun:
    """Run the written and the generated cases of a ruleset; time O(cases · size of the rules).

    Raises:
        DocumentError: if a case file cannot be read, as when it names what the rules do not.
    """
    written = load_examples(ruleset, folder)
    path = generated_path(ruleset, folder)
    data = read_file(path) if path.is_file() else b""
    shown = f"{path.parent.name}/{path.name}"
    generated = read_examples(shown, data, ruleset) if data else []
    examples = [*written, *generated]
    return CaseRun(
        written=len(written),
        generated=len(generated),
        problems=tuple(p for each in examples for p in check_example(each, ruleset)),
        truths=_truths(ruleset, examples),
        stale=bool(data) and digest_in(data.decode()) != ruleset.digest,
    )


def _truths(ruleset: Ruleset, examples: Iterable[Example]) -> dict[str, frozenset[Truth]]:
    met: dict[str, set[Truth]] = {each.id: set() for each in ruleset.criteria}
    for example in examples:
        for found in assess(ruleset, example.answers, example.as_of).findings:
            met[found.criterion.id].add(found.truth)
    return {criterion_id: frozenset(truths) for criterion_id, truths in met.items()}
