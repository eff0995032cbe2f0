"""Generated examples: answers that show what each test, boundary and edit of a ruleset does.

Masking MC/DC: for each occurrence of a test, and each truth of it, an example in which the test has
that truth and decides, so that taking it for the opposite would be seen. Source: J. J. Chilenski,
An Investigation of Three Forms of the Modified Condition Decision Coverage (MCDC) Criterion, 2001.

What can be seen at the outcome must be; a flag will do only where that is proved impossible.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from screening.core.compiled.model import Model
from screening.core.results.assess import evaluate_ask_if
from screening.core.rules.condition import Not, items_in, tests_in
from screening.core.rules.finding import evaluate
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth
from screening.proof.examples.edit_effects import (
    EditEffect,
    EffectFinder,
    Visibility,
    both_hold,
    impossible_combinations,
    raises_no_flag,
    refine_model,
)
from screening.proof.examples.mutants import Edit, moved_boundaries, single_edits, stuck_tests
from screening.proof.examples.suites import ROUNDS, smallest_suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Generated examples and what they show.

    The first ``needed`` examples show every obligation (each truth of each test, each boundary).
    All of them show every edit as well, as far as complete answers can. No example shows two
    obligations of ``certificate``, nor two of the obligations and edits of ``whole_certificate``:
    no suite is smaller. ``base`` is a person with the best outcome and as few flags as can be.
    """

    as_of: dt.date
    base: Mapping[str, Answer]
    examples: tuple[Mapping[str, Answer], ...]
    needed: int
    obligations: tuple[EditEffect, ...]
    edits: tuple[EditEffect, ...]
    certificate: tuple[EditEffect, ...]
    whole_certificate: tuple[EditEffect, ...]


def cover(model: Model, as_of: dt.date, rounds: int = ROUNDS) -> Cover:
    """Generate examples for a ruleset; the same every time.

    Time O((criteria² + edits) · size²), and that of ``smallest_suite`` for what they show.

    Args:
        model: the compiled ruleset.
        as_of: the screening date of the examples.
        rounds: how often to look for fewer examples.

    Raises:
        BudgetError: if the edits take too many nodes.
    """
    obliged = [*stuck_tests(model.ruleset), *moved_boundaries(model.ruleset, as_of)]
    edited = list(single_edits(model.ruleset))
    conditions = [each.after.condition for each in (*obliged, *edited) if each.after]
    never = impossible_combinations(model.ruleset)
    conditions += [each for each in never if items_in(each) <= model.levels.keys()]
    fine = refine_model(model, chain.from_iterable(map(tests_in, conditions)), as_of)
    finder = EffectFinder(fine)
    obligations, edits = (
        [finder.find_effect(each) for each in listed] for listed in (obliged, edited)
    )
    suite = smallest_suite(fine.complete, _shown(obligations), _shown(edits), rounds)
    writer = _Writer(fine, as_of)
    at_flags = [each for each in (*obligations, *edits) if each.visibility is Visibility.FLAG]
    by_function = {each.witnesses: each for each in (*reversed(edits), *reversed(obligations))}
    return Cover(
        as_of=as_of,
        base=writer.answers({}),
        examples=tuple(writer.example(test, at_flags) for test in suite.tests),
        needed=suite.needed,
        obligations=tuple(obligations),
        edits=tuple(edits),
        certificate=tuple(by_function[goal] for goal in suite.certificate),
        whole_certificate=tuple(by_function[goal] for goal in suite.whole_certificate),
    )


def _shown(listed: Sequence[EditEffect]) -> list[int]:
    return [
        each.witnesses
        for each in listed
        if each.visibility in (Visibility.OUTCOME, Visibility.FLAG)
    ]


class _Writer:
    """Finds people near to the base that stand for the points of a function."""

    def __init__(self, model: Model, as_of: dt.date) -> None:
        self._model, self._as_of = model, as_of
        arities = model.complete.arities
        self._values = [variable.values(as_of) for variable in model.variables]
        self._calm = [0] * len(arities)
        self._costs = [[0.0] * arity for arity in arities]
        for level, cell in self.nearest(self._calmest()).items():
            self._calm[level] = cell
        for level, costs in enumerate(self._costs):
            costs[:] = [float(cell != self._calm[level]) for cell in range(len(costs))]

    def nearest(self, function: int) -> dict[int, int]:
        """The cells of a person for whom the function holds, few of them other than the base's."""
        found = self._model.complete.cheapest(function, self._costs, _is_true)
        return found[1] if found else {}

    def example(self, function: int, at_flags: Sequence[EditEffect]) -> dict[str, Answer]:
        """The answers of such a person, with the base's to the other questions that are put.

        Questions that are not put are left out, unless an edit would then leave its flag open.
        """
        cells = self.nearest(function)
        sparse = self.answers(cells)
        point = [cells.get(level, calm) for level, calm in enumerate(self._calm)]
        met = (
            seen
            for seen in at_flags
            if self._model.complete.at(seen.witnesses, point) is Truth.TRUE
        )
        if any(self._open(seen.edit, sparse) for seen in met):
            return self.answers(dict(enumerate(point)))
        return sparse

    def answers(self, cells: Mapping[int, int]) -> dict[str, Answer]:
        """Answers in the cells, and the base's to all other questions that are then put."""
        model, found = self._model, dict[str, Answer]()
        for link_id, item in model.ruleset.items.items():
            level = model.levels.get(link_id)
            if level is None:
                continue
            if level in cells or evaluate_ask_if(item, found, self._as_of) is not Truth.FALSE:
                value = self._values[level][cells.get(level, self._calm[level])][0]
                found[link_id] = Answer(value=value)
        return found

    def _open(self, edit: Edit, answers: Mapping[str, Answer]) -> bool:
        if edit.after is None:
            return False
        return evaluate(edit.after.condition, answers, self._as_of).truth is Truth.UNKNOWN

    def _calmest(self) -> int:
        """The people with the best outcome, then without one flag or gate after another."""
        complete = self._model.complete
        people = complete.map(_is_somebody, self._model.valid)
        for wish in self._wishes():
            fewer = complete.apply(both_hold, people, wish)
            people = people if fewer == complete.constant(Truth.FALSE) else fewer
        return people

    def _wishes(self) -> Iterator[int]:
        model, complete = self._model, self._model.complete
        places = {each.id: place for place, each in enumerate(model.decision_list)}
        yield from (
            complete.map(_equals(places[best]), model.outcome) for best in model.ruleset.best
        )
        yield from (raises_no_flag(model, each) for each in model.ruleset.criteria)
        tests = {test for variable in model.variables for test in variable.tests}
        for gate in (item.ask_if for item in model.ruleset.items.values()):
            if gate and tests.issuperset(tests_in(gate)):
                yield model.criterion_in(complete, Not(part=gate))


def _is_somebody(valid: object) -> Truth:
    return Truth.of(value=valid is True)


def _is_true(value: object) -> bool:
    return value is Truth.TRUE


@cache
def _equals(place: int) -> Callable[[int], Truth]:
    return lambda outcome: Truth.of(value=outcome == place)
