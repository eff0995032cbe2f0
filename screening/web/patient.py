"""The patient's way: one question per page, a page to check them, and a sheet for the doctor.

Nothing is stored. Every page posts all answers, those of other pages in hidden inputs, and each
request reads all of them anew. No patient page says whether anybody is suited to a procedure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import Blueprint, render_template, request

from screening.core import explain
from screening.core.assess import Assessment, Flag, assess
from screening.core.citation import Citation
from screening.core.condition import items_in
from screening.core.item import Item, Section
from screening.core.ruleset import Tier
from screening.core.wording import Audience
from screening.web.desk import desk
from screening.web.forms import ScreeningForm, read_form
from screening.web.journey import Journey

blueprint = Blueprint("patient", __name__, url_prefix="/patient")
UNPROCESSABLE = 422

Page = str | tuple[str, int]


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
    """The first page, which says that these addresses show something only with posted answers."""
    return _start((), without_answers=True)


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
        return _question(replace(visit, changing=True), missing, opened=True)
    assessment = assess(desk().ruleset, visit.form.answers, desk().today())
    told = visit.journey.path
    open_still = [item for item in told if not assessment.answers[item.link_id].known]
    now, soon = (explain.unsure(assessment, tier) for tier in explain.GRAVE)
    return render_template(
        "patient/result.html",
        carried=visit.form.carried(),
        as_of=assessment.as_of,
        standing=explain.standing(desk().ruleset, assessment.as_of, desk().today()),
        advice=explain.advice(assessment),
        because=[(flag, _sensitive(flag)) for flag in _grave(assessment)],
        emergency=any(f.criterion.tier is Tier.EMERGENCY for f in assessment.flags),
        flags=assessment.flags,
        unsure_now=now,
        unsure_soon=soon,
        questions=explain.doctor_questions(assessment),
        find_out=[item for item in open_still if item not in (*now, *soon)],
        answered=[(i, _words(visit, i)) for i in told if i not in open_still and not i.sensitive],
        withheld=any(item.sensitive for item in told),
    )


def _grave(assessment: Assessment) -> list[Flag]:
    """The flags that come before all others: why the sheet says what to do first."""
    return [flag for flag in assessment.flags if flag.criterion.tier in explain.GRAVE]


def _sensitive(flag: Flag) -> bool:
    """Whether a flag gives away the answer to a question that a person may want to keep private."""
    items = desk().ruleset.items
    return any(items[link_id].sensitive for link_id in items_in(flag.criterion.condition))


def _start(carried: Iterable[tuple[str, str]], *, without_answers: bool = False) -> Page:
    count = Journey(desk().ruleset, {}, desk().today()).longest
    return render_template(
        "patient/start.html", carried=list(carried), count=count, without_answers=without_answers
    )


def _question(
    visit: Visit, link_id: str, *, doubt: Item | None = None, opened: bool = False
) -> Page:
    """A question; above it what to do about one in doubt, or that another answer opened it."""
    number, section = visit.journey.section_of(link_id)
    field = visit.form.field(link_id)
    page = render_template(
        "patient/question.html",
        field=field,
        citations=_citations(link_id),
        carried=visit.form.carried(besides=[link_id]),
        changing=visit.changing,
        doubt=doubt,
        opened=opened,
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
    return _alarm(visit, link_id) or _onward(visit, link_id)


def _alarm(visit: Visit, link_id: str) -> Page | None:
    """What to do now, if the answer to a question is an emergency sign."""
    alarms = visit.journey.alarms(link_id)
    if not alarms:
        return None
    return render_template(
        "patient/alarm.html",
        alarms=alarms,
        advice=_emergency_advice(),
        carried=visit.form.carried(),
        at=link_id,
        changing=visit.changing,
    )


def _onward(visit: Visit, link_id: str) -> Page:
    """The next question, or the page to check; on the way back from a change only what is open."""
    following = None if visit.changing else visit.journey.after(link_id)
    following = following or visit.journey.first_open()
    doubt = visit.journey.doubt(link_id)
    return _question(visit, following, doubt=doubt) if following else _check(visit, doubt=doubt)


def _back(visit: Visit, link_id: str) -> Page:
    if visit.changing:
        return _alarm(visit, link_id) or _check(visit)
    previous = visit.journey.before(link_id)
    return _question(visit, previous) if previous else _start(visit.form.carried())


def _check(visit: Visit, *, doubt: Item | None = None) -> Page:
    return render_template(
        "patient/check.html",
        doubt=doubt,
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
