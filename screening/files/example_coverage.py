"""The examples of a ruleset, written and generated, run and counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from screening.core.results.assess import Assessment, assess
from screening.core.rules.ruleset import Ruleset
from screening.core.values.truth import Truth
from screening.errors import Problem
from screening.files.rule_files import load_examples
from screening.files.rule_texts import read_file
from screening.formats.examples.example_check import differences
from screening.formats.examples.example_file import check_example, read_examples
from screening.formats.examples.example_writer import digest_in
from screening.resources import rules_folder

GENERATED = "generated"
"""The folder, inside that of the rule files, of generated examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleCoverage:
    """The findings of a ruleset's examples.

    ``truths`` counts, for each criterion, the examples that give it each truth; ``outcomes`` counts
    those that lead to each outcome, the open one included. ``problems`` say where results differ
    from what is expected, and ``differing`` in how many examples. ``stale``: the generated examples
    were made from other rules than these.
    """

    written: int
    generated: int
    differing: int
    problems: tuple[Problem, ...]
    truths: Mapping[str, Mapping[Truth, int]]
    outcomes: Mapping[str, int]
    stale: bool

    @property
    def covered(self) -> int:
        """The criteria that some example makes true, another false, and another leaves open."""
        return len(self.truths) - len(self.missing)

    @property
    def missing(self) -> dict[str, tuple[Truth, ...]]:
        """The criteria of which some truth never occurs, with those truths."""
        listed = {key: tuple(t for t in Truth if not met[t]) for key, met in self.truths.items()}
        return {key: truths for key, truths in listed.items() if truths}


def generated_path(ruleset: Ruleset, folder: Path | None = None) -> Path:
    """The file of a ruleset's generated examples."""
    return (folder or rules_folder()) / GENERATED / f"{ruleset.id}.examples.yaml"


def read_coverage(ruleset: Ruleset, folder: Path | None = None) -> ExampleCoverage:
    """Run the examples of a ruleset; time O(examples · size of the rules).

    Args:
        ruleset: one with outcomes.
        folder: that of its rule file; that of the shipped rules if none is named.

    Raises:
        DocumentError: if an example file has problems, as when it names what the rules do not.
    """
    written = load_examples(ruleset, folder)
    path = generated_path(ruleset, folder)
    data = read_file(path) if path.is_file() else b""
    generated = read_examples(f"{GENERATED}/{path.name}", data, ruleset) if data else []
    examples = [*written, *generated]
    differing = sum(bool(check_example(each, ruleset)) for each in examples)
    results = [assess(ruleset, each.answers, each.as_of) for each in examples]
    return ExampleCoverage(
        written=len(written),
        generated=len(generated),
        differing=differing,
        problems=tuple(differences(examples, ruleset)),
        truths=_truths(ruleset, results),
        outcomes=Counter(result.outcome.id for result in results if result.outcome),
        stale=bool(data) and digest_in(data.decode()) != ruleset.digest,
    )


def _truths(ruleset: Ruleset, results: Iterable[Assessment]) -> dict[str, Counter[Truth]]:
    truths = {each.id: Counter[Truth]() for each in ruleset.criteria}
    for found in (found for result in results for found in result.findings):
        truths[found.criterion.id][found.truth] += 1
    return truths
