"""The patient's way: one question per page, a page to check them, and a sheet for the doctor.

Nothing is stored. Every page posts all answers, those of other pages in hidden inputs, and each
request reads all of them anew. No patient page says whether anybody is suited to a procedure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from screening.core import explain
from screening.core.assess import Assessment, assess
from screening.core.citation import Citation
from screening.core.item import Item, Section
from screening.core.ruleset import Tier, Trigger
from screening.core.wording import Audience
from screening.web.desk import desk
from screening.web.forms import ScreeningForm, read_form
from screening.web.journey import Journey

blueprint = Blueprint("patient", __name__, url_prefix="/patient")
UNPROCESSABLE = 422
GRAVE = (Tier.EMERGENCY, Tier.URGENT)

Page = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a patient: the answers so far and what the person asks for."""

    form: ScreeningForm
    journey: Journey
    at: str | None
    action: str
    changing: bool

    @classmethod
    def of_request(cls) -> "Visit":
        """Read the posted form. A step that we do not know counts as the beginning."""
        form = read_form(desk().form, request.form, audience=Audience.PATIENT, as_of=desk().today())
        change = request.form.get("change")
        at = change or request.form.get("at")
        return cls(
            form=form,
            journey=Journey(desk().ruleset, form.answers, desk().today()),
            at=at if at in desk().ruleset.items else None,
            action="show" if change else request.form.get("action", ""),
            changing=bool(change) or "changing" in request.form,
        )


@blueprint.get("/")
def start() -> Page:
    """What this is, and what it is not."""
    return _start(())


@blueprint.get("/question")
@blueprint.get("/result")
def restart() -> Page:
    """These addresses show something only together with posted answers."""
    return redirect(url_for("patient.start"), 303)


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
        return _back(visit, visit.at)
    if visit.action == "acknowledge":
        return _onward(visit, visit.at)
    return _answered(visit, visit.at)


@blueprint.post("/result")
def result() -> Page:
    """What to do first, what published pages would raise, and the sheet for the doctor."""
    visit = Visit.of_request()
    missing = visit.journey.first_open()
    if missing:
        return _asked_again(visit, missing)
    assessment = assess(desk().ruleset, visit.form.answers, desk().today())
    return render_template(
        "patient/result.html",
        carried=visit.form.carried(),
        as_of=assessment.as_of,
        advice=advice(assessment),
        flags=assessment.flags,
        unsure_now=unsure(visit.journey, assessment, Tier.EMERGENCY),
        unsure_soon=unsure(visit.journey, assessment, Tier.URGENT),
        questions=explain.doctor_questions(assessment),
        find_out=[i for i in visit.journey.path if not assessment.answers[i.link_id].known],
        rows=_rows(visit),
    )


def advice(assessment: Assessment) -> list[str]:
    """What to do first: the words of each grave outcome that has a reason, else neutral ones.

    The neutral words are those of the open outcome, whatever the outcome is, so that no page for a
    patient can tell one from another.
    """
    ruleset = assessment.ruleset
    tiers = {flag.criterion.tier for flag in assessment.flags} & set(GRAVE)
    reached = (o for o in ruleset.outcomes if o.trigger is Trigger.ANY and o.tier in tiers)
    grave = [outcome.say.patient for outcome in reached]
    neutral = [ruleset.open_outcome.say.patient] if ruleset.open_outcome else []
    return grave or neutral


def unsure(journey: Journey, assessment: Assessment, tier: Tier) -> list[Item]:
    """The questions that were put and whose missing answers may hide something of a grave tier."""
    needs = explain.still_needed(assessment)
    return [need.item for need in needs if need.tier is tier and need.item in journey.path]


def _start(carried: Iterable[tuple[str, str]]) -> Page:
    count = len(Journey(desk().ruleset, {}, desk().today()).path)
    return render_template("patient/start.html", carried=carried, count=count)


def _question(visit: Visit, link_id: str) -> Page:
    number, section = visit.journey.section_of(link_id)
    field = visit.form.field(link_id)
    page = render_template(
        "patient/question.html",
        field=field,
        citations=_citations(link_id),
        carried=visit.form.carried(besides=[link_id]),
        changing=visit.changing,
        number=number,
        section=section,
        errors=[field] if field.errors else [],
    )
    return (page, UNPROCESSABLE) if field.errors else page


def _asked_again(visit: Visit, link_id: str) -> Page:
    visit.form.field(link_id).require()
    return _question(visit, link_id)


def _answered(visit: Visit, link_id: str) -> Page:
    if link_id not in visit.form.answers:
        return _asked_again(visit, link_id)
    if visit.journey.alarms(link_id):
        return render_template(
            "patient/alarm.html",
            alarms=visit.journey.alarms(link_id),
            advice=_emergency_advice(),
            carried=visit.form.carried(),
            at=link_id,
            changing=visit.changing,
        )
    return _onward(visit, link_id)


def _onward(visit: Visit, link_id: str) -> Page:
    """The next question, or the page to check; on the way back from a change only what is open."""
    following = None if visit.changing else visit.journey.after(link_id)
    following = following or visit.journey.first_open()
    return _question(visit, following) if following else _check(visit)


def _back(visit: Visit, link_id: str) -> Page:
    if visit.changing:
        return _check(visit)
    previous = visit.journey.before(link_id)
    return _question(visit, previous) if previous else _start(visit.form.carried())


def _check(visit: Visit) -> Page:
    return render_template(
        "patient/check.html",
        carried=visit.form.carried(),
        rows=_rows(visit),
        last=visit.journey.path[-1],
        left_out=visit.journey.left_out,
    )


def _rows(visit: Visit) -> list[tuple[Section, list[tuple[Item, str]]]]:
    """Every question that was put, with its answer in words, by section."""
    grouped = (
        (section, [(item, _words(visit, item)) for item in visit.journey.path_in(section)])
        for section in desk().ruleset.sections
    )
    return [(section, rows) for section, rows in grouped if rows]


def _words(visit: Visit, item: Item) -> str:
    answer = visit.form.answers.get(item.link_id)
    return explain.words_of_answer(item, answer, Audience.PATIENT)


def _citations(link_id: str) -> list[Citation]:
    """Every passage that a question rests on, once."""
    ruleset = desk().ruleset
    read = [c for criterion in ruleset.readers(link_id) for c in criterion.citations]
    return list(dict.fromkeys([*ruleset.items[link_id].citations, *read]))


def _emergency_advice() -> list[str]:
    return [o.say.patient for o in desk().ruleset.outcomes if o.tier is Tier.EMERGENCY]
