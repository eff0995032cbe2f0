"""A patient's answers that do not fit together, to look at again, without any verdict."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from screening.core.results.assess import evaluate_ask_if
from screening.core.rules.consistency import resolve
from screening.core.rules.item import Item
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.web.forms.form import ScreeningForm
from screening.words.shared.answers import words_of_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientContradiction:
    """A reason why some answers do not fit together, and each question with its answer in words."""

    say: str
    rows: tuple[tuple[Item, str], ...]


def patient_contradictions(
    ruleset: Ruleset, answers: Mapping[str, Answer], as_of: dt.date
) -> list[PatientContradiction]:
    """The answers that a patient is asked to look at again."""
    found = resolve(ruleset.consistency, answers, as_of).contradictions
    return [
        PatientContradiction(
            say=each.rule.say.patient,
            rows=tuple(
                (item, words_of_answer(item, answers[item.link_id], Audience.PATIENT))
                for item in map(ruleset.items.__getitem__, each.items)
            ),
        )
        for each in found
    ]


def drop_unasked_answers(form: ScreeningForm, as_of: dt.date, at: str | None) -> None:
    """Forget the answers to questions that the other answers rule out, until none is left.

    A patient does not see these questions any more, so what was answered to them before must not
    contradict what is answered now. The answer to ``at``, which is on the page, is kept.
    """
    gone = _unasked_links(form, as_of, at)
    while gone:
        for link_id in gone:
            form.field(link_id).process(None)
        gone = _unasked_links(form, as_of, at)


def _unasked_links(form: ScreeningForm, as_of: dt.date, at: str | None) -> list[str]:
    answers = form.answers
    posted = (field.item for field in form.fields if any(field.posted.values()))
    return [
        item.link_id
        for item in posted
        if item.link_id != at and evaluate_ask_if(item, answers, as_of) is Truth.FALSE
    ]
