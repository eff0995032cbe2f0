"""The ruleset as a document, for those who have to answer for it: nothing in it needs code."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast

from flask import Blueprint, Flask, current_app, render_template

from screening.core.rules.condition import ALWAYS, items_in
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Criterion, DoctorQuestion, Outcome, Ruleset, Tier
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.errors import DocumentError
from screening.files.example_coverage import ExampleCoverage, read_coverage
from screening.proof.checks.proof_run import ProofRun, run_proofs
from screening.translation import Phrases, gettext
from screening.web.rules import outcome_diagram
from screening.web.shell.context import page_context
from screening.words.auditor.checks import words_of_check
from screening.words.auditor.proofs import proof_lines, scope_sentences
from screening.words.auditor.thresholds import Threshold, thresholds
from screening.words.auditor.weaknesses import words_of_weakness
from screening.words.patient.matters import MATTER_WORDS
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.labels import TRUTH_WORDS

blueprint = Blueprint("rulebook", __name__)

Key = TypeVar("Key")
Value = TypeVar("Value")

_TYPE_WORDS = Phrases(
    {
        ItemType.YES_NO: "yes or no",
        ItemType.CHOICE: "one of these",
        ItemType.CHOICES: "any of these",
        ItemType.DATE: "a day, not after the screening date",
    }
)
_WORSE_WORDS = Phrases(
    {
        "higher": "a higher number",
        "lower": "a lower number",
        "later": "a later day",
        "earlier": "an earlier day",
    }
)


class Rulebook:
    """The additions of the document to the rules; what takes long is worked out once."""

    def __init__(self, ruleset: Ruleset, folder: Path | None) -> None:
        """Take the ruleset and, where it is known, the folder of its rule file."""
        self._ruleset, self._folder = ruleset, folder

    @cached_property
    def audit(self) -> ProofRun:
        """The proofs."""
        return run_proofs(self._ruleset)

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """The numbers and days at which rules change."""
        return thresholds(self._ruleset)

    @property
    def diagram(self) -> outcome_diagram.OutcomeDiagram:
        """The outcomes in the order in which they are decided."""
        return outcome_diagram.draw_outcomes(self._ruleset)

    @cached_property
    def examples(self) -> ExampleCoverage | None:
        """The written examples; None where none are known, or where their file has problems."""
        if self._folder is None:
            return None
        try:
            found = read_coverage(self._ruleset, self._folder)
        except DocumentError:
            return None
        return found if found.written else None


def init_app(app: Flask) -> None:
    """Take the ruleset of an application for its document."""
    ruleset = app.extensions["page_context"].ruleset
    app.extensions["rulebook"] = Rulebook(ruleset, app.config["RULES"])
    app.register_blueprint(blueprint)


@blueprint.get("/rules")
def rules() -> str:
    """The whole document."""
    ruleset, book = page_context().ruleset, cast("Rulebook", current_app.extensions["rulebook"])
    return render_template(
        "rules/rulebook/rules.html",
        book=book,
        examples=book.examples,
        proofs=proof_lines(book.audit),
        scope=scope_sentences(book.audit),
        weaknesses=[words_of_weakness(each) for each in book.audit.report.weaknesses],
        by_tier=_group(Tier, ruleset.criteria, lambda each: each.tier),
        by_section=_group(
            ruleset.sections,
            ruleset.items.values(),
            lambda item: next(each for each in ruleset.sections if each.id == item.section),
        ),
        outcomes=[*ruleset.outcomes, *_without_reason(ruleset)],
        words_of_check=words_of_check,
        patient_words=_patient_words(ruleset),
        counts_of=lambda criterion: _counts(book.examples, criterion),
        doctor_words=doctor_words,
        MATTER_WORDS=MATTER_WORDS,
        overdue=[part for part in ruleset.parts if part.review_by < page_context().today()],
        readers={link_id: list(ruleset.readers(link_id)) for link_id in ruleset.items},
        limits={each.limit_of: each for each in ruleset.criteria if each.limit_of},
        gated=_follow_up_questions(ruleset.items),
        outcomes_of=outcomes_of,
        condition_words=condition_words,
        items_read=items_read,
        type_words=type_words,
        worse_words=worse_words,
        question_of=outcome_diagram.question_of,
    )


def outcomes_of(criterion: Criterion) -> list[Outcome]:
    """The outcomes that a criterion can lead to."""
    return [each for each in page_context().ruleset.outcomes if each.looks_at is criterion.tier]


def condition_words(ruled: Criterion | Item) -> str:
    """The condition of a criterion or of a question."""
    condition = ruled.condition if isinstance(ruled, Criterion) else ruled.ask_if
    return words_of_condition(condition or ALWAYS, page_context().ruleset.items, Audience.NURSE)


def items_read(criterion: Criterion) -> list[Item]:
    """The questions that a criterion reads, in the order of the questionnaire."""
    read = items_in(criterion.condition)
    return [item for link_id, item in page_context().ruleset.items.items() if link_id in read]


def doctor_words(question: DoctorQuestion) -> str:
    """The condition of a question for the doctor."""
    words = words_of_condition(question.condition, page_context().ruleset.items, Audience.NURSE)
    if question.condition == ALWAYS:
        return gettext("always suggested")
    return gettext("suggested where {condition}", condition=words)


def type_words(item: Item) -> str:
    """The kind of answer that a question takes."""
    if item.type is ItemType.NUMBER:
        words = gettext(
            "a whole number, {least} to {most} {unit}",
            least=item.minimum,
            most=item.maximum,
            unit=item.unit,
        )
        return words.strip()
    return _TYPE_WORDS[item.type]


def worse_words(item: Item) -> str:
    """The answer that may never improve an outcome."""
    worse = item.worse or ""
    if worse in item.choices:
        return item.choices[worse].nurse
    return _WORSE_WORDS.get(worse, worse)


def _group(
    keys: Iterable[Key], values: Iterable[Value], key_of: Callable[[Value], Key]
) -> list[tuple[Key, list[Value]]]:
    """Values under their keys, in the order of the keys, without keys that have none."""
    listed = list(values)
    groups = ((key, [each for each in listed if key_of(each) == key]) for key in keys)
    return [(key, group) for key, group in groups if group]


def _patient_words(ruleset: Ruleset) -> list[tuple[str, list[str]]]:
    """The words for the patient, each with the names of the outcomes at which they are read."""
    found: dict[str, list[str]] = {}
    for outcome in (*ruleset.outcomes, *_without_reason(ruleset)):
        found.setdefault(outcome.say.patient, []).append(outcome.name)
    return list(found.items())


def _without_reason(ruleset: Ruleset) -> list[Outcome]:
    """The outcomes that are no step: those while none is reached."""
    return list(filter(None, [ruleset.open_outcome, ruleset.contradiction_outcome]))


def _counts(examples: ExampleCoverage | None, criterion: Criterion) -> list[tuple[Truth, int]]:
    """The number of examples that give a criterion each truth, in the order of the words."""
    counts = examples.truths[criterion.id] if examples else {}
    return [(truth, counts.get(truth, 0)) for truth in TRUTH_WORDS]


def _follow_up_questions(items: Mapping[str, Item]) -> dict[str, list[Item]]:
    """For each item the questions that are asked or not by its answer."""

    def follow_ups(link_id: str) -> Iterable[Item]:
        return (each for each in items.values() if each.ask_if and link_id in items_in(each.ask_if))

    return {link_id: list(follow_ups(link_id)) for link_id in items}
