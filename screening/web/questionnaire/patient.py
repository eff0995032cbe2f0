"""The patient's way: one question per page, a page to check them, and a sheet for the doctor.

Nothing is stored. Every page posts all answers, those of other pages in hidden inputs, and each
request reads all of them again. No patient page says whether anybody is suited to a procedure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from flask import Blueprint, render_template, request

from screening.core.results.assess import Assessment, assess
from screening.core.results.needs import advice_criteria, unsure_items, urgent_answers
from screening.core.results.result import doctor_questions
from screening.core.rules.condition import items_in
from screening.core.rules.item import Item, Section
from screening.core.rules.ruleset import GRAVE, Criterion, Tier
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.citation import Citation
from screening.core.values.wording import Audience
from screening.translation import Phrases
from screening.web.forms.form import ScreeningForm, read_form
from screening.web.questionnaire.journey import Journey
from screening.web.questionnaire.patient_contradictions import (
    PatientContradiction,
    drop_unasked_answers,
    patient_contradictions,
)
from screening.web.shell.context import page_context
from screening.web.shell.responses import Page, form_page
from screening.words.nurse.result import words_of_cautions
from screening.words.patient.advice import words_of_advice
from screening.words.shared.answers import words_of_answer

blueprint = Blueprint("patient", __name__, url_prefix="/patient")


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


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a patient: the answers so far and what the person asks for."""

    form: ScreeningForm
    journey: Journey
    at: str | None
    action: str
    changing: bool

    @property
    def look_again(self) -> list[PatientContradiction]:
        """The answers that do not fit together."""
        return patient_contradictions(self.journey.ruleset, self.form.answers, self.journey.as_of)

    @classmethod
    def of_request(cls) -> "Visit":
        """Read the posted form. A step that we do not know counts as the beginning."""
        today = page_context().today()
        form = read_form(page_context().form, request.form, audience=Audience.PATIENT, as_of=today)
        change = request.form.get("change")
        at = change or request.form.get("at")
        drop_unasked_answers(form, today, at)
        return cls(
            form=form,
            journey=Journey(page_context().ruleset, form.answers, today),
            at=at if at in page_context().ruleset.items else None,
            action="show" if change else request.form.get("action", ""),
            changing=bool(change) or "changing" in request.form,
        )


@blueprint.get("/")
def start() -> Page:
    """Show the purpose and the limits."""
    return _start()


@blueprint.get("/question")
@blueprint.get("/result")
def restart() -> Page:
    """The first page, which says that these addresses show something only with posted answers."""
    return _start(without_answers=True)


@blueprint.post("/question")
def question() -> Page:
    """Take one step through the questions."""
    visit = Visit.of_request()
    if visit.action == "check":
        return _check(visit)
    if visit.at is None:
        return _question(visit, visit.journey.path[0].link_id)
    if visit.action == "show":
        return _question(visit, visit.at)
    if visit.action == "back":
        return _go_back(visit, visit.at)
    if visit.action == "acknowledge":
        return _go_on(visit, visit.at)
    return _take_answer(visit, visit.at)


@blueprint.post("/result")
def result() -> Page:
    """Show the first step, the points of published pages, and the sheet for the doctor."""
    visit = Visit.of_request()
    missing = visit.journey.first_open()
    if missing and not visit.journey.emergencies:
        return _question(replace(visit, changing=True), missing, opened=True)
    assessment = assess(page_context().ruleset, visit.form.answers, page_context().today())
    answers, kept_off = assessment.answers, _kept_off()
    told = [item for item in visit.journey.path if item.link_id in answers]
    open_still = [item for item in told if not answers[item.link_id].known]
    now, soon = (unsure_items(assessment, tier) for tier in GRAVE)
    return _render_visit(
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
        urgent=[(item, _words(visit, item)) for item in urgent_answers(assessment)],
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
        answered=[(item, _words(visit, item)) for item in told if item not in open_still],
        private=[(item, _words(visit, item)) for item in told if item.sensitive],
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


def _render_visit(template: str, visit: Visit, **told: object) -> str:
    """A page that says what the answers so far make of an emergency, whatever else it is about."""
    alarms = visit.journey.emergencies
    carried = list(visit.form.carried())
    told = {"carried": carried, "all_carried": carried, "alarms": alarms} | told
    return render_template(template, now=_emergency_advice() if alarms else [], **told)


def _start(visit: Visit | None = None, *, without_answers: bool = False) -> Page:
    """The first page; on the way back it has the answers and what they make of an emergency."""
    count = Journey(page_context().ruleset, {}, page_context().today()).longest
    if visit is not None:
        return _render_visit(
            "questionnaire/patient/start.html", visit, count=count, without_answers=False
        )
    return render_template(
        "questionnaire/patient/start.html",
        carried=[],
        alarms=(),
        count=count,
        without_answers=without_answers,
    )


def _question(
    visit: Visit, link_id: str, *, doubt: Item | None = None, opened: bool = False
) -> Page:
    """A question; above it what to do about one in doubt, or that another answer opened it."""
    number, section = visit.journey.section_of(link_id)
    field = visit.form.field(link_id)
    page = _render_visit(
        "questionnaire/patient/question.html",
        visit,
        field=field,
        citations=_citations(link_id),
        carried=visit.form.carried(besides=[link_id]),
        changing=visit.changing,
        doubt=doubt,
        opened=opened,
        number=number,
        section=section,
        errors=[(field.first_id, field.errors[0])] if field.errors else [],
    )
    return form_page(page, field.errors)


def _ask_again(visit: Visit, link_id: str) -> Page:
    visit.form.field(link_id).require()
    return _question(visit, link_id)


def _take_answer(visit: Visit, link_id: str) -> Page:
    if link_id not in visit.form.answers:
        return _ask_again(visit, link_id)
    return _alarm(visit, link_id) or _go_on(visit, link_id)


def _alarm(visit: Visit, link_id: str) -> Page | None:
    """The advice for now, if the answer to a question is an emergency sign."""
    alarms = visit.journey.alarms(link_id)
    if not alarms:
        return None
    return render_template(
        "questionnaire/patient/alarm.html",
        alarms=alarms,
        advice=_emergency_advice(),
        carried=list(visit.form.carried()),
        at=link_id,
        changing=visit.changing,
    )


def _go_on(visit: Visit, link_id: str) -> Page:
    """The next question, or the page to check; on the way back from a change only what is open."""
    following = None if visit.changing else visit.journey.after(link_id)
    following = following or visit.journey.first_open()
    doubt = visit.journey.doubt(link_id)
    return _question(visit, following, doubt=doubt) if following else _check(visit, doubt=doubt)


def _go_back(visit: Visit, link_id: str) -> Page:
    if visit.changing:
        return _alarm(visit, link_id) or _check(visit)
    previous = visit.journey.before(link_id)
    return _question(visit, previous) if previous else _start(visit)


def _check(visit: Visit, *, doubt: Item | None = None) -> Page:
    return _render_visit(
        "questionnaire/patient/check.html",
        visit,
        doubt=doubt,
        rows=_rows(visit),
        look_again=visit.look_again,
        last=visit.journey.path[-1],
        left_out=visit.journey.left_out,
    )


def _rows(visit: Visit) -> list[tuple[Section, list[tuple[Item, str]]]]:
    """Every question that was put, with its answer in words, by section."""
    grouped = (
        (section, [(item, _words(visit, item)) for item in visit.journey.path_in(section)])
        for section in page_context().ruleset.sections
    )
    return [(section, rows) for section, rows in grouped if rows]


def _words(visit: Visit, item: Item) -> str:
    answer = visit.form.answers.get(item.link_id)
    return words_of_answer(item, answer, Audience.PATIENT)


def _citations(link_id: str) -> list[Citation]:
    """Every passage that a question rests on, once."""
    ruleset = page_context().ruleset
    read = [c for criterion in ruleset.readers(link_id) for c in criterion.citations]
    return list(dict.fromkeys([*ruleset.items[link_id].citations, *read]))


def _emergency_advice() -> list[str]:
    return [o.say.patient for o in page_context().ruleset.outcomes if o.tier is Tier.EMERGENCY]
