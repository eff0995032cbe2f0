"""The sheet for the doctor: what to do first, questions to ask, and what published pages say."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto

from flask import request

from screening.core.results.assess import Assessment, assess
from screening.core.results.needs import advice_criteria, unsure_items, urgent_answers
from screening.core.results.result import doctor_questions
from screening.core.rules.condition import items_in
from screening.core.rules.item import Item
from screening.core.rules.ruleset import GRAVE, Criterion, Tier
from screening.core.values.answer import AbsentReason, Answer
from screening.translation import Phrases
from screening.web.questionnaire.even_length import expect_long_page
from screening.web.questionnaire.visit import Visit, render_visit
from screening.web.shell.context import page_context
from screening.web.shell.responses import Page
from screening.words.nurse.result import words_of_cautions
from screening.words.patient.advice import words_of_advice


class _NoAnswer(Enum):
    """The words for a question that has no usable answer."""

    DID_NOT_KNOW = auto()
    DECLINED = auto()
    NOTHING = auto()
    AT_ODDS = auto()

    @classmethod
    def of(cls, answer: Answer | None) -> "_NoAnswer":
        """Read an answer; a known one counts as missing where it does not fit the others."""
        if answer is None:
            return cls.NOTHING
        if answer.known:
            return cls.AT_ODDS
        declined = answer.absent is AbsentReason.ASKED_DECLINED
        return cls.DECLINED if declined else cls.DID_NOT_KNOW


_SIGNS = Phrases(
    {
        _NoAnswer.DID_NOT_KNOW: "You were not sure about these signs.",
        _NoAnswer.DECLINED: (
            "You said you would rather not answer these questions about emergency signs."
        ),
        _NoAnswer.NOTHING: "You have not answered these questions about emergency signs.",
        _NoAnswer.AT_ODDS: "Your answers about these signs do not fit together.",
    }
)
_OTHERS = Phrases(
    {
        _NoAnswer.DID_NOT_KNOW: "You did not know the answer to these questions:",
        _NoAnswer.DECLINED: "You said you would rather not answer these questions:",
        _NoAnswer.NOTHING: "You have not answered these questions:",
        _NoAnswer.AT_ODDS: "Your answers to these questions do not fit together:",
    }
)
_TOGETHER = Phrases(
    {
        _NoAnswer.DID_NOT_KNOW: "To find out together: what I did not know",
        _NoAnswer.DECLINED: "To talk about if I wish: what I would rather not say",
    }
)


def sheet_page(visit: Visit) -> Page:
    """The page with what to do first, the points of published pages, and the sheet."""
    expect_long_page()
    assessment = assess(page_context().ruleset, visit.form.answers, page_context().today())
    answers, kept_off = assessment.answers, _kept_off()
    told = [item for item in visit.journey.path if item.link_id in answers]
    open_still = [item for item in told if not answers[item.link_id].known]
    now, soon = (unsure_items(assessment, tier) for tier in GRAVE)
    return render_visit(
        "questionnaire/patient/result.html",
        visit,
        as_of=assessment.as_of,
        standing=words_of_cautions(
            page_context().ruleset, assessment.as_of, page_context().today()
        ),
        look_again=visit.look_again,
        advice=words_of_advice(assessment),
        because=[(each, _is_private(each, kept_off)) for each in advice_criteria(assessment)],
        advice_is_soon=_is_soon(assessment, soon),
        flags=assessment.flags,
        urgent=[(item, visit.words(item)) for item in urgent_answers(assessment)],
        unsure_now=_group_missing(now, answers, _SIGNS),
        unsure_soon=_group_missing(
            (item for item in soon if item in told or not visit.journey.emergencies),
            answers,
            _OTHERS,
        ),
        questions=doctor_questions(assessment),
        find_out=_group_missing(
            (item for item in open_still if item not in (*now, *soon)), answers, _TOGETHER
        ),
        answered=[(item, visit.words(item)) for item in told if item not in open_still],
        private=[(item, visit.words(item)) for item in told if item.sensitive],
        kept_off=kept_off,
        chosen=visit.action == "paper",
    )


def _group_missing(
    items: Iterable[Item], answers: Mapping[str, Answer], words: Mapping[_NoAnswer, str]
) -> list[tuple[str, list[Item]]]:
    """Group questions without a usable answer under what the person said to them."""
    grouped: dict[_NoAnswer, list[Item]] = {kind: [] for kind in words}
    for item in items:
        grouped[_NoAnswer.of(answers.get(item.link_id))].append(item)
    return [(words[kind], listed) for kind, listed in grouped.items() if listed]


def _is_soon(assessment: Assessment, unsure: Sequence[Item]) -> bool:
    """True if the advice names a day that no source names."""
    tiers = {flag.criterion.tier for flag in assessment.flags}
    return Tier.EMERGENCY not in tiers and (Tier.URGENT in tiers or bool(unsure))


def _kept_off() -> frozenset[str]:
    """The sensitive questions whose lines the person has not chosen for the paper."""
    sensitive = (link for link, item in page_context().ruleset.items.items() if item.sensitive)
    return frozenset(sensitive) - frozenset(request.form.getlist("print"))


def _is_private(criterion: Criterion, kept_off: frozenset[str]) -> bool:
    """True if the words of a criterion give away an answer that is kept off the paper."""
    return not kept_off.isdisjoint(items_in(criterion.condition))
