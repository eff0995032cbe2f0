"""Proofs about a ruleset: walks over its diagrams; a nearest patient shows each failure."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise, permutations
from typing import Any, cast

from screening.core.answer import Answer
from screening.core.assess import settled_id
from screening.core.condition import Condition, OneOf, tests_in
from screening.core.consistency import Consistency
from screening.core.diagram import Diagram
from screening.core.model import Model, Possible, agreed, differ_somewhere, lift, where
from screening.core.ruleset import Criterion, Tier, Trigger
from screening.core.truth import Truth
from screening.core.variable import Variable, rising
from screening.proof.dates import check_spans, check_windows
from screening.proof.edits import edits
from screening.proof.weakness import Checked, Weakness


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Something proved of all answers: what, in a sentence, and how many cases it comprises."""

    code: str
    statement: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What holds of a ruleset, and what does not."""

    proofs: tuple[Proof, ...]
    weaknesses: tuple[Weakness, ...]


def prove(model: Model, as_of: dt.date) -> Report:
    """Prove all that is asked of a ruleset.

    Time is linear in the sizes of the diagrams, but for implication, which takes a product of sizes
    for each pair of criteria that share an item.

    Args:
        model: the compiled ruleset.
        as_of: the screening date of the patients that show weaknesses.
    """
    prover = _Prover(model, as_of)
    proofs: list[Proof] = []
    weaknesses: list[Weakness] = []
    for code, statement, check in prover.checks():
        subjects, found = check()
        weaknesses += found
        if not found:
            proofs.append(Proof(code=code, statement=statement, count=subjects))
    return Report(proofs=tuple(proofs), weaknesses=tuple(weaknesses))


class _Prover:
    def __init__(self, model: Model, as_of: dt.date) -> None:
        self._model, self._as_of = model, as_of
        self._criteria = model.ruleset.criteria
        self._narrowed = model.narrowed()
        self._kept: dict[str, int] | None = None

    def checks(self) -> Iterator[tuple[str, str, Callable[[], Checked]]]:
        """Code, sentence and check of each proof, the safety proofs first."""
        yield (
            "unsafe-outcome",
            (
                "No favourable outcome is reached while an emergency sign, an urgent sign or a"
                " reason against holds or is open, or while a requirement or a description is"
                " unmet or open."
            ),
            self._check_safety,
        )
        yield (
            "broken-limit",
            "No favourable outcome is reached while a limit is broken or might be.",
            self._check_limits,
        )
        yield (
            "contradiction",
            (
                "No favourable outcome is reached over answers that contradict each other, whatever"
                " else is answered."
            ),
            self._check_contradictions,
        )
        yield (
            "hidden-sign",
            (
                "While an emergency sign holds its own outcome is reached, and while an urgent sign"
                " holds its own or an emergency's."
            ),
            self._check_hidden,
        )
        yield (
            "worse-is-better",
            "No answer that is marked as worse ever leads to a better outcome.",
            self._check_worse,
        )
        yield (
            "not-monotone",
            "A further answer never contradicts a truth or an outcome that was settled without it.",
            self._check_monotone,
        )
        yield (
            "not-exact",
            "Wherever all completions of the answers agree on a criterion, it is settled.",
            self._check_exact,
        )
        yield (
            "no-outcome",
            "Every complete set of answers has exactly one outcome.",
            self._check_one_outcome,
        )
        yield (
            "unreachable",
            "Every outcome is reached by some answers.",
            self._check_reachable,
        )
        yield (
            "stuck-criterion",
            "Every criterion holds, fails and is open for some answers.",
            self._check_three_ways,
        )
        yield (
            "idle-item",
            "Every question that criteria read can change one of them.",
            self._check_items,
        )
        yield (
            "same-criterion",
            "No two criteria are equal, and none follows from another unless the file says so.",
            self._check_implied,
        )
        yield ("dead-branch", "Every part of every condition can decide it.", self._check_branches)
        yield (
            "idle-threshold",
            "Every threshold of a number or a date makes a difference.",
            self._check_thresholds,
        )
        yield (
            "span",
            "A date known as a span settles a test only where every day of the span does.",
            lambda: check_spans(self._model, self._as_of),
        )
        yield (
            "window",
            "A length of time holds up to its closing day, and on no day after it.",
            lambda: check_windows(self._model),
        )

    def _check_safety(self) -> Checked:
        grave = [c for c in self._criteria if c.tier in _GRAVE and c.limit_of is None]
        return len(grave), [w for c in grave for w in self._unsafe("unsafe-outcome", c)]

    def _check_hidden(self) -> Checked:
        signs = [c for c in self._criteria if c.tier in _SIGNS]
        return len(signs), [w for c in signs for w in self._hidden(c)]

    def _hidden(self, criterion: Criterion) -> Iterator[Weakness]:
        graver = _SIGNS[: _SIGNS.index(criterion.tier) + 1]
        lesser = frozenset(i for i, o in enumerate(self._model.ladder) if o.tier not in graver)
        patient = self._patient_whose(_is_certain, criterion, lesser)
        if patient is not None:
            message = f"another outcome is reached although `{criterion.id}` holds"
            yield self._weakness("hidden-sign", criterion.id, message, patient)

    def _check_limits(self) -> Checked:
        limits = [c for c in self._criteria if c.limit_of]
        return len(limits), [w for c in limits for w in self._unsafe("broken-limit", c)]

    def _check_contradictions(self) -> Checked:
        rules = self._model.ruleset.consistency
        found: list[Weakness] = []
        for rule in rules:
            if self._favourable_over(rule):
                message = f"a favourable outcome is reached over a contradiction of `{rule.id}`"
                found.append(self._weakness("contradiction", rule.id, message, kind="consistency"))
        return len(rules), found

    def _favourable_over(self, rule: Consistency) -> bool:
        """Whether what is left once the rule's answers are unknown can pass for favourable."""
        model = self._model
        named = {model.levels[each] for each in rule.items if each in model.levels}
        unknown = {level: model.variables[level].unknown for level in named}
        left = model.partial.restrict(model.possible, unknown)
        ids = (
            [model.ladder[place].id for place in sorted(cast("Possible", possible))]
            for possible in model.partial.values(left)
        )
        settled = (settled_id(model.ruleset, each, contradictory=True) for each in ids)
        return any(each in model.ruleset.favourable for each in settled)

    def _unsafe(self, code: str, criterion: Criterion) -> Iterator[Weakness]:
        unmet = criterion.tier.speaks_when is Truth.FALSE
        alarming = _is_not_true if unmet else _is_not_false
        patient = self._patient_whose(alarming, criterion, self._model.favourable)
        if patient is not None:
            state = "unmet or open" if unmet else "true or open"
            message = f"a favourable outcome is reached while `{criterion.id}` is {state}"
            yield self._weakness(code, criterion.id, message, patient)

    def _patient_whose(
        self, truth_is: Callable[[Truth], bool], criterion: Criterion, places: Possible
    ) -> dict[str, Answer] | None:
        """The fewest answers with a certain truth and no other outcomes than some."""
        partial, model = self._model.partial, self._model
        holding = partial.map(truth_is, model.kleene[criterion.id])
        return self._patient(
            partial.apply(_all, holding, partial.map(_only_of(places), model.possible))
        )

    def _check_worse(self) -> Checked:
        marked = [v for v in self._model.variables if v.item.worse]
        return len(marked), [w for variable in marked for w in self._improving(variable)]

    def _improving(self, variable: Variable) -> Iterator[Weakness]:
        level, link_id = self._model.levels[variable.item.link_id], variable.item.link_id
        values = variable.values(self._as_of)
        shown = [
            (len(patient), worse, patient)
            for better, worse in variable.worse_pairs(self._as_of)
            if (patient := self._patient(self._improvement(level, better, worse))) is not None
        ]
        if shown:
            _, worse, patient = min(shown, key=lambda each: each[:2])
            patient[link_id] = Answer(value=values[worse][0])
            message = f"the worse answer to `{link_id}` leads to a better outcome"
            yield self._weakness("worse-is-better", link_id, message, patient, kind="item")

    def _improvement(self, level: int, better: int, worse: int) -> int:
        """Whether, over partial answers to the others, the worse answer surely does better."""
        complete, model = self._model.complete, self._model
        one, other = (complete.restrict(model.outcome, {level: cell}) for cell in (better, worse))
        join = _improves(tuple(each.id for each in model.ladder), model.ruleset.best)
        return lift(model, complete.apply(join, one, other), _all)

    def _check_monotone(self) -> Checked:
        partial = self._model.partial
        found: list[Weakness] = []
        for criterion_id, function in self._model.kleene.items():
            if not _settles(partial, self._model.variables, function, _truth_kept):
                message = f"a further answer can contradict `{criterion_id}`"
                found.append(self._weakness("not-monotone", criterion_id, message))
        if not _settles(partial, self._model.variables, self._model.possible, _outcome_kept):
            message = "a further answer can contradict a settled outcome"
            outcome = self._model.ladder[0].id
            found.append(self._weakness("not-monotone", outcome, message, kind="outcome"))
        return len(self._model.kleene) + 1, found

    def _check_exact(self) -> Checked:
        model = self._model
        found: list[Weakness] = []
        for criterion_id, function in model.exact.items():
            lifted = lift(model, model.masked(function), agreed)
            gap = model.partial.apply(_differ, lifted, model.kleene[criterion_id])
            patient = self._patient(gap)
            if patient is not None:
                message = f"`{criterion_id}` stays open although all completions agree"
                found.append(self._weakness("not-exact", criterion_id, message, patient))
        return len(model.exact), found

    def _check_one_outcome(self) -> Checked:
        """The first outcome that holds wins, so one must hold for those whom none concerns."""
        ladder = self._model.ladder
        ends = [place for place, each in enumerate(ladder) if each.trigger is Trigger.OTHERWISE]
        if ends == [len(ladder) - 1]:
            return len(ladder), []
        message = "exactly the last outcome must be for those whom no other concerns"
        return 0, [self._weakness("no-outcome", ladder[-1].id, message, kind="outcome")]

    def _check_reachable(self) -> Checked:
        reached = self._model.complete.values(self._model.outcome)
        found = [
            self._weakness(
                "unreachable", outcome.id, f"no answers lead to `{outcome.id}`", kind="outcome"
            )
            for place, outcome in enumerate(self._model.ladder)
            if place not in reached
        ]
        return len(self._model.ladder), found

    def _check_three_ways(self) -> Checked:
        words = {Truth.TRUE: "hold", Truth.FALSE: "fail", Truth.UNKNOWN: "be open"}
        partial = self._model.partial
        found = [
            self._weakness("stuck-criterion", each, f"`{each}` can never {words[truth]}")
            for each, function in self._model.kleene.items()
            for truth in words
            if truth not in partial.values(partial.apply(where, function, self._narrowed))
        ]
        return len(self._model.kleene), found

    def _check_items(self) -> Checked:
        complete = self._model.complete
        used = {level for f in self._model.exact.values() for level in complete.support(f)}
        used |= {self._model.levels[each] for pair in self._model.pairs for each in pair}
        found = [
            self._weakness(
                "idle-item",
                link_id,
                f"no answer to `{link_id}` changes any criterion",
                kind="item",
            )
            for link_id, level in self._model.levels.items()
            if level not in used
        ]
        return len(self._model.levels), found

    def _check_implied(self) -> Checked:
        complete, exact = self._model.complete, self._exact()
        support = {each: complete.support(function) for each, function in exact.items()}
        sharing = [
            (a, b) for a, b in combinations(self._criteria, 2) if support[a.id] & support[b.id]
        ]
        found = [w for a, b in sharing for w in self._equal(a, b)]
        found += [w for pair in sharing for a, b in permutations(pair) for w in self._follows(a, b)]
        found += [w for a in self._criteria for b in a.implies for w in self._escaping(a.id, b)]
        return len(sharing), found

    def _escaping(self, one: str, other: str) -> Iterator[Weakness]:
        """A declared implication that some answers contradict."""
        kleene = self._model.kleene
        patient = self._patient(self._model.partial.apply(_escapes, kleene[one], kleene[other]))
        if patient is not None:
            message = f"`{other}` does not follow from `{one}`"
            yield self._weakness("same-criterion", one, message, patient)

    def _equal(self, one: Criterion, other: Criterion) -> Iterator[Weakness]:
        if self._exact()[one.id] == self._exact()[other.id]:
            message = f"`{other.id}` always has the truth of `{one.id}`"
            yield self._weakness("same-criterion", other.id, message)

    def _follows(self, one: Criterion, other: Criterion) -> Iterator[Weakness]:
        complete, exact = self._model.complete, self._exact()
        # An included file does not know the criteria of the files that include it.
        unknowable = one.ruleset not in (other.ruleset, self._model.ruleset.id)
        declared = other.id in (*one.implies, one.limit_of)
        if unknowable or declared or exact[one.id] == exact[other.id]:
            return
        if True not in complete.values(complete.apply(_escapes, exact[one.id], exact[other.id])):
            message = f"whenever `{one.id}` holds, `{other.id}` does: say `implies: [{other.id}]`"
            yield self._weakness("same-criterion", one.id, message)

    def _check_branches(self) -> Checked:
        found: list[Weakness] = []
        count = 0
        for criterion in self._criteria:
            whole = self._exact()[criterion.id]
            for edited, words in edits(criterion.condition):
                count += 1
                if self._masked(edited) == whole:
                    message = f"a part of `{criterion.id}` could as well be {words}"
                    found.append(self._weakness("dead-branch", criterion.id, message))
        return count, found

    def _check_thresholds(self) -> Checked:
        found: list[Weakness] = []
        count = 0
        tested = {test for each in self._criteria for test in tests_in(each.condition)}
        for level, variable in enumerate(self._model.variables):
            for which, test in enumerate(variable.tests):
                if isinstance(test, OneOf) or test not in tested:
                    continue
                count += 1
                if not self._visible(level, which):
                    link_id = variable.item.link_id
                    message = f"a threshold of `{link_id}` makes no difference to any criterion"
                    found.append(self._weakness("idle-threshold", link_id, message, kind="item"))
        return count, found

    def _visible(self, level: int, which: int) -> bool:
        """Whether some criterion changes between the two neighbouring cells that a test divides."""
        complete, variable = self._model.complete, self._model.variables[level]
        values = variable.values(self._as_of)
        across = [
            (i, j)
            for i, j in pairwise(rising(values))
            if variable.cells[i][which] != variable.cells[j][which]
        ]
        return any(
            complete.level(node) == level
            and any(
                differ_somewhere(complete, complete.children(node)[i], complete.children(node)[j])
                for i, j in across
            )
            for node in complete.reach(*self._exact().values())
        )

    def _exact(self) -> dict[str, int]:
        """The criteria over complete answers that keep to the order of events."""
        if self._kept is None:
            exact = self._model.exact
            self._kept = {each: self._model.masked(function) for each, function in exact.items()}
        return self._kept

    def _masked(self, condition: Condition) -> int:
        return self._model.masked(self._model.criterion_in(self._model.complete, condition))

    def _patient(self, bad: int) -> dict[str, Answer] | None:
        """The fewest answers for which a function over partial answers is True."""
        costs = [
            [float(branch != variable.unknown) for branch in range(variable.width)]
            for variable in self._model.variables
        ]
        kept = self._model.partial.apply(_all, bad, self._narrowed)
        found = self._model.partial.cheapest(kept, costs, _is_true)
        return self._model.answers_at(found[1], self._as_of) if found else None

    def _weakness(
        self,
        code: str,
        subject: str,
        message: str,
        patient: dict[str, Answer] | None = None,
        *,
        kind: str = "criterion",
    ) -> Weakness:
        return Weakness(code=code, kind=kind, subject=subject, message=message, patient=patient)


_SIGNS = (Tier.EMERGENCY, Tier.URGENT)
_GRAVE = (*_SIGNS, Tier.EXCLUSION, Tier.REQUIRED, Tier.DESCRIBED)


def _settles(
    partial: Diagram,
    variables: Sequence[Variable],
    function: int,
    kept: Callable[[Any, Any], bool],
) -> bool:
    """Whether each answer keeps what was settled while less was known of its item."""
    for node in partial.reach(function):
        if partial.level(node) == partial.bottom:
            continue
        children, variable = partial.children(node), variables[partial.level(node)]
        for wide, narrow in _narrower(variable):
            if False in partial.values(partial.apply(kept, children[wide], children[narrow])):
                return False
    return True


def _narrower(variable: Variable) -> Iterator[tuple[int, int]]:
    """Pairs of branches of which the second stands for some of the first one's cells alone."""
    for wide in range(variable.unknown, variable.width):
        cells = set(variable.cells_of(wide))
        for narrow in range(variable.width):
            if set(variable.cells_of(narrow)) < cells:
                yield wide, narrow


def _truth_kept(unknown: Truth, known: Truth) -> bool:
    return unknown is Truth.UNKNOWN or unknown is known


def _outcome_kept(unknown: Possible, known: Possible) -> bool:
    return known <= unknown


def _differ(one: object, other: object) -> bool:
    return one != other


def _escapes(one: Truth, other: Truth) -> bool:
    return one is Truth.TRUE and other is Truth.FALSE


def _is_true(value: object) -> bool:
    return value is True


def _is_certain(truth: Truth) -> bool:
    return truth is Truth.TRUE


def _is_not_true(truth: Truth) -> bool:
    return truth is not Truth.TRUE


def _is_not_false(truth: Truth) -> bool:
    return truth is not Truth.FALSE


@cache
def _only_of(places: Possible) -> Callable[[Possible], bool]:
    return lambda possible: bool(possible) and possible <= places


def _all(one: object, other: object) -> bool:
    return one is True and other is True


@cache
def _improves(
    ladder: tuple[str, ...], best: tuple[str, ...]
) -> Callable[[int | None, int | None], bool | None]:
    rank = {place: best.index(outcome) for place, outcome in enumerate(ladder)}

    def improves(better: int | None, worse: int | None) -> bool | None:
        return None if better is None or worse is None else rank[worse] < rank[better]

    return improves
