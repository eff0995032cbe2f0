"""Two recorded results of one case side by side: what changed from the one to the other."""

from collections.abc import Iterator
from dataclasses import dataclass

from screening.core.results.assess import Assessment
from screening.core.results.findings import CriterionFinding
from screening.core.rules.ruleset import Tier
from screening.translation import gettext, mark
from screening.web.case.wording import answer_words, question_name
from screening.web.rules.recorded import RecordedResult
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import TRUTH_WORDS

NO_SUCH = mark("not in these rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One thing as it was, and as it became."""

    name: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """True if the two differ."""
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionPair:
    """A criterion that came out otherwise."""

    tier: Tier
    words: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The changes between two results."""

    before: RecordedResult
    after: RecordedResult
    facts: tuple[Pair, ...]
    answers: tuple[Pair, ...]
    criteria: tuple[CriterionPair, ...]


def compare_results(before: RecordedResult, after: RecordedResult) -> Comparison:
    """Compare two results of one case."""
    one, other = before.assessment, after.assessment
    return Comparison(
        before=before,
        after=after,
        facts=tuple(_facts(before, after)),
        answers=tuple(_answers(one, other)),
        criteria=tuple(_criteria(one, other)),
    )


def _facts(before: RecordedResult, after: RecordedResult) -> Iterator[Pair]:
    told = (
        (gettext("Outcome"), [each.outcome_name for each in (before, after)]),
        (gettext("Still possible"), [_possible(each.assessment) for each in (before, after)]),
        (
            gettext("Screening date"),
            [words_of_day(each.assessment.as_of) for each in (before, after)],
        ),
        (
            gettext("Recorded birth year"),
            [_birth_year(each.assessment) for each in (before, after)],
        ),
        (gettext("Rules"), [_rules(each.assessment) for each in (before, after)]),
    )
    for name, (was, became) in told:
        yield Pair(name=name, before=was, after=became)


def _birth_year(assessment: Assessment) -> str:
    return str(assessment.birth_year or gettext("not recorded"))


def _possible(assessment: Assessment) -> str:
    names = [o.name for o in assessment.ruleset.outcomes if o.id in assessment.possible]
    return "; ".join(names)


def _rules(assessment: Assessment) -> str:
    ruleset = assessment.ruleset
    return f"{ruleset.id} {ruleset.version}, {ruleset.digest[:12]}"


def _answers(before: Assessment, after: Assessment) -> Iterator[Pair]:
    items = {**before.ruleset.items, **after.ruleset.items}
    for link_id in items:
        was, is_now = before.answers.get(link_id), after.answers.get(link_id)
        if was != is_now:
            yield Pair(
                name=question_name(items, link_id),
                before=_answer(before, link_id),
                after=_answer(after, link_id),
            )


def _answer(assessment: Assessment, link_id: str) -> str:
    return answer_words(assessment.ruleset.items.get(link_id), assessment.answers.get(link_id))


def _criteria(before: Assessment, after: Assessment) -> Iterator[CriterionPair]:
    was, became = _by_id(before), _by_id(after)
    for key, newest in (was | became).items():
        truths = _truth(was.get(key)), _truth(became.get(key))
        if truths[0] != truths[1]:
            criterion = newest.criterion
            yield CriterionPair(
                tier=criterion.tier, words=criterion.say.nurse, before=truths[0], after=truths[1]
            )


def _by_id(assessment: Assessment) -> dict[tuple[str, str], CriterionFinding]:
    return {(f.criterion.ruleset, f.criterion.id): f for f in assessment.findings}


def _truth(found: CriterionFinding | None) -> str:
    return TRUTH_WORDS[found.truth] if found else gettext(NO_SUCH)
